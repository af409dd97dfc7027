package office_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// ruleURL is the page of a rule of the version that is asked.
func ruleURL(t *testing.T, s *servertest.Site, treatment intake.Treatment, condition string) string {
	t.Helper()
	q, err := s.Store.CurrentQuestionnaire(t.Context())
	servertest.Must(t, err)
	for _, r := range q.Rules {
		if r.Treatment == treatment && r.When.String() == condition {
			return "/office/cautions/" + r.Key() + "?version=" + q.Version
		}
	}
	t.Fatalf("no rule %s %s", treatment, condition)
	return ""
}

func TestCautions_AreChangedAndSignedByDoctors(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		doctor, colleague := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Colleague)
		list := doctor.Get("/office/cautions").Want(http.StatusOK)
		if n := list.Find("tr[id^=rule-]").Length(); n != 76 {
			t.Errorf("%d rules are listed", n)
		}
		for _, words := range []string{"寒さの病気：クリオグロブリン血症、寒冷凝集素症、発作性寒冷血色素尿症", "出血しやすい病気、または 薬：血液をサラサラにする薬、ワルファリン", "年齢 20未満", "3か月以内に手術の予定 かつ ", "食べ方：未回答", "薬の数 3以上", "部位：あごの下 以外"} {
			if !strings.Contains(list.Text("main"), words) {
				t.Errorf("no rule reads %q", words)
			}
		}
		list.WantText("#signature", "まだ院の医師の署名がありません")
		doctor.Post("/office/cautions/sign", "version", "4", "number", "1").Want(http.StatusSeeOther)
		doctor.Get("/office/cautions").Want(http.StatusOK).WantText("#signature", "医師が署名")

		path := ruleURL(t, s, intake.Cool, "hx_gut=hernia")
		form, other := doctor.Get(path).Want(http.StatusOK), colleague.Get(path).Want(http.StatusOK)
		for name, typed := range map[string][]string{
			"no reason": {"severity", "doctor", "reason", ""}, "no severity": {"severity", "", "reason", "x"}, "a severity that there is not": {"severity", "grave", "reason", "x"},
			"English alone": {"severity", "doctor", "ja", "", "en", "By touch.", "reason", "x"}, "a bar": {"severity", "doctor", "ja", "a|b", "en", "a|b", "reason", "x"}, "nothing changed": {"reason", "x"},
		} {
			a := doctor.PostForm(path, form.Form(typed...)).Want(http.StatusUnprocessableEntity)
			if a.Find(".error").Length() == 0 {
				t.Errorf("%s: nothing is said to be wrong", name)
			}
		}
		doctor.PostForm(path, form.Form("severity", "doctor", "reason", "当院では触診で判断するため")).Want(http.StatusSeeOther)
		after := doctor.Get("/office/cautions").Want(http.StatusOK)
		after.WantText("#signature", "4-2")
		after.WantText("#signature", "まだ院の医師の署名がありません")
		after.WantText("#history", "当院では触診で判断するため")
		after.WantText("#history", "保留 → 確認")

		// A colleague who has not seen it is shown both, and nothing is lost.
		conflict := colleague.PostForm(path, other.Form("severity", "note", "reason", "もう一つの考え")).Want(http.StatusConflict)
		if text := conflict.Text("main"); !strings.Contains(text, "医師が確認") || !strings.Contains(text, "参考") {
			t.Errorf("the conflict reads %s", text)
		}
		// Another rule that nobody else has changed meanwhile is no conflict.
		elsewhere := ruleURL(t, s, intake.Cool, "hx_heart=clot")
		colleague.PostForm(elsewhere, colleague.Get(elsewhere).Form("severity", "doctor", "ja", "血栓の既往を\r\n診察で確かめます。", "reason", "念のため")).Want(http.StatusSeeOther)
		colleague.Get(elsewhere).WantText("#ja", "血栓の既往を 診察で確かめます。") // on one line, as it is shown
		// Signing what was read before it changed signs nothing.
		colleague.Post("/office/cautions/sign", "version", "4", "number", "2").Want(http.StatusConflict).WantText("[role=alert]", "署名していません")
		// Back to what was delivered: first into the form, then with a reason.
		back := doctor.PostForm(path, doctor.Get(path).Form("do", "restore")).Want(http.StatusOK)
		doctor.PostForm(path, back.Form("reason", "元に戻します")).Want(http.StatusSeeOther)
		q, err := s.Store.CurrentQuestionnaire(t.Context())
		servertest.Must(t, err)
		if q.Set.Number != 4 || len(q.Set.Edits) != 1 {
			t.Errorf("set %d with %d edits", q.Set.Number, len(q.Set.Edits))
		}
		for _, who := range []string{servertest.Admin, servertest.FrontDesk} {
			v := s.SignedIn(t, who)
			v.Get("/office/cautions").Want(http.StatusForbidden)
			v.Post("/office/cautions/sign", "version", "4", "number", "4").Want(http.StatusForbidden)
			v.PostForm(path, form.Form("severity", "note", "reason", "x")).Want(http.StatusForbidden)
		}
		doctor.Get("/office/cautions/0123456789abcdef").Want(http.StatusNotFound)
		doctor.Get("/office/cautions?version=999").Want(http.StatusNotFound)
	})
}

