package office_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// wantValue looks at what a field holds.
func wantValue(t *testing.T, a *servertest.Answer, field, want string) {
	t.Helper()
	if got := a.Find(`[name="`+field+`"]`).AttrOr("value", ""); got != want {
		t.Errorf("%s holds %q, want %q", field, got, want)
	}
}

func TestRules_AreSavedAndStay(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		path := "/office/branches/" + s.Branch.ID + "/rules"
		a := b.Get(path).Want(http.StatusOK)
		wantValue(t, a, "open_days", "84")
		wantValue(t, a, "closes_hours", "0")
		b.PostForm(path, a.Form("open_days", "６０", "closes", "day", "closes_days", "1", "closes_at", "1800", "changes_hours", "24", "live_bookings", "3", "no_shows", "2")).Want(http.StatusSeeOther)
		a = b.Get(path).Want(http.StatusOK)
		for field, want := range map[string]string{"open_days": "60", "closes_days": "1", "closes_at": "18:00", "changes_hours": "24", "live_bookings": "3", "no_shows": "2"} {
			wantValue(t, a, field, want)
		}
		// The branch's own form leaves them alone.
		edit := b.Get("/office/branches/" + s.Branch.ID).Want(http.StatusOK)
		b.PostForm("/office/branches/"+s.Branch.ID, edit.Form("access", "架空駅より徒歩4分")).Want(http.StatusSeeOther)
		wantValue(t, b.Get(path), "open_days", "60")
	})
}

// What a branch has decided about its letters is kept, that some do not go included; before, it has what every branch has.
func TestRules_SetWhenLettersGo(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		path := "/office/branches/" + s.Branch.ID + "/rules"
		checked := func(a *servertest.Answer, kind clinic.LetterKind) bool {
			return a.Find(`[name="`+string(kind)+`"][checked]`).Length() == 1
		}
		a := b.Get(path).Want(http.StatusOK)
		wantValue(t, a, "reminder_at", "10:00")
		for kind, want := range map[clinic.LetterKind]bool{clinic.Unfinished: true, clinic.Reminder: true, clinic.Morning: true, clinic.Thanks: false} {
			if checked(a, kind) != want {
				t.Errorf("%s is on: %v", kind, !want)
			}
		}
		form := a.Form("reminder_at", "１７３０", "thanks", "yes", "notices", " Uketsuke@Example.JP ")
		form.Del("morning")
		b.PostForm(path, form).Want(http.StatusSeeOther)
		a = b.Get(path).Want(http.StatusOK)
		wantValue(t, a, "reminder_at", "17:30")
		wantValue(t, a, "morning_at", "08:00")
		if checked(a, clinic.Morning) || !checked(a, clinic.Thanks) || !checked(a, clinic.Reminder) {
			t.Error("what was chosen is not kept")
		}
		saved, err := s.Store.Branch(t.Context(), s.Branch.ID)
		servertest.Must(t, err)
		if to := saved.Settings.Notices; !strings.EqualFold(to, "uketsuke@example.jp") || strings.ContainsRune(to, ' ') {
			t.Errorf("notices go to %q", to)
		}
		b.PostForm(path, a.Form("notices", "")).Want(http.StatusSeeOther)
		wantValue(t, b.Get(path), "notices", "")
	})
}

func TestRules_SayWhatIsWrong(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		path := "/office/branches/" + s.Branch.ID + "/rules"
		good, before := b.Get(path).Want(http.StatusOK), s.Facts(t)
		for field, typed := range map[string][]string{
			"open_days":     {"open_days", "85"},
			"closes_hours":  {"closes_hours", "半日"},
			"closes_days":   {"closes", "day", "closes_at", "18:00", "closes_days", "0"},
			"closes_at":     {"closes", "day", "closes_days", "1", "closes_at", "25:00"},
			"changes_hours": {"changes_hours", "337"},
			"no_shows":      {"no_shows", "10"},
			"live_bookings": {"live_bookings", "0"},
			"reminder_at":   {"reminder_at", "24:00"},
			"morning_at":    {"morning_at", "朝"},
			"notices":       {"notices", "受付"},
		} {
			a := b.PostForm(path, good.Form(typed...)).Want(http.StatusUnprocessableEntity)
			if a.Find("#"+field+"-error").Length() != 1 {
				t.Errorf("%s: no error at the field", field)
			}
			a.WantField(field, typed[len(typed)-1])
		}
		s.WantUnchanged(t, before)
	})
}

func TestRules_TwoWhoEditAtOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		path := "/office/branches/" + s.Branch.ID + "/rules"
		first, second := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.Admin)
		mine, yours := first.Get(path), second.Get(path)
		first.PostForm(path, mine.Form("open_days", "30")).Want(http.StatusSeeOther)
		a := second.PostForm(path, yours.Form("open_days", "40")).Want(http.StatusConflict)
		if a.Find(`[name="choice-open_days"]`).Length() != 2 {
			t.Errorf("the page does not offer both values:\n%s", a.Text("main"))
		}
		wantValue(t, first.Get(path), "open_days", "30")
		if a := s.SignedIn(t, servertest.FrontDesk).Get(path); a.Status != http.StatusForbidden {
			t.Errorf("reception gets %d", a.Status)
		}
	})
}
