package clinic

import "time"

// MaxHandoverReason is the longest reason of a handover, in characters.
const MaxHandoverReason = 500

// Handover (引き継ぎ) says that a doctor gave the chart of a booking to a colleague. The slot and its doctor stay as they are: what it
// changes is who reads the answers and writes the note. It holds for the slot that the booking has; once the booking gets another one, it is
// that slot's doctor's.
type Handover struct {
	ID        string
	BookingID string
	From, To  Doctor
	At        time.Time
	By        string // the id of a member of staff; "" for none
	Reason    string // for the two doctors, sealed where it is stored; "" where none was given
}

// CheckHandover decides whether the doctor who reads a chart now may give it to another, and tidies the reason. colleagues are the others
// who work at the branch and can sign in.
func (a Appointment) CheckHandover(to string, colleagues []Doctor, reason string) (Doctor, string, error) {
	if !a.Booking.Status.Live() || a.Booking.Status == NoShow {
		return Doctor{}, "", &Error{Code: Conflict, Message: "error.handover.status"}
	}
	text := TidyText(reason)
	errs := checkText(nil, "reason", text, MaxHandoverReason)
	for _, d := range colleagues {
		if d.ID == to {
			return d, text, errs.Err()
		}
	}
	return Doctor{}, text, append(Errors{invalid("to", "error.choose")}, errs...)
}
