package clinic

import (
	"cmp"
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

	// InProgress is FHIR's EncounterStatus: an appointment has no word for it.
	InProgress Status = "in-progress" // カウンセリング中
)

// Came reports whether the patient was there, or is.
func (s Status) Came() bool { return s == Arrived || s == InProgress || s == Fulfilled }

// Live reports whether a booking in this status still has its slot.
func (s Status) Live() bool { return s != Cancelled }

// Attribution is where a visitor came from. It travels in links (?area=…&article=…&campaign=…) from the clinic's articles to
// the booking.
type Attribution struct {
	Area     string // an area code of the questionnaire
	Article  string
	Campaign string
}

// maxCode is the longest article or campaign code that is kept.
const maxCode = 64

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
	if len(s) > maxCode || strings.ContainsFunc(s, func(r rune) bool {
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
// the front desk may read them), where the visitor came from and what they agreed to. It is sealed where it is stored.
type Details struct {
	Answers     map[string][]string
	Attribution Attribution
	Consents    []Consent
}

// Channel is the way by which a booking came.
type Channel string

// The channels of bookings.
const (
	ByWeb       Channel = "web"
	ByTelephone Channel = "phone"
	ByAPI       Channel = "api"
	ByImport    Channel = "import" // another system had it
)

// channelOf is the way by which an actor books.
func channelOf(a Actor) Channel {
	switch a.Kind {
	case ActorStaff:
		return ByTelephone
	case ActorAPI:
		return ByAPI
	case ActorVisitor, ActorPatient, ActorJob:
	}
	return ByWeb
}

// Booking (予約) is a slot taken by a patient. FHIR Appointment.
type Booking struct {
	ID                   string
	Reference            string // M7K-4Q2P, for people
	SlotID               string
	PatientID            string
	Status               Status
	Sequence             int // RFC 5545 SEQUENCE: raised whenever what the calendar entry says changes
	Revision             int // how often what was typed with it was saved
	Channel              Channel
	Lang                 string // ja or en: the language of the letters
	QuestionnaireVersion string // what the patient is asked; "" where nothing is
	CreatedAt            time.Time
	CancelledAt          *time.Time
	CancelledBy          ActorKind // "" while it is not cancelled
	CancelReason         CancelReason
	StatusAt             *time.Time // when it came to its status; nil since it was made
	StatusBy             string     // the id of the member of staff who said so; "" for nobody of the staff
	ArrivedAt            *time.Time // when the patient came; nil until then
	MovedAt              *time.Time // when it got the time that it has; nil where it has never moved
	Details              Details
}

// Appointment is a booking together with everything a person at the front desk, or the patient, sees of it.
type Appointment struct {
	Booking Booking
	Slot    Slot
	Branch  Branch
	Doctor  Doctor
	Patient Patient
	// Answered says that the intake is complete; what was answered is not here.
	Answered bool
	// HandedTo is the doctor to whom the slot's doctor gave the chart, by id and name; zero where they read it themselves.
	HandedTo Doctor
}

// Reader is the id of the doctor who reads the chart and writes the note.
func (a Appointment) Reader() string { return cmp.Or(a.HandedTo.ID, a.Slot.DoctorID) }

// Receives is the doctor who talks to the patient, by name: who reads the chart. The patient chose, and was promised, Doctor.
func (a Appointment) Receives() Doctor {
	if a.HandedTo.ID != "" {
		return a.HandedTo
	}
	return a.Doctor
}

// Request is what it takes to book: a slot and a patient, checked.
type Request struct {
	SlotID               string
	Patient              Patient
	Details              Details
	Lang                 string
	QuestionnaireVersion string // the version by which Details were asked; "" where nothing was
	Key                  string // idempotency key; the same key with the same content has one effect
	Own                  string // a key by which a visitor finds this booking again, whatever they send; "" for none
	Another              bool   // the visitor knows of the booking that they have and wants another one
	PatientID            string // of staff who know whom they book for; "" for whoever the patient is by what was typed
	PatientRevision      *int   // of what staff were shown of that patient; nil where they were shown nothing
	NoLetter             bool   // of staff: the caller wants no confirmation
	WaitingToken         string // of whoever takes the slot that was offered to them: what opens their place in line; "" for anybody else
	New                  *Slot  // of staff: a slot outside the opening hours, which the booking makes; SlotID is empty then
}

// CheckAnother asks a visitor who has a live booking whether they want another one. The refusal says nothing about the booking,
// because anybody can type another's number. Staff, and programs, know whom they book for.
func (r Request) CheckAnother(actor Actor, booked bool) error {
	if actor.Kind == ActorVisitor && booked && !r.Another {
		return &Error{Code: AlreadyBooked, Message: "error.booking.another"}
	}
	return nil
}

// Receipt is what the one who booked is told. A repetition with the same key gets the same receipt, but for the status and the token,
// which are those of then.
type Receipt struct {
	BookingID string
	Reference string
	Token     string // opens the patient's confirmation and questionnaire; "" where reception has replaced the link since
	Status    Status
	StartsAt  time.Time
	EndsAt    time.Time
	BranchID  string
	Branch    string // name in the booking's language
	DoctorID  string
	Doctor    string
}

// linkLife is how long after the counseling the patient's links still open.
const linkLife = 24 * time.Hour

// LinksExpire is when the links to a booking of the slot stop opening.
func (s Slot) LinksExpire() time.Time { return s.EndsAt.Add(linkLife) }

// NewBooking makes the booking that an actor's request asks for, under a reference that was drawn for it. It has no slot yet:
// nothing is decided.
func NewBooking(r Request, actor Actor, reference string, now time.Time) Booking {
	return Booking{
		ID: NewIDAt(now), Reference: reference, SlotID: r.SlotID, PatientID: NewIDAt(now), Status: Booked, Channel: channelOf(actor),
		Lang: r.Lang, QuestionnaireVersion: r.QuestionnaireVersion, CreatedAt: now, Details: r.Details,
	}
}

// StatusFor is the status that the booking of an actor begins with at a branch: where the clinic approves each booking first, one that was
// made online waits for that.
func (b Branch) StatusFor(actor Actor) Status {
	if b.Settings.ApproveFirst && actor.Limited() {
		return Pending
	}
	return Booked
}

// CheckTake decides whether an actor may take the slot, which is at a branch, now. claim is the claim that the slot has already,
// or nil. What stands is kept from everybody but whoever holds it, be it in a call or at the front desk.
func (s Slot) CheckTake(at Branch, claim *Claim, actor Actor, now time.Time) error {
	if claim.HeldBy(claim.HolderFor(actor), now) { // it was kept for them in time, and before it became one for staff only
		at.Settings.Closes = Deadline{}
		s.Audience = Public
	}
	if !s.OfferedTo(actor) || actor.Kind == ActorStaff && !actor.May(ChangeBooking, at.ID) {
		return UnknownSlotError()
	}
	if err := s.CheckBookable(at, actor, now); err != nil {
		return err
	}
	if claim != nil && claim.Stands(claim.HolderFor(actor), now) {
		return TakenError()
	}
	return nil
}

// UnknownSlotError is the answer to whoever asks for a slot that is not there for them, or no longer.
func UnknownSlotError() error {
	return &Error{Code: Invalid, Field: "slot_id", Message: "error.slot.unknown"}
}

// TakenError is the answer to whoever comes second.
func TakenError() error {
	return &Error{Code: SlotTaken, Field: "slot_id", Message: "error.slot.taken"}
}

// HeldError is TakenError for a colleague of the member of staff, by their name, who holds the slot until a time of day.
func HeldError(name, until string) *Error {
	return &Error{Code: SlotTaken, Field: "slot_id", Message: "error.slot.held", Args: map[string]string{"Name": name, "Until": until}}
}

// MaybeOwn is the message of TakenError for whoever may have the slot themselves without being known.
const MaybeOwn = "error.slot.taken.own"

// Over reports whether the counseling has ended.
func (a Appointment) Over(now time.Time) bool { return !now.Before(a.Slot.EndsAt) }

// CheckAnswers decides whether the patient may still open their answers and change them: as long as the booking stands, until the
// counseling begins. The doctor goes on reading them.
func (a Appointment) CheckAnswers(now time.Time) error {
	switch {
	case !a.Booking.Status.Live():
		return &Error{Code: Conflict, Message: "error.intake.cancelled"}
	case a.Over(now):
		return &Error{Code: Conflict, Message: "error.intake.over"}
	case a.Begun(now):
		return &Error{Code: Conflict, Message: "error.intake.begun"}
	}
	return nil
}

// Begun reports whether the counseling has begun: the front desk has said so, or how it ended, or its time has come. Whoever is known to
// sit in the waiting room at that time is still waiting, and goes on answering there until they are called.
func (a Appointment) Begun(now time.Time) bool {
	switch a.Booking.Status {
	case InProgress, Fulfilled, NoShow:
		return true
	case Arrived:
		return a.Over(now)
	case Pending, Booked, Cancelled:
	}
	return !now.Before(a.Slot.StartsAt)
}

// CheckCancel decides whether an actor may cancel the booking of an appointment: staff who may change bookings at its branch,
// and jobs, as long as the patient has not arrived and nobody has recorded how the visit went.
func (a Appointment) CheckCancel(actor Actor) error {
	switch {
	case !actor.May(ChangeBooking, a.Branch.ID):
		return &Error{Code: Forbidden, Message: "error.forbidden"}
	case a.Booking.Status != Pending && a.Booking.Status != Booked:
		return &Error{Code: Conflict, Message: "error.cancel.status"}
	}
	return nil
}

// Cancelled is the booking once an actor has cancelled it.
func (b Booking) Cancelled(actor Actor, now time.Time) Booking {
	b.Status, b.CancelledAt, b.CancelledBy = Cancelled, &now, actor.Kind
	b.StatusAt, b.StatusBy = &now, actor.Staff.ID
	b.Sequence++
	return b
}
