package office_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

func TestChart_PutsFirstWhatTheDoctorMustSee(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		request := storetest.Request(o.slotOf(0, 0).ID, 1)
		request.Details.Answers["visited"], request.Details.Answers["request"] = []string{"first"}, []string{"ゆっくり話したいです。"}
		receipt := storetest.Book(t, o.store, request)
		o.answer(receipt, allSections)

		a := o.signedIn(doctorMail).get("/office/charts/" + receipt.BookingID).want(http.StatusOK)
		a.wantText("h1", "試験 （ シケン ） 花子1 （ ハナコ ）")
		a.wantText(".chart-head", "36歳 女性 初めて BMI 24.2（158 cm / 60.4 kg） 2026年11月25日（水）10:00〜11:00")
		var cautions []string
		a.Find("li.caution").Each(func(_ int, s *goquery.Selection) {
			cautions = append(cautions, words(s.Find(".severity, b, .reasons")))
		})
		want := []string{
			"保留 脂肪冷却 寒さの病気：寒冷凝集素症",
			"医師が確認 脂肪冷却 薬：ワルファリン",
			"医師が確認 脂肪溶解注射 薬：ワルファリン",
			"医師が確認 お薬（痩身薬） 薬：ワルファリン",
			"参考 脂肪溶解注射 部位：背中、裏もも",
			"参考 お薬（痩身薬） BMI：24.19",
			"参考 全般 前屈：痛くてできない",
		}
		if !slices.Equal(cautions, want) {
			t.Errorf("cautions\n%q, want\n%q", cautions, want)
		}
		// Each reason leads to its answer, which is marked, and each rule says where it comes from.
		a.Find("li.caution .reasons a").Each(func(_ int, s *goquery.Selection) {
			answer := a.Find(s.AttrOr("href", "#nothing"))
			if answer.Length() != 1 || answer.Find(".tag").Length() != 1 {
				t.Errorf("%q leads to %d answers with %d marks", words(s), answer.Length(), answer.Find(".tag").Length())
			}
		})
		if got := a.Find("li.caution details li li").Length(); got < len(want) {
			t.Errorf("%d sources for %d cautions", got, len(want))
		}
		if got := a.Find(`details a[href^="https://"][rel~="noreferrer"]`).Length(); got == 0 || got != a.Find("details a").Length() {
			t.Errorf("%d of the sources' links are safe", got)
		}
		a.wantText(".small-print", "医師の判断に代わるものではありません")
		a.wantText(".small-print", "署名")

		back, _ := a.Find("svg.body").Eq(1).Attr("aria-label")
		if front := a.Find("svg.body").First().AttrOr("aria-label", ""); front != "からだの図（前）：しるしなし" || back != "からだの図（後ろ）：背中（最も気になる）、裏もも" {
			t.Errorf("the figure says %q and %q", front, back)
		}
		if a.Find("svg.body .zone.main").Length() != 1 || a.Find("svg.body .zone").Length() != 2 {
			t.Error("the figure does not show the back and the thighs")
		}
		causes := a.Find("dl.causes svg").Map(func(_ int, s *goquery.Selection) string {
			return s.AttrOr("aria-label", "") + " " + strings.Repeat("■", s.Find(".on").Length())
		})
		if !slices.Equal(causes, []string{"4段階の4 ■■■■", "4段階の2 ■■", "4段階の2 ■■", "4段階の3 ■■■"}) {
			t.Errorf("causes %q", causes)
		}
		a.wantText(".quotes", "不安なこと "+marker+"が不安です。 ご質問・ご要望 ゆっくり話したいです。")
		if style := a.Find("[style]").Length(); style != 0 {
			t.Errorf("%d elements have a style that the policy refuses", style)
		}
	})
}

func TestChart_HoldsEveryAnswerInOrder(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		receipt := o.book(o.slotOf(0, 0), 1)
		o.answer(receipt, allSections)
		a := o.signedIn(doctorMail).get("/office/charts/" + receipt.BookingID).want(http.StatusOK)
		chart, err := o.store.ChartFor(t.Context(), storetest.DoctorActor(o.Doctors[0].ID), receipt.BookingID)
		check(t, err)
		shown := a.Find(".answers .answer").Map(func(_ int, s *goquery.Selection) string { return strings.TrimPrefix(s.AttrOr("id", ""), "q-") })
		var want []string
		for _, section := range o.Questions.Intake {
			for _, q := range section.Questions {
				values := chart.Intake.Answers[q.ID]
				at := slices.Index(shown, q.ID)
				if len(values) > 0 {
					want = append(want, q.ID)
					a.wantText("#q-"+q.ID+" dd", strings.Join(q.Show(values, "ja"), "、"))
				} else if at >= 0 {
					a.wantText("#q-"+q.ID+" dd", "未回答")
					want = append(want, q.ID)
				}
			}
		}
		if len(want) < 40 || !slices.Equal(shown[len(shown)-len(want):], want) {
			t.Errorf("shown are %q, want %q last", shown, want)
		}
		for _, hidden := range []string{"neck", "alc_amt", "rest"} { // the chin was not chosen, drinking is rare
			if (hidden == "rest") == (a.Find("#q-"+hidden).Length() == 0) {
				t.Errorf("%s: %d", hidden, a.Find("#q-"+hidden).Length())
			}
		}
		a.wantText("#q-w_max dd", "未回答")
		if a.Find("#q-c_privacy").Length() != 0 {
			t.Error("the consents of the booking stand among the answers")
		}
	})
}

