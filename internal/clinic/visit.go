package clinic

import (
	"errors"
	"slices"
	"time"
)

// Walk is the way of a visit from the booking to its end, in order.
var Walk = []Status{Pending, Booked, Arrived, InProgress, Fulfilled}

// steps are where a booking may come next from where it stands: the front desk may leave a step out, because it does not always
// look at the screen. Whoever did not come may come after all.
var steps = map[Status][]Status{
	Pending:    {Booked},
	Booked:     {Arrived, InProgress, Fulfilled, NoShow},
	Arrived:    {InProgress, Fulfilled},
	InProgress: {Fulfilled},
	NoShow:     {Arrived},
}

// Next is the step that usually follows a status; "" where none does.
func (s Status) Next() Status {
	if next := steps[s]; len(next) > 0 {
		return next[0]
	}
	return ""
}

// CheckStep decides whether staff may have a booking come to a status now. A visit is recorded from its day on, and that somebody
// did not come from its beginning on.
func (a Appointment) CheckStep(to Status, actor Actor, now time.Time) error {
	loc := a.Branch.Location()
	switch {
	case !actor.May(ChangeBooking, a.Branch.ID):
		return &Error{Code: Forbidden, Message: "error.forbidden"}
	case !slices.Contains(steps[a.Booking.Status], to):
		return &Error{Code: Conflict, Message: "error.step.status"}
	case to == NoShow && now.Before(a.Slot.StartsAt):
		return &Error{Code: Conflict, Message: "error.step.noshow"}
	case to != Booked && DateOf(now, loc).Before(DateOf(a.Slot.StartsAt, loc)):
		return &Error{Code: Conflict, Message: "error.step.early"}
	}
	return nil
}

// Steps are the statuses to which CheckStep lets a booking come now.
func (a Appointment) Steps(actor Actor, now time.Time) (out []Status) {
	for _, to := range steps[a.Booking.Status] {
		if a.CheckStep(to, actor, now) == nil {
			out = append(out, to)
		}
	}
	return out
}

// Stepped is the booking once an actor has had it come to a status.
func (b Booking) Stepped(to Status, actor Actor, now time.Time) Booking {
	b.Status, b.StatusAt, b.StatusBy = to, &now, actor.Staff.ID
	switch {
	case to == Arrived, b.ArrivedAt == nil && (to == InProgress || to == Fulfilled):
		b.ArrivedAt = &now
	case to == Pending || to == Booked || to == NoShow:
		b.ArrivedAt = nil
	}
	return b
}

// UndoFor is how long what the front desk did by a click can be undone.
const UndoFor = 10 * time.Minute

// UndoneError says that what was done is undone no more, because so much time has passed.
func UndoneError() error { return &Error{Code: Conflict, Message: "error.undo.late"} }

// CheckStepBack decides whether a step that was taken at an instant may be taken back now, to the status from which it was taken. An
// approval is not taken back, because the patient has been told: such a booking is cancelled.
func (a Appointment) CheckStepBack(was Status, at time.Time, actor Actor, now time.Time) error {
	b := a.Booking
	switch {
	case !actor.May(ChangeBooking, a.Branch.ID):
		return &Error{Code: Forbidden, Message: "error.forbidden"}
	case b.StatusAt == nil || !b.StatusAt.Equal(at) || !slices.Contains(steps[was], b.Status) || was == Pending:
		return &Error{Code: Conflict, Message: "error.undo.changed"}
	case now.Sub(at) > UndoFor:
		return UndoneError()
	}
	return nil
}

// SteppedBack is the booking once an actor has taken its last step back.
func (b Booking) SteppedBack(was Status, actor Actor, now time.Time) Booking {
	arrived := b.ArrivedAt
	if arrived != nil && b.StatusAt != nil && arrived.Equal(*b.StatusAt) {
		arrived = nil // they arrived by the step that is taken back
	}
	b = b.Stepped(was, actor, now)
	b.ArrivedAt = nil
	if was == Arrived || was == InProgress || was == Fulfilled {
		b.ArrivedAt = arrived
	}
	return b
}

// CancelReason says why a booking ended.
type CancelReason string

// The reasons for which the front desk or the patient cancels a booking, and that of the booking that was not approved.
const (
	AskedByPatient CancelReason = "patient"   // ご本人の都合
	PatientUnwell  CancelReason = "unwell"    // 体調不良
	AnotherTime    CancelReason = "rebooked"  // 取り直し
	ByClinic       CancelReason = "clinic"    // 院の都合
	BookedTwice    CancelReason = "duplicate" // 二重の予約
	Nuisance       CancelReason = "nuisance"  // いたずら
	OtherReason    CancelReason = "other"     // その他
	Declined       CancelReason = "declined"  // お断り: it was not approved

	// Those that only a patient gives, see PatientReasons.
	Elsewhere CancelReason = "elsewhere" // ほかの院・方法に決めた
	Worried   CancelReason = "worried"   // 不安がある・相談したい
)

// CancelReasons are those that the front desk can choose, in order.
var CancelReasons = []CancelReason{AskedByPatient, PatientUnwell, AnotherTime, ByClinic, BookedTwice, Nuisance, OtherReason}

// Cancelling is how the front desk ends a booking.
type Cancelling struct {
	Reason CancelReason // "" where nobody asked
	Tell   bool         // the patient is told by a letter
}

// Check names the field of a cancelling that is wrong. Only what waits for an approval is declined.
func (c Cancelling) Check(b Booking) error {
	if c.Reason == Declined && b.Status == Pending || c.Reason == "" || slices.Contains(CancelReasons, c.Reason) {
		return nil
	}
	return invalid("reason", "error.choose")
}

// CheckRestore decides whether a booking that was cancelled at an instant may live again: within UndoFor, before its time.
func (a Appointment) CheckRestore(at time.Time, actor Actor, now time.Time) error {
	b := a.Booking
	switch {
	case !actor.May(ChangeBooking, a.Branch.ID):
		return &Error{Code: Forbidden, Message: "error.forbidden"}
	case b.CancelledAt == nil || !b.CancelledAt.Equal(at):
		return &Error{Code: Conflict, Message: "error.undo.changed"}
	case now.Sub(at) > UndoFor:
		return UndoneError()
	case b.CancelReason == Declined:
		return &Error{Code: Conflict, Message: "error.undo.declined"}
	}
	return nil
}

// Restored is the booking once its cancellation is undone. Its calendar entry comes back with the next number.
func (b Booking) Restored(was Status, actor Actor, now time.Time) Booking {
	b.Status, b.StatusAt, b.StatusBy = was, &now, actor.Staff.ID
	b.CancelledAt, b.CancelledBy, b.CancelReason = nil, "", ""
	b.Sequence++
	return b
}

// OutrunError is the answer to whoever wanted to change a booking that somebody else has changed since they looked at it.
func OutrunError() error { return &Error{Code: Conflict, Message: "error.outrun"} }

// IsOutrun reports whether err is OutrunError.
func IsOutrun(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Message == "error.outrun"
}