func TestChart_SaysUntilADoctorHasSigned(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		doctor := s.SignedIn(t, servertest.Doctor)
		chart := "/office/charts/" + receipt.BookingID
		doctor.Get(chart).Want(http.StatusOK).WantText("#unsigned", "署名がありません")
		doctor.Post("/office/cautions/sign", "version", "4", "number", "1").Want(http.StatusSeeOther)
		signed := doctor.Get(chart).Want(http.StatusOK)
		if signed.Find("#unsigned").Length() != 0 {
			t.Error("the chart says that nobody has signed")
		}
		signed.WantText(".chart-foot .rules", "注意の規則 4-1・")
		signed.WantText(".chart-foot .rules", "医師が署名")
	})
}

func TestChart_ReleasesAHold(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, answers)
		doctor, chart := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID
		stored, err := s.Store.ChartFor(t.Context(), storetest.DoctorActor(s.Doctors[0].ID), receipt.BookingID)
		servertest.Must(t, err)
		revision := strconv.Itoa(stored.Intake.Revision)
		line := "#line-cold"
		before := doctor.Get(chart).Want(http.StatusOK)
		before.WantText(line, "保留")
		if before.Find(line+" form[action$='/release'] textarea[name=reason]").Length() != 1 {
			t.Fatal("there is no way to release it")
		}
		wrong := doctor.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", revision, "set", "1", "reason", "　").Want(http.StatusUnprocessableEntity)
		wrong.WantText(line+" .error", "理由を入力")
		if wrong.Find(line+" details.release[open]").Length() != 1 {
			t.Error("what is wrong is folded away")
		}
		reason := marker + "主治医に確認しました。"
		late := doctor.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", "999", "set", "1", "reason", reason).Want(http.StatusConflict)
		late.WantText("#refused", reason)
		doctor.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", revision, "set", "2", "reason", reason).Want(http.StatusConflict)
		doctor.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", revision, "set", "1", "reason", reason).Want(http.StatusSeeOther)
		after := doctor.Get(chart).Want(http.StatusOK)
		after.WantText(line+" .released", "解除済み")
		after.WantText(line+" .released q", reason)
		after.WantText(line, "解除済み")
		if strings.Contains(doctor.Get("/office/doctor?date=2026-11-25").Want(http.StatusOK).Text("main"), "保留 1") {
			t.Error("the list counts what was released")
		}
		s.SignedIn(t, servertest.Colleague).Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", revision, "set", "1", "reason", "x").Want(http.StatusNotFound)
		id := after.Find(line+" .released input[name=withdraw]").AttrOr("value", "")
		s.SignedIn(t, servertest.Colleague).Post(chart+"/release", "withdraw", id).Want(http.StatusNotFound)
		doctor.Post(chart+"/release", "withdraw", id).Want(http.StatusSeeOther)
		doctor.Post(chart+"/release", "withdraw", id).Want(http.StatusConflict)
		if back := doctor.Get(chart).Want(http.StatusOK); back.Find(line+" .released").Length() != 0 || !strings.Contains(back.Text(line), "保留") {
			t.Errorf("after it was taken back the line reads %s", back.Text(line))
		}
	})
}

// TestCautions_InBrowser looks at the pages of the cautions, and at a chart on which something was released.
func TestCautions_InBrowser(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, answers)
	doctor := s.SignedIn(t, servertest.Doctor)
	path, chart := ruleURL(t, s, intake.Drug, "preg=plan"), "/office/charts/"+receipt.BookingID
	v := browsertest.Visit(t, s.URL, browsertest.Phone)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	look := func(name, path string, step func()) {
		for _, lang := range []string{"ja", "en"} {
			v.SetCookie("lang", lang)
			v.Open(path)
			if step != nil {
				step()
			}
			v.LookAt(name+"-"+lang, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		}
	}
	look("cautions-unsigned", "/office/cautions", nil)
	look("caution", path, nil)
	look("chart-hold", chart, func() { v.Click("details.release summary") })
	look("chart-no-reason", chart, func() {
		v.Click("details.release summary")
		v.FollowAtTo(http.StatusUnprocessableEntity, "details.release button")
	})
	stored, err := s.Store.ChartFor(t.Context(), storetest.DoctorActor(s.Doctors[0].ID), receipt.BookingID)
	servertest.Must(t, err)
	doctor.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", strconv.Itoa(stored.Intake.Revision), "set", "1", "reason", "主治医に確認し、診察でも症状はありませんでした。").Want(http.StatusSeeOther)
	doctor.PostForm(path, doctor.Get(path).Form("severity", "doctor", "reason", "当院の決まり")).Want(http.StatusSeeOther)
	doctor.Post("/office/cautions/sign", "version", "4", "number", "2").Want(http.StatusSeeOther)
	look("cautions-signed", "/office/cautions?done=signed", nil)
	look("chart-released", chart, nil)
	s.AnswerIntake(t, receipt.Token, with(answers, "hx_cold", "pch"))
	look("chart-stale", chart, nil)
}

