package clinic

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawInstant is an instant around the changeovers of Berlin, or any other of those months.
func drawInstant(t *rapid.T) time.Time {
	around := rapid.SampledFrom([]time.Time{
		time.Date(2027, time.March, 28, 1, 0, 0, 0, time.UTC), time.Date(2026, time.October, 25, 1, 0, 0, 0, time.UTC), time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC),
	}).Draw(t, "around")
	return around.Add(time.Duration(rapid.Int64Range(-36*3600, 36*3600).Draw(t, "seconds")) * time.Second)
}

func drawZone(t *rapid.T) *time.Location {
	loc, err := time.LoadLocation(rapid.SampledFrom([]string{"Asia/Tokyo", "Europe/Berlin"}).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func drawRule(t *rapid.T) WaitingRule {
	clocks := rapid.Custom(func(t *rapid.T) Clock { return Clock(15 * rapid.IntRange(0, 96).Draw(t, "quarter")) })
	return WaitingRule{Minutes: rapid.IntRange(MinOfferMinutes, MaxOfferMinutes).Draw(t, "minutes"), QuietFrom: clocks.Draw(t, "from"), QuietUntil: clocks.Draw(t, "until")}
}

func TestWaitingRule_Quiet(t *testing.T) {
	tokyo := Branch{Zone: "Asia/Tokyo"}.Location()
	night := WaitingRule{QuietFrom: 21 * 60, QuietUntil: 8 * 60}
	for what, c := range map[string]struct {
		rule  WaitingRule
		clock string
		want  bool
	}{
		"the evening":               {night, "20:59", false},
		"it begins":                 {night, "21:00", true},
		"midnight":                  {night, "00:00", true},
		"before it ends":            {night, "07:59", true},
		"it ends":                   {night, "08:00", false},
		"the zero rule at night":    {WaitingRule{}, "03:00", true},
		"the zero rule by day":      {WaitingRule{}, "12:00", false},
		"until midnight, before":    {WaitingRule{QuietFrom: 22 * 60, QuietUntil: dayEnd}, "23:59", true},
		"until midnight, after":     {WaitingRule{QuietFrom: 22 * 60, QuietUntil: dayEnd}, "00:00", false},
		"within a day":              {WaitingRule{QuietFrom: 12 * 60, QuietUntil: 13 * 60}, "12:30", true},
		"within a day, the evening": {WaitingRule{QuietFrom: 12 * 60, QuietUntil: 13 * 60}, "22:30", false},
		"none":                      {WaitingRule{QuietFrom: NoQuiet, QuietUntil: NoQuiet}, "03:00", false},
	} {
		at, _ := ParseClock(c.clock)
		if got := c.rule.Quiet(at.at(Date{2026, time.November, 24}, tokyo), tokyo); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

// TestOffers_NeverAtNight: whenever an offer is made, and however long its letter takes to be sent and to arrive, nobody is written to in the
// quiet hours, also in the night in which clocks are set.
func TestOffers_NeverAtNight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, loc, now := drawRule(t), drawZone(t), drawInstant(t)
		until, ok := rule.GoesUntil(now, loc)
		if rule.Quiet(now, loc) && ok {
			t.Fatalf("offered at %s", now.In(loc))
		}
		if !ok {
			return
		}
		if until.After(now.Add(offerGoes)) || until.Before(now) {
			t.Fatalf("goes until %s", until)
		}
		arrives := now.Add(time.Duration(rapid.Int64Range(0, int64(until.Add(LetterLease).Sub(now))-1).Draw(t, "later")))
		if rule.Quiet(arrives, loc) {
			t.Fatalf("arrives at %s", arrives.In(loc))
		}
	})
}

func TestWaitingRule_AfterQuiet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, loc, now := drawRule(t), drawZone(t), drawInstant(t)
		after := rule.AfterQuiet(now, loc)
		if rule.Quiet(after, loc) || after.Before(now) || !rule.Quiet(now, loc) && !after.Equal(now) {
			t.Fatalf("after %s comes %s", now.In(loc), after.In(loc))
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(after.Sub(now))).Draw(t, "between")))
		if between.Before(after) && !rule.Quiet(between, loc) {
			t.Fatalf("%s was not quiet before %s", between.In(loc), after.In(loc))
		}
	})
}

