package clinic

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var visitDay = time.Date(2026, time.November, 25, 1, 0, 0, 0, time.UTC) // 10:00 in Tokyo

func visit(status Status) Appointment {
	return Appointment{
		Booking: Booking{ID: "b", Status: status}, Branch: Branch{ID: "here", Zone: DefaultZone},
		Slot: Slot{ID: "s", BranchID: "here", StartsAt: visitDay, EndsAt: visitDay.Add(time.Hour)},
	}
}

var receptionist = StaffActor(Staff{ID: "r", Role: FrontDesk, Active: true, Branches: []string{"here"}})

func TestCheckStep_FollowsTheWalk(t *testing.T) {
	late := visitDay.Add(5 * time.Minute)
	for from, want := range map[Status][]Status{
		Pending: {Booked}, Booked: {Arrived, InProgress, Fulfilled, NoShow}, Arrived: {InProgress, Fulfilled}, InProgress: {Fulfilled},
		NoShow: {Arrived}, Fulfilled: nil, Cancelled: nil,
	} {
		if got := visit(from).Steps(receptionist, late); !slices.Equal(got, want) {
			t.Errorf("from %s to %v, want %v", from, got, want)
		}
		if got := visit(from).Steps(StaffActor(Staff{Role: FrontDesk, Active: true, Branches: []string{"there"}}), late); len(got) > 0 {
			t.Errorf("from %s at another branch to %v", from, got)
		}
	}
	// The day before nothing of a visit is recorded; before its time nobody has failed to come.
	for at, want := range map[time.Duration][]Status{-11 * time.Hour: nil, -time.Minute: {Arrived, InProgress, Fulfilled}, 0: {Arrived, InProgress, Fulfilled, NoShow}} {
		if got := visit(Booked).Steps(receptionist, visitDay.Add(at)); !slices.Equal(got, want) {
			t.Errorf("%v from the beginning: %v, want %v", at, got, want)
		}
	}
	if got := visit(Pending).Steps(receptionist, visitDay.Add(-99*time.Hour)); !slices.Equal(got, []Status{Booked}) {
		t.Errorf("an approval days before: %v", got)
	}
}

// Whatever way a visit goes, the last step can be taken back for ten minutes and then the booking stands where it stood; when the
// patient came is known exactly while they have come.
func TestSteps_AreTakenBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, now := visit(Booked), visitDay.Add(time.Minute)
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			possible := a.Steps(receptionist, now)
			if len(possible) == 0 {
				return
			}
			before := a.Booking
			to := rapid.SampledFrom(possible).Draw(t, "to")
			a.Booking = before.Stepped(to, receptionist, now)
			came := a.Booking.Status == Arrived || a.Booking.Status == InProgress || a.Booking.Status == Fulfilled
			if came != (a.Booking.ArrivedAt != nil) || a.Booking.StatusBy != "r" {
				t.Fatalf("%s: arrived at %v, by %q", to, a.Booking.ArrivedAt, a.Booking.StatusBy)
			}
			later := now.Add(time.Duration(rapid.IntRange(0, 1200).Draw(t, "later")) * time.Second)
			err := a.CheckStepBack(before.Status, now, receptionist, later)
			if (err == nil) != (later.Sub(now) <= UndoFor) {
				t.Fatalf("after %v: %v", later.Sub(now), err)
			}
			if a.CheckStepBack(before.Status, now.Add(time.Microsecond), receptionist, now) == nil {
				t.Fatal("a step of another instant is taken back")
			}
			if err == nil && rapid.Bool().Draw(t, "back") {
				a.Booking = a.Booking.SteppedBack(before.Status, receptionist, later)
				same := a.Booking.ArrivedAt == nil && before.ArrivedAt == nil || a.Booking.ArrivedAt != nil && before.ArrivedAt != nil && a.Booking.ArrivedAt.Equal(*before.ArrivedAt)
				if a.Booking.Status != before.Status || !same {
					t.Fatalf("taken back from %s: %+v, was %+v", to, a.Booking, before)
				}
			}
			now = later.Add(time.Second)
		}
	})
}

func TestNearTimes_PreferTheSameDoctor(t *testing.T) {
	tokyo := Branch{Zone: DefaultZone}.Location()
	old := Slot{ID: "old", DoctorID: "one", StartsAt: visitDay}
	slot := func(id, doctor string, after time.Duration, state SlotState) SlotWithState {
		return SlotWithState{Slot: Slot{ID: id, DoctorID: doctor, StartsAt: visitDay.Add(after)}, State: state}
	}
	near := NearTimes([]SlotWithState{
		slot("old", "one", 0, SlotFree), slot("busy", "one", time.Hour, SlotBusy), slot("other", "two", time.Hour, SlotFree),
		slot("same", "one", 2*time.Hour, SlotFree), slot("far", "one", 90*time.Hour, SlotFree), slot("farther", "one", -200*time.Hour, SlotFree),
	}, old, 3, tokyo)
	var ids []string
	for _, n := range near {
		ids = append(ids, n.Slot.ID)
	}
	if !slices.Equal(ids, []string{"other", "same", "far"}) || near[0].SameDoctor || !near[0].SameDay || !near[1].SameDoctor || near[2].SameDay {
		t.Errorf("near are %v: %+v", ids, near)
	}
}

func TestDaySpan_WithoutTimesIsTheDay(t *testing.T) {
	day, tokyo := Date{2026, time.November, 25}, Branch{Zone: DefaultZone}.Location()
	for typed, want := range map[[2]string][2]string{
		{"", ""}: {"25 00:00", "26 00:00"}, {"10:00", ""}: {"25 10:00", "26 00:00"}, {" １０：００", "13:30"}: {"25 10:00", "25 13:30"},
	} {
		from, until, problem := DaySpan(day, typed[0], typed[1], tokyo)
		const form = "02 15:04"
		if problem != nil || from.In(tokyo).Format(form) != want[0] || until.In(tokyo).Format(form) != want[1] {
			t.Errorf("%q: %v to %v, %v", typed, from, until, problem)
		}
	}
	for _, typed := range [][2]string{{"nine", ""}, {"", "25:00"}, {"13:00", "13:00"}, {"13:00", "12:00"}} {
		if _, _, problem := DaySpan(day, typed[0], typed[1], tokyo); problem == nil || problem.Code != Invalid {
			t.Errorf("%q: %v", typed, problem)
		}
	}
}
