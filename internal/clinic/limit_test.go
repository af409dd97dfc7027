package clinic

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCounted_Check(t *testing.T) {
	at := Branch{Settings: BranchSettings{LiveBookings: 2}}
	visitor, program := Visitor("cookie", "192.0.2.1"), API(APIKey{ID: "key"})
	staff := StaffActor(Staff{Role: FrontDesk, Active: true})
	many := Counted{Person: 99, Hour: 999, Day: 9999}
	for _, c := range []struct {
		n     Counted
		actor Actor
		want  Code
	}{
		{Counted{}, visitor, ""},
		{Counted{Person: 1}, visitor, ""},
		{Counted{Person: 2}, visitor, Conflict},
		{Counted{Person: 2}, program, Conflict},
		{Counted{Hour: ClientBookingsPerHour - 1, Day: ClientBookingsPerDay - 1}, visitor, ""},
		{Counted{Hour: ClientBookingsPerHour}, visitor, TooMany},
		{Counted{Day: ClientBookingsPerDay}, visitor, TooMany},
		{Counted{Hour: ClientBookingsPerHour, Day: ClientBookingsPerDay}, program, ""},
		{Counted{Hour: KeyBookingsPerHour}, program, TooMany},
		{Counted{Day: KeyBookingsPerDay}, program, TooMany},
		{many, staff, ""},
		{many, Job("demo"), ""},
		{many, PatientByLink("token"), Conflict},
	} {
		if got := CodeOf(c.n.Check(at, c.actor)); got != c.want {
			t.Errorf("%+v of %s: %q, want %q", c.n, c.actor, got, c.want)
		}
	}
}

// A run is as long as it must be, has no pause in it that is longer than allowed, and none before or after it; nothing is in two.
func TestRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pauses := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 40).Draw(t, "minutes between")
		var all []Appointment
		now := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
		for i, minutes := range pauses {
			now = now.Add(time.Duration(minutes) * time.Minute)
			all = append(all, Appointment{Booking: Booking{ID: fmt.Sprint(i), CreatedAt: now}})
		}
		position := map[string]int{}
		for i, a := range all {
			position[a.Booking.ID] = i
		}
		near := func(i, j int) bool {
			return i >= 0 && j < len(all) && all[j].Booking.CreatedAt.Sub(all[i].Booking.CreatedAt) <= RunGap
		}
		in := map[string]bool{}
		for _, run := range Runs(slices.Clone(all)) {
			first, last := position[run[0].Booking.ID], position[run[len(run)-1].Booking.ID]
			if len(run) < RunLength || last-first+1 != len(run) || near(first-1, first) || near(last, last+1) {
				t.Fatalf("a run from %d to %d of %v", first, last, pauses)
			}
			for i, a := range run {
				if in[a.Booking.ID] || i > 0 && !near(first+i-1, first+i) {
					t.Fatalf("%s does not belong to the run", a.Booking.ID)
				}
				in[a.Booking.ID] = true
			}
		}
		for i := range all { // who has enough neighbours is in one
			j := i
			for near(j, j+1) {
				j++
			}
			if j-i+1 >= RunLength && !in[all[i].Booking.ID] {
				t.Fatalf("%d is in no run of %v", i, pauses)
			}
		}
	})
}
