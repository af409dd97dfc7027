package clinic

import (
	"testing"
	"time"
)

func contactPatient() Patient {
	return Patient{
		FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Birth: Date{1990, time.April, 1}, Sex: Female,
		Phone: "09000000001", Email: "hanako@example.jp",
	}
}

func TestPatient_CorrectedReadsWhatIsTyped(t *testing.T) {
	today := Date{2026, time.November, 24}
	typed := Contact{FamilyName: " 髙﨑 ", GivenName: "花子", FamilyKana: "たかさき", GivenKana: "ハナコ", Phone: "０９０－００００－０００２", Email: "hana@example.com"}
	got, errs := contactPatient().Corrected(typed, "ja", today)
	want := contactPatient()
	want.FamilyName, want.FamilyKana, want.Phone, want.Email = "髙﨑", "タカサキ", "09000000002", "hana@example.com"
	if len(errs) > 0 || got != want {
		t.Errorf("%+v (%v), want %+v", got, errs, want)
	}
	typed.Phone, typed.Email, typed.FamilyName = "電話", "hana", "http://evil.example"
	if _, errs := contactPatient().Corrected(typed, "ja", today); len(errs) != 3 || errs.For("phone") == nil || errs.For("email") == nil || errs.For("family_name") == nil {
		t.Errorf("%v", errs)
	}
}

// What was taken under other rules stays as it is while something else is corrected.
func TestPatient_CorrectedLeavesTheRestAlone(t *testing.T) {
	p := contactPatient()
	p.FamilyName, p.GivenName, p.FamilyKana, p.Phone, p.Birth = "A/B", "", "smith", "+1", Date{2020, time.January, 1}
	typed := p.Contact()
	typed.Email = "hana@example.com"
	got, errs := p.Corrected(typed, "ja", Date{2026, time.November, 24})
	want := p
	want.Email = "hana@example.com"
	if len(errs) > 0 || got != want {
		t.Errorf("%+v (%v), want %+v", got, errs, want)
	}
}

// Whoever booked in English is corrected as they booked: without kana, and with one name.
func TestPatient_CorrectedInTheirLanguage(t *testing.T) {
	p := contactPatient()
	p.FamilyName, p.GivenName, p.FamilyKana, p.GivenKana = "山田", "", "", ""
	typed := p.Contact()
	typed.FamilyName = "山本"
	if got, errs := p.Corrected(typed, "en", Date{2026, time.November, 24}); len(errs) > 0 || got.FamilyName != "山本" {
		t.Errorf("in English: %+v (%v)", got, errs)
	}
	typed.FamilyKana = " "
	if _, errs := p.Corrected(typed, "ja", Date{2026, time.November, 24}); errs.For("family_kana") == nil {
		t.Errorf("in Japanese: %v", errs)
	}
}

func TestAppointment_CheckCorrect(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	a := Appointment{Booking: Booking{Status: Booked}, Slot: Slot{StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour)}, Branch: Branch{ID: "here"}}
	cancelled := a
	cancelled.Booking.Status = Cancelled
	desk := StaffActor(Staff{Role: FrontDesk, Active: true, Branches: []string{"here"}})
	for _, c := range []struct {
		what  string
		a     Appointment
		actor Actor
		now   time.Time
		want  Code
	}{
		{"front desk", a, desk, now, ""},
		{"front desk, of a cancelled one", cancelled, desk, now, ""},
		{"another branch", a, StaffActor(Staff{Role: FrontDesk, Active: true, Branches: []string{"there"}}), now, Forbidden},
		{"a doctor", a, StaffActor(Staff{Role: DoctorRole, Active: true, EveryBranch: true}), now, Forbidden},
		{"a visitor", a, Visitor("x", ""), now, Forbidden},
		{"the patient", a, PatientByLink("x"), a.Slot.EndsAt.Add(-time.Second), ""},
		{"the patient, afterwards", a, PatientByLink("x"), a.Slot.EndsAt, Conflict},
		{"the patient, of a cancelled one", cancelled, PatientByLink("x"), now, Conflict},
	} {
		if got := CodeOf(c.a.CheckCorrect(c.actor, c.now)); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
