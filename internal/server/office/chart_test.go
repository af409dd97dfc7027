package office_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// marker stands in every free text of a planted intake; it may reach its doctor and nobody else.
const marker = "秘密の回答ＱＺ"

// answers are those of a patient with something for every severity.
var answers = url.Values{
	"look": {"fat", "line"}, "height": {"158"}, "weight": {"60.4"}, "goal_w": {"55"}, "tried": {"diet", "este"}, "result": {"part"},
	"tx_react": {"yes"}, "bad_tx": {marker + "エステ"}, "sit_h": {"h9p"}, "phone_h": {"h3p"},
	"posture": {"hunch", "roundsh"}, "scapula": {"hard"}, "cold": {"stiff", "chill"}, "thigh": {"pain"}, "pain": {"back"}, "pain_lv": {"4"},
	"ex30": {"w1"}, "level": {"beginner"}, "trouble": {"bounce"}, "meals": {"m3"}, "late": {"yes"}, "carb_fat": {"carb"}, "protein": {"daily"},
	"preg": {"no"}, "hx_group": {"none"}, "body": {"cold", "device"}, "med_any": {"yes"}, "med_names": {marker + "錠"}, "allergy_any": {"no"},
	"hx_cold": {"cad"}, "implant": {"other"}, "meds": {"warf"},
	"sleep": {"h6"}, "alcohol": {"rare"}, "fam": {"none"}, "worry": {marker + "が不安です。"},
}

func TestChart_PutsFirstWhatTheDoctorMustSee(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		request := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
		request.Details.Answers["visited"], request.Details.Answers["request"] = []string{"first"}, []string{"ゆっくり話したいです。"}
		receipt := storetest.Book(t, s.Store, request)
		s.AnswerIntake(t, receipt.Token, answers)

		a := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		a.WantText("h1", "試験 （ シケン ） 花子一 （ ハナコ ）")
		a.WantText(".chart-name", "36歳 女性 初めて BMI 24.2 158 cm / 60.4 kg 11月25日（水）10:00")
		a.WantText(".chief", "来院の理由 背中、裏もも ／ 厚みがある、下着の段差 ／ 目標体重 55 kg")
		a.WantText(".chief blockquote", "相談・不安 "+marker+"が不安です。") // by the name of its own question
		if strip, want := a.Texts(".strip > div"), []string{
			"薬 " + marker + "錠 ワルファリン", "アレルギー なし", "妊娠・授乳 なし", "病歴 寒冷凝集素症", "金属・機器 そのほか",
		}; !slices.Equal(strip, want) {
			t.Errorf("the strip says %q, want %q", strip, want)
		}
		lines := func(selector string) (out []string) {
			a.Find(selector).Each(func(_ int, e *goquery.Selection) {
				out = append(out, servertest.Words(e.Find(".fact > a:first-child"))+": "+servertest.Words(e.Find("td")))
			})
			return out
		}
		if got, want := lines("#cautions .line"), []string{"寒冷凝集素症: 保留 規則なし 規則なし", "ワルファリン: 確認 確認 確認"}; !slices.Equal(got, want) {
			t.Errorf("the lines say %q, want %q", got, want)
		}
		for _, n := range lines("#refs .line") {
			if strings.Contains(n, "保留") || strings.Contains(n, "確認") {
				t.Errorf("folded away is %q", n)
			}
		}
		if got := a.Find("#refs .line").Length(); got == 0 || a.Find("#refs[open]").Length() > 0 {
			t.Errorf("%d facts that are only good to know are folded", got)
		}
		a.WantText(".asks", "聞く 体内の機器など：そのほか")
		a.WantText(".cautions thead", "「規則なし」は安全という意味ではありません")
		// Each fact leads to its answer, which is marked, and each rule says where it comes from.
		a.Find(".line .fact > a:first-child").Each(func(_ int, e *goquery.Selection) {
			answer := a.Find(e.AttrOr("href", "#nothing"))
			if answer.Length() != 1 || answer.Find(".tag").Length() == 0 {
				t.Errorf("%q leads to %d answers with %d marks", servertest.Words(e), answer.Length(), answer.Find(".tag").Length())
			}
		})
		a.Find(".line").Each(func(_ int, e *goquery.Selection) {
			if e.Find(".sources li li").Length() == 0 {
				t.Errorf("%q has no source", servertest.Words(e.Find(".fact > a")))
			}
		})
		if got := a.Find(`.sources a[href^="https://"][rel~="noreferrer"]`).Length(); got == 0 || got != a.Find(".sources a").Length() {
			t.Errorf("%d of the sources' links are kept from telling where they were clicked", got)
		}
		a.WantText(".small-print", "医師の判断に代わるものではありません")
		a.WantText(".rules", "署名")

		back, _ := a.Find("svg.body").Eq(1).Attr("aria-label")
		if front := a.Find("svg.body").First().AttrOr("aria-label", ""); front != "からだの図（前）：しるしなし" || back != "からだの図（後ろ）：背中、裏もも" {
			t.Errorf("the figure says %q and %q", front, back)
		}
		if a.Find("svg.body .zone.main").Length() != 0 || a.Find("svg.body .zone").Length() != 2 {
			t.Error("the figure does not show the back and the thighs")
		}
		causes := a.Find(".four svg").Map(func(_ int, e *goquery.Selection) string {
			return e.AttrOr("aria-label", "") + " " + strings.Repeat("■", e.Find(".on").Length())
		})
		if !slices.Equal(causes, []string{"4段階中4 ■■■■", "4段階中2 ■■", "4段階中2 ■■", "4段階中3 ■■■"}) {
			t.Errorf("causes %q", causes)
		}
		a.WantText("#points-posture", "座る時間：9時間以上 +")
		a.WantText(".four [data-legend]", "診断ではない")
		if said := a.Text("#points-circulation summary"); !strings.Contains(said, "肩こり") || strings.Contains(said, "猫背") {
			t.Errorf("the circulation says %q: the posture was told before", said)
		}
		a.WantText("#points-circulation .points", "「姿勢」にも加点")
		a.WantText(".hopes blockquote", "ご質問・ご要望 ゆっくり話したいです。")
		a.WantText("#line-bleeding", "ワルファリン")
		a.WantText(".hopes .facts", "試したこと 食事制限、エステ → 一部だけ残った")
		if style := a.Find("[style]").Length(); style != 0 {
			t.Errorf("%d elements have a style that the policy refuses", style)
		}
	})
}

