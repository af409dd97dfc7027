package clinic

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// layingWorld is a branch with hours and exceptions, and the slots that were laid in it so far.
type layingWorld struct {
	loc        *time.Location
	days       Horizon
	now        time.Time
	hours      []OpeningHours
	exceptions []Exception
	holidays   map[Date]bool
	known      []KnownSlot
	ids        int
}

func (w *layingWorld) lay() Laying {
	return Lay(w.days, w.hours, w.exceptions, func(d Date) bool { return w.holidays[d] }, w.known, w.loc, w.now)
}

// apply does what the job does with a laying.
func (w *layingWorld) apply(l Laying) {
	for _, c := range l.Close {
		i := slices.IndexFunc(w.known, func(k KnownSlot) bool { return k.ID == c.ID })
		w.known[i].ClosedAt = &w.now
	}
	for _, s := range l.Add {
		w.ids++
		s.ID = fmt.Sprint(w.ids)
		w.known = append(w.known, KnownSlot{Slot: s})
	}
}

func drawPattern(t *rapid.T) Pattern {
	from := rapid.IntRange(0, 92).Draw(t, "from") * 15
	return Pattern{
		From: Clock(from), Until: Clock(rapid.IntRange(from/15+1, 96).Draw(t, "until") * 15), Minutes: rapid.SampledFrom([]int{15, 30, 50, 60}).Draw(t, "minutes"),
		Pause: rapid.SampledFrom([]int{0, 0, 10}).Draw(t, "pause"), Room: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "room"),
		Audience: rapid.SampledFrom([]Audience{Public, StaffOnly}).Draw(t, "audience"),
	}
}

// Whatever hours and exceptions are drawn and changed, whatever is booked, made or closed by hand meanwhile: no doctor and no room
// has two open slots at once, no taken slot is closed, what was closed by hand stays closed, every open slot of the hours is one
// that they ask for or waits for a person, and laying twice changes nothing. Berlin and New York change their clocks on these days.
func TestLay_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Asia/Tokyo", "Europe/Berlin", "America/New_York"}).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		first := rapid.SampledFrom([]Date{{2026, time.October, 22}, {2026, time.October, 29}, {2026, time.March, 5}, {2026, time.March, 26}, {2026, time.May, 1}}).Draw(t, "first")
		w := &layingWorld{loc: loc, days: Horizon{first, first.AddDays(9)}, now: first.In(loc).Add(-time.Hour), holidays: map[Date]bool{}}
		doctors := []string{"a", "b"}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"hours", "hours", "exception", "holiday", "drop", "book", "close", "hand", "later"}).Draw(t, "step") {
			case "hours":
				w.hours = append(w.hours, OpeningHours{
					BranchID: "branch", DoctorID: rapid.SampledFrom(doctors).Draw(t, "doctor"), Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
					Pattern: drawPattern(t), ValidFrom: first.AddDays(rapid.IntRange(-3, 5).Draw(t, "valid")),
				})
			case "exception":
				at := first.AddDays(rapid.IntRange(0, 9).Draw(t, "day"))
				w.exceptions = append(w.exceptions, Exception{
					BranchID: "branch", DoctorID: rapid.SampledFrom(doctors).Draw(t, "doctor"), Kind: rapid.SampledFrom([]ExceptionKind{ClinicClosed, DoctorAway, ExtraHours}).Draw(t, "kind"),
					First: at, Last: at.AddDays(rapid.IntRange(0, 3).Draw(t, "length")), Pattern: drawPattern(t),
				})
			case "holiday":
				w.holidays[first.AddDays(rapid.IntRange(0, 9).Draw(t, "day"))] = true
			case "drop":
				if len(w.hours) > 0 {
					w.hours = w.hours[1:]
				}
			case "later":
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			case "hand":
				s := Slot{BranchID: "branch", DoctorID: rapid.SampledFrom(doctors).Draw(t, "doctor"), Origin: ByHand, Audience: Public, StartsAt: first.In(loc).Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "at")) * time.Hour)}
				s.EndsAt = s.StartsAt.Add(time.Hour)
				if !slices.ContainsFunc(w.known, func(k KnownSlot) bool { return k.ClosedAt == nil && k.collides(s) }) {
					w.ids++
					s.ID = fmt.Sprint(w.ids)
					w.known = append(w.known, KnownSlot{Slot: s})
				}
			case "book", "close":
				if len(w.known) > 0 {
					k := &w.known[rapid.IntRange(0, len(w.known)-1).Draw(t, "slot")]
					if k.ClosedAt == nil && !k.Taken {
						if rapid.Bool().Draw(t, "book") {
							k.Taken = true
						} else {
							k.ClosedAt, k.ClosedByHand = &w.now, true
						}
					}
				}
			}
			before := slices.Clone(w.known)
			l := w.lay()
			for _, c := range l.Close {
				if c.Taken || c.Origin != FromHours || !c.StartsAt.After(w.now) {
					t.Fatalf("%+v is closed", c)
				}
			}
			w.apply(l)
			w.check(t, before)
			if again := w.lay(); len(again.Add) > 0 || len(again.Close) > 0 {
				t.Fatalf("laid twice, %d appear and %d disappear", len(again.Add), len(again.Close))
			}
		}
	})
}

