package clinic

import (
	"errors"
	"slices"
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
		hold := &Claim{SlotID: "slot", Holder: owner, ExpiresAt: &expires}
		if got, want := hold.Stands(visitor, now), now.Before(expires) && string(owner) != string(visitor); got != want {
			t.Fatalf("a hold until %v stands at %v: %t, want %t", expires, now, got, want)
		}
		if got, want := hold.State(visitor, now), map[bool]SlotState{true: SlotHeld, false: SlotFree}[hold.Stands(visitor, now)]; got != want {
			t.Fatalf("its slot is %s, want %s", got, want)
		}
		if got, want := hold.Stands(nil, now), now.Before(expires); got != want {
			t.Fatalf("against somebody without a hold it stands: %t, want %t", got, want)
		}
		booking := "booking"
		booked := &Claim{SlotID: "slot", BookingID: &booking}
		if !booked.Stands(visitor, now) || booked.State(visitor, now) != SlotBusy {
			t.Fatal("a booking does not stand")
		}
		if got := (*Claim)(nil).State(visitor, now); got != SlotFree {
			t.Fatalf("without a claim the slot is %s", got)
		}
	})
}

// A slot that is offered to them and has not begun may be taken by whom no claim keeps it from, and by nobody else.
func TestCheckTake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, expires := around(t, "now"), around(t, "expires")
		start := around(t, "start")
		slot := Slot{ID: "slot", StartsAt: start, EndsAt: start.Add(time.Hour), Audience: rapid.SampledFrom([]Audience{Public, StaffOnly}).Draw(t, "audience")}
		if rapid.Bool().Draw(t, "closed") {
			slot.ClosedAt = &now
		}
		actor := rapid.SampledFrom([]Actor{
			Visitor("me", ""), Visitor("you", ""), API(APIKey{}), StaffActor(Staff{}), StaffActor(Staff{Role: FrontDesk, Active: true, Branches: []string{tokyo.ID}}), Job("test"),
		}).Draw(t, "actor")
		booking := "another"
		claim := rapid.SampledFrom([]*Claim{
			nil,
			{SlotID: "slot", BookingID: &booking},
			{SlotID: "slot", Holder: TokenHash("me"), ExpiresAt: &expires},
			{SlotID: "slot", Holder: TokenHash("you"), ExpiresAt: &expires},
		}).Draw(t, "claim")
		err := slot.CheckTake(tokyo, claim, actor, now)
		switch {
		case slot.ClosedAt != nil || slot.Audience == StaffOnly && actor.Kind != ActorStaff && actor.Kind != ActorJob,
			actor.Kind == ActorStaff && !actor.May(ChangeBooking, tokyo.ID):
			if CodeOf(err) != Invalid {
				t.Fatalf("a slot that is not offered: %v", err)
			}
		case !now.Before(start):
			if CodeOf(err) != SlotPast {
				t.Fatalf("a slot that has begun: %v", err)
			}
		case claim != nil && claim.Stands(actor.Holder(), now):
			if CodeOf(err) != SlotTaken {
				t.Fatalf("a slot that is claimed: %v", err)
			}
		case err != nil:
			t.Fatalf("a free slot: %v", err)
		}
	})
}

func TestNewBooking_DecidesNothing(t *testing.T) {
	r := Request{SlotID: "slot", Lang: "en", Details: Details{Attribution: Attribution{Area: "back"}}}
	a, b := NewBooking(r, API(APIKey{}), NewReference(), noon), NewBooking(r, API(APIKey{}), NewReference(), noon)
	if a.Status != Booked || a.SlotID != "slot" || a.Lang != "en" || a.Details.Attribution != r.Details.Attribution || !a.CreatedAt.Equal(noon) {
		t.Errorf("got %+v", a)
	}
	if a.ID == b.ID || a.PatientID == b.PatientID || a.Reference == b.Reference || a.ID == a.PatientID {
		t.Errorf("two bookings share an id: %+v, %+v", a, b)
	}
	if a.Channel != ByAPI || a.CancelledAt != nil {
		t.Errorf("without a slot it says more than was asked: %+v", a)
	}
}

