package clinic

import (
	"slices"
	"time"
)

// Went is how much of a person was deleted, or would be.
type Went struct {
	Records  int // what is stored of the person, with that of whoever was merged into them
	Bookings int
	Answers  int // intakes, each with its versions
	Drafts   int // of notes that were never signed
	Memos    int
	Letters  int // whose content was still there
	Places   int // in line
}

// Kept is what must be kept of a person's booking, because a doctor has signed something about it.
type Kept struct {
	BookingID string
	Branch    Branch
	StartsAt  time.Time
	Doctor    Doctor
	Notes     int  // versions that were signed
	Releases  int  // of treatments that the cautions held
	Until     Date // the last day
}

// ErasePlan is what deleting a person would do.
type ErasePlan struct {
	Went
	Kept      []Kept
	Coming    []Appointment // bookings to come, which have to be cancelled before
	Unsigned  []Appointment // counselings of which a doctor has written something and signed nothing: a record that law has kept (article 24)
	Elsewhere int           // bookings at branches that whoever asks does not manage
}

// MayBeRecord reports whether what a doctor has written of a counseling and not signed may be a record that law has kept: it has begun, and the patient
// was not known to stay away.
func (a Appointment) MayBeRecord(now time.Time) bool {
	return !a.Slot.StartsAt.After(now) && slices.Contains(NoteDueStatuses, a.Booking.Status)
}

// Check decides whether the person can be deleted now.
func (p ErasePlan) Check() error {
	switch {
	case p.Elsewhere > 0:
		return &Error{Code: Conflict, Message: "error.erase.elsewhere"}
	case len(p.Coming) > 0:
		return &Error{Code: Conflict, Field: "coming", Message: "error.erase.coming"}
	case len(p.Unsigned) > 0:
		return &Error{Code: Conflict, Field: "unsigned", Message: "error.erase.unsigned"}
	}
	return nil
}

// Erased is that a person was deleted. It does not say who they were.
type Erased struct {
	ID   string
	At   time.Time
	By   string // the id of the member of staff; "" for nobody of the staff
	Went Went
	Kept []Kept
}

// KeptPatient is what is kept of a patient beside what a doctor has signed: what a doctor's record must say of whom it is about (Ordinance for
// Enforcement of the Medical Practitioners' Act, article 23). How they were reached is not kept.
func (p Patient) KeptPatient() Patient {
	return Patient{FamilyName: p.FamilyName, GivenName: p.GivenName, FamilyKana: p.FamilyKana, GivenKana: p.GivenKana, Birth: p.Birth, Sex: p.Sex}
}
