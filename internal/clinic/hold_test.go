package clinic

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestHolds_Allow(t *testing.T) {
	for _, c := range []struct {
		what  string
		holds Holds
		typed bool
		want  bool
	}{
		{"nobody else", Holds{Free: 12}, false, true},
		{"the one slot of a day", Holds{Free: 1}, false, true},
		{"the other slot of a day", Holds{Free: 2, Idle: 1}, false, false},
		{"a third of the day", Holds{Free: 12, Idle: 4}, false, true},
		{"over a third of the day", Holds{Free: 12, Idle: 5}, false, false},
		{"over a third, for who has typed", Holds{Free: 12, Held: 5, Idle: 5}, true, true},
		{"two thirds, for who has typed", Holds{Free: 12, Held: 8}, true, false},
		{"the other slot of a day, for who has typed", Holds{Free: 2, Held: 1}, true, true},
		{"the eighth of an address", Holds{OfClient: 7, Free: 100}, false, true},
		{"the ninth of an address", Holds{OfClient: 8, Free: 100}, false, false},
		{"the ninth of an address, for who has typed", Holds{OfClient: 8, Free: 100}, true, false},
	} {
		if got := c.holds.Allow(c.typed); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// However many come and say that they have typed, they leave a third of a day, less one slot, for others.
func TestHolds_LeaveSomeOfADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.IntRange(1, 200).Draw(t, "free")
		held := 0
		for range free {
			if (Holds{Free: free, Held: held}).Allow(true) {
				held++
			}
		}
		if held == 0 || held > (2*free+2)/3 {
			t.Fatalf("%d of %d slots are held", held, free)
		}
	})
}

// However many come, idle visitors keep two thirds of a day, less one slot, for others.
func TestHolds_LeaveMostOfADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.IntRange(1, 200).Draw(t, "free")
		idle := 0
		for range free {
			if (Holds{Free: free, Idle: idle}).Allow(false) {
				idle++
			}
		}
		if idle == 0 || idle > free/3+1 {
			t.Fatalf("%d of %d slots are held by visitors who typed nothing", idle, free)
		}
	})
}

func TestClaim_HeldBy(t *testing.T) {
	now := time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC)
	until, id := now.Add(time.Minute), "booking"
	me, you := []byte("me"), []byte("you")
	held := &Claim{HolderKind: HeldByVisitor, Holder: me, ExpiresAt: &until}
	for what, c := range map[string]struct {
		claim  *Claim
		holder []byte
		at     time.Time
		want   bool
	}{
		"mine":        {held, me, now, true},
		"another's":   {held, you, now, false},
		"expired":     {held, me, until, false},
		"none":        {nil, me, now, false},
		"a booking":   {&Claim{HolderKind: HeldByBooking, BookingID: &id}, nil, now, false},
		"of an offer": {&Claim{HolderKind: HeldByOffer, Holder: me, ExpiresAt: &until}, me, now, true},
	} {
		if got := c.claim.HeldBy(c.holder, c.at); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
