package clinic

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The table of abilities, written out once more: who changes it should have to say so twice.
func TestCan(t *testing.T) {
	all := []Ability{SeeCalendar, ChangeBooking, ReadAnswers, ManageClinic}
	for role, may := range map[Role]string{
		Admin: "see-calendar change-booking manage-clinic", FrontDesk: "see-calendar change-booking", DoctorRole: "read-answers", "": "", "patient": "",
	} {
		for _, ability := range all {
			if got, want := (Staff{Role: role, Active: true}).Can(ability), strings.Contains(may, string(ability)); got != want {
				t.Errorf("%q can %s: %t, want %t", role, ability, got, want)
			}
			if (Staff{Role: role}).Can(ability) {
				t.Errorf("%q, not active, can %s", role, ability)
			}
		}
		if (Staff{Role: role, Active: true}).Can("") || (Staff{Role: role, Active: true}).Can("anything") {
			t.Errorf("%q can what there is not", role)
		}
	}
}

func TestCheckStaff(t *testing.T) {
	good := Staff{Role: FrontDesk, Name: " 受付　見本 ", Email: " ｒｅｃｅｐｔｉｏｎ@example.jp ", EveryBranch: true}
	got, errs := CheckStaff(good)
	if len(errs) > 0 || got.Name != "受付 見本" || got.Email != "reception@example.jp" {
		t.Errorf("got %+v, %v", got, errs)
	}
	doctor := good
	doctor.Role, doctor.DoctorID = DoctorRole, "doctor"
	if _, errs := CheckStaff(doctor); len(errs) > 0 {
		t.Errorf("a doctor: %v", errs)
	}
	for want, spoil := range map[string]func(*Staff){
		"invalid: name: error.empty":                func(s *Staff) { s.Name = "　" },
		"invalid: name: error.control":              func(s *Staff) { s.Name = "a\x00b" },
		"invalid: name: error.long":                 func(s *Staff) { s.Name = strings.Repeat("名", 2*MaxName+1) },
		"invalid: email: error.email.form":          func(s *Staff) { s.Email = "reception" },
		"invalid: role: error.choose":               func(s *Staff) { s.Role = "owner" },
		"invalid: doctor_id: error.staff.doctor":    func(s *Staff) { s.Role = DoctorRole },
		"invalid: doctor_id: error.staff.nodoctor":  func(s *Staff) { s.DoctorID = "doctor" },
		"invalid: branches: error.account.branches": func(s *Staff) { s.EveryBranch = false },
	} {
		s := good
		spoil(&s)
		if _, errs := CheckStaff(s); errs.Error() != want {
			t.Errorf("got %v, want %s", errs, want)
		}
	}
}

// A session stands while it is neither idle for too long nor too old, to the instant.
func TestSession_Live(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		created := noon
		seen := created.Add(time.Duration(rapid.Int64Range(0, int64(SessionAbsolute)).Draw(t, "seen")))
		edge := rapid.SampledFrom([]time.Time{seen.Add(SessionIdle), created.Add(SessionAbsolute), seen}).Draw(t, "edge")
		now := edge.Add(time.Duration(rapid.Int64Range(-2, 2).Draw(t, "off")))
		want := now.Sub(seen) < SessionIdle && now.Sub(created) < SessionAbsolute
		if got := (Session{CreatedAt: created, SeenAt: seen}).Live(now); got != want {
			t.Fatalf("seen %v after, asked %v after: %t, want %t", seen.Sub(created), now.Sub(created), got, want)
		}
	})
}
