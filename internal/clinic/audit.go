package clinic

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// AuditAction is what somebody did, as the audit log calls it: one of the words below, or the name of the store's operation that changed
// something, such as "Book".
type AuditAction string

// What people do beside changing something.
const (
	SawBooking   AuditAction = "read.booking"    // a booking, with how its patient is reached
	SawPatient   AuditAction = "read.patient"    // a patient's record
	SawChart     AuditAction = "read.chart"      // a patient's answers
	SawNote      AuditAction = "read.note"       // what a doctor wrote
	SawCalendar  AuditAction = "read.calendar"   // days of a branch, with the names of all who are booked
	SawList      AuditAction = "read.list"       // the list of bookings of some days
	SawDoctorDay AuditAction = "read.doctor_day" // a doctor's counselings
	SawFound     AuditAction = "read.found"      // among what was searched for, or in a list of what is to be done
	SawWaiting   AuditAction = "read.waiting"    // who waits at a branch
	SawImport    AuditAction = "read.import"     // a file that is to be taken over
	SawAudit     AuditAction = "read.audit"      // this log
	Printed      AuditAction = "print"           // the sheets of a chart
	Exported     AuditAction = "export"          // a file to take away
	SignIn       AuditAction = "sign_in"
	Denied       AuditAction = "denied" // a page that was not for them, or of somebody who is not
)

// AuditWords are the actions that are no operation of the store.
var AuditWords = []AuditAction{
	SawBooking, SawPatient, SawChart, SawNote, SawCalendar, SawList, SawDoctorDay, SawFound, SawWaiting, SawImport, SawAudit, Printed, Exported, SignIn, Denied,
}

// OfDays reports whether an action shows days of a branch and not a person: who was booked then was among what was shown.
func (a AuditAction) OfDays() bool { return a == SawCalendar || a == SawList }

// repeats reports whether a page asks for an action again and again, by itself or while somebody types.
func (a AuditAction) repeats() bool {
	switch a {
	case SawCalendar, SawList, SawDoctorDay, SawFound, SawWaiting:
		return true
	default:
		return false
	}
}

// Subject is about whom, or what, something was done. What is not said is not known or does not matter.
type Subject struct {
	Branch  string
	Booking string
	Patient string
	Staff   string // an account
	First   Date   // the days of a calendar, or the day of a booking
	Last    Date
}

// AboutBooking is the patient of a booking.
func AboutBooking(a Appointment) Subject {
	day := DateOf(a.Slot.StartsAt, a.Branch.Location())
	return Subject{Branch: a.Branch.ID, Booking: a.Booking.ID, Patient: a.Booking.PatientID, First: day, Last: day}
}

// AboutDays are all who are booked at a branch on some days.
func AboutDays(branchID string, first, last Date) Subject {
	return Subject{Branch: branchID, First: first, Last: last}
}

// AuditDone is the result of what was done. Any other is the Code of a refusal.
const AuditDone = "done"

// AuditEntry is one line of the audit log: who did what, when, from where, about whom, and what came of it. It holds ids and words, and never
// a name, an address or an answer.
type AuditEntry struct {
	ID      string // sorts by when it was made
	At      time.Time
	Kind    ActorKind
	Who     string // the id of the staff or of the key, or the name of the job; "" where nobody is known
	Role    Role   // which a member of staff had then
	Action  AuditAction
	Subject        // about whom
	Result  string // AuditDone, or the code of a refusal
	Route   string // the pattern of the address that was refused
	Request string // the id of the request, which the program's log has as well
	From    string // the network that the request came from; sealed where it is stored
}

// AuditEvery is how often at most it is written down that somebody looks at the same list, or that the same text was saved: an open calendar
// asks again with every change, a form saves itself.
const AuditEvery = 10 * time.Minute

// Repeats reports whether an entry like it need be written once in AuditEvery only.
func (e AuditEntry) Repeats() bool { return e.Action.repeats() }

// Once is what two entries have in common of which the second need not be written.
func (e AuditEntry) Once() []byte {
	sum := sha256.New()
	for _, part := range []string{
		string(e.Kind), e.Who, string(e.Role), string(e.Action), e.Branch, e.Booking, e.Patient, e.Staff, dayText(e.First), dayText(e.Last), e.Result, e.From,
		e.At.UTC().Truncate(AuditEvery).Format(time.RFC3339),
	} {
		sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		sum.Write([]byte(part))
	}
	return sum.Sum(nil)[:16]
}

// Canonical is the entry as bytes that are equal for equal entries alone, over which its code is made.
func (e AuditEntry) Canonical() []byte {
	out := []byte{1} // the format
	for _, part := range []string{
		e.ID, e.At.UTC().Format(time.RFC3339Nano), string(e.Kind), e.Who, string(e.Role), string(e.Action),
		e.Branch, e.Booking, e.Patient, e.Staff, dayText(e.First), dayText(e.Last), e.Result, e.Route, e.Request, e.From,
	} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

func dayText(d Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// AuditYears is for how many years an entry is kept where the clinic has not set another number: as long as what a doctor writes must be (Medical
// Practitioners' Act, article 24), because that is what most of the entries are about. The guideline for the safety management of medical information
// systems 6.0 leaves the time to the clinic. MinAuditYears is the least that can be set.
const (
	AuditYears    = 5
	MinAuditYears = 1
)

// AuditOver is the instant before which entries are over.
func AuditOver(now time.Time, years int) time.Time { return now.AddDate(-years, 0, 0) }
