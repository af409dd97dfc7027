package office_test

import (
	"maps"
	"net/url"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// grave are the answers of somebody whose chart is as full as one gets, healthy those of somebody for whom no rule asks anything.
var (
	grave = url.Values{
		"look": {"fat", "line"}, "height": {"158"}, "weight": {"60.4"}, "goal_w": {"55"}, "by_when": {"m3"}, "tried": {"diet", "train", "este"}, "result": {"part"}, "tx_react": {"no"},
		"sit_h": {"h9p"}, "phone_h": {"h3p"}, "posture": {"hunch", "roundsh"}, "scapula": {"hard"}, "cold": {"stiff", "chill"}, "thigh": {"back_stiff", "pain"}, "pain": {"back"}, "pain_lv": {"4"},
		"ex30": {"w1"}, "level": {"beginner"}, "trained": {"core"}, "trouble": {"pain", "bounce"}, "meals": {"m3"}, "late": {"yes"}, "carb_fat": {"carb", "sweet"}, "protein": {"daily"}, "fast": {"fast"},
		"preg": {"no"}, "hx_group": {"heart", "gut"}, "body": {"cold"}, "neck": {"none"}, "med_any": {"yes"}, "med_names": {"アムロジピン5mg 朝1錠"}, "allergy_any": {"yes"},
		"hx_heart": {"bp"}, "hx_gut": {"hernia"}, "hx_cold": {"cad"}, "meds": {"none"}, "allergy": {"drug"}, "allergy_txt": {"ロキソプロフェンで発疹。2019年"},
		"sleep": {"h6"}, "alcohol": {"w1"}, "binge": {"none"}, "fam": {"unknown"}, "interest": {"cool", "life"},
		"worry": {"鏡に映った後ろ姿が気になります。運動しても背中だけ変わりません。"},
	}
	healthy = url.Values{
		"look": {"line"}, "height": {"160"}, "weight": {"72"}, "goal_w": {"62"}, "by_when": {"m6"}, "tried": {"train"}, "result": {"little"},
		"sit_h": {"h6"}, "phone_h": {"h1"}, "posture": {"sway"}, "scapula": {"ok"}, "cold": {"none"}, "thigh": {"none"}, "pain": {"none"},
		"ex30": {"w2"}, "level": {"mid"}, "trained": {"core"}, "trouble": {"none"}, "meals": {"m3"}, "late": {"no"}, "carb_fat": {"none"}, "protein": {"every"}, "fast": {"avg"},
		"preg": {"no"}, "hx_group": {"none"}, "body": {"none"}, "neck": {"none"}, "med_any": {"no"}, "allergy_any": {"no"},
		"sleep": {"h7"}, "alcohol": {"rare"}, "binge": {"none"}, "fam": {"none"}, "interest": {"life"},
	}
)

// with are answers with others in their place.
func with(answers url.Values, pairs ...string) url.Values {
	out := maps.Clone(answers)
	for pair := range slices.Chunk(pairs, 2) {
		out[pair[0]] = pair[1:]
	}
	return out
}

// threeCharts fills the day of a doctor: a patient who came before and has changed what they answered, one for whom no rule asks anything, one
// who is half-way through and one who has answered nothing. It is the middle of the day.
func threeCharts(t *testing.T, s *servertest.Site) (full, fine, begun, silent clinic.Receipt) {
	t.Helper()
	before := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], s.Clock.Now().Add(time.Hour), 1)[0]
	last := s.Book(t, before.Slot, 1)
	s.AnswerIntake(t, last.Token, with(grave, "weight", "61.6"))
	s.Clock.Advance(before.StartsAt.Sub(s.Clock.Now()))
	servertest.Must(t, s.Store.Step(t.Context(), storetest.Owner, last.BookingID, clinic.Booked, clinic.Fulfilled))
	full, fine, begun, silent = s.Book(t, s.SlotOf(t, 0, 0), 1), s.Book(t, s.SlotOf(t, 0, 1), 2), s.Book(t, s.SlotOf(t, 0, 2), 3), s.Book(t, s.SlotOf(t, 0, 3), 4)
	s.AnswerIntake(t, full.Token, grave)
	s.Clock.Advance(time.Hour)
	s.AnswerIntake(t, full.Token, with(grave, "meds", "warf", "med_names", "ワルファリン錠1mg 朝2錠、アムロジピン5mg 朝1錠"))
	s.AnswerIntake(t, fine.Token, healthy)
	s.AnswerIntake(t, begun.Token, grave, 4)
	return full, fine, begun, silent
}

// TestChart_FirstScreen: on a tablet, what matters stands above the fold of each of three charts, whoever they are of.
func TestChart_FirstScreen(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	full, fine, begun, silent := threeCharts(t, s)
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	for name, receipt := range map[string]clinic.Receipt{"grave": full, "healthy": fine, "begun": begun, "unanswered": silent} {
		v.Open("/office/charts/" + receipt.BookingID)
		v.FirstScreen(name)
		if bottom := browsertest.Read[float64](v, "document.querySelector('.first-screen').getBoundingClientRect().bottom"); bottom > 768 {
			t.Errorf("%s: what matters ends at %v pixels of 768", name, bottom)
		}
		v.LookAt(name, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	}
	v.Open("/office/doctor?date=2026-11-25")
	v.LookAt("day", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Open("/office/doctor/coming")
	v.LookAt("coming", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
}
