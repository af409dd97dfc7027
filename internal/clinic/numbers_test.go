package clinic

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// countedWorld is what was told to Numbers.
type countedWorld struct {
	period   Period
	loc      *time.Location
	now      time.Time
	slots    []CountedSlot
	bookings []CountedBooking
	steps    []SourceCount
}

func (w countedWorld) count(order func(int) []int) *Numbers {
	n := NewNumbers(w.period, w.loc, w.now)
	for _, i := range order(len(w.slots)) {
		n.AddSlot(w.slots[i])
	}
	for _, i := range order(len(w.bookings)) {
		n.AddBooking(w.bookings[i])
	}
	for _, i := range order(len(w.steps)) {
		n.AddSteps(w.steps[i].Source, StepSeen, w.steps[i].Seen)
		n.AddSteps(w.steps[i].Source, StepHeld, w.steps[i].Held)
	}
	return n
}

func inOrder(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func drawCounted(t *rapid.T) countedWorld {
	zone := rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "Europe/Berlin"}).Draw(t, "zone")
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	first := Date{2026, time.March, 1}.AddDays(rapid.IntRange(0, 300).Draw(t, "first"))
	w := countedWorld{period: Period{first, first.AddDays(rapid.IntRange(0, MaxPeriodDays-1).Draw(t, "days"))}, loc: loc}
	instant := func(label string) time.Time { // in the period, and at its edges
		return first.In(loc).Add(time.Duration(rapid.IntRange(-3*24, (w.period.Days()+3)*24).Draw(t, label)) * time.Hour)
	}
	w.now = instant("now")
	source := func() Source {
		return Source{rapid.SampledFrom([]string{"", "back", "belly"}).Draw(t, "article"), rapid.SampledFrom([]string{"", "autumn"}).Draw(t, "campaign")}
	}
	for range rapid.IntRange(0, 30).Draw(t, "slots") {
		w.slots = append(w.slots, CountedSlot{rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "doctor"), instant("slot"), rapid.Bool().Draw(t, "taken")})
	}
	statuses := []Status{Pending, Booked, Arrived, InProgress, Fulfilled, NoShow, Cancelled}
	for range rapid.IntRange(0, 30).Draw(t, "bookings") {
		b := CountedBooking{Status: rapid.SampledFrom(statuses).Draw(t, "status"), StartsAt: instant("starts"), Source: source()}
		b.CreatedAt = b.StartsAt.Add(-time.Duration(rapid.IntRange(-30, 900*24).Draw(t, "lead")) * time.Hour)
		if rapid.Bool().Draw(t, "complete") {
			b.Complete = b.StartsAt.Add(time.Duration(rapid.IntRange(-50, 5).Draw(t, "answered")) * time.Hour)
		}
		b.Areas = rapid.SliceOfN(rapid.SampledFrom([]string{"back", "belly", "arm"}), 0, 4).Draw(t, "areas")
		w.bookings = append(w.bookings, b)
	}
	for range rapid.IntRange(0, 10).Draw(t, "steps") {
		w.steps = append(w.steps, SourceCount{Source: source(), Seen: rapid.IntRange(0, 9).Draw(t, "seen"), Held: rapid.IntRange(0, 9).Draw(t, "held")})
	}
	return w
}

