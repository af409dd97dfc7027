package clinic

import (
	"strings"
	"time"
)

// Status is where a booking stands. The words are FHIR AppointmentStatus.
type Status string

// The statuses, with what people read.
const (
	Pending   Status = "pending"   // 仮予約
	Booked    Status = "booked"    // 確定
	Arrived   Status = "arrived"   // 来院
	Fulfilled Status = "fulfilled" // 完了
	NoShow    Status = "noshow"    // 無断キャンセル
	Cancelled Status = "cancelled" // キャンセル
)

// Live reports whether a booking in this status still has its slot.
func (s Status) Live() bool { return s != Cancelled }

// Attribution is where a visitor came from. It travels in links (?area=…&article=…&campaign=…) from the clinic's articles to
// the booking.
type Attribution struct {
	Area     string // an area code of the questionnaire
	Article  string
	Campaign string
}

// maxSource is the longest article or campaign code that is kept.
const maxSource = 64

// CleanAttribution keeps what can be a code of ours (letters, digits, '-', '_', '.') and drops the rest without a word: the
// source is a courtesy to the clinic, never a reason to trouble a patient.
func CleanAttribution(s Attribution, areas []string) Attribution {
	var out Attribution
	for _, a := range areas {
		if s.Area == a {
			out.Area = a
		}
	}
	out.Article, out.Campaign = cleanCode(s.Article), cleanCode(s.Campaign)
	return out
}

func cleanCode(s string) string {
	if len(s) > maxSource || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	}) {
		return ""
	}
	return s
}

// Consent is one agreement, with the version of the text that was shown and the instant it was given.
type Consent struct {
	Kind    string // the consent question's id: c_privacy, c_cancel, c_ads
	Version string
	At      time.Time
}

// Details is what a booking holds beside the patient: the answers given with the booking (section B of the questionnaire;
// the desk may read them), where the visitor came from and what they agreed to. It is sealed where it is stored.
type Details struct {
	Answers     map[string][]string
	Attribution Attribution
	Consents    []Consent
}

// Booking (予約) is a slot taken by a patient. FHIR Appointment.
type Booking struct {
	ID             string
	Reference      string // M7K-4Q2P, for people
	SlotID         string
	PatientID      string
	Status         Status
	Lang           string // ja or en: the language of the letters
	TokenExpiresAt time.Time
	CreatedAt      time.Time
	CancelledAt    *time.Time
	Details        Details
}

// Appointment is a booking together with everything a person at the desk, or the patient, sees of it.
type Appointment struct {
	Booking Booking
	Slot    Slot
	Branch  Branch
	Doctor  Doctor
	Patient Patient
	// Answered says that the intake is complete; what was answered is not here.
	Answered bool
}

// Request is what it takes to book: a slot and a patient, checked.
type Request struct {
	SlotID  string
	Visitor []byte // TokenHash of the visitor's cookie; nil for the API, which has no hold
	Patient Patient
	Details Details
	Lang    string
	Key     string // idempotency key; the same key with the same content has one effect
}

// Receipt is what the one who booked is told. A replay with the same key gets the same receipt.
type Receipt struct {
	BookingID string
	Reference string
	Token     string // opens the patient's confirmation and questionnaire
	Status    Status
	StartsAt  time.Time
	EndsAt    time.Time
	BranchID  string
	Branch    string // name in the booking's language
	DoctorID  string
	Doctor    string
}

// tokenLife is how long after the counseling the patient's link still opens.
const tokenLife = 24 * time.Hour

// NewBooking makes the booking that a request asks for, without a slot yet: nothing is decided.
func NewBooking(r Request, now time.Time) Booking {
	return Booking{
		ID: NewID(), Reference: NewReference(), SlotID: r.SlotID, PatientID: NewID(), Status: Booked, Lang: r.Lang,
		CreatedAt: now, Details: r.Details,
	}
}

// Take decides whether a booking may have its slot at a branch, which claim (nil for none) may already hold. visitor is the
// TokenHash of the one who asks.
func (b Booking) Take(slot Slot, at Branch, claim *Claim, visitor []byte, now time.Time) (Booking, error) {
	if err := slot.CheckBookable(at, now); err != nil {
		return b, err
	}
	if claim != nil && claim.Stands(visitor, now) {
		return b, TakenError()
	}
	b.TokenExpiresAt = slot.EndsAt.Add(tokenLife)
	return b, nil
}

// TakenError is the answer to whoever comes second.
func TakenError() error {
	return &Error{Code: SlotTaken, Field: "slot_id", Message: "error.slot.taken"}
}

// Cancel decides whether a booking can be cancelled now and marks it so.
func (b Booking) Cancel(now time.Time) (Booking, error) {
	if b.Status != Pending && b.Status != Booked {
		return b, &Error{Code: Conflict, Message: "error.cancel.status"}
	}
	b.Status, b.CancelledAt = Cancelled, &now
	return b, nil
}

// CanCancel reports whether Cancel would be accepted.
func (b Booking) CanCancel() bool { return b.Status == Pending || b.Status == Booked }
