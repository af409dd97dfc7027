package office_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

const ownWords = "当院では触診のうえ、腹部を避けて照射できるか判断します。"

// TestCautionWords_OnChartAndPaper: what the doctors have written about a rule stands on its line and on paper; what was delivered stands
// behind the sources and on paper. Japanese alone is enough, and is marked as Japanese on an English page.
func TestCautionWords_OnChartAndPaper(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, with(grave, "goal_w", "44"))
		doctor := s.SignedIn(t, servertest.Doctor)
		path, chart := ruleURL(t, s, intake.Cool, "hx_gut=hernia"), "/office/charts/"+receipt.BookingID
		if n := doctor.Get(chart).Want(http.StatusOK).Find(".own").Length(); n != 0 {
			t.Errorf("%d words that were delivered stand on lines", n)
		}
		form := doctor.Get(path).Want(http.StatusOK)
		doctor.PostForm(path, form.Form("ja", "", "en", "By touch.", "reason", "x")).Want(http.StatusUnprocessableEntity).WantText(".error", "日本語の言葉も入力してください")
		doctor.PostForm(path, form.Form("ja", ownWords, "en", "", "reason", "当院の決まり")).Want(http.StatusSeeOther)
		doctor.Get(chart).Want(http.StatusOK).WantText(".cautions tbody .own", ownWords)
		if n := doctor.Get(chart).Find(".own").Length(); n != 1 {
			t.Errorf("words stand on %d lines", n)
		}
		const delivered = "目標体重でのBMIは18.5未満です"
		doctor.Get(chart).WantText(".sources-in", delivered)
		paper := doctor.Get(chart + "/paper").Want(http.StatusOK)
		for _, words := range []string{ownWords, delivered} {
			if !strings.Contains(paper.Text(".words"), words) {
				t.Errorf("the paper does not say %q but %s", words, paper.Text(".words"))
			}
		}
		doctor.SetCookie("lang", "en")
		for _, place := range []string{"/office/cautions", path, chart, chart + "/paper"} {
			doctor.Get(place).Want(http.StatusOK)
		}
		doctor.Get(chart).WantText(".own [lang=ja]", ownWords)
		doctor.Get(chart+"/paper").WantText(".words [lang=ja]", ownWords)
		doctor.Get("/office/cautions").WantText("td [lang=ja]", ownWords)
	})
}

// TestCautionWords_FirstScreen: the clinic's own words take no room of what must be seen at once, however many lines there are.
func TestCautionWords_FirstScreen(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	few, many := s.Book(t, s.SlotOf(t, 0, 0), 1), s.Book(t, s.SlotOf(t, 0, 1), 2)
	s.AnswerIntake(t, few.Token, grave)
	s.AnswerIntake(t, many.Token, lines())
	doctor := s.SignedIn(t, servertest.Doctor)
	for _, condition := range []string{"hx_gut=hernia", "hx_heart=clot"} {
		path := ruleURL(t, s, intake.Cool, condition)
		doctor.PostForm(path, doctor.Get(path).Form("ja", strings.Repeat(ownWords, 4), "reason", "当院の決まり")).Want(http.StatusSeeOther)
	}
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	for name, id := range map[string]string{"own-few": few.BookingID, "own-many": many.BookingID} {
		v.Open("/office/charts/" + id)
		v.FirstScreen(name)
		if bottom := browsertest.Read[float64](v, "document.querySelector('.three').getBoundingClientRect().bottom"); bottom > 768 {
			t.Errorf("%s: what matters ends at %v pixels of 768", name, bottom)
		}
		if width := browsertest.Read[float64](v, "Math.min(...[...document.querySelectorAll('.own')].map(e => e.getBoundingClientRect().width))"); width < 60 {
			t.Errorf("%s: %v pixels of the words can be read", name, width)
		}
		v.LookAt(name, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		v.Open("/office/charts/" + id + "/paper")
		v.LookAt(name+"-paper", browsertest.Desktop)
	}
}

// TestCautions_OfAVersionPublished: who publishes is told that a doctor has to sign anew, and the doctor what is new: nothing that the rules look
// at, or else which of their questions. A set that took changes of the clinic along says so.
func TestCautions_OfAVersionPublished(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, doctor := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.Doctor)
		path := ruleURL(t, s, intake.Cool, "hx_gut=hernia")
		doctor.PostForm(path, doctor.Get(path).Form("ja", ownWords, "reason", "当院の決まり")).Want(http.StatusSeeOther)
		doctor.Post("/office/cautions/sign", "version", "4", "number", "2").Want(http.StatusSeeOther)
		publish := func(change func(*intake.Questionnaire)) {
			versions, err := s.Store.Versions(t.Context(), storetest.Owner)
			servertest.Must(t, err)
			q, err := intake.ReadDraft(versions[0].Body)
			servertest.Must(t, err)
			s.Clock.Advance(time.Minute)
			servertest.Must(t, s.Store.BeginDraft(t.Context(), storetest.Owner, intake.Draft{Questions: q, Base: versions[0].Name}))
			_, err = s.Store.EditDraft(t.Context(), storetest.Owner, func(d *intake.Draft, _ intake.Taken) error { change(d.Questions); return nil })
			servertest.Must(t, err)
			form := admin.Get("/office/questionnaire/publish").Want(http.StatusOK)
			form.WantText("main", "新しい版の注意の規則には、医師の署名が必要です")
			published := admin.PostForm("/office/questionnaire/publish", form.Form("sure", "yes")).Want(http.StatusSeeOther)
			admin.Get(published.Location()).Want(http.StatusOK).WantText("[role=status]", "医師の署名が必要です")
		}
		relabel := func(id string) func(*intake.Questionnaire) {
			return func(q *intake.Questionnaire) {
				for i := range q.Intake {
					for j := range q.Intake[i].Questions {
						if question := &q.Intake[i].Questions[j]; question.ID == id {
							question.Label.JA += "（院の言い方）"
						}
					}
				}
			}
		}
		publish(relabel("protein"))
		list := doctor.Get("/office/cautions").Want(http.StatusOK)
		list.WantText("#to-sign", "規則は署名済みの第4版と同じです。規則が見る質問も同じで、変わったのはほかの質問だけです。")
		list.WantText("#to-sign details[open] .q-changes", "院の言い方")
		list.WantText("#signature", "まどぐちから届いた規則に、院の変更1件を引き継いだもの")
		doctor.Post("/office/cautions/sign", "version", "4.1", "number", "1").Want(http.StatusSeeOther)
		publish(relabel("hx_gut"))
		list = doctor.Get("/office/cautions").Want(http.StatusOK)
		list.WantText("#to-sign", "規則は署名済みの第4.1版と同じですが、規則が見る質問が変わりました。")
		list.WantText("#to-sign details[open] .q-changes", "院の言い方")
		publish(relabel("posture"))
		doctor.Get("/office/cautions").Want(http.StatusOK).WantText("#to-sign", "第4.2版にも、まだ署名がありません")
	})
}
