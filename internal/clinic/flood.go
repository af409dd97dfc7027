package clinic

import "time"

// FormEvent is something about a visitor's form by which a program gives itself away, or somebody without scripts.
type FormEvent string

// What is noticed about forms, in the order in which it is shown.
const (
	FormTrapped  FormEvent = "trapped"  // a field was filled in that nobody sees
	FormHasty    FormEvent = "hasty"    // it was sent sooner than anybody types
	FormUnsolved FormEvent = "unsolved" // without the proof of work
	FormExpired  FormEvent = "expired"  // with a proof that does not fit
	FormRefused  FormEvent = "refused"  // over a limit
)

// FormEvents are all of them.
var FormEvents = []FormEvent{FormTrapped, FormHasty, FormUnsolved, FormExpired, FormRefused}

const (
	// FloodWindow is the time of which what comes in is counted.
	FloodWindow = 10 * time.Minute

	// FloodLeast is what no clinic has in that time of honest visitors.
	FloodLeast = 40

	// FloodUsual is of how many days what is usual is taken.
	FloodUsual = 14

	// FloodKept is how long what was noticed is kept.
	FloodKept = FloodUsual * 24 * time.Hour
)

// Inflow is what has come in online within FloodWindow, beside what is usual.
type Inflow struct {
	At       time.Time
	Bookings int               // that were made, cancelled ones too
	Holds    int               // slots that visitors hold
	Networks int               // from how many network addresses these are
	Noticed  map[FormEvent]int // about the forms
	Earlier  int               // bookings of the FloodUsual days before
	Today    map[FormEvent]int // about the forms of the last 24 hours
}

// Usual is how many bookings came on a day, rounded up.
func (i Inflow) Usual() int { return (i.Earlier + FloodUsual - 1) / FloodUsual }

// Came is what counts towards a flood.
func (i Inflow) Came() int { return i.Bookings + i.Holds + i.Noticed[FormTrapped] }

// Flood (殺到) reports whether as much has come within ten minutes as otherwise on a whole day, and more than a clinic ever has. It may be a rush of
// honest people, so that it refuses nobody: puzzles become harder, and staff are told.
func (i Inflow) Flood() bool { return i.Came() >= max(FloodLeast, i.Usual()) }

// Bits are how hard puzzles are meanwhile.
func (i Inflow) Bits() int {
	if i.Flood() {
		return FloodBits
	}
	return PuzzleBits
}

// StoppedError is what everybody is told who books online at a branch that has stopped it.
func StoppedError() *Error {
	return &Error{Code: SlotPast, Field: "slot_id", Message: "error.slot.stopped"}
}

// FloodRun finds the bookings that were made while there was a flood: those that have FloodLeast or more within FloodWindow from one of them to the
// next ones. times are sorted; it returns which of them.
func FloodRun(times []time.Time) (in []int) {
	until := 0 // of those that are in it
	for i := range times {
		end := i
		for end < len(times) && times[end].Sub(times[i]) <= FloodWindow {
			end++
		}
		if end-i < FloodLeast {
			continue
		}
		for k := max(i, until); k < end; k++ {
			in = append(in, k)
		}
		until = max(until, end)
	}
	return in
}