// TestCautions_DeliveredAnew: the doctors read what a newer program brought for the version that the clinic has made itself, what of it cannot be
// applied there, and that it waits for them; the administrator reads why. Another questionnaire that is on offer is told with its cautions.
func TestCautions_DeliveredAnew(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Shipped = newer(t, "5")
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		delivered(t, s)
		doctor, admin := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Admin)
		a := doctor.Get("/office/cautions").Want(http.StatusOK)
		a.WantText("#signature", "規則 4.1-3")
		a.WantText("#signature", "まだ院の医師の署名がありません")
		for _, words := range []string{"署名のある 4.1-1 から変わったところ", "変更 脂肪冷却：試したこと：脂肪冷却 確認 → 保留", "追加 脂肪冷却：年齢 20未満 確認", "削除 脂肪冷却：年齢 18未満 確認", "変更 脂肪冷却：血圧・心臓・血管：血栓症 参考 → 確認 言葉を変更 血栓の既往を診察で確かめます。"} {
			if got := strings.Join(strings.Fields(a.Text("#to-sign")), " "); !strings.Contains(got, words) {
				t.Errorf("the changes read %s, without %s", got, words)
			}
		}
		for _, words := range []string{"1件", "続かない理由：時間がない かつ 睡眠：5時間未満", "質問「続かない理由」がありません"} {
			a.WantText("#misfits", words)
			admin.Get("/office/questionnaire").Want(http.StatusOK).WantText("#misfits", words)
		}
		a.WantText("#offer", "第5版")
		a.WantText("#offer", "睡眠不足のときは、食欲の変化を確かめます。")
		a.WantText(".topnav [aria-current]", "件 署名待ち")
		// The version that somebody was asked before has the rule, and waits as well; so says the day of whoever has a patient of it.
		old := doctor.Get("/office/cautions?version=4").Want(http.StatusOK)
		if old.Find("#misfits").Length() > 0 || !strings.Contains(old.Text("#to-sign"), "続かない理由") {
			t.Error("version 4 lacks what was delivered for it")
		}
		doctor.Get("/office/doctor?date=2026-11-25").Want(http.StatusOK).WantText(".agenda-sign", "注意の規則 4-3 が署名待ちです")
		doctor.Post("/office/cautions/sign", "version", "4", "number", "3").Want(http.StatusSeeOther)
		if doctor.Get("/office/doctor?date=2026-11-25").Find(".agenda-sign").Length() > 0 {
			t.Error("what was signed still waits")
		}
		// Taken up, it is on offer no more.
		admin.Post("/office/questionnaire/draft", "from", "shipped").Want(http.StatusSeeOther)
		d, _, err := s.Store.Draft(t.Context(), storetest.Owner)
		servertest.Must(t, err)
		admin.Post("/office/questionnaire/publish", "sure", "yes", "seen-revision", strconv.Itoa(d.Revision)).Want(http.StatusSeeOther)
		if doctor.Get("/office/cautions").Want(http.StatusOK).Find("#offer").Length() > 0 {
			t.Error("what was taken up is on offer")
		}
	})
}

// TestCautions_ConcernAllVersions: the page of a rule says in which other versions it is changed, and the signature which of them it covers.
func TestCautions_ConcernAllVersions(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		delivered(t, s)
		doctor, colleague := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Colleague)
		for _, version := range []string{"4", "4.1"} {
			doctor.Post("/office/cautions/sign", "version", version, "number", "3").Want(http.StatusSeeOther)
		}
		path := ruleURL(t, s, intake.Cool, "hx_gut=hernia")
		form := doctor.Get(path).Want(http.StatusOK)
		form.WantText("#concerns", "第4版")
		doctor.PostForm(path, form.Form("severity", "doctor", "reason", "触診で判断するため")).Want(http.StatusSeeOther)
		for _, version := range []string{"4", "4.1"} {
			colleague.Get("/office/cautions?version="+version).Want(http.StatusOK).WantText("#history", "触診で判断するため")
		}
		if colleague.Get("/office/cautions").Find("#covered").Length() > 0 {
			t.Error("somebody who has signed nothing of version 4 signs it by the way")
		}
		list := doctor.Get("/office/cautions").Want(http.StatusOK)
		list.WantText("#covered", "4-4")
		colleague.Post("/office/cautions/sign", "version", "4.1", "number", "4", "also", "4-4").Want(http.StatusConflict).WantText("[role=alert]", "署名していません")
		doctor.Post("/office/cautions/sign", "version", "4.1", "number", "4", "also", "nothing").Want(http.StatusNotFound)
		signed := doctor.Post("/office/cautions/sign", "version", "4.1", "number", "4", "also", list.Page().Find("[name=also]").AttrOr("value", "")).Want(http.StatusSeeOther)
		doctor.Get(signed.Location()).Want(http.StatusOK).WantText("[role=status]", "規則 4.1-4、4-4 に署名しました")
		doctor.Get("/office/cautions?version=4").Want(http.StatusOK).WantText("#signature", "医師が署名")
	})
}