func TestChart_SaysWhatIsMissing(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		silent, begun := o.book(o.slotOf(0, 0), 1), o.book(o.slotOf(0, 1), 2)
		o.answer(begun, 2)
		b := o.signedIn(doctorMail)
		a := b.get("/office/charts/" + silent.BookingID).want(http.StatusOK)
		a.wantText(".chart > .notice", "問診は、まだ回答されていません。")
		a.wantText("dl.causes", "姿勢 未回答")
		if a.Find(".caution.none").Length() != 0 {
			t.Error("a page without answers says that there are no cautions")
		}
		a.wantText("#q-areas dd", "背中、裏もも")
		a = b.get("/office/charts/" + begun.BookingID).want(http.StatusOK)
		a.wantText(".chart > .notice", "8項目のうち2項目")
		a.wantText("#q-hx dd", "未回答")
		list := a.texts(".visit")
		if len(list) != 2 || !strings.Contains(list[0], "問診 未回答") || !strings.Contains(list[1], "問診 途中") {
			t.Errorf("the list says %q", list)
		}
	})
}

func TestChart_BelongsToItsDoctor(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		receipt := o.book(o.slotOf(0, 0), 1)
		o.answer(receipt, allSections)
		o.signedIn(doctorMail).get("/office/charts/" + receipt.BookingID).want(http.StatusOK)
		b := o.signedIn(colleagueMail)
		foreign := b.get("/office/charts/" + receipt.BookingID).want(http.StatusNotFound)
		missing := b.get("/office/charts/" + clinic.NewID()).want(http.StatusNotFound)
		if foreign.text("main") != missing.text("main") {
			t.Error("a foreign chart answers otherwise than a missing one")
		}
		if day := b.get("/office/doctor?date=2026-11-25").want(http.StatusOK); strings.Contains(day.body, "試験") {
			t.Error("the colleague's list has the patient")
		}
	})
}

func TestDoctorDay_BeginsWithTheNextPatient(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		first, second, third := o.book(o.slotOf(0, 0), 1), o.book(o.slotOf(0, 2), 2), o.book(o.slotOf(0, 4), 3)
		o.book(o.slotOf(1, 1), 4) // the colleague's
		o.answer(second, allSections)
		check(t, o.store.Cancel(t.Context(), storetest.Owner, third.BookingID))

		b := o.signedIn(doctorMail)
		a := b.get("/office/doctor").want(http.StatusOK) // the day before
		a.wantText("h1", "本日のカウンセリング")
		if got := a.texts(".agenda h2"); !slices.Equal(got, []string{"11月24日（火）", "11月25日（水）"}) {
			t.Errorf("days %q", got)
		}
		a.wantText(".agenda section:first-of-type p", "予定はありません")
		a.wantText(".chart h2", "花子1")

		o.clock.Advance(o.slotOf(0, 2).StartsAt.Add(-time.Minute).Sub(o.clock.Now()))
		b = o.signedIn(doctorMail)
		a = b.get("/office/doctor").want(http.StatusOK)
		want := []string{"12:00 試験 花子2 次 背中、裏もも 注意 7（保留あり）", "10:00 試験 花子1 背中、裏もも 注意 1 問診 未回答"}
		if got := a.texts(".visit"); !slices.Equal(got, want) {
			t.Errorf("list %q, want %q", got, want)
		}
		a.wantText(".chart h2", "花子2")
		if href, _ := a.Find(`.visit[aria-current="true"]`).Attr("href"); href != "/office/charts/"+second.BookingID {
			t.Errorf("the marked one leads to %s", href)
		}
		o.clock.Advance(2 * time.Minute)
		b.get("/office/doctor").wantText(".visit .tag.info", "いま")
		o.clock.Advance(2 * time.Hour)
		b = o.signedIn(doctorMail)
		a = b.get("/office/doctor")
		a.wantText(".chart-side .empty", "これからのカウンセリングはありません")
		b.get("/office/charts/" + first.BookingID).want(http.StatusOK) // what is over can still be read
	})
}
