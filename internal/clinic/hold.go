package clinic

import (
	"bytes"
	"time"
)

// HoldFor is how long a chosen slot is kept for a visitor: long enough to fill in the form on a phone, short enough that
// an abandoned one does not keep others away.
const HoldFor = 10 * time.Minute

// MaxHoldsPerClient caps the live holds of one network address, so that a bot cannot take the whole calendar. Several
// people behind one address (a company, a mobile carrier) still fit.
const MaxHoldsPerClient = 8

// Hold (仮押さえ) is a slot kept for one visitor for a few minutes. A visitor has one at a time.
type Hold struct {
	Slot      Slot
	ExpiresAt time.Time
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

// Claim is the one row that says who has a slot: a hold with its expiry, or a live booking. SlotID is its key, and a
// booking has one slot.
type Claim struct {
	SlotID     string
	HolderKind HolderKind
	Holder     []byte     // Actor.Holder of a visitor; nil for a booking
	Client     []byte     // blind index of the network address; nil for a booking
	ExpiresAt  *time.Time // nil for a booking
	BookingID  *string    // nil for a hold
}

// CheckHolds decides whether a network address that has so many live holds may have another.
func CheckHolds(live int) error {
	if live >= MaxHoldsPerClient {
		return &Error{Code: TooMany, Message: "error.hold.many"}
	}
	return nil
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
