package clinic

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// berlin is an appointment at a branch in Berlin, booked long before and confirmed, whose patient has answered nothing.
func berlin(t testing.TB, begins string, times LetterTimes) Appointment {
	t.Helper()
	a := appointment("ja")
	a.Branch.Zone, a.Branch.Settings.Letters = "Europe/Berlin", &times
	a.Slot.StartsAt = instant(t, begins)
	a.Slot.EndsAt = a.Slot.StartsAt.Add(time.Hour)
	a.Booking.Status, a.Booking.QuestionnaireVersion = Booked, "1"
	a.Booking.CreatedAt = a.Slot.StartsAt.AddDate(0, -1, 0)
	return a
}

// instant is an instant as ISO 8601 with its offset.
func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// everyKind has all letters of the future on.
func everyKind(at Clock) LetterTimes {
	on := LetterTime{On: true, At: at}
	return LetterTimes{Unfinished: on, Reminder: on, Morning: on, Thanks: on}
}

// A letter goes at its time by the branch's clocks. A time that clocks skip is the instant at which they go forward, and one that they show
// twice is the first.
func TestDue_KeepsToTheClocksOfTheBranch(t *testing.T) {
	for _, c := range []struct {
		begins    string
		at        Clock
		kind      LetterKind
		due, over string
	}{
		{"2027-03-29T10:00:00+02:00", 10 * 60, Reminder, "2027-03-28T10:00:00+02:00", "2027-03-29T00:00:00+02:00"},
		{"2027-03-29T10:00:00+02:00", 2*60 + 30, Reminder, "2027-03-28T03:00:00+02:00", "2027-03-29T00:00:00+02:00"}, // 02:30 is skipped
		{"2027-03-28T10:00:00+02:00", 2*60 + 30, Morning, "2027-03-28T03:00:00+02:00", "2027-03-28T09:00:00+02:00"},
		{"2027-03-28T10:00:00+02:00", 18 * 60, Unfinished, "2027-03-26T18:00:00+01:00", "2027-03-27T00:00:00+01:00"},
		{"2027-10-31T10:00:00+01:00", 2*60 + 30, Morning, "2027-10-31T02:30:00+02:00", "2027-10-31T09:00:00+01:00"}, // 02:30 is shown twice
		{"2027-11-01T10:00:00+01:00", 2*60 + 30, Reminder, "2027-10-31T02:30:00+02:00", "2027-11-01T00:00:00+01:00"},
		{"2027-11-01T10:00:00+01:00", 10 * 60, Reminder, "2027-10-31T10:00:00+01:00", "2027-11-01T00:00:00+01:00"},
		{"2027-10-30T10:00:00+02:00", 10 * 60, Thanks, "2027-10-31T10:00:00+01:00", "2027-11-02T10:00:00+01:00"},
	} {
		d, ok := berlin(t, c.begins, everyKind(c.at)).Due(c.kind)
		if !ok || !d.At.Equal(instant(t, c.due)) || !d.Until.Equal(instant(t, c.over)) {
			t.Errorf("%s at %s of a counseling at %s: from %v until %v (%v), want %s and %s", c.kind, c.at, c.begins, d.At, d.Until, ok, c.due, c.over)
		}
	}
	early := berlin(t, "2027-06-01T08:30:00+02:00", everyKind(8*60))
	if d, ok := early.Due(Morning); ok {
		t.Errorf("a letter goes at %v, half an hour before the counseling", d.At)
	}
}

