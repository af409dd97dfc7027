package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultLiveBookings is how many bookings one person may have before them where a branch has set nothing: one, and another at
// the most for somebody who comes along. MaxLiveBookings is the most that a branch can set; the sentence error.branch.live names it.
const (
	DefaultLiveBookings = 2
	MaxLiveBookings     = 20
)

// ParseLiveBookings reads what an administrator typed for BranchSettings.LiveBookings; what is no such number becomes -1, which
// CheckBranchSettings refuses.
func ParseLiveBookings(typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(Narrow(typed)))
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// How many bookings may come from one network address. A whole company, or the customers of a mobile carrier who share one
// address (RFC 6598), sit behind one: a branch that is booked out in a month gets about thirty bookings on its best day, from
// everywhere, so that an honest address stays far below, and a script does not get the calendar.
const (
	ClientBookingsPerHour = 30
	ClientBookingsPerDay  = 90
)

// How many bookings a program may make with one API key. Its people come from everywhere, and the key can be revoked.
const (
	KeyBookingsPerHour = 120
	KeyBookingsPerDay  = 600
)

// How many letters one mail address gets without a person looking: beyond it a letter is held, so that nobody can fill a
// stranger's mailbox by booking in their name.
const (
	LettersPerHour = 5
	LettersPerDay  = 10
)

// Counted is what has been booked already by the one who asks.
type Counted struct {
	Person int // bookings to come of the same phone number, mailbox, or kana and birth date; the largest of the three
	Hour   int // bookings from the same client in the last hour, cancelled ones too
	Day    int // in the last 24 hours
	Closed int // more than 0 where a patient who may be the same person books by telephone only
}

// CheckOpen refuses an actor online to whom the person, or somebody who may be the same, is closed.
func (n Counted) CheckOpen(at Branch, actor Actor) error {
	if n.Closed > 0 && actor.Limited() {
		return ClosedError(at)
	}
	return nil
}

// Check decides whether an actor for whom so much is counted may book at a branch. Over the person's limit it answers Conflict,
// over that of the client TooMany. Staff and jobs may always: a person has decided.
func (n Counted) Check(at Branch, actor Actor) error {
	if !actor.Limited() {
		return nil
	}
	hour, day := ClientBookingsPerHour, ClientBookingsPerDay
	if actor.Kind == ActorAPI {
		hour, day = KeyBookingsPerHour, KeyBookingsPerDay
	}
	switch {
	case n.Person >= at.Settings.LiveBookings:
		return &Error{Code: Conflict, Message: "error.booking.person", Args: map[string]string{"N": strconv.Itoa(at.Settings.LiveBookings)}}
	case n.Hour >= hour || n.Day >= day:
		return &Error{Code: TooMany, Message: "error.booking.client"}
	}
	return nil
}

// A run of bookings is suspicious when so many came from one client, each within RunGap of the one before. Two friends, or a
// family at one telephone, are fewer.
const (
	RunLength = 4
	RunGap    = 10 * time.Minute
)

// RunsWithin is how far back runs of bookings are looked for.
const RunsWithin = 14 * 24 * time.Hour

// Runs finds the suspicious runs among bookings that were made from one client. They are sorted by the time at which they were
// made, and each is in one run at the most.
func Runs(bookings []Appointment) (runs [][]Appointment) {
	slices.SortStableFunc(bookings, func(a, b Appointment) int { return a.Booking.CreatedAt.Compare(b.Booking.CreatedAt) })
	begin := 0
	for i := range bookings {
		last := i+1 == len(bookings)
		if !last && bookings[i+1].Booking.CreatedAt.Sub(bookings[i].Booking.CreatedAt) <= RunGap {
			continue
		}
		if run := bookings[begin : i+1]; len(run) >= RunLength {
			runs = append(runs, run)
		}
		begin = i + 1
	}
	return runs
}