// TestNextOffer_KeepsTheLine: whom a slot is offered to wishes for it, can take it until the last moment, and nobody before them in line does.
func TestNextOffer_KeepsTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, now := drawZone(t), drawInstant(t)
		at := Branch{ID: "branch", Zone: loc.String(), Settings: BranchSettings{Waiting: drawRule(t), Closes: Deadline{Hours: rapid.IntRange(0, 48).Draw(t, "closes")}}}
		doctors := []Doctor{{ID: "a", Sex: Female}, {ID: "b", Sex: Male}}
		var free []Slot
		for i := range rapid.IntRange(0, 6).Draw(t, "slots") {
			start := now.Add(time.Duration(rapid.IntRange(-5, 96).Draw(t, "hours")) * time.Hour)
			free = append(free, Slot{ID: string(rune('0' + i)), BranchID: "branch", DoctorID: doctors[i%2].ID, StartsAt: start, EndsAt: start.Add(time.Hour), Audience: Public})
		}
		var in []Waiting
		for i := range rapid.IntRange(0, 8).Draw(t, "waiting") {
			w := Waiting{
				ID: string(rune('A' + i)), BranchID: "branch", ByMail: rapid.Bool().Draw(t, "mail"), Status: rapid.SampledFrom([]WaitingStatus{Waits, Waits, WaitOffered}).Draw(t, "status"),
				CreatedAt: now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "came")) * time.Hour),
				Wish:      Wish{First: DateOf(now, loc), Last: DateOf(now, loc).AddDays(rapid.IntRange(0, 5).Draw(t, "days")), At: -1},
				Parts:     rapid.SampledFrom([][]DayPart{nil, {MorningPart}, {AfternoonPart, EveningPart}}).Draw(t, "parts"), Lately: rapid.IntRange(0, OffersPerDay).Draw(t, "lately"),
			}
			if rapid.Bool().Draw(t, "whom") {
				w.Wish.DoctorIDs = []string{"a"}
			}
			for _, s := range free {
				if rapid.IntRange(0, 3).Draw(t, "before") == 0 {
					w.Before = append(w.Before, s.ID)
				}
			}
			in = append(in, w)
		}
		suits := func(w Waiting, s Slot) bool {
			return w.Status == Waits && w.Reached() && w.Fits(s, doctorOf(doctors, s.DoctorID), at) && w.Takes(s, at, now)
		}
		w, s, ok := NextOffer(rapid.Permutation(in).Draw(t, "order"), rapid.Permutation(free).Draw(t, "slot order"), doctors, at, now)
		_, day := at.Settings.Waiting.GoesUntil(now, loc)
		if ok && !day {
			t.Fatal("offered at night")
		}
		if !ok {
			for _, s := range free {
				if day && slices.ContainsFunc(in, func(w Waiting) bool { return suits(w, s) }) {
					t.Fatalf("nobody is offered %+v", s)
				}
			}
			return
		}
		if !suits(w, s) {
			t.Fatalf("%+v is offered %+v", w, s)
		}
		end := now.Add(offerGoes + at.Settings.Waiting.Keeps())
		if !s.StartsAt.After(at.Opens(Visitor("", ""), end)) {
			t.Fatalf("the slot at %s can no longer be booked when the offer ends at %s", s.StartsAt, end)
		}
		for _, o := range in {
			if o.ID != w.ID && suits(o, s) && o.First(w) < 0 {
				t.Fatalf("%s was first, and %s was asked", o.ID, w.ID)
			}
		}
		for _, o := range free {
			if o.StartsAt.Before(s.StartsAt) && slices.ContainsFunc(in, func(w Waiting) bool { return suits(w, o) }) {
				t.Fatalf("an earlier slot was wished for")
			}
		}
	})
}

// Whoever has a booking is offered what is earlier only, and only as long as it may be changed.
func TestWaiting_WithABooking(t *testing.T) {
	now := time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC)
	at := Branch{ID: "branch", Zone: "Asia/Tokyo", Settings: BranchSettings{Waiting: WaitingRule{Minutes: 60}, Changes: Deadline{Hours: 24}}}
	slot := func(id string, hours int) Slot {
		return Slot{ID: id, BranchID: "branch", DoctorID: "a", StartsAt: now.Add(time.Duration(hours) * time.Hour), EndsAt: now.Add(time.Duration(hours+1) * time.Hour), Audience: Public}
	}
	has := Appointment{Booking: Booking{Status: Booked}, Slot: slot("own", 48), Branch: at}
	w := Waiting{ID: "w", BranchID: "branch", BookingID: "b", Has: &has, ByMail: true, Status: Waits, Wish: Wish{First: Date{2026, 11, 24}, Last: Date{2026, 12, 24}, At: -1}}
	for what, c := range map[string]struct {
		s    Slot
		own  int
		want bool
	}{
		"earlier":                            {slot("s", 40), 48, true},
		"later":                              {slot("s", 50), 48, false},
		"its own":                            {slot("own", 48), 48, false},
		"earlier, and it cannot change":      {slot("s", 10), 20, false},
		"earlier, and it soon cannot change": {slot("s", 10), 25, false},
	} {
		has.Slot = slot("own", c.own)
		if _, _, got := NextOffer([]Waiting{w}, []Slot{c.s}, []Doctor{{ID: "a"}}, at, now); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	if has.Slot = slot("own", 20); !WaitingOver(w, at, now) {
		t.Error("somebody waits with a booking that cannot change")
	}
	if has.Slot = slot("own", 48); WaitingOver(w, at, now) || !WaitingOver(w, at, now.AddDate(0, 2, 0)) {
		t.Error("their wait ends at another time than their last day")
	}
	w.Status = WaitOffered
	w.Wish.Last = DateOf(now, at.Location()).AddDays(-1)
	if WaitingOver(w, at, now) {
		t.Error("what was offered on their last day cannot be accepted after it")
	}
	if has.Slot = slot("own", 20); !WaitingOver(w, at, now) {
		t.Error("something is kept for somebody who cannot accept it")
	}
}

