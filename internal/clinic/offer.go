package clinic

import "time"

// OfferOutcome is how an offer has ended.
type OfferOutcome string

// The outcomes of offers; "" while it is live.
const (
	OfferAccepted  OfferOutcome = "accepted"
	OfferDeclined  OfferOutcome = "declined"
	OfferOver      OfferOutcome = "over"      // nobody answered in time
	OfferUnsent    OfferOutcome = "unsent"    // its letter did not go in time
	OfferFailed    OfferOutcome = "failed"    // its letter was refused for good, or came back
	OfferLeft      OfferOutcome = "left"      // they have left the line
	OfferWithdrawn OfferOutcome = "withdrawn" // by staff
)

// Offer (空きのご案内) is a slot that is kept for somebody who waits. It is kept from the moment at which it is offered; how long begins when
// the letter goes, and until then it is kept only as long as a letter needs to go.
type Offer struct {
	ID        string
	WaitingID string
	SlotID    string
	LetterID  string
	StaffID   string // who made it by hand; "" for the worker
	Minutes   int    // for which the slot is kept once the letter has gone
	OfferedAt time.Time
	SentAt    *time.Time
	ExpiresAt time.Time
	EndedAt   *time.Time
	Outcome   OfferOutcome
}

// offerGoes is how long a letter may need to go before its offer ends unsent: mail servers that do not know us put everybody off once, for a
// minute or five.
const offerGoes = 15 * time.Minute

// The fewest and the most minutes for which a slot is kept, and what counts where a branch has decided nothing.
const (
	MinOfferMinutes     = 15
	MaxOfferMinutes     = 24 * 60
	DefaultOfferMinutes = 60

	DefaultQuietFrom  Clock = 21 * 60
	DefaultQuietUntil Clock = 8 * 60
	NoQuiet                 = dayEnd
)

// WaitingRule is what a branch has decided about its waiting list.
type WaitingRule struct {
	Off                   bool
	Minutes               int   // for which a slot is kept for whoever it was offered to; 0 stands for DefaultOfferMinutes
	QuietFrom, QuietUntil Clock // when nobody is written to, over midnight where the first is later; NoQuiet for both is never, and 0 for both the default
}

// Keeps is for how long a slot is kept once the letter has gone.
func (r WaitingRule) Keeps() time.Duration {
	if r.Minutes == 0 {
		return DefaultOfferMinutes * time.Minute
	}
	return time.Duration(r.Minutes) * time.Minute
}

// quiet are the quiet hours that count.
func (r WaitingRule) quiet() (from, until Clock) {
	if r.QuietFrom == 0 && r.QuietUntil == 0 {
		return DefaultQuietFrom, DefaultQuietUntil
	}
	return r.QuietFrom % dayEnd, r.QuietUntil % dayEnd
}

// Quiet reports whether an instant lies in the quiet hours, as the clocks of a zone show it.
func (r WaitingRule) Quiet(now time.Time, loc *time.Location) bool {
	from, until := r.quiet()
	at := Clock(minuteOfDay(now, loc))
	if from <= until {
		return at >= from && at < until
	}
	return at >= from || at < until
}

// HasQuiet reports whether there are quiet hours at all.
func (r WaitingRule) HasQuiet() bool {
	from, until := r.quiet()
	return from != until
}

// GoesUntil is until when the letter of an offer that is made now must have gone: as long as a letter needs, and early enough for one that
// is on its way by then to arrive before the quiet hours. ok is false in the quiet hours and right before them.
func (r WaitingRule) GoesUntil(now time.Time, loc *time.Location) (until time.Time, ok bool) {
	until = now.Add(offerGoes)
	last := until.Add(LetterLease)
	// Minute by minute, because clocks that are set back may show the quiet hours twice.
	for t := now; !t.After(last); t = t.Truncate(time.Minute).Add(time.Minute) {
		if r.Quiet(t, loc) {
			until = t.Add(-LetterLease)
			break
		}
	}
	return until, until.Sub(now) >= offerGoes/5
}

// AfterQuiet is the first instant from now on that is not in the quiet hours.
func (r WaitingRule) AfterQuiet(now time.Time, loc *time.Location) time.Time {
	t := now
	for range 2 * int(dayEnd) {
		if !r.Quiet(t, loc) {
			break
		}
		t = t.Truncate(time.Minute).Add(time.Minute)
	}
	return t
}

