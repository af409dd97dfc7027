package clinic

import (
	"slices"
	"strconv"
	"time"
)

// ChangesUntil is the instant from which on the patient can no longer change or cancel the booking by themselves.
func (a Appointment) ChangesUntil() time.Time {
	return a.Branch.Settings.Changes.Of(a.Slot.StartsAt, a.Branch.Location())
}

// CheckOwn decides whether the patient may change or cancel the booking behind their link now: while it waits or is confirmed, until
// the branch's deadline, and never once the counseling has begun. Whoever comes later telephones.
func (a Appointment) CheckOwn(now time.Time) error {
	switch {
	case !a.Booking.Status.Live():
		return &Error{Code: Conflict, Message: "error.own.cancelled"}
	case a.Booking.Status != Pending && a.Booking.Status != Booked:
		return &Error{Code: Conflict, Message: "error.own.status"}
	case !now.Before(a.Slot.StartsAt):
		return &Error{Code: Conflict, Message: "error.own.status"}
	case !now.Before(a.ChangesUntil()):
		return &Error{Code: Conflict, Message: "error.own.late"}
	}
	return nil
}

// PatientReasons are the reasons for which a patient may say that they cancel, in order. None is a good answer as well.
var PatientReasons = []CancelReason{AskedByPatient, PatientUnwell, Elsewhere, Worried}

// CheckByPatient names the field of a cancelling by the patient that is wrong.
func (c Cancelling) CheckByPatient() error {
	if c.Reason == "" || slices.Contains(PatientReasons, c.Reason) {
		return nil
	}
	return invalid("cancel-reason", "error.choose")
}

// OwnMovesPerHour is how often a booking can be moved by its link in an hour. People who look for a better time move once or twice;
// each move writes a letter and changes what everybody else sees.
const OwnMovesPerHour = 5

// CheckOwnMoves refuses one more move of a booking by its link after so many in the last hour.
func CheckOwnMoves(inHour int) error {
	if inHour >= OwnMovesPerHour {
		return &Error{Code: TooMany, Message: "error.own.many", Args: map[string]string{"N": strconv.Itoa(OwnMovesPerHour)}}
	}
	return nil
}
