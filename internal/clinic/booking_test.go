package clinic

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

// around draws an instant up to two days before or after noon, often exactly noon or a nanosecond off.
func around(t *rapid.T, name string) time.Time {
	near := rapid.SampledFrom([]time.Duration{0, 1, -1})
	far := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(-int64(48*time.Hour), int64(48*time.Hour)).Draw(t, "far"))
	})
	return noon.Add(rapid.OneOf(near, far).Draw(t, name))
}

func hash() *rapid.Generator[[]byte] {
	return rapid.SampledFrom([][]byte{TokenHash("me"), TokenHash("you")})
}

// Of two claims on a slot, one stands: a booking always, a hold until it expires and only against others.
func TestClaim_Stands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expires, now := around(t, "expires"), around(t, "now")
		owner, visitor := hash().Draw(t, "owner"), hash().Draw(t, "visitor")
		hold := Claim{SlotID: "slot", Visitor: owner, ExpiresAt: &expires}
		if got, want := hold.Stands(visitor, now), now.Before(expires) && string(owner) != string(visitor); got != want {
			t.Fatalf("a hold until %v stands at %v: %t, want %t", expires, now, got, want)
		}
		if got, want := hold.Stands(nil, now), now.Before(expires); got != want {
			t.Fatalf("against somebody without a hold it stands: %t, want %t", got, want)
		}
		booking := "booking"
		if !(Claim{SlotID: "slot", BookingID: &booking}).Stands(visitor, now) {
			t.Fatal("a booking does not stand")
		}
	})
}

// Take gives a slot that has not begun to whom no claim keeps it from, and to nobody else.
func TestTake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, expires := around(t, "now"), around(t, "expires")
		start := around(t, "start")
		slot := Slot{ID: "slot", StartsAt: start, EndsAt: start.Add(time.Hour)}
		visitor := hash().Draw(t, "visitor")
		booking := "another"
		claim := rapid.SampledFrom([]*Claim{
			nil,
			{SlotID: "slot", BookingID: &booking},
			{SlotID: "slot", Visitor: TokenHash("me"), ExpiresAt: &expires},
			{SlotID: "slot", Visitor: TokenHash("you"), ExpiresAt: &expires},
		}).Draw(t, "claim")
		got, err := NewBooking(Request{SlotID: "slot"}, now).Take(slot, tokyo, claim, visitor, now)
		switch {
		case !now.Before(start):
			if CodeOf(err) != SlotPast {
				t.Fatalf("a slot that has begun: %v", err)
			}
		case claim != nil && claim.Stands(visitor, now):
			if CodeOf(err) != SlotTaken {
				t.Fatalf("a slot that is claimed: %v", err)
			}
		case err != nil:
			t.Fatalf("a free slot: %v", err)
		case !got.TokenExpiresAt.Equal(slot.EndsAt.Add(tokenLife)) || !got.TokenExpiresAt.After(now):
			t.Fatalf("the link opens until %v", got.TokenExpiresAt)
		}
	})
}

func TestNewBooking_DecidesNothing(t *testing.T) {
	r := Request{SlotID: "slot", Lang: "en", Details: Details{Attribution: Attribution{Area: "back"}}}
	a, b := NewBooking(r, noon), NewBooking(r, noon)
	if a.Status != Booked || a.SlotID != "slot" || a.Lang != "en" || a.Details.Attribution != r.Details.Attribution || !a.CreatedAt.Equal(noon) {
		t.Errorf("got %+v", a)
	}
	if a.ID == b.ID || a.PatientID == b.PatientID || a.Reference == b.Reference || a.ID == a.PatientID {
		t.Errorf("two bookings share an id: %+v, %+v", a, b)
	}
	if !a.TokenExpiresAt.IsZero() || a.CancelledAt != nil {
		t.Errorf("without a slot it says more than was asked: %+v", a)
	}
}

func TestCancel_EndsWhatHasNotBegun(t *testing.T) {
	for status, want := range map[Status]bool{Pending: true, Booked: true, Arrived: false, Fulfilled: false, NoShow: false, Cancelled: false, "": false} {
		b := Booking{ID: "booking", Status: status}
		got, err := b.Cancel(noon)
		if b.CanCancel() != want || (err == nil) != want {
			t.Errorf("%q: CanCancel %t, Cancel %v, want %t", status, b.CanCancel(), err, want)
		}
		if want && (got.Status != Cancelled || got.Status.Live() || got.CancelledAt == nil || !got.CancelledAt.Equal(noon)) {
			t.Errorf("%q became %+v", status, got)
		}
		if !want && (CodeOf(err) != Conflict || got.Status != status || got.CancelledAt != nil) {
			t.Errorf("%q, refused, became %+v with %v", status, got, err)
		}
		if status.Live() == (status == Cancelled) {
			t.Errorf("%q: live %t", status, status.Live())
		}
	}
}

// Whatever stands in a link, what is kept of it is a code of ours.
func TestCleanSource(t *testing.T) {
	areas := []string{"back", "thigh_b"}
	rapid.Check(t, func(t *rapid.T) {
		s := Attribution{Area: rapid.String().Draw(t, "area"), Article: rapid.String().Draw(t, "article"), Campaign: rapid.StringMatching(`[a-zA-Z0-9._-]{0,80}`).Draw(t, "campaign")}
		got := CleanAttribution(s, areas)
		if got.Area != "" && got.Area != "back" && got.Area != "thigh_b" {
			t.Fatalf("area %q", got.Area)
		}
		for _, code := range []string{got.Article, got.Campaign} {
			if len(code) > maxSource || strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
				t.Fatalf("kept %q", code)
			}
		}
		if len(s.Campaign) <= maxSource && got.Campaign != s.Campaign {
			t.Fatalf("lost %q", s.Campaign)
		}
		if again := CleanAttribution(got, areas); again != got {
			t.Fatalf("cleaned twice: %+v, then %+v", got, again)
		}
	})
	if got := CleanAttribution(Attribution{Area: "back", Article: "back-fat", Campaign: "2026.autumn"}, areas); got != (Attribution{"back", "back-fat", "2026.autumn"}) {
		t.Errorf("got %+v", got)
	}
	if got := CleanAttribution(Attribution{Area: "back"}, nil); got != (Attribution{}) {
		t.Errorf("an area that nobody knows: %+v", got)
	}
}
