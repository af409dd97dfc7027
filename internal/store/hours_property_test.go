package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// hoursWorld is a clinic whose hours are changed: two branches, one doctor who works at both, and one who works at the first.
type hoursWorld struct {
	*rapid.T

	ctx      context.Context //nolint:containedctx // of one check
	store    *store.Store
	db       *sql.DB
	clock    *storetest.Clock
	loc      *time.Location
	branches []clinic.Branch
	doctors  []clinic.Doctor
	booked   map[string]string // what is live, by its booking's id: the slot as it was
	drawn    []clinic.Exception
	patients *int
}

func (w *hoursWorld) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// storedSlot is a row of slots with what claims it.
type storedSlot struct {
	clinic.Slot

	closedBy string
	booking  string
	held     bool
	kept     bool
}

// what is the slot without what may change: its room and its audience.
func (s storedSlot) what() string {
	return fmt.Sprintf("%s %s %s %s %s open %t", s.ID, s.BranchID, s.DoctorID, s.StartsAt, s.EndsAt, s.ClosedAt == nil)
}

func (w *hoursWorld) slots() (out []storedSlot) {
	w.Helper()
	rows, err := w.db.QueryContext(w.ctx, `SELECT s.id, s.branch_id, s.doctor_id, s.starts_at, s.ends_at, s.origin, s.audience, s.room, s.closed_at, COALESCE(s.closed_by, ''),
			COALESCE(c.booking_id, ''), c.expires_at, s.kept_at
		FROM slots s LEFT JOIN claims c ON c.slot_id = s.id WHERE s.branch_id IN ($1, $2) ORDER BY s.id`, w.branches[0].ID, w.branches[1].ID)
	w.must(err)
	defer func() { w.must(rows.Close()) }()
	for rows.Next() {
		var s storedSlot
		var expires, kept sql.NullTime
		w.must(rows.Scan(&s.ID, &s.BranchID, &s.DoctorID, &s.StartsAt, &s.EndsAt, &s.Origin, &s.Audience, &s.Room, &s.ClosedAt, &s.closedBy, &s.booking, &expires, &kept))
		s.StartsAt, s.EndsAt = s.StartsAt.UTC(), s.EndsAt.UTC()
		s.held = expires.Valid && expires.Time.After(w.clock.Now())
		s.kept = kept.Valid
		out = append(out, s)
	}
	w.must(rows.Err())
	return out
}

func (w *hoursWorld) hours(branch clinic.Branch) store.Hours {
	w.Helper()
	hours, err := w.store.Hours(w.ctx, storetest.Owner, branch.ID, config.IsHoliday)
	w.must(err)
	return hours
}

func (w *hoursWorld) today() clinic.Date { return clinic.DateOf(w.clock.Now(), w.loc) }

func (w *hoursWorld) pattern() clinic.Pattern {
	from := rapid.IntRange(0, 44).Draw(w.T, "from") * 30
	return clinic.Pattern{
		From: clinic.Clock(from), Until: clinic.Clock(min(1440, from+rapid.SampledFrom([]int{60, 120, 180}).Draw(w.T, "length"))), Minutes: rapid.SampledFrom([]int{30, 50, 60}).Draw(w.T, "minutes"),
		Pause: rapid.SampledFrom([]int{0, 10}).Draw(w.T, "pause"), Room: rapid.SampledFrom([]string{"", "A", "B"}).Draw(w.T, "room"),
		Audience: rapid.SampledFrom([]clinic.Audience{clinic.Public, clinic.StaffOnly}).Draw(w.T, "audience"),
	}
}