// TestOfferOverFor_NeverAtNight: whenever an offer ends, in any zone and with any quiet hours, the letter that says so is due by day and lapses
// early enough for one on its way to arrive before the night.
func TestOfferOverFor_NeverAtNight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := Branch{Zone: rapid.SampledFrom([]string{"Asia/Tokyo", "Europe/Berlin", "Europe/Dublin", "Africa/Casablanca"}).Draw(t, "zone")}
		at.Settings.Waiting.QuietFrom = Clock(rapid.IntRange(18*60, 24*60).Draw(t, "from"))
		at.Settings.Waiting.QuietUntil = Clock(rapid.IntRange(0, 10*60).Draw(t, "until"))
		rule, loc := at.Settings.Waiting, at.Location()
		now := time.Date(2026, time.October, 23, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 4*86400).Draw(t, "seconds")) * time.Second)
		l := OfferOverFor(Settings{}, Waiting{}, Offer{}, Appointment{Branch: at}, "", now)
		switch {
		case !rule.HasQuiet():
			if l.LapsesAt != nil || !l.DueAt.Equal(now) {
				t.Fatalf("without a night it is due %s and lapses %v", l.DueAt, l.LapsesAt)
			}
			return
		case l.DueAt.Before(now) || !l.LapsesAt.After(l.DueAt) || l.LapsesAt.Sub(now) > 48*time.Hour:
			t.Fatalf("at %s it is due %s and lapses %s", now, l.DueAt, l.LapsesAt)
		}
		for at := l.DueAt; at.Before(l.LapsesAt.Add(LetterLease)); at = at.Add(time.Minute) {
			if rule.Quiet(at, loc) {
				t.Fatalf("due %s, until %s: at %s it is night", l.DueAt.In(loc), l.LapsesAt.In(loc), at.In(loc))
			}
		}
	})
}

func TestReadWaiting(t *testing.T) {
	now := time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC)
	at := Branch{ID: "branch", Zone: "Asia/Tokyo"}
	doctors := []Doctor{{ID: "a", Sex: Female}, {ID: "b", Sex: Male}}
	w, parts, errs := ReadWaiting(WaitingInput{DoctorID: "b", Weekdays: []string{"6", "0", "6"}, Parts: []string{"evening"}, Last: "２０２６-12-31"}, doctors, at, Date{}, now)
	if len(errs) > 0 || w.Last != (Date{2026, 12, 31}) || !slices.Equal(w.Weekdays, []time.Weekday{6, 0}) || !slices.Equal(parts, []DayPart{EveningPart}) || !slices.Equal(w.DoctorIDs, []string{"b"}) {
		t.Errorf("%+v %v %v", w, parts, errs)
	}
	if w, _, errs := ReadWaiting(WaitingInput{}, doctors, at, Date{}, now); len(errs) > 0 || w.Last != (Date{2026, 12, 22}) {
		t.Errorf("%+v %v", w, errs)
	}
	for field, in := range map[string]WaitingInput{
		"doctor": {DoctorID: "c"}, "wait-days": {Weekdays: []string{"7"}}, "wait-parts": {Parts: []string{"night"}}, "wait-until": {Last: "2026-11-23"},
	} {
		if _, _, errs := ReadWaiting(in, doctors, at, Date{}, now); len(errs) != 1 || errs.For(field) == nil {
			t.Errorf("%s: %v", field, errs)
		}
	}
	if _, _, errs := ReadWaiting(WaitingInput{DoctorID: "b", Women: true}, doctors, at, Date{}, now); errs.For("doctor") == nil {
		t.Error("a man is waited for among the women")
	}
}

func TestWaitingOfWish(t *testing.T) {
	now := time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC)
	at := Branch{ID: "branch", Zone: "Asia/Tokyo"}
	typed := ParseWish("土曜 15時", Date{2026, 11, 24}, nil)
	w, problem := WaitingOfWish(typed, at, now)
	if problem != nil || w.At != -1 || w.Last != (Date{2026, 12, 22}) {
		t.Fatalf("%+v, %v", w, problem)
	}
	for minute := range 24 * 60 {
		start := (Date{2026, 11, 28}).In(at.Location()).Add(time.Duration(minute) * time.Minute)
		s := Slot{StartsAt: start}
		if w.Fits(s, Doctor{}, at.Location()) != typed.Fits(s, Doctor{}, at.Location()) {
			t.Fatalf("at %s the wish and what is waited for differ", start)
		}
	}
	if _, problem := WaitingOfWish(Wish{At: -1, DoctorIDs: []string{"a", "b"}}, at, now); problem == nil {
		t.Error("two doctors are waited for")
	}
}