func TestOwes_OnlyWhatItsPatientAwaits(t *testing.T) {
	due := instant(t, "2027-05-31T10:00:00+02:00") // of the reminder
	for name, c := range map[string]struct {
		kind   LetterKind
		at     time.Time
		change func(a *Appointment)
		want   Verdict
	}{
		"in time":                       {Reminder, due, func(*Appointment) {}, LetterGoes},
		"a second early":                {Reminder, due.Add(-time.Second), func(*Appointment) {}, LetterEarly},
		"in the evening":                {Reminder, due.Add(13 * time.Hour), func(*Appointment) {}, LetterGoes},
		"on the day":                    {Reminder, due.Add(14 * time.Hour), func(*Appointment) {}, LetterLate},
		"waits for an approval":         {Reminder, due, func(a *Appointment) { a.Booking.Status = Pending }, LetterUnawaited},
		"waited for an approval":        {Reminder, due.Add(14 * time.Hour), func(a *Appointment) { a.Booking.Status = Pending }, LetterUnawaited},
		"cancelled":                     {Reminder, due, func(a *Appointment) { a.Booking.Status = Cancelled }, LetterEnded},
		"they have come":                {Morning, due.Add(24 * time.Hour), func(a *Appointment) { a.Booking.Status = Arrived }, LetterUnawaited},
		"they did not come, unreminded": {Reminder, due.Add(48 * time.Hour), func(a *Appointment) { a.Booking.Status = NoShow }, LetterLate},
		"made later":                    {Reminder, due.Add(time.Hour), func(a *Appointment) { a.Booking.CreatedAt = due }, LetterKnown},
		"made just before":              {Reminder, due, func(a *Appointment) { a.Booking.CreatedAt = due.Add(-time.Second) }, LetterGoes},
		"moved later":                   {Reminder, due.Add(time.Hour), func(a *Appointment) { moved := due.Add(time.Minute); a.Booking.MovedAt = &moved }, LetterKnown},
		"moved before":                  {Reminder, due, func(a *Appointment) { moved := due.Add(-time.Minute); a.Booking.MovedAt = &moved }, LetterGoes},
		"approved later":                {Reminder, due.Add(time.Hour), func(a *Appointment) { at := due.Add(time.Minute); a.Booking.StatusAt = &at }, LetterKnown},
		"off":                           {Reminder, due, func(a *Appointment) { a.Branch.Settings.Letters = &LetterTimes{} }, LetterOff},
		"unanswered":                    {Unfinished, due.Add(-24 * time.Hour), func(*Appointment) {}, LetterGoes},
		"unanswered on the day before":  {Unfinished, due, func(*Appointment) {}, LetterLate},
		"answered":                      {Unfinished, due.Add(-24 * time.Hour), func(a *Appointment) { a.Answered = true }, LetterAnswered},
		"asked nothing":                 {Unfinished, due.Add(-24 * time.Hour), func(a *Appointment) { a.Booking.QuestionnaireVersion = "" }, LetterAnswered},
		"thanks for coming":             {Thanks, due.Add(48 * time.Hour), func(a *Appointment) { a.Booking.Status = Fulfilled }, LetterGoes},
		"thanks too late":               {Thanks, due.Add(5 * 24 * time.Hour), func(a *Appointment) { a.Booking.Status = Fulfilled }, LetterLate},
		"no thanks for not coming":      {Thanks, due.Add(48 * time.Hour), func(a *Appointment) { a.Booking.Status = NoShow }, LetterUnawaited},
	} {
		a := berlin(t, "2027-06-01T14:00:00+02:00", everyKind(10*60))
		c.change(&a)
		if _, got := a.Owes(c.kind, c.at); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	a := berlin(t, "2027-06-01T14:00:00+02:00", LetterTimes{})
	a.Branch.Settings.Letters = nil
	for kind, want := range map[LetterKind]bool{Unfinished: true, Reminder: true, Morning: true, Thanks: false} {
		if _, ok := a.Due(kind); ok != want {
			t.Errorf("where a branch has decided nothing, a %s goes: %v", kind, ok)
		}
	}
}

func TestGoes_ByTheBookingAsItIsNow(t *testing.T) {
	a := berlin(t, "2027-06-01T14:00:00+02:00", everyKind(10*60))
	d, _ := a.Due(Reminder)
	l := Letter{Kind: Reminder, OnceKey: d.OnceKey}
	if d.OnceKey != "booking/reminder/2027-06-01" {
		t.Errorf("its occasion is %s", d.OnceKey)
	}
	if _, v := l.Goes(a, d.At); v != LetterGoes {
		t.Errorf("in time: %q", v)
	}
	elsewhere := a
	elsewhere.Slot.StartsAt, elsewhere.Slot.EndsAt = a.Slot.StartsAt.AddDate(0, 0, 7), a.Slot.EndsAt.AddDate(0, 0, 7)
	if _, v := l.Goes(elsewhere, d.At); v != LetterMoved {
		t.Errorf("moved by a week: %q", v)
	}
	a.Patient.Email = ""
	if _, v := l.Goes(a, d.At); v != LetterNowhere {
		t.Errorf("without an address: %q", v)
	}
}

// Whatever the hour and the day: what goes does so on the day that its kind names, and nothing is due that OwesSoon cannot see.
func TestDue_Property(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := appointment("ja")
		a.Branch.Zone = rapid.SampledFrom([]string{"Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone")
		times := everyKind(Clock(rapid.IntRange(0, 24*60-1).Draw(t, "at")))
		a.Branch.Settings.Letters = &times
		loc := a.Branch.Location()
		begins := time.Date(2027, 1, 1, 0, 0, 0, 0, loc).Add(time.Duration(rapid.IntRange(0, 366*24*4).Draw(t, "quarter")) * 15 * time.Minute)
		a.Slot.StartsAt, a.Slot.EndsAt = begins, begins.Add(time.Hour)
		for kind, days := range map[LetterKind]int{Unfinished: -2, Reminder: -1, Morning: 0, Thanks: 1} {
			d, ok := a.Due(kind)
			if !ok {
				if kind != Morning {
					t.Fatalf("no %s", kind)
				}
				continue
			}
			if day := DateOf(d.At, loc); day != DateOf(begins, loc).AddDays(days) {
				t.Fatalf("the %s of %v goes on %s", kind, begins, day)
			}
			if kind != Thanks && !d.Until.Before(a.Slot.EndsAt) {
				t.Fatalf("the %s may go until %v", kind, d.Until)
			}
			for _, now := range []time.Time{d.At.Add(-DueAhead), d.At, d.Until.Add(-time.Second)} {
				if from, until := DueSlots(now, now); begins.Before(from) || !begins.Before(until) {
					t.Fatalf("at %v nobody looks at the counseling at %v, whose %s is due", now, begins, kind)
				}
			}
		}
	})
}