// step does one thing that somebody at the clinic does. What is refused is refused.
func (w *hoursWorld) step() {
	branch := rapid.SampledFrom(w.branches).Draw(w.T, "branch")
	doctor := rapid.SampledFrom(w.doctors).Draw(w.T, "doctor")
	refused := func(err error) {
		w.Helper()
		if err != nil && clinic.CodeOf(err) == "" {
			w.Fatal(err)
		}
	}
	future := func(which func(storedSlot) bool) (storedSlot, bool) {
		found := slices.DeleteFunc(w.slots(), func(s storedSlot) bool { return !s.StartsAt.After(w.clock.Now()) || s.ClosedAt != nil || !which(s) })
		if len(found) == 0 {
			return storedSlot{}, false
		}
		return found[rapid.IntRange(0, len(found)-1).Draw(w.T, "slot")], true
	}
	free := func(s storedSlot) bool { return s.booking == "" && !s.held }
	switch rapid.SampledFrom([]string{"week", "week", "week", "exception", "back", "holidays", "book", "book", "cancel", "hold", "close", "hand", "keep", "later"}).Draw(w.T, "step") {
	case "week":
		week := clinic.DoctorWeek{BranchID: branch.ID, DoctorID: doctor.ID, From: w.today().AddDays(rapid.IntRange(0, 20).Draw(w.T, "from day"))}
		if rapid.Bool().Draw(w.T, "ends") {
			week.Until = week.From.AddDays(rapid.IntRange(0, 60).Draw(w.T, "until day"))
		}
		week.Revision = w.hours(branch).Revisions[doctor.ID]
		for range rapid.IntRange(0, 2).Draw(w.T, "spans") {
			week.Spans = append(week.Spans, clinic.OpeningHours{
				ID: clinic.NewID(), BranchID: branch.ID, DoctorID: doctor.ID, Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(w.T, "weekday")), Pattern: w.pattern(),
				ValidFrom: week.From, ValidUntil: week.Until,
			})
		}
		_, err := w.store.SaveWeek(w.ctx, storetest.Owner, week, []string{"0", "1"}, nil, config.IsHoliday)
		refused(err)
	case "exception":
		first := w.today().AddDays(rapid.IntRange(0, 90).Draw(w.T, "first"))
		e := clinic.Exception{
			ID: clinic.NewID(), BranchID: branch.ID, DoctorID: doctor.ID, Kind: rapid.SampledFrom([]clinic.ExceptionKind{clinic.ClinicClosed, clinic.DoctorAway, clinic.ExtraHours}).Draw(w.T, "kind"),
			First: first, Last: first.AddDays(rapid.IntRange(0, 40).Draw(w.T, "days")), Pattern: w.pattern(),
			Nth: rapid.SampledFrom([]int{0, 0, 1, 3, -1}).Draw(w.T, "nth"), Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(w.T, "weekday")),
		}
		if e.Kind == clinic.ClinicClosed {
			e.DoctorID = ""
		}
		_, err := w.store.AddException(w.ctx, storetest.Owner, e, nil, config.IsHoliday)
		if refused(err); err == nil {
			w.drawn = append(w.drawn, e)
		}
	case "back":
		if len(w.drawn) > 0 {
			_, err := w.store.RemoveException(w.ctx, storetest.Owner, w.drawn[0].ID, config.IsHoliday)
			w.must(err)
			w.drawn = w.drawn[1:]
		}
	case "holidays":
		b, err := w.store.Branch(w.ctx, branch.ID)
		w.must(err)
		b.Settings.Holidays = clinic.HolidayRule{Open: rapid.Bool().Draw(w.T, "open"), Differ: rapid.SampledFrom([]clinic.Dates{"", "2026-05-06 2026-09-22 2027-03-22 2029-09-24"}).Draw(w.T, "differ")}
		_, err = w.store.SaveHolidays(w.ctx, storetest.Owner, b, nil, config.IsHoliday)
		w.must(err)
	case "book":
		if s, ok := future(free); ok {
			*w.patients++
			receipt, err := w.store.Book(w.ctx, storetest.Owner, storetest.Request(s.ID, *w.patients))
			w.must(err)
			w.booked[receipt.BookingID] = s.what()
		}
	case "cancel":
		if ids := slices.Sorted(maps.Keys(w.booked)); len(ids) > 0 {
			id := rapid.SampledFrom(ids).Draw(w.T, "booking")
			if err := w.store.Cancel(w.ctx, storetest.Owner, id); err == nil {
				delete(w.booked, id)
			}
		}
	case "hold":
		if s, ok := future(func(s storedSlot) bool { return free(s) && s.Audience == clinic.Public }); ok {
			_, err := w.store.Hold(w.ctx, clinic.Visitor(clinic.NewToken(), clinic.NewID()), s.ID)
			refused(err)
		}
	case "close":
		if s, ok := future(free); ok {
			w.must(w.store.CloseSlot(w.ctx, storetest.Owner, s.ID))
		}
	case "hand":
		at := w.today().AddDays(rapid.IntRange(1, 90).Draw(w.T, "day")).In(w.loc).Add(time.Duration(rapid.IntRange(0, 47).Draw(w.T, "half hour")) * 30 * time.Minute)
		refused(w.store.AddSlots(w.ctx, storetest.Owner, []clinic.Slot{{
			BranchID: branch.ID, DoctorID: doctor.ID, StartsAt: at, EndsAt: at.Add(time.Hour), Room: rapid.SampledFrom([]string{"", "A"}).Draw(w.T, "room"),
		}}))
	case "keep":
		if s, ok := future(func(s storedSlot) bool { return s.booking != "" }); ok {
			w.must(w.store.KeepBookings(w.ctx, storetest.Owner, s.BranchID, []string{s.ID}))
		}
	case "later":
		w.clock.Advance(time.Duration(rapid.IntRange(1, 100).Draw(w.T, "hours")) * time.Hour)
	}
}