// BeforeQuiet is until when what is due at an instant may be sent so that it arrives before the next quiet hours begin; nil where there are none.
func (r WaitingRule) BeforeQuiet(due time.Time, loc *time.Location) *time.Time {
	if !r.HasQuiet() {
		return nil
	}
	t := due
	for range 2 * int(dayEnd) {
		if r.Quiet(t, loc) {
			break
		}
		t = t.Truncate(time.Minute).Add(time.Minute)
	}
	t = t.Add(-LetterLease)
	return &t
}

// checkWaitingRule names the fields that are wrong.
func checkWaitingRule(errs Errors, r WaitingRule) (WaitingRule, Errors) {
	if r.Minutes == 0 {
		r.Minutes = DefaultOfferMinutes
	}
	if r.Minutes < MinOfferMinutes || r.Minutes > MaxOfferMinutes {
		errs = append(errs, invalid("offer_minutes", "error.branch.offer_minutes"))
	}
	if r.QuietFrom == 0 && r.QuietUntil == 0 {
		r.QuietFrom, r.QuietUntil = DefaultQuietFrom, DefaultQuietUntil
	}
	if r.QuietFrom < 0 || r.QuietFrom > dayEnd {
		errs = append(errs, invalid("quiet_from", "error.clock"))
	}
	if r.QuietUntil < 0 || r.QuietUntil > dayEnd {
		errs = append(errs, invalid("quiet_until", "error.clock"))
	}
	return r, errs
}

// NewOffer is the offer of a slot by an actor, whose letter must have gone by an instant.
func NewOffer(w Waiting, s Slot, at Branch, actor Actor, goesUntil, now time.Time) Offer {
	o := Offer{
		ID: NewIDAt(now), WaitingID: w.ID, SlotID: s.ID, Minutes: int(at.Settings.Waiting.Keeps() / time.Minute), OfferedAt: now, ExpiresAt: goesUntil,
	}
	if actor.Kind == ActorStaff {
		o.StaffID = actor.Staff.ID
	}
	return o
}

// HandGoesUntil is until when the letter of an offer that staff make by hand must have gone. They may make one in the quiet hours.
func HandGoesUntil(now time.Time) time.Time { return now.Add(offerGoes) }

// Sent is the offer once its letter has gone: from now on the time runs.
func (o Offer) Sent(now time.Time) Offer {
	o.SentAt, o.ExpiresAt = &now, now.Add(time.Duration(o.Minutes)*time.Minute)
	return o
}

// Live reports whether the slot is still kept.
func (o *Offer) Live(now time.Time) bool {
	return o != nil && o.Outcome == "" && now.Before(o.ExpiresAt)
}

// Ending is the outcome of an offer that was not answered, once it has expired.
func (o Offer) Ending() OfferOutcome {
	if o.SentAt == nil {
		return OfferUnsent
	}
	return OfferOver
}

// Tells reports whether somebody is told of an offer that has ended so: only those who had it and let it pass. Whoever has answered knows.
func (o OfferOutcome) Tells() bool { return o == OfferOver || o == OfferWithdrawn }

// OfferOverError is the answer to whoever accepts, or declines, an offer that has ended.
func OfferOverError() error { return &Error{Code: Conflict, Message: "error.waiting.over"} }

// IsOfferOver reports OfferOverError.
func IsOfferOver(err *Error) bool { return err != nil && err.Message == "error.waiting.over" }

// CheckOfferByHand decides whether staff may offer a slot, which is at a branch, to somebody who waits there.
func CheckOfferByHand(w Waiting, s Slot, at Branch, actor Actor, now time.Time) error {
	switch {
	case !actor.May(ChangeBooking, at.ID) || s.BranchID != w.BranchID:
		return UnknownSlotError()
	case w.Status == WaitOffered:
		return &Error{Code: Conflict, Message: "error.waiting.offered"}
	case w.Status != Waits:
		return &Error{Code: Conflict, Message: "error.waiting.ended"}
	case !w.ByMail:
		return &Error{Code: Conflict, Message: "error.waiting.nomail"}
	case !now.Add(offerGoes).Before(s.StartsAt):
		return &Error{Code: Conflict, Field: "slot", Message: "error.waiting.soon"}
	}
	if w.Has != nil {
		return w.Has.CheckMove(s, at, PatientByLink(""), now.Add(offerGoes))
	}
	return nil
}
