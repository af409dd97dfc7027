package clinic

import "time"

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

// Claim is the one row that says who has a slot: a hold with its expiry, or a live booking. SlotID is its key.
type Claim struct {
	SlotID    string
	Visitor   []byte     // TokenHash of the visitor's cookie; nil for a booking
	Client    []byte     // keyed term of the network address; nil for a booking
	ExpiresAt *time.Time // nil for a booking
	BookingID *string    // nil for a hold
}

// Stands reports whether the claim keeps the slot from somebody else at an instant.
func (c Claim) Stands(visitor []byte, now time.Time) bool {
	if c.BookingID != nil {
		return true
	}
	return c.ExpiresAt.After(now) && string(c.Visitor) != string(visitor)
}