// check lays the slots and looks at what there is then.
func (w *hoursWorld) check(before []storedSlot) {
	w.must(w.store.LayHours(w.ctx, config.IsHoliday))
	after := w.slots()
	now := w.clock.Now()
	byID := map[string]storedSlot{}
	for _, s := range after {
		byID[s.ID] = s
	}
	for id, was := range w.booked {
		i := slices.IndexFunc(after, func(s storedSlot) bool { return s.booking == id })
		if i < 0 || after[i].what() != was {
			w.Fatalf("the booked slot %s is gone or has moved", was)
		}
	}
	for _, was := range before {
		is := byID[was.ID]
		if (was.Origin != clinic.FromHours || was.closedBy == "staff") && fmt.Sprint(was.what(), was.Room, was.Audience) != fmt.Sprint(is.what(), is.Room, is.Audience) {
			w.Fatalf("%+v, which staff had made or closed, became %+v", was, is)
		}
		if was.held && was.booking == "" && is.what() != was.what() {
			w.Fatalf("the held slot %+v became %+v", was, is)
		}
		if was.closedBy != "staff" {
			continue
		}
		for _, s := range after {
			if _, old := slices.BinarySearchFunc(before, s.ID, func(b storedSlot, id string) int { return compareText(b.ID, id) }); !old && s.ClosedAt == nil && s.Origin == clinic.FromHours &&
				s.BranchID == was.BranchID && s.DoctorID == was.DoctorID && s.StartsAt.Before(was.EndsAt) && was.StartsAt.Before(s.EndsAt) {
				w.Fatalf("%+v was closed by hand, and %+v is open", was, s)
			}
		}
	}
	open := slices.DeleteFunc(slices.Clone(after), func(s storedSlot) bool { return s.ClosedAt != nil })
	hours := map[string]store.Hours{w.branches[0].ID: w.hours(w.branches[0]), w.branches[1].ID: w.hours(w.branches[1])}
	slices.SortFunc(open, func(a, b storedSlot) int { return a.StartsAt.Compare(b.StartsAt) })
	for i, a := range open {
		for _, b := range open[i+1:] {
			if !b.StartsAt.Before(a.EndsAt) {
				break
			}
			if a.DoctorID == b.DoctorID || a.BranchID == b.BranchID && a.Room != "" && a.Room == b.Room {
				w.Fatalf("%+v and %+v are both open", a, b)
			}
		}
		if a.Origin != clinic.FromHours || !a.StartsAt.After(now) || a.held && a.booking == "" || wantedBy(hours[a.BranchID], a.Slot, w.loc) {
			continue
		}
		if a.booking == "" || a.Audience != clinic.StaffOnly {
			w.Fatalf("%+v is outside the hours", a)
		}
	}
	w.must(w.store.LayHours(w.ctx, config.IsHoliday))
	if again := w.slots(); !slices.EqualFunc(after, again, func(a, b storedSlot) bool {
		return a.what() == b.what() && a.Room == b.Room && a.Audience == b.Audience && a.kept == b.kept
	}) {
		w.Fatal("laying twice has changed something")
	}
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// wantedBy reports, by what the clocks of the branch show, whether a slot lies within hours that hold on its day.
func wantedBy(h store.Hours, s clinic.Slot, loc *time.Location) bool {
	day := clinic.DateOf(s.StartsAt, loc)
	// Hours are from the first instant at which the clocks show their begin, or have passed it, to that of their end: where an hour is
	// shown twice they are an hour longer than the clocks say.
	at := func(c clinic.Clock) time.Time {
		if c == 1440 {
			return day.AddDays(1).In(loc)
		}
		begin := day.In(loc).Add(time.Duration(c-60) * time.Minute)
		for {
			if t := begin.In(loc); clinic.DateOf(t, loc) == day && clinic.Clock(t.Hour()*60+t.Minute()) >= c {
				return t
			}
			begin = begin.Add(30 * time.Minute)
		}
	}
	within := func(p clinic.Pattern) bool { return !s.StartsAt.Before(at(p.From)) && !s.EndsAt.After(at(p.Until)) }
	holds := func(first, last clinic.Date) bool { return !day.Before(first) && (last.IsZero() || !last.Before(day)) }
	of := func(e clinic.Exception) bool {
		nth := e.Nth == 0 || day.Weekday() == e.Weekday && (e.Nth == (day.Day+6)/7 || e.Nth == -1 && day.AddDays(7).Month != day.Month)
		return holds(e.First, e.Last) && nth && (e.DoctorID == "" || e.DoctorID == s.DoctorID)
	}
	for _, e := range h.Exceptions {
		if e.Kind == clinic.ExtraHours && of(e) && within(e.Pattern) {
			return true
		}
	}
	rule := h.Branch.Settings.Holidays
	if config.IsHoliday(day) && rule.Open == rule.Differ.Has(day) {
		return false
	}
	for _, e := range h.Exceptions {
		if e.Kind != clinic.ExtraHours && of(e) && at(e.Pattern.From).Before(s.EndsAt) && s.StartsAt.Before(at(e.Pattern.Until)) {
			return false
		}
	}
	return slices.ContainsFunc(h.Hours, func(o clinic.OpeningHours) bool {
		return o.DoctorID == s.DoctorID && o.Weekday == day.Weekday() && holds(o.ValidFrom, o.ValidUntil) && within(o.Pattern)
	})
}

// TestHours_Properties: whatever is drawn, excepted, booked, held, cancelled, closed, made by hand and decided, in whatever order, in Tokyo,
// New York and Berlin over both changes of their clocks: no doctor and no room is in two open slots at once, no booked slot vanishes or
// moves, what staff made or closed stays as it is, no slot is outside the hours that made it, but for booked ones, which then are for
// staff only, and laying twice changes nothing.
func TestHours_Properties(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			at := address(t)
			clock := storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			s.LiftLimits()
			storetest.NewClinic(t, s)
			db := openSQL(t, at)
			defer func() { check(t, db.Close()) }()
			patients := 0
			rapid.Check(t, func(rt *rapid.T) {
				w := &hoursWorld{T: rt, ctx: t.Context(), store: s, db: db, clock: clock, booked: map[string]string{}, patients: &patients}
				zone := rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "Europe/Berlin"}).Draw(rt, "zone")
				begin := rapid.SampledFrom([]string{"2026-04-20", "2026-09-10", "2027-02-20", "2029-09-01"}).Draw(rt, "begin")
				start, err := time.Parse(time.DateOnly, begin)
				w.must(err)
				clock.Advance(start.Add(3*time.Hour + 7*time.Minute).Sub(clock.Now()))
				for i := range 2 {
					b, err := s.SaveBranch(w.ctx, storetest.Owner, clinic.Branch{Name: fmt.Sprint("院", i), Address: "見本", Phone: "03-0000-0001", Zone: zone})
					w.must(err)
					w.branches = append(w.branches, b)
				}
				w.loc = w.branches[0].Location()
				for i := range 2 {
					d, err := s.SaveDoctor(w.ctx, storetest.Owner, clinic.Doctor{FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", Sex: clinic.Female},
						[]string{w.branches[0].ID, w.branches[1].ID}[:2-i])
					w.must(err)
					w.doctors = append(w.doctors, d)
				}
				for range rapid.IntRange(1, 3).Draw(rt, "rounds") {
					for range rapid.IntRange(1, 5).Draw(rt, "steps") {
						w.step()
					}
					w.check(w.slots())
				}
			})
		})
	}
}
