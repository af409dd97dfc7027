package office_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// delivered is a site whose clinic has a version of its own, which a doctor has signed and which does not ask what keeps somebody from exercise,
// when a newer program starts: it brings other cautions for version 4, one of them about that.
func delivered(t *testing.T, s *servertest.Site) {
	t.Helper()
	ctx, owner := t.Context(), storetest.Owner
	versions, err := s.Store.Versions(ctx, owner)
	servertest.Must(t, err)
	q, err := intake.ReadDraft(versions[0].Body)
	servertest.Must(t, err)
	s.Clock.Advance(time.Minute)
	servertest.Must(t, s.Store.BeginDraft(ctx, owner, intake.Draft{Questions: q, Base: "4"}))
	d, err := s.Store.EditDraft(ctx, owner, func(d *intake.Draft, _ intake.Taken) error { return d.Questions.Retire("barrier") })
	servertest.Must(t, err)
	doctor := s.SignedIn(t, servertest.Doctor)
	doctor.Post("/office/cautions/sign", "version", "4", "number", "1").Want(http.StatusSeeOther)
	_, err = s.Store.PublishDraft(ctx, owner, d.Revision)
	servertest.Must(t, err)
	doctor.Get("/office/cautions").Want(http.StatusOK).WantText("#to-sign", "規則は署名済みの第4版と同じです。規則が見る質問も同じで、変わったのはほかの質問だけです。")
	for _, version := range []string{"4", "4.1"} {
		doctor.Post("/office/cautions/sign", "version", version, "number", "1").Want(http.StatusSeeOther)
	}
	path := ruleURL(t, s, intake.Cool, "hx_heart=clot")
	doctor.PostForm(path, doctor.Get(path).Form("severity", "doctor", "ja", "血栓の既往を診察で確かめます。", "en", "Ask about the clot.", "reason", "当院の決まり")).Want(http.StatusSeeOther)
	s.Clock.Advance(10 * time.Minute)
	start(t, s, newer(t, "4"))
}

// newer is what a newer program brings for a version: other cautions.
func newer(t *testing.T, version string) intake.Publication {
	t.Helper()
	p := storetest.NextVersion(t, version, func(*intake.Questionnaire) {})
	if version == "4" {
		shipped, err := config.Publication()
		servertest.Must(t, err)
		p.Questions = shipped.Questions
	}
	text := strings.Replace(string(p.Cautions), "cool | doctor | tried=cool ", "cool | block  | tried=cool ", 1)
	text = strings.Replace(text, "cool | doctor | age<18 ", "cool | doctor | age<20 ", 1)
	p.Cautions = []byte("# edition 7\n" + text + "\ndrug | doctor | barrier=time and sleep=lt5 | M | 睡眠不足のときは、食欲の変化を確かめます。 | Ask about the appetite of somebody who sleeps little.\n")
	return p
}

func start(t *testing.T, s *servertest.Site, p intake.Publication) {
	t.Helper()
	_, err := s.Store.PublishQuestionnaire(t.Context(), clinic.Job("start"), p)
	servertest.Must(t, err)
}

// TestCautionPages_InBrowser looks at the pages of the cautions in every state that a doctor may find them in.
func TestCautionPages_InBrowser(t *testing.T) {
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Shipped = newer(t, "5") })
	s.Book(t, s.SlotOf(t, 0, 0), 1)
	doctor, admin := browsertest.Visit(t, s.URL, browsertest.Phone), browsertest.Visit(t, s.URL, browsertest.Phone)
	doctor.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	admin.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Admin))
	see := func(v *browsertest.Visitor, name, path, must string, step func(*browsertest.Visitor)) {
		for _, lang := range []string{"ja", "en"} {
			v.SetCookie("lang", lang)
			v.Open(path)
			if step != nil {
				step(v)
			}
			if !v.Sees(must) {
				t.Errorf("%s in %s has no %s", name, lang, must)
			}
			v.LookAt("cautions-"+name+"-"+lang, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		}
	}
	see(doctor, "first", "/office/cautions", "#signature button", nil)
	delivered(t, s)
	see(doctor, "delivered", "/office/cautions", "#to-sign", nil)
	see(doctor, "day", "/office/doctor", ".agenda-sign", nil)
	see(admin, "misfits", "/office/questionnaire", "#misfits", nil)
	path := ruleURL(t, s, intake.Cool, "hx_gut=hernia")
	see(doctor, "rule", path, "#concerns", nil)
	see(doctor, "rule-wrong", path, ".error", func(v *browsertest.Visitor) { v.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]") })
	tab := s.SignedIn(t, servertest.Colleague)
	form := tab.Get(path)
	v := s.SignedIn(t, servertest.Doctor)
	v.PostForm(path, form.Form("severity", "doctor", "reason", "触診で判断するため")).Want(http.StatusSeeOther)
	see(doctor, "signed", "/office/cautions?version=4", "#history", func(v *browsertest.Visitor) {
		if v.Sees("#signature button") {
			v.FollowAt("#signature button")
		}
	})
}