// TestNumbers_AgreeWithANaiveCount: every sum is what somebody finds who goes through the whole list for it.
func TestNumbers_AgreeWithANaiveCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawCounted(t)
		n := w.count(inOrder)
		day := func(at time.Time) string { return at.In(w.loc).Format(time.DateOnly) }
		inside := func(at time.Time) bool {
			return day(at) >= w.period.First.String() && day(at) <= w.period.Last.String()
		}
		bookings := func(fits func(CountedBooking) bool) (count int) {
			for _, b := range w.bookings {
				if inside(b.StartsAt) && fits(b) {
					count++
				}
			}
			return count
		}
		slots := func(fits func(CountedSlot) bool) (share Share) {
			for _, s := range w.slots {
				if inside(s.StartsAt) && !s.StartsAt.After(w.now) && fits(s) {
					share.Of++
					if s.Taken {
						share.N++
					}
				}
			}
			return share
		}
		want := func(what string, got, want any) {
			t.Helper()
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, counted by hand %v", what, got, want)
			}
		}
		came := func(b CountedBooking) bool {
			return slices.Contains([]Status{Arrived, InProgress, Fulfilled}, b.Status)
		}
		ready := func(b CountedBooking) bool { return !b.Complete.IsZero() && b.Complete.Compare(b.StartsAt) <= 0 }
		want("bookings", n.Bookings, bookings(func(CountedBooking) bool { return true }))
		want("visits", n.Visits, bookings(came))
		want("no-shows", n.NoShows, bookings(func(b CountedBooking) bool { return b.Status == NoShow }))
		want("cancelled", n.Cancelled, bookings(func(b CountedBooking) bool { return b.Status == Cancelled }))
		want("answered", n.Answered, bookings(ready))
		want("prepared", n.Prepared, bookings(func(b CountedBooking) bool { return came(b) && ready(b) }))
		want("with an area", n.WithArea, bookings(func(b CountedBooking) bool { return len(b.Areas) > 0 }))
		want("fill", n.Fill, slots(func(CountedSlot) bool { return true }))
		for doctor, share := range n.ByDoctor {
			want("fill of "+doctor, share, slots(func(s CountedSlot) bool { return s.DoctorID == doctor }))
		}
		for weekday, hours := range n.ByHour {
			for hour, share := range hours {
				want(fmt.Sprint("fill at ", weekday, hour), share, slots(func(s CountedSlot) bool {
					return int(s.StartsAt.In(w.loc).Weekday()) == weekday && s.StartsAt.In(w.loc).Hour() == hour
				}))
			}
		}
		for area, count := range n.ByArea {
			want(area, count, bookings(func(b CountedBooking) bool { return slices.Contains(b.Areas, area) }))
		}
		for _, week := range n.Weeks {
			within := func(b CountedBooking) bool {
				return day(b.StartsAt) >= week.First.String() && day(b.StartsAt) <= week.Last.String()
			}
			want("bookings of a week", week.Bookings, bookings(within))
			want("visits of a week", week.Visits, bookings(func(b CountedBooking) bool { return within(b) && came(b) }))
			want("no-shows of a week", week.NoShows, bookings(func(b CountedBooking) bool { return within(b) && b.Status == NoShow }))
			want("cancelled of a week", week.Cancelled, bookings(func(b CountedBooking) bool { return within(b) && b.Status == Cancelled }))
		}
		var leads []int
		for _, b := range w.bookings {
			if inside(b.StartsAt) {
				leads = append(leads, max(0, DateOf(b.StartsAt, w.loc).daysFrom(DateOf(b.CreatedAt, w.loc))))
			}
		}
		slices.Sort(leads)
		all := 0
		for _, c := range LeadClasses {
			in := 0
			for _, days := range leads {
				if days >= c.First && (c.Last < 0 || days <= c.Last) {
					in++
				}
			}
			want(fmt.Sprint(c), n.Lead(c), in)
			all += n.Lead(c)
		}
		want("all leads", all, n.Bookings)
		if median, ok := n.MedianLead(); ok != (len(leads) > 0) || ok && median != min(leads[(len(leads)-1)/2], maxLead) {
			t.Errorf("the median is %d of %v", median, leads)
		}
		top, others := n.Sources(2)
		sum := others
		for _, s := range top {
			sum.add(s)
			want("booked from "+s.Article, s.Booked, bookings(func(b CountedBooking) bool { return b.Source == s.Source }))
			want("answered from "+s.Article, s.Answered, bookings(func(b CountedBooking) bool { return b.Source == s.Source && ready(b) }))
			want("visited from "+s.Article, s.Visited, bookings(func(b CountedBooking) bool { return b.Source == s.Source && came(b) }))
			seen, held := 0, 0
			for _, step := range w.steps {
				if step.Source == s.Source {
					seen, held = seen+step.Seen, held+step.Held
				}
			}
			want("seen from "+s.Article, [2]int{s.Seen, s.Held}, [2]int{seen, held})
		}
		want("all sources", sum, n.All)
		want("all that were booked", n.All.Booked, n.Bookings)
	})
}