func TestCheckCancel_BeforeThePatientArrives(t *testing.T) {
	for status, want := range map[Status]bool{Pending: true, Booked: true, Arrived: false, Fulfilled: false, NoShow: false, Cancelled: false, "": false} {
		a := Appointment{Booking: Booking{ID: "booking", Status: status, Sequence: 3}, Branch: Branch{ID: "here"}}
		err := a.CheckCancel(Job("test"))
		if (err == nil) != want || err != nil && CodeOf(err) != Conflict {
			t.Errorf("%q: %v, want it to be possible: %t", status, err, want)
		}
		got := a.Booking.Cancelled(Job("test"), noon)
		if got.Status != Cancelled || got.Status.Live() || !got.CancelledAt.Equal(noon) || got.CancelledBy != ActorJob || got.Sequence != 4 {
			t.Errorf("%q became %+v", status, got)
		}
		if status.Live() == (status == Cancelled) {
			t.Errorf("%q: live %t", status, status.Live())
		}
	}
}

// Bookings are cancelled by staff of their branch whose role allows it, and by nobody else.
func TestCheckCancel_AsksWho(t *testing.T) {
	here := Appointment{Booking: Booking{Status: Booked}, Branch: Branch{ID: "here"}}
	staff := func(role Role, every bool, branches ...string) Actor {
		return StaffActor(Staff{Role: role, Active: true, EveryBranch: every, Branches: branches})
	}
	for _, c := range []struct {
		actor Actor
		want  bool
	}{
		{staff(Admin, true), true},
		{staff(FrontDesk, true), true},
		{staff(FrontDesk, false, "there", "here"), true},
		{staff(FrontDesk, false, "there"), false},
		{staff(Admin, false), false},
		{staff(DoctorRole, true), false},
		{StaffActor(Staff{Role: Admin, EveryBranch: true}), false}, // not active
		{Job("test"), true},
		{Visitor("me", ""), false},
		{PatientByLink("token"), false},
		{API(APIKey{}), false},
	} {
		err := here.CheckCancel(c.actor)
		if (err == nil) != c.want || err != nil && CodeOf(err) != Forbidden {
			t.Errorf("%v: %v, want it to be possible: %t", c.actor, err, c.want)
		}
		branches, every := c.actor.BranchesFor(ChangeBooking)
		if got := every || slices.Contains(branches, "here"); got != c.want {
			t.Errorf("%v: a query is for %q (every: %t), want this branch: %t", c.actor, branches, every, c.want)
		}
	}
}

// Whatever stands in a link, what is kept of it is a code of ours.
func TestCleanAttribution(t *testing.T) {
	areas := []string{"back", "thigh_b"}
	rapid.Check(t, func(t *rapid.T) {
		s := Attribution{Area: rapid.String().Draw(t, "area"), Article: rapid.String().Draw(t, "article"), Campaign: rapid.StringMatching(`[a-zA-Z0-9._-]{0,80}`).Draw(t, "campaign")}
		got := CleanAttribution(s, areas)
		if got.Area != "" && got.Area != "back" && got.Area != "thigh_b" {
			t.Fatalf("area %q", got.Area)
		}
		for _, code := range []string{got.Article, got.Campaign} {
			if len(code) > maxCode || strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
				t.Fatalf("kept %q", code)
			}
		}
		if len(s.Campaign) <= maxCode && got.Campaign != s.Campaign {
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

// Answers are open until the counseling begins: as it is recorded or, where nobody records it, at its time. Whoever is known to sit in
// the waiting room goes on there, at the longest until the time is over.
func TestCheckAnswers_UntilTheCounselingBegins(t *testing.T) {
	end := time.Date(2026, time.November, 24, 6, 0, 0, 0, time.UTC)
	a := Appointment{Slot: Slot{StartsAt: end.Add(-time.Hour), EndsAt: end}}
	for _, status := range []Status{Pending, Booked, Arrived, InProgress, Fulfilled, NoShow, Cancelled} {
		a.Booking.Status = status
		for offset, told := range map[time.Duration]string{
			-48 * time.Hour: "", -time.Hour - time.Nanosecond: "", -time.Hour: "error.intake.begun", -time.Nanosecond: "error.intake.begun", 0: "error.intake.over", time.Hour: "error.intake.over",
		} {
			switch {
			case status == Cancelled:
				told = "error.intake.cancelled"
			case offset >= 0:
			case status == Arrived:
				told = ""
			case status == InProgress || status == Fulfilled || status == NoShow:
				told = "error.intake.begun"
			}
			err := a.CheckAnswers(end.Add(offset))
			var refusal *Error
			if errors.As(err, &refusal) != (told != "") || refusal != nil && (refusal.Message != told || refusal.Code != Conflict) {
				t.Errorf("%s, %v from the end: %v, want %q", status, offset, err, told)
			}
		}
	}
}
