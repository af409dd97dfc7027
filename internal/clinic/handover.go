package clinic

import (
	"strings"
	"time"
)

// MaxHandoverReason is the longest reason of a handover, in characters.
const MaxHandoverReason = 500

// Handover (引き継ぎ) says that a doctor gave the chart of a booking to a colleague. The slot and its doctor stay as they are: what it
// changes is who reads the answers and writes the note. It holds for the slot that the booking has; once the booking gets another one, it is
// that slot's doctor's.
type Handover struct {
	ID        string
	BookingID string
	SlotID    string
	From, To  Doctor
	At        time.Time
	By        string // the id of a member of staff; "" for none
	Reason    string // for the two doctors, sealed where it is stored; "" where none was given
	InForce   bool
	ReadAt    *time.Time // when the colleague has read it; nil while it is new to them
	EndedAt   *time.Time // nil while it is in force
	Ended     HandoverEnd
}

// HandoverEnd is why a handover is in force no more.
type HandoverEnd string

// The reasons. After each but the first and the last the chart is the slot's doctor's.
const (
	HandedOn     HandoverEnd = "handed_on"   // the colleague gave it to somebody else, or back
	HandedMoved  HandoverEnd = "moved"       // the booking got another slot
	HandedToGone HandoverEnd = "left_branch" // the colleague left the branch
	HandedToNone HandoverEnd = "no_account"  // the colleague cannot sign in any more
	HandedBack   HandoverEnd = "taken_back"  // whoever gave it took it back before the colleague had read it
)

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

// Revives decides whether a handover is in force again because the last move of its booking is undone: it must be that very move that
// ended it, and the doctor to whom the chart was given one of those who can still be given it. To move a booking back by another move
// revives nothing: whoever does so does not know of what was.
func (h Handover) Revives(moved Booking, back Slot, colleagues []Doctor) bool {
	if h.Ended != HandedMoved || h.EndedAt == nil || moved.MovedAt == nil || !h.EndedAt.Equal(*moved.MovedAt) || h.SlotID != back.ID {
		return false
	}
	for _, d := range colleagues {
		if d.ID == h.To.ID {
			return true
		}
	}
	return false
}

// CheckTakingBack decides whether the doctor who gave a chart may take it back: the colleague has not read it yet, and the doctor is still one
// of those who can be given it.
func (h Handover) CheckTakingBack(colleagues []Doctor) error {
	if !h.InForce || h.ReadAt != nil {
		return &Error{Code: Conflict, Message: "error.handover.read"}
	}
	for _, d := range colleagues {
		if d.ID == h.From.ID {
			return nil
		}
	}
	return &Error{Code: Conflict, Message: "error.handover.left"}
}

// Before is the handover that this one ended, by which whoever gave the chart on had it; false where they had it as the slot's doctor. all are
// those of the booking.
func (h Handover) Before(all []Handover) (Handover, bool) {
	for _, b := range all {
		if b.ID != h.ID && b.Ended == HandedOn && b.EndedAt != nil && b.EndedAt.Equal(h.At) && b.SlotID == h.SlotID && b.To.ID == h.From.ID {
			return b, true
		}
	}
	return Handover{}, false
}

// mostNamed is how many bookings an error names.
const mostNamed = 5

// CheckLeaving decides whether a doctor may leave a branch, given the bookings there whose charts colleagues have handed to them: nobody
// would be in the room for those that are still to come. What is over they go on reading, as everything that was theirs.
func CheckLeaving(handed []Appointment, now time.Time) error {
	var references []string
	for _, a := range handed {
		if a.Booking.Status.awaited() && !a.Over(now) {
			references = append(references, a.Booking.Reference)
		}
	}
	if len(references) == 0 {
		return nil
	}
	if len(references) > mostNamed {
		references = append(references[:mostNamed], "…")
	}
	return &Error{Code: Conflict, Field: "branches", Message: "error.doctor.handed", Args: map[string]string{"References": strings.Join(references, " ")}}
}

// awaited reports whether the counseling of a booking is still to be held, or is being held.
func (s Status) awaited() bool { return s.Moves() || s == InProgress }

// Away is why a doctor reads a chart no more that they had before.
type Away struct {
	Because HandoverEnd // "" where that is not known, or they never had it
	At      time.Time
	To      Doctor // to whom they handed it; zero otherwise
}

// WhyAway finds why a doctor reads a chart no more: what happened last of its handovers that were theirs, and of the moves of its booking.
func WhyAway(doctorID string, movedAt *time.Time, handovers []Handover) (away Away) {
	consider := func(at *time.Time, why Away) {
		if at != nil && (away.Because == "" || at.After(away.At)) {
			away = why
			away.At = *at
		}
	}
	for _, h := range handovers {
		if h.From.ID == doctorID {
			consider(&h.At, Away{Because: HandedOn, To: h.To})
		}
		if h.To.ID == doctorID && h.Ended != HandedOn {
			consider(h.EndedAt, Away{Because: h.Ended})
		}
	}
	consider(movedAt, Away{Because: HandedMoved})
	return away
}
