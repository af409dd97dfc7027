package servertest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store/storetest"
)

// Booked is a site on which a patient has booked the first of the Slots, which is the first doctor's, and answered
// everything; everybody sits in front of a browser.
type Booked struct {
	*Site
	Token     string // of the patient's link
	BookingID string
	LetterID  string // of the confirmation
	Patient   *Visitor
	Admin     *Visitor
	FrontDesk *Visitor
	Doctor    *Visitor // of the booking
	Colleague *Visitor // a doctor as well
}

// Saying is what the patient of a Booked site speaks and says.
type Saying struct {
	Lang    string // Japanese where it is empty
	Request string // the free text of the booking, which the front desk reads as well
	Answer  string // every free text of the intake, which the doctor alone reads
}

// OpenBooked opens a site and lets the patient book and answer by its pages. change may change it before it serves.
func OpenBooked(tb testing.TB, engine string, saying Saying, change ...func(*Site)) *Booked {
	tb.Helper()
	lang := cmp.Or(saying.Lang, "ja")
	b := &Booked{Site: Open(tb, engine, change...)}
	b.Patient = b.Visitor(tb).Speak(lang)
	first := slices.IndexFunc(b.Slots, func(slot clinic.SlotWithState) bool { return slot.DoctorID == b.Doctors[0].ID })
	b.Slots[0], b.Slots[first] = b.Slots[first], b.Slots[0]
	form := BookingForm(b.Slots[0].ID)
	form.Set("areas", "chin")
	form.Set("request", cmp.Or(saying.Request, "文"))
	b.Token = b.Patient.PostForm("/book", form).Token()
	answers := Answers()
	for _, section := range b.Questions.Intake {
		for _, q := range section.Questions {
			if q.Kind == intake.LongText {
				answers.Set(q.ID, cmp.Or(saying.Answer, "文"))
			}
		}
	}
	b.AnswerIntake(tb, b.Token, answers)
	chart, err := b.Store.Intake(tb.Context(), clinic.PatientByLink(b.Token))
	Must(tb, err)
	b.BookingID = chart.Appointment.Booking.ID
	b.LetterID = storetest.LetterOf(tb, b.Store, b.BookingID, clinic.Confirmation).ID
	b.Employ(tb, clinic.Staff{Role: clinic.FrontDesk, Name: "予備 見本", Email: Spare})
	b.Admin, b.FrontDesk = b.SignedIn(tb, Admin).Speak(lang), b.SignedIn(tb, FrontDesk).Speak(lang)
	b.Doctor, b.Colleague = b.SignedIn(tb, Doctor).Speak(lang), b.SignedIn(tb, Colleague).Speak(lang)
	return b
}

// Everybody is the patient and the staff who have to do with the booking, by what they are.
func (b *Booked) Everybody() map[string]*Visitor {
	return map[string]*Visitor{"patient": b.Patient, "admin": b.Admin, "front desk": b.FrontDesk, "doctor": b.Doctor}
}

// Fill puts the ids of what exists into a route's path.
func (b *Booked) Fill(path string) string {
	id := b.BookingID
	switch {
	case strings.HasPrefix(path, "/office/patients"):
		// Whoever corrects a booking may make it somebody else's.
		if a, err := b.Store.Appointment(context.Background(), storetest.Owner, b.BookingID); err == nil {
			id = a.Booking.PatientID
		}
	case strings.HasPrefix(path, "/office/branches"):
		id = b.Branch.ID
	case strings.HasPrefix(path, "/office/staff"):
		id = b.Staff[Spare].ID
	case strings.HasPrefix(path, "/office/doctors"):
		id = b.Doctors[0].ID
	case strings.HasPrefix(path, "/office/slots"):
		id = b.Slots[len(b.Slots)-1].ID
	case strings.HasPrefix(path, "/office/questionnaire/sections"):
		id = "medical"
	case strings.HasPrefix(path, "/office/questionnaire/strip"):
		id = "medicines"
	case strings.HasPrefix(path, "/office/questionnaire/causes"):
		id = "meals"
	case strings.HasPrefix(path, "/office/questionnaire/questions"):
		id = "height"
	case strings.HasPrefix(path, "/office/cautions/:rule"):
		path = strings.Replace(path, ":rule", b.Questions.Set.Rules()[0].Key(), 1)
	}
	return strings.NewReplacer(":id", id, ":letter", b.LetterID, ":token", b.Token, ":section", "medical", ":name", "x.eml", ":kind", "confirmation", ":logo", "logo-x.png", ":photo", "x-96.jpg", ":version", "current", ":file", "questionnaire.json").Replace(path)
}

// For is the same site, whose visitors fail a subtest from now on.
func (b *Booked) For(tb testing.TB) *Booked {
	same := *b
	for _, v := range []**Visitor{&same.Patient, &same.Admin, &same.FrontDesk, &same.Doctor, &same.Colleague} {
		*v = (*v).For(tb)
	}
	return &same
}
