package office_test

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
		// That nobody has signed the cautions is on the screen, and speaks lower than any of them.
		if loud := browsertest.Read[string](v, `(() => {
			const band = document.querySelector("#unsigned"), look = getComputedStyle(band), bold = getComputedStyle(band.querySelector("b"));
			return [band.checkVisibility(), look.backgroundColor, Number(bold.fontWeight) < 600, parseFloat(bold.fontSize) < 14].join(" ");
		})()`); loud != "true rgba(0, 0, 0, 0) true true" {
			t.Errorf("%s: the line about the signature is %s", name, loud)
		}
		v.LookAt(name, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	}
	v.Open("/office/doctor?date=2026-11-25")
	v.LookAt("day", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Open("/office/doctor/coming")
	v.LookAt("coming", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
}

// lines are answers for which the rules say something of nine facts, one of them for each treatment.
func lines() url.Values {
	out := maps.Clone(grave)
	maps.Copy(out, url.Values{
		"hx_group": {"heart", "gut", "sugar"}, "hx_heart": {"bp", "clot"}, "hx_gut": {"hernia", "gall"}, "hx_sugar": {"t2"},
		"meds": {"warf", "diur"}, "preg": {"bf"}, "body": {"cold", "site"}, "site": {"rash"},
	})
	return out
}

// TestChart_FirstScreenHoldsWhatever: of whom there is most to say, the first screen still ends above the fold, also in the sample clinic,
// which has a line more, and in English.
func TestChart_FirstScreenHoldsWhatever(t *testing.T) {
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Demo = true })
	reason := string([]rune(strings.Repeat("鏡に映った後ろ姿が気になります。運動しても背中だけ変わりません。", 20))[:400])
	medicines := strings.Repeat("ワルファリン錠1mg 朝2錠、アムロジピン5mg 朝1錠、", 20)
	medicines = string([]rune(medicines)[:300])
	people := map[string]url.Values{
		"many": lines(), "reason": with(healthy, "worry", reason), "many and reason": with(lines(), "worry", reason),
		"medicines": with(grave, "med_names", medicines), "medicines and reason": with(grave, "med_names", medicines, "worry", reason), "both": with(lines(), "med_names", string([]rune(medicines)[:120]), "worry", reason),
	}
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	for i, name := range slices.Sorted(maps.Keys(people)) {
		request := storetest.Request(s.SlotOf(t, 0, i).ID, i+1)
		if i%2 == 1 {
			request.Patient.FamilyName, request.Patient.GivenName = "マクシミリアン・フォン", "アレクサンドラ・テレジア"
			request.Patient.FamilyKana, request.Patient.GivenKana = "マクシミリアンフォン", "アレクサンドラテレジア"
		}
		receipt := storetest.Book(t, s.Store, request)
		s.AnswerIntake(t, receipt.Token, people[name])
		for _, lang := range []string{"ja", "en"} {
			v.SetCookie("lang", lang)
			v.Open("/office/charts/" + receipt.BookingID)
			name := strings.ReplaceAll(name, " ", "-") + "-" + lang
			v.FirstScreen(name)
			for _, part := range []string{".strip", ".cautions-box", ".three"} {
				if part == ".three" && name == "both-en" {
					continue // as much as this is told on a longer screen
				}
				if bottom := browsertest.Read[float64](v, "document.querySelector('"+part+"').getBoundingClientRect().bottom"); bottom > 768 {
					t.Errorf("%s: %s ends at %v pixels of 768", name, part, bottom)
				}
			}
			if cut := browsertest.Read[int](v, "[...document.querySelectorAll('.four summary, .strip dd')].filter(e => e.scrollWidth > e.clientWidth).length"); cut > 0 {
				t.Errorf("%s: %d texts are cut", name, cut)
			}
			v.LookAt(name, browsertest.Tablet)
		}
	}
}