func TestChart_HoldsEveryAnswerInOrder(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, answers)
		a := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		chart, err := s.Store.ChartFor(t.Context(), storetest.DoctorActor(s.Doctors[0].ID), receipt.BookingID)
		servertest.Must(t, err)
		shown := a.Find(".answers .answer").Map(func(_ int, e *goquery.Selection) string { return strings.TrimPrefix(e.AttrOr("id", ""), "q-") })
		var want []string
		for _, section := range s.Questions.Intake {
			for _, q := range section.Questions {
				values := chart.Intake.Answers[q.ID]
				at := slices.Index(shown, q.ID)
				if len(values) > 0 {
					want = append(want, q.ID)
					a.WantText("#q-"+q.ID+" dd", strings.Join(q.Show(values, "ja"), "、"))
				} else if at >= 0 {
					a.WantText("#q-"+q.ID+" dd", "未回答")
					want = append(want, q.ID)
				}
			}
		}
		if len(want) < 30 || !slices.Equal(shown[len(shown)-len(want):], want) {
			t.Errorf("shown are %q, want %q last", shown, want)
		}
		for _, hidden := range []string{"neck", "alc_amt", "trained"} { // the chin was not chosen, drinking is rare
			if (hidden == "trained") == (a.Find("#q-"+hidden).Length() == 0) {
				t.Errorf("%s: %d", hidden, a.Find("#q-"+hidden).Length())
			}
		}
		a.WantText("#q-by_when dd", "未回答")
		if a.Find("#q-c_privacy").Length() != 0 {
			t.Error("the consents of the booking stand among the answers")
		}
	})
}

