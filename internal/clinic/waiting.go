package clinic

import (
	"cmp"
	"slices"
	"time"
)

// WaitingStatus is where somebody who waits stands.
type WaitingStatus string

// The statuses of who waits.
const (
	Waits        WaitingStatus = "waiting"  // in line
	WaitOffered  WaitingStatus = "offered"  // in line, and a slot is kept for them
	WaitAccepted WaitingStatus = "accepted" // they have taken one
	WaitLeft     WaitingStatus = "left"     // they, or staff for them, have left the line
	WaitOver     WaitingStatus = "over"     // their last day is past, or they have no booking any more that could move
)

const (
	// WaitingDays is how long somebody waits who does not say until when.
	WaitingDays = 28

	// MaxWaits is in how many places of a line one person stands at once.
	MaxWaits = 2

	// WaitingKept is how many days after the end of a wait it is erased who waited.
	WaitingKept = 30

	// How often people get in line from one network address, see ClientBookingsPerHour.
	waitsPerHour = 10
	waitsPerDay  = 30
)

// InLine reports whether somebody in this status still waits.
func (s WaitingStatus) InLine() bool { return s == Waits || s == WaitOffered }

// DayPart is a part of the day at which somebody would come.
type DayPart string

// The parts of a day.
const (
	MorningPart   DayPart = "morning"   // until noon
	AfternoonPart DayPart = "afternoon" // from noon
	EveningPart   DayPart = "evening"   // from EveningHour
)

// DayParts are those that there are, in their order.
var DayParts = []DayPart{MorningPart, AfternoonPart, EveningPart}

// PartOf is the part of the day that a time of day is in.
func PartOf(at Clock) DayPart {
	switch {
	case at < midday:
		return MorningPart
	case at < EveningHour*60:
		return AfternoonPart
	}
	return EveningPart
}

// Waiting (順番待ち) is somebody's place in line for a slot that comes free: at a branch, with what they wish for. Whoever has a booking
// and would like to come earlier waits with it, and accepting moves it.
type Waiting struct {
	ID        string
	BranchID  string
	BookingID string    // the booking that would move; "" for whoever has none
	Wish      Wish      // with a first and a last day, one doctor at most, and no At
	Parts     []DayPart // none for any
	Lang      string
	ByMail    bool // a letter can be sent to them
	Status    WaitingStatus
	CreatedAt time.Time
	EndedAt   *time.Time
	Patient   Patient // as far as they said; zero once it was erased
	Booked    string  // the token of the booking that they have taken; "" until then

	Has     *Appointment // the booking of BookingID; nil for none
	Before  []string     // the slots that were offered to them already
	Failed  bool         // a letter to them came back, or was refused for good
	Lately  int          // how many slots were offered to them in the last day
	Offer   *Offer       // the one that is live, or else the latest; nil for none
	Offered *Appointment // the slot of Offer, with its branch and doctor
}

// OffersPerDay is how many slots are offered to one person in a day without somebody of the staff doing it. An offer makes two letters at
// the most, so that nobody can fill a stranger's mailbox by getting in line in their name.
const OffersPerDay = 4

// Fits reports whether a slot, whose doctor is known, is one that they wish for: it is another one than those that were offered to them, and
// earlier than the booking that they have.
func (w Waiting) Fits(s Slot, doctor Doctor, at Branch) bool {
	loc := at.Location()
	switch {
	case s.BranchID != w.BranchID || at.ID != w.BranchID:
	case !w.Wish.Fits(s, doctor, loc):
	case len(w.Parts) > 0 && !slices.Contains(w.Parts, PartOf(Clock(minuteOfDay(s.StartsAt, loc)))):
	case w.BookingID != "" && (w.Has == nil || !s.StartsAt.Before(w.Has.Slot.StartsAt)):
	case slices.Contains(w.Before, s.ID):
	default:
		return true
	}
	return false
}

// Reached reports whether a letter is likely to reach them, and not one too many. Whoever it does not reach is called by telephone.
func (w Waiting) Reached() bool { return w.ByMail && !w.Failed && w.Lately < OffersPerDay }