func (w *layingWorld) check(t *rapid.T, before []KnownSlot) {
	for i, a := range w.known {
		if a.ClosedAt != nil {
			continue
		}
		for _, b := range w.known[:i] {
			if b.ClosedAt == nil && a.collides(b.Slot) {
				t.Fatalf("%+v and %+v are both open", a, b)
			}
		}
		if a.Origin != FromHours || !a.StartsAt.After(w.now) || a.Taken {
			continue
		}
		day := DateOf(a.StartsAt, w.loc)
		if !slices.ContainsFunc(slotsOf(day, w.hours, w.exceptions, w.holidays[day], w.loc), func(s Slot) bool { return keyOf(s) == keyOf(a.Slot) }) {
			t.Fatalf("%+v is open, and nothing asks for it", a)
		}
	}
	for i, k := range before {
		now := w.known[i]
		if k.Taken && (now.ClosedAt != nil || now.Slot != k.Slot) {
			t.Fatalf("the taken slot %+v became %+v", k, now)
		}
		if k.ClosedByHand && slices.ContainsFunc(w.known, func(o KnownSlot) bool {
			return o.ClosedAt == nil && o.Origin == FromHours && !o.Taken && o.StartsAt.After(w.now) && o.DoctorID == k.DoctorID && o.overlaps(k.Slot)
		}) {
			t.Fatalf("%+v was closed by hand and is open again", k)
		}
	}
}

// Series and holidays, by the calendar of 2026.
func TestException_On(t *testing.T) {
	third := Exception{First: Date{2026, time.January, 1}, Last: Date{2026, time.December, 31}, Nth: 3, Weekday: time.Thursday}
	last := third
	last.Nth = -1
	for _, c := range []struct {
		e    Exception
		day  Date
		want bool
	}{
		{third, Date{2026, time.November, 19}, true},
		{third, Date{2026, time.November, 26}, false},
		{third, Date{2026, time.November, 12}, false},
		{third, Date{2026, time.October, 15}, true},
		{third, Date{2027, time.January, 21}, false},
		{last, Date{2026, time.November, 26}, true},
		{last, Date{2026, time.December, 31}, true},
		{last, Date{2026, time.November, 19}, false},
		{Exception{First: Date{2026, time.December, 29}, Last: Date{2027, time.January, 3}}, Date{2027, time.January, 1}, true},
	} {
		if got := c.e.on(c.day); got != c.want {
			t.Errorf("%+v on %s: %v", c.e, c.day, got)
		}
	}
}