// TestChart_TheLongestNames: nothing at the top of a chart lies over anything else, however long a name is.
func TestChart_TheLongestNames(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	for i, name := range [][4]string{
		{"田中", "マリアフェルナンダグアダルーペ", "タナカ", "マリアフェルナンダグアダルーペ"},
		{strings.Repeat("勅使河原", 5), strings.Repeat("寿限無五", 5), "テシガワラ", "ジュゲム"},
		{"Featherstonehaughcholm", "Maximiliana", "フェザーストンホーチャムリーマージョリバンクス", "マクシミリアナ"},
	} {
		request := storetest.Request(s.SlotOf(t, 0, i).ID, i+1)
		request.Patient.FamilyName, request.Patient.GivenName, request.Patient.FamilyKana, request.Patient.GivenKana = name[0], name[1], name[2], name[3]
		receipt := storetest.Book(t, s.Store, request)
		s.AnswerIntake(t, receipt.Token, grave)
		for _, path := range []string{"/office/charts/" + receipt.BookingID, "/office/doctor"} {
			v.Open(path)
			over := browsertest.Read[[]string](v, `(() => {
				const boxes = [...document.querySelectorAll(".chart-name ruby, .chart-facts p > *, .chart-do button, .chart-do summary")].filter(e => e.getClientRects().length)
				const over = []
				for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) {
					const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()]
					if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 4)
						over.push(a.textContent.trim() + " / " + b.textContent.trim())
				}
				return over
			})()`)
			if len(over) > 0 {
				t.Errorf("%s: these lie over each other: %q", path, over)
			}
			if beyond := browsertest.Read[int](v, `[...document.querySelectorAll(".chart-name *")].filter(e => e.getBoundingClientRect().right > innerWidth).length`); beyond > 0 {
				t.Errorf("%s: %d things lie beyond the edge", path, beyond)
			}
			v.LookAt("longest-name-"+strconv.Itoa(i), browsertest.Phone, browsertest.Tablet)
		}
	}
}

// TestChart_QuotesStayShort: of whom two texts stand beside one fact, no row takes more than three lines of a tablet, and the other text is one
// tap away and whole.
func TestChart_QuotesStayShort(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	reaction := strings.Repeat("2年前の春に3回受けて、そのたびに赤みとしびれが1週間ほど続きました。", 6)
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	answers := with(grave, "med_names", strings.Repeat("ワルファリン錠1mg 朝2錠、オゼンピック皮下注 週1回、", 6), "tx_react", "yes", "bad_tx", reaction, "glp", "sema", "glp_last", "now")
	answers["tried"], answers["meds"] = []string{"este", "cool", "drug"}, []string{"warf", "glp"}
	s.AnswerIntake(t, receipt.Token, answers)
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open("/office/charts/" + receipt.BookingID)
	if tall := browsertest.Read[string](v, "[...document.querySelectorAll('#cautions .line')].filter(e => e.getBoundingClientRect().height > 60).map(e => e.id + ' ' + e.getBoundingClientRect().height).join()"); tall != "" {
		t.Errorf("rows of more than three lines: %s", tall)
	}
	if bottom := browsertest.Read[float64](v, "document.querySelector('.first-screen').getBoundingClientRect().bottom"); bottom > 768 {
		t.Errorf("what matters ends at %v pixels of 768", bottom)
	}
	v.LookAt("quotes", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	more := browsertest.Read[string](v, "document.querySelector('#line-glp .quotes summary').checkVisibility() ? document.querySelector('#line-glp .quotes summary').textContent : ''")
	if !strings.HasPrefix(more, "ほか1件") {
		t.Errorf("the sign that there is more says %q", more)
	}
	v.Click("#line-glp .quotes summary")
	if told := browsertest.Read[string](v, "document.querySelector('#line-glp .quotes').innerText"); !strings.Contains(told, reaction) || !strings.Contains(told, "エステ、やせるお薬、脂肪冷却について") {
		t.Errorf("one tap away is %q", told)
	}
	v.LookAt("quotes-open", browsertest.Tablet)
}
