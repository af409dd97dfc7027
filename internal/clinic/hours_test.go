package clinic

import (
	"fmt"
	"slices"
	"strings"
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
	open       bool   // on holidays
	differ     []Date // of the holidays
	only       string // the doctor whose slots are laid; "" for all
}

func (w *layingWorld) plan() Plan {
	branch := Branch{ID: "branch", Zone: w.loc.String(), Settings: BranchSettings{Holidays: HolidayRule{Open: w.open, Differ: DatesOf(w.differ...)}}}
	return Plan{Branch: branch, Days: w.days, Hours: w.hours, Exceptions: w.exceptions, Holiday: func(d Date) bool { return w.holidays[d] }, DoctorID: w.only}
}

func (w *layingWorld) lay() Laying { return Lay(w.plan(), w.known, w.now) }

// apply does what the job does with a laying.
func (w *layingWorld) apply(l Laying) {
	at := func(id string) *KnownSlot {
		return &w.known[slices.IndexFunc(w.known, func(k KnownSlot) bool { return k.ID == id })]
	}
	for _, c := range l.Close {
		at(c.ID).ClosedAt = &w.now
	}
	for _, c := range l.Change {
		*at(c.ID) = c
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

// Whatever hours and exceptions are drawn and changed, whatever is booked, held, kept, made or closed by hand meanwhile: no doctor and
// no room has two open slots at once, no booked slot is closed or moved, what was closed by hand stays closed, every open slot of the
// hours is one that they ask for, is held, or waits for a person and then is for staff only, and laying twice changes nothing. Berlin and New
// York change their clocks on these days.
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
		for range rapid.IntRange(1, 24).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"hours", "hours", "exception", "holiday", "drop", "change", "book", "book", "hold", "keep", "close", "hand", "later", "rule", "only"}).Draw(t, "step") {
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
			case "change":
				if len(w.hours) > 0 {
					w.hours = slices.Clone(w.hours)
					h := &w.hours[rapid.IntRange(0, len(w.hours)-1).Draw(t, "which")]
					h.Pattern.Room, h.Pattern.Audience = rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "room"), rapid.SampledFrom([]Audience{Public, StaffOnly}).Draw(t, "audience")
				}
			case "rule":
				w.open = rapid.Bool().Draw(t, "open")
				w.differ = append(slices.Clone(w.differ), first.AddDays(rapid.IntRange(0, 9).Draw(t, "day")))
			case "only":
				w.only = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "only")
			case "later":
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			case "hand":
				s := Slot{BranchID: "branch", DoctorID: rapid.SampledFrom(doctors).Draw(t, "doctor"), Origin: ByHand, Audience: Public, StartsAt: first.In(loc).Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "at")) * time.Hour)}
				s.EndsAt = s.StartsAt.Add(time.Hour)
				if !slices.ContainsFunc(w.known, func(k KnownSlot) bool { return k.ClosedAt == nil && k.collides(&s) }) {
					w.ids++
					s.ID = fmt.Sprint(w.ids)
					w.known = append(w.known, KnownSlot{Slot: s})
				}
			case "book", "close", "hold", "keep":
				if len(w.known) == 0 {
					break
				}
				k := &w.known[rapid.IntRange(0, len(w.known)-1).Draw(t, "slot")]
				switch free := k.ClosedAt == nil && !k.Booked && !k.Held; {
				case k.Booked && rapid.Bool().Draw(t, "cancelled"):
					k.Booked, k.Kept = false, false
				case k.Booked:
					k.Kept = true
				case k.Held:
					k.Held, k.Booked = false, rapid.Bool().Draw(t, "booked")
				case free:
					switch rapid.SampledFrom([]string{"book", "hold", "close"}).Draw(t, "what") {
					case "book":
						k.Booked = true
					case "hold":
						k.Held = true
					case "close":
						k.ClosedAt, k.ClosedByHand = &w.now, true
					}
				}
			}
			before := slices.Clone(w.known)
			l := w.lay()
			for _, c := range l.Close {
				if c.Booked || c.Held || c.Origin != FromHours || !c.StartsAt.After(w.now) {
					t.Fatalf("%+v is closed", c)
				}
			}
			w.apply(l)
			w.check(t, before)
			if again := w.lay(); !again.Nothing() {
				t.Fatalf("laid twice, %+v appear, %+v change and %+v disappear", again.Add, again.Change, again.Close)
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
			if b.ClosedAt == nil && a.collides(&b.Slot) {
				t.Fatalf("%+v and %+v are both open", a, b)
			}
		}
		if a.Origin != FromHours || !a.StartsAt.After(w.now) || a.Held || w.only != "" && a.DoctorID != w.only {
			continue
		}
		day := DateOf(a.StartsAt, w.loc)
		if !slices.ContainsFunc(w.plan().slotsOf(day, w.loc), func(s Slot) bool { return keyOf(s) == keyOf(a.Slot) }) && (!a.Booked || a.Audience != StaffOnly) {
			t.Fatalf("%+v is open, and nothing asks for it", a)
		}
	}
	for i, k := range before {
		now := w.known[i]
		if k.Held && now != k {
			t.Fatalf("the held slot %+v became %+v", k, now)
		}
		if k.Origin != FromHours && now != k {
			t.Fatalf("%+v, made by hand, became %+v", k, now)
		}
		now.Room, now.Audience = k.Room, k.Audience
		if k.Booked && now.Slot != k.Slot {
			t.Fatalf("the booked slot %+v became %+v", k, w.known[i])
		}
		if k.ClosedByHand && slices.ContainsFunc(w.known, func(o KnownSlot) bool {
			return o.ClosedAt == nil && o.Origin == FromHours && !slices.ContainsFunc(before, func(k KnownSlot) bool { return k.ID == o.ID }) && o.DoctorID == k.DoctorID && o.overlaps(k.Slot)
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

func TestParseClock(t *testing.T) {
	for typed, want := range map[string]string{"9:30": "09:30", "0930": "09:30", "９：３０": "09:30", "9": "09:00", "１４": "14:00", "24:00": "00:00", "0:00": "00:00"} {
		got, ok := ParseClock(typed)
		if !ok || got.String() != want {
			t.Errorf("%q is read as %s, %t", typed, got, ok)
		}
	}
	for _, typed := range []string{"", "24:01", "25:00", "9:60", "9:5", "-1:00", "午前", "99999", "9:30:00"} {
		if got, ok := ParseClock(typed); ok {
			t.Errorf("%q is read as %s", typed, got)
		}
	}
	if end, _ := ParseClock("24:00"); end != dayEnd {
		t.Errorf("the day's end is %d", end)
	}
}

// spans makes the spans of a typed week: weekday, from, until, in turn.
func spans(words ...string) (out []TypedSpan) {
	for w := range slices.Chunk(words, 3) {
		out = append(out, TypedSpan{Key: fmt.Sprint(len(out)), Weekday: w[0], TypedPattern: TypedPattern{From: w[1], Until: w[2], Minutes: "60"}})
	}
	return out
}

// Every field that is wrong is named, those that meet a span of the same week included.
func TestTypedWeek_Read(t *testing.T) {
	rooms := TypedWeek{From: "2026-11-01", Spans: spans("1", "10:00", "13:00", "2", "10:00", "13:00")}
	rooms.Spans[0].Room, rooms.Spans[1].Room = " 第１　相談室 ", "第1 相談室"
	if week, errs := rooms.Read("branch", "doctor", Date{2026, 11, 24}); len(errs) > 0 || week.Spans[0].Pattern.Room != week.Spans[1].Pattern.Room {
		t.Errorf("one room is two: %+v, %v", week.Spans, errs)
	}

	today := Date{2026, time.November, 24}
	good := TypedWeek{From: "2026-11-01", Spans: spans("1", "10:00", "13:00", "1", "14:00", "19:00", "2", "10", "13")}
	w, errs := good.Read("branch", "doctor", today)
	if len(errs) > 0 || w.Slots() != 11 || w.From != today || !w.Until.IsZero() || w.Spans[0].ValidFrom != today {
		t.Errorf("%+v: %v", w, errs)
	}
	for want, spoil := range map[string]func(*TypedWeek){
		"valid_from: error.date":         func(w *TypedWeek) { w.From = "soon" },
		"valid_from: error.date.range":   func(w *TypedWeek) { w.From = "9999-01-01" },
		"valid_until: error.hours.order": func(w *TypedWeek) { w.From, w.Until = "2026-12-02", "2026-12-01" },
		"valid_until: error.hours.past":  func(w *TypedWeek) { w.Until = "2026-11-23" },
		"from-1: error.clock":            func(w *TypedWeek) { w.Spans[1].From = "昼" },
		"until-1: error.slot.order":      func(w *TypedWeek) { w.Spans[1].Until = "14:00" },
		"minutes-1: error.minutes":       func(w *TypedWeek) { w.Spans[1].Minutes = "9" },
		"minutes-0: error.minutes":       func(w *TypedWeek) { w.Spans[0].Minutes = "241" },
		"minutes-0: error.slot.none":     func(w *TypedWeek) { w.Spans[0].Minutes = "200" },
		"pause-1: error.hours.pause":     func(w *TypedWeek) { w.Spans[1].Pause = "-5" },
		"room-1: error.long":             func(w *TypedWeek) { w.Spans[1].Room = strings.Repeat("室", MaxRoom+1) },
		"audience-1: error.choose":       func(w *TypedWeek) { w.Spans[1].Audience = "nobody" },
		"weekday-1: error.choose":        func(w *TypedWeek) { w.Spans[1].Weekday = "7" },
		"from-1: error.hours.own":        func(w *TypedWeek) { w.Spans[1].From = "12:00" },
	} {
		typed := good
		typed.Spans = slices.Clone(good.Spans)
		spoil(&typed)
		_, errs := typed.Read("branch", "doctor", today)
		if len(errs) == 0 || !strings.HasSuffix(errs[0].Error(), want) {
			t.Errorf("%s is not said, but %v", want, errs)
		}
	}
}

// A week meets that of the doctor elsewhere, and that of another doctor in the same room, on days on which both hold.
func TestCheckHours(t *testing.T) {
	week := func(branch, doctor, room string, from, until Date) DoctorWeek {
		return DoctorWeek{Spans: []OpeningHours{{BranchID: branch, DoctorID: doctor, Weekday: time.Monday, Pattern: Pattern{From: 600, Until: 780, Minutes: 60, Room: room}, ValidFrom: from, ValidUntil: until}}}
	}
	first, last := Date{2026, time.December, 1}, Date{2026, time.December, 31}
	mine := week("here", "a", "1", first, Date{})
	for _, c := range []struct {
		other DoctorWeek
		want  string
	}{
		{week("there", "a", "", first, Date{}), "from-k: error.hours.elsewhere"},
		{week("here", "b", "1", first, Date{}), "room-k: error.hours.room"},
		{week("here", "b", "1", last.AddDays(-60), first), "room-k: error.hours.room"},
		{week("here", "b", "1", last.AddDays(-60), first.AddDays(-1)), ""},
		{week("here", "b", "2", first, Date{}), ""},
		{week("here", "b", "", first, Date{}), ""},
		{week("there", "b", "1", first, Date{}), ""},
	} {
		errs := CheckHours(mine, []string{"k"}, c.other.Spans)
		if got := strings.TrimPrefix(errs.Error(), "invalid: "); got != c.want {
			t.Errorf("beside %+v: %q, want %q", c.other.Spans[0], got, c.want)
		}
	}
}

// A week takes the place of what held in its time; what held before and after stays.
func TestDoctorWeek_Among(t *testing.T) {
	day := func(n int) Date { return Date{2026, time.December, 1}.AddDays(n) }
	old := OpeningHours{ID: "old", BranchID: "b", DoctorID: "d", Weekday: time.Monday, ValidFrom: day(-30), Pattern: Pattern{From: 600, Until: 780, Minutes: 60}}
	other := OpeningHours{ID: "other", BranchID: "b", DoctorID: "e", ValidFrom: day(-30)}
	fresh := old
	fresh.ID, fresh.ValidFrom, fresh.ValidUntil = "new", day(0), day(9)
	got := DoctorWeek{BranchID: "b", DoctorID: "d", From: day(0), Until: day(9), Spans: []OpeningHours{fresh}}.Among([]OpeningHours{old, other})
	if len(got) != 4 || got[0].ValidUntil != day(-1) || got[1].ValidFrom != day(10) || !got[1].ValidUntil.IsZero() || got[1].ID == "old" || got[2].ID != "other" || got[3].ID != "new" {
		t.Errorf("%+v", got)
	}
	if weeks := WeeksOf(got, "b", "d"); len(weeks) != 3 || weeks[1].Spans[0].ID != "new" {
		t.Errorf("%+v", weeks)
	}
	if got := (DoctorWeek{BranchID: "b", DoctorID: "d", From: day(-30)}).Among([]OpeningHours{old, other}); len(got) != 1 {
		t.Errorf("nothing is left of the doctor's: %+v", got)
	}
}

// A span is copied to other weekdays, where it takes the place of what it meets and of nothing else.
// TestDoctorWeek_AmongUntilTheLastDay: whoever types the last day that there is as an end leaves no day after it, on which the former hours
// would hold again. They were stored as hours that hold always.
func TestDoctorWeek_AmongUntilTheLastDay(t *testing.T) {
	today := Date{2026, time.November, 24}
	former := OpeningHours{ID: "former", BranchID: "b", DoctorID: "d", Weekday: time.Tuesday, ValidFrom: today, Pattern: Pattern{From: 600, Until: 720, Minutes: 60}}
	week, errs := TypedWeek{From: today.String(), Until: "9999-12-31"}.Read("b", "d", today)
	if err := errs.Err(); err != nil {
		t.Fatal(err)
	}
	for _, h := range week.Among([]OpeningHours{former}) {
		if stored, ok := ParseDate(h.ValidFrom.String()); !ok || stored != h.ValidFrom {
			t.Errorf("hours that begin on %s are stored", h.ValidFrom)
		}
	}
}

func TestTypedWeek_Copied(t *testing.T) {
	typed := TypedWeek{Spans: spans("1", "10:00", "13:00", "2", "09:00", "11:00", "2", "14:00", "18:00", "3", "10:00", "12:00")}
	typed.Spans[0].Same = []string{"2", "5", "1"}
	var got []string
	keys := map[string]bool{}
	for _, s := range typed.Copied().Spans {
		got = append(got, s.Weekday+" "+s.From+"–"+s.Until)
		keys[s.Key] = true
	}
	if want := []string{"1 10:00–13:00", "2 10:00–13:00", "2 14:00–18:00", "3 10:00–12:00", "5 10:00–13:00"}; !slices.Equal(got, want) || len(keys) != 5 {
		t.Errorf("%q with %d keys", got, len(keys))
	}
}

func TestTypedException_Read(t *testing.T) {
	today := Date{2026, time.November, 24}
	for _, c := range []struct {
		typed TypedException
		want  string
	}{
		{TypedException{Kind: "closed", First: "2026-12-29", Last: "2027-01-03"}, ""},
		{TypedException{Kind: "away", Doctor: "d", First: "2026-12-08", TypedPattern: TypedPattern{Until: "12:00", From: "0:00"}}, ""},
		{TypedException{Kind: "away", Doctor: "d", First: "2026-11-24", Nth: "4", Weekday: "4"}, ""},
		{TypedException{Kind: "extra", Doctor: "d", First: "2026-12-12", TypedPattern: TypedPattern{From: "19:00", Until: "21:00", Minutes: "60"}}, ""},
		{TypedException{First: "2026-12-29"}, "kind: error.choose"},
		{TypedException{Kind: "away", First: "2026-12-29"}, "who: error.choose"},
		{TypedException{Kind: "closed"}, "first: error.date"},
		{TypedException{Kind: "closed", First: "2026-11-23"}, "first: error.hours.past"},
		{TypedException{Kind: "closed", First: "2026-12-02", Last: "2026-12-01"}, "last: error.hours.order"},
		{TypedException{Kind: "closed", First: "2026-12-02", Nth: "6", Weekday: "1"}, "nth: error.choose"},
		{TypedException{Kind: "closed", First: "2026-12-02", Last: "2026-12-09", Nth: "3", Weekday: "1"}, "first: error.hours.never"},
		{TypedException{Kind: "closed", First: "2026-12-02", TypedPattern: TypedPattern{From: "10:00"}}, "until: error.clock"},
		{TypedException{Kind: "extra", Doctor: "d", First: "2026-12-12", TypedPattern: TypedPattern{From: "19:00", Until: "21:00"}}, "minutes: error.minutes"},
		{TypedException{Kind: "closed", First: "2026-12-02", Reason: strings.Repeat("あ", MaxReason+1)}, "reason: error.long"},
	} {
		e, errs := c.typed.Read("b", today)
		if got := strings.TrimPrefix(errs.Error(), "invalid: "); got != c.want {
			t.Errorf("%+v: %q, want %q (%+v)", c.typed, got, c.want, e)
		}
	}
	series, _ := TypedException{Kind: "away", Doctor: "d", First: "2026-11-24", Nth: "4", Weekday: "4"}.Read("b", today)
	if next, _ := series.Next(Date{2026, time.November, 27}); next != (Date{2026, time.December, 24}) {
		t.Errorf("the next fourth Thursday is %s", next)
	}
	if y := YearEnd("b", Date{2027, time.January, 2}); y.First != (Date{2026, time.December, 29}) || !HasYearEnd([]Exception{y}, today) || HasYearEnd(nil, today) {
		t.Errorf("%+v", y)
	}
}