// TestNumbers_InAnyOrder: it does not matter in which order anything is told.
func TestNumbers_InAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawCounted(t)
		shuffled := w.count(func(n int) []int { return rapid.Permutation(inOrder(n)).Draw(t, "order") })
		if first := w.count(inOrder); !reflect.DeepEqual(first, shuffled) {
			t.Errorf("in one order %+v, in another %+v", first, shuffled)
		}
	})
}

// TestNumbers_SharesAreShares: whatever is told, every share lies between 0 and 1.
func TestNumbers_SharesAreShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawCounted(t).count(inOrder)
		shares := slices.Concat(slices.Collect(maps.Values(n.ByDoctor)), []Share{n.Fill, n.NoShow(), n.Ready(), {n.WithArea, n.Bookings}})
		for _, hours := range n.ByHour {
			shares = append(shares, hours[:]...)
		}
		for _, week := range n.Weeks {
			shares = append(shares, week.NoShow())
		}
		for _, count := range n.ByArea {
			shares = append(shares, Share{count, n.WithArea})
		}
		for _, s := range shares {
			if v := s.Value(); s.N < 0 || v < 0 || v > 1 || !s.Known() && v != 0 {
				t.Errorf("%+v is %v", s, v)
			}
		}
	})
}

// TestNumbers_KnowSoManySources: further sources are counted together, and none is lost.
func TestNumbers_KnowSoManySources(t *testing.T) {
	day := Date{2026, time.November, 24}
	n := NewNumbers(Period{day, day}, time.UTC, day.In(time.UTC))
	for i := range 3 * maxSources {
		n.AddSteps(Source{Article: fmt.Sprint(i)}, StepSeen, 1)
	}
	if len(n.sources) > maxSources+1 || n.All.Seen != 3*maxSources {
		t.Errorf("%d sources, %d steps", len(n.sources), n.All.Seen)
	}
}

// TestPeriod_Before: the period to compare with ends before the other begins, is as long, and has the same days of the week.
func TestPeriod_Before(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := drawDate(t, "first")
		p := Period{first, first.AddDays(rapid.IntRange(0, MaxPeriodDays-1).Draw(t, "days"))}
		b := p.Before()
		if !b.Last.Before(p.First) || b.Days() != p.Days() || b.First.Weekday() != p.First.Weekday() || p.First.daysFrom(b.Last) > 7 {
			t.Errorf("before %v is %v", p, b)
		}
	})
	today := Date{2026, time.November, 27}
	for weeks, first := range map[int]Date{4: {2026, time.November, 2}, 12: {2026, time.September, 7}, 52: {2025, time.December, 1}} {
		if p := LastWeeks(today, weeks); p.First != first || p.Last != today || p.weeks() != weeks {
			t.Errorf("%d weeks: %v", weeks, p)
		}
	}
}

// TestPeriod_Check: days in the wrong order, too many of them, and such that nobody looks at are refused at their field.
func TestPeriod_Check(t *testing.T) {
	today := Date{2026, time.November, 27}
	for _, c := range []struct {
		p     Period
		field string
	}{
		{Period{today, today}, ""},
		{Period{today.AddDays(1 - MaxPeriodDays), today}, ""},
		{Period{today.AddDays(-MaxPeriodDays), today}, "last"},
		{Period{today, today.AddDays(-1)}, "last"},
		{Period{Date{1999, time.May, 1}, today}, "first"},
		{Period{today, Date{2099, time.May, 1}}, "last"},
	} {
		field := ""
		if err := c.p.Check(today); err != nil {
			field = err.Field
		}
		if field != c.field {
			t.Errorf("%v is refused at %q", c.p, field)
		}
	}
}