func TestChart_SaysWhatIsMissing(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		silent, begun := s.Book(t, s.SlotOf(t, 0, 0), 1), s.Book(t, s.SlotOf(t, 0, 1), 2)
		s.AnswerIntake(t, begun.Token, answers, 2)
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get("/office/charts/" + silent.BookingID).Want(http.StatusOK)
		a.WantText(".chart .notice", "問診は未回答です。 カウンセリングでご確認ください。")
		a.WantText(".chief", "来院の理由 背中、裏もも")
		if got := a.Texts(".strip dd"); !slices.Equal(got, []string{"未回答", "未回答", "未回答", "未回答", "未回答"}) {
			t.Errorf("the strip says %q", got)
		}
		if got := a.Texts(".first-screen .ask-first dt"); !slices.Equal(got, []string{"薬", "アレルギー", "妊娠・授乳", "病歴", "金属・機器"}) {
			t.Errorf("first is asked %q", got)
		}
		if got := a.Texts(".ask-first dd"); len(got) != 5 || got[0] != "使っているお薬はありますか" || slices.Contains(got, "") {
			t.Errorf("first is asked %q", got)
		}
		if got := a.Find(".answer").Length(); got > 6 {
			t.Errorf("an unanswered intake has %d lines", got)
		}
		if a.Find(".caution.none").Length() != 0 {
			t.Error("a page without answers says that there are no cautions")
		}
		a.WantText("#q-areas dd", "背中、裏もも")
		a = b.Get("/office/charts/" + begun.BookingID).Want(http.StatusOK)
		a.WantText(".chart .notice", "5ページのうち2ページまで回答されています")
		a.WantText("[data-ask-first]", "まず聞くこと：薬、アレルギー、妊娠・授乳、病歴、金属・機器")
		a.WantText("#q-hx_group dd", "未回答")
		list := a.Texts(".visit")
		if len(list) != 2 || !strings.Contains(list[0], "問診 未回答") || !strings.Contains(list[1], "問診 途中") {
			t.Errorf("the list says %q", list)
		}
	})
}

// TestChart_WhatWasWrittenHasItsPlace: what the patient wrote with the booking stands on the first screen under the name of its question, also
// before anything of the intake is answered, and only there.
func TestChart_WhatWasWrittenHasItsPlace(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		slot := s.SlotOf(t, 0, 0)
		token := s.Visitor(t).Book(slot.ID)
		chart := "/office/charts/" + s.BookingAt(t, slot.ID)
		b := s.SignedIn(t, servertest.Doctor)
		for _, what := range []string{"unanswered", "answered"} {
			if what == "answered" {
				s.AnswerIntake(t, token, answers)
			}
			a := b.Get(chart).Want(http.StatusOK)
			if got := a.Text(".first-screen blockquote:has(a[href='#q-request'])"); got != "ご質問・ご要望 駐車場はありますか。" {
				t.Errorf("%s: their place says %q", what, got)
			}
			if n := strings.Count(a.Text(".first-screen"), "駐車場"); n != 1 {
				t.Errorf("%s: the first screen says it %d times", what, n)
			}
			if what == "unanswered" {
				a.WantText(".chart .notice", "予約時の回答：ご連絡方法 メール、電話")
			}
			a.WantText(".chart-facts", "初めて")
			a.WantText("#q-visited dd", "初めて")
		}
	})
}

// TestChart_OfAFirstVisit: that nobody asked whether somebody was here before is not said to be unanswered, neither at the top nor among the
// answers.
func TestChart_OfAFirstVisit(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1) // of which nothing but the areas is known
		s.AnswerIntake(t, receipt.Token, answers)
		a := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		if strings.Contains(a.Text(".chart-facts"), "未回答") || a.Find("#q-visited").Length() != 0 {
			t.Errorf("the head says %q, the answers %q", a.Text(".chart-facts"), a.Text("#q-visited"))
		}
	})
}

