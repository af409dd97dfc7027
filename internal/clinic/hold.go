package clinic

import (
	"bytes"
	"slices"
	"time"
)

// HoldFor is how long a chosen slot is kept for a visitor: long enough to fill in the form on a phone, short enough that
// an abandoned one does not keep others away.
const HoldFor = 10 * time.Minute

// Hold (仮押さえ) is a slot kept for one visitor for a few minutes. A visitor has one at a time. It is a courtesy: where there
// are too many, a visitor goes on without one, and the slot is theirs once they book it.
type Hold struct {
	Slot      Slot
	ExpiresAt time.Time // zero where the slot is free and not kept
}

// Kept reports whether the slot is kept for the visitor.
func (h Hold) Kept() bool { return !h.ExpiresAt.IsZero() }

// MaxHoldsPerClient caps the live holds of one network address, so that a bot cannot take the whole calendar. Several
// people behind one address (a company, a mobile carrier) still fit, and whoever comes after them books without a hold.
const MaxHoldsPerClient = 8

// Holds are what decides whether a slot is kept for one more visitor. The visitor's own hold is not among them.
type Holds struct {
	OfClient int // live holds of the visitor's network address
	Free     int // slots of the day that can still be booked, the held ones included
	Held     int // those of them that are held
	Idle     int // those of them that are held by visitors who have typed nothing yet
}

// Allow reports whether a slot is kept for one more visitor. typed says that they have typed something into the form. Those
// who have not may hold no more than a third of a day, and one slot more, so that a day of one or two slots can be held, too. A
// program can say that it has typed, so all visitors together leave about a third of a day for whoever books without a hold.
func (h Holds) Allow(typed bool) bool {
	return h.OfClient < MaxHoldsPerClient && (typed || 3*h.Idle <= h.Free) && 3*h.Held < 2*h.Free
}

// HolderKind says whose a claim is.
type HolderKind string

// The kinds of holders.
const (
	HeldByVisitor HolderKind = "visitor"
	HeldByOffer   HolderKind = "offer" // of the waiting list
	HeldByStaff   HolderKind = "staff" // for a caller
	HeldByBooking HolderKind = "booking"
)

// holds are the kinds of claims that expire.
var holds = []HolderKind{HeldByVisitor, HeldByOffer, HeldByStaff}

// Claim is the one row that says who has a slot: a hold with its expiry, or a live booking. SlotID is its key, and a
// booking has one slot.
type Claim struct {
	SlotID     string
	HolderKind HolderKind
	Holder     []byte     // Actor.Holder of a visitor, or of staff on the telephone; nil for a booking
	StaffID    *string    // who holds it for a caller; nil for any other
	Client     []byte     // blind index of the network address; nil for a booking
	ExpiresAt  *time.Time // nil for a booking
	TypedAt    *time.Time // when the visitor first typed something into the form; nil until then
	BookingID  *string    // nil for a hold
}

// State is what the slot of the claim looks like to a holder at an instant. Without a claim a slot is free.
func (c *Claim) State(holder []byte, now time.Time) SlotState {
	switch {
	case c == nil || !c.Stands(holder, now):
		return SlotFree
	case c.BookingID != nil:
		return SlotBusy
	}
	return SlotHeld
}

// Stands reports whether the claim keeps the slot from a holder at an instant. Nobody's own hold stands in their way.
func (c Claim) Stands(holder []byte, now time.Time) bool {
	if c.BookingID != nil {
		return true
	}
	return c.ExpiresAt.After(now) && (len(holder) == 0 || !bytes.Equal(c.Holder, holder))
}

// HolderFor is by which of their holds an actor takes the slot of the claim: the one of the front desk, or the offer that they accept, where
// that is what the claim is, and otherwise their only one.
func (c *Claim) HolderFor(actor Actor) []byte {
	if c != nil && c.HolderKind == HeldByOffer && actor.Waiting != "" {
		return OfferHolder(actor.Waiting)
	}
	if c != nil && c.HolderKind == HeldByStaff {
		if desk := actor.DeskHolder(c.SlotID); bytes.Equal(desk, c.Holder) {
			return desk
		}
	}
	return actor.Holder()
}

// HeldBy reports whether the claim is the live hold of a holder.
func (c *Claim) HeldBy(holder []byte, now time.Time) bool {
	return c != nil && slices.Contains(holds, c.HolderKind) && len(holder) > 0 && bytes.Equal(c.Holder, holder) && c.ExpiresAt.After(now)
}