// Takes reports whether they could take the slot as late as an offer made now would last: until then it can be booked online, and their own
// booking can be changed.
func (w Waiting) Takes(s Slot, at Branch, now time.Time) bool {
	last := now.Add(offerGoes + at.Settings.Waiting.Keeps())
	for _, instant := range []time.Time{now, last} {
		if s.CheckBookable(at, Visitor("", ""), instant) != nil {
			return false
		}
		if w.Has != nil && w.Has.CheckMove(s, at, PatientByLink(""), instant) != nil {
			return false
		}
	}
	return s.Audience == Public
}

// First orders those who wait: who came first, and of two who came at one instant always the same one.
func (w Waiting) First(o Waiting) int {
	return cmp.Or(w.CreatedAt.Compare(o.CreatedAt), cmp.Compare(w.ID, o.ID))
}

// NextOffer is the next offer to be made at a branch now: of the free slots the earliest that somebody wishes for, and of them the first in
// line to whom it can be sent. ok is false where there is none, and always in the branch's quiet hours.
func NextOffer(in []Waiting, free []Slot, doctors []Doctor, at Branch, now time.Time) (w Waiting, s Slot, ok bool) {
	if at.Settings.Waiting.Off {
		return w, s, false
	}
	if _, ok := at.Settings.Waiting.GoesUntil(now, at.Location()); !ok {
		return w, s, false
	}
	in = slices.DeleteFunc(slices.Clone(in), func(w Waiting) bool { return w.Status != Waits || !w.Reached() })
	slices.SortFunc(in, Waiting.First)
	free = slices.SortedFunc(slices.Values(free), func(a, b Slot) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.ID, b.ID))
	})
	for _, s := range free {
		doctor := doctorOf(doctors, s.DoctorID)
		for _, w := range in {
			if w.Fits(s, doctor, at) && w.Takes(s, at, now) {
				return w, s, true
			}
		}
	}
	return w, s, false
}

func doctorOf(doctors []Doctor, id string) Doctor {
	i := slices.IndexFunc(doctors, func(d Doctor) bool { return d.ID == id })
	if i < 0 {
		return Doctor{ID: id}
	}
	return doctors[i]
}

// WaitingOver reports whether somebody's wait has ended by itself: their last day is past and nothing is kept for them, or the booking that would
// move can move no more, so that they could not accept what is.
func WaitingOver(w Waiting, at Branch, now time.Time) bool {
	if w.BookingID != "" && (w.Has == nil || w.Has.CheckOwn(now) != nil) {
		return true
	}
	return w.Status == Waits && w.Wish.Last.Before(DateOf(now, at.Location()))
}

// CheckWaits decides whether an actor may get in line: person is how many places of the same telephone number or mail address there are, and
// hour and day how many came from the same client lately.
func CheckWaits(at Branch, actor Actor, person, hour, day int) error {
	switch {
	case at.Settings.Waiting.Off && actor.Kind != ActorStaff:
		return &Error{Code: Conflict, Message: "error.waiting.off"}
	case !actor.Limited():
		return nil
	case person >= MaxWaits:
		return &Error{Code: Conflict, Message: "error.waiting.person"}
	case hour >= waitsPerHour || day >= waitsPerDay:
		return &Error{Code: TooMany, Message: "error.booking.client"}
	}
	return nil
}

// With is the place in line with the offers that were made there, the oldest first.
func (w Waiting) With(offers []Offer, now time.Time) Waiting {
	for _, o := range offers {
		if w.Offer == nil || w.Offer.Outcome != "" { // of what was offered at one instant the live one is the latest
			w.Offer = &o
		}
		w.Before = append(w.Before, o.SlotID)
		if o.Outcome == OfferFailed {
			w.Failed = true
		}
		if o.StaffID == "" && now.Sub(o.OfferedAt) < 24*time.Hour {
			w.Lately++
		}
	}
	return w
}

// FitsOne reports whether one of some slots is what they wish for.
func (w Waiting) FitsOne(slots []Slot, doctors []Doctor, at Branch) bool {
	return slices.ContainsFunc(slots, func(s Slot) bool { return w.Fits(s, doctorOf(doctors, s.DoctorID), at) })
}