// Somebody ticks that they take medicine and have had surgery, and stops there. The page does not say that there is nothing.
func TestChart_AsksWhatWasTickedAndNotSaid(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		request := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
		request.Details.Answers["areas"] = []string{"chin"}
		receipt := storetest.Book(t, s.Store, request)
		s.AnswerIntake(t, receipt.Token, url.Values{
			"height": {"170"}, "weight": {"80"}, "tried": {"none"}, "sit_h": {"h3"}, "posture": {"none"}, "scapula": {"ok"}, "pain": {"none"},
			"ex30": {"w1"}, "level": {"none"}, "meals": {"m3"}, "late": {"no"}, "carb_fat": {"none"}, "protein": {"daily"},
			"preg": {"no"}, "hx_group": {"none"}, "body": {"op"}, "neck": {"none"}, "med_any": {"yes"}, "med_names": {"見本錠"}, "allergy_any": {"no"},
		}, 4)
		doctor := s.SignedIn(t, servertest.Doctor)
		a := doctor.Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		want := "聞く 手術：未回答 ／ 薬：未回答（お薬がある）"
		if got := a.Text(".asks"); got != want {
			t.Errorf("the doctor reads %q, want %q", got, want)
		}
		a.WantText("#q-surgery dd", "未回答 聞く")
		if a.Find(".caution.none").Length() > 0 {
			t.Error("what is half answered counts as nothing found")
		}
		a.WantText(".caution.open", "まだ判断できません。未回答のページ：病気・手術のこと ／ お薬・アレルギー ／ 睡眠・お酒・ご希望")
		if list := doctor.Get("/office/doctor?date=2026-11-25").Texts(".visit"); len(list) != 1 || !strings.Contains(list[0], "問診 途中") {
			t.Errorf("the list says %q", list)
		}

		// Now everything is answered, and one answer is that it is not known.
		s.AnswerIntake(t, receipt.Token, url.Values{
			"height": {"170"}, "weight": {"80"}, "tried": {"none"}, "sit_h": {"h3"}, "posture": {"none"}, "scapula": {"ok"}, "pain": {"none"},
			"ex30": {"w1"}, "level": {"none"}, "meals": {"m3"}, "late": {"no"}, "carb_fat": {"none"}, "protein": {"daily"},
			"preg": {"no"}, "hx_group": {"none"}, "body": {"none"}, "neck": {"none"}, "med_any": {"yes"}, "med_names": {"見本錠"}, "allergy_any": {"no"},
			"meds": {"unknown"}, "sleep": {"h7"}, "alcohol": {"never"}, "fam": {"none"},
		})
		a = doctor.Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		if got := a.Text(".asks"); got != "聞く 薬：わからない" {
			t.Errorf("the doctor reads %q", got)
		}
		if a.Find(".caution.none").Length() > 0 {
			t.Error("what is not known counts as nothing")
		}
		a.WantText(".caution.open", "「わからない」または未回答の項目があるため")
		a.WantText(".cell-medicines", "薬 見本錠 薬：わからない")
		if list := doctor.Get("/office/doctor?date=2026-11-25").Texts(".visit"); len(list) != 1 || !strings.Contains(list[0], "聞く 1") {
			t.Errorf("the list says %q", list)
		}
	})
}

func TestChart_BelongsToItsDoctor(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, answers)
		s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		b := s.SignedIn(t, servertest.Colleague)
		foreign := b.Get("/office/charts/" + receipt.BookingID).Want(http.StatusNotFound)
		missing := b.Get("/office/charts/" + clinic.NewID()).Want(http.StatusNotFound)
		if foreign.Text("main") != missing.Text("main") {
			t.Error("a foreign chart answers otherwise than a missing one")
		}
		if day := b.Get("/office/doctor?date=2026-11-25").Want(http.StatusOK); strings.Contains(day.Body, "試験") {
			t.Error("the colleague's list has the patient")
		}
	})
}
