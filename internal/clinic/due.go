package clinic

import "time"

// LetterTime is when letters of a kind go: at a time of day, as the clocks of the branch show it, if they do at all.
type LetterTime struct {
	On bool
	At Clock
}

// LetterTimes are when a branch's letters of the future go.
type LetterTimes struct {
	Unfinished LetterTime // on the second day before the counseling, while the questionnaire is unanswered
	Reminder   LetterTime // on the day before
	Morning    LetterTime // on the day itself
	Thanks     LetterTime // on the day after
}

// DefaultLetterTimes are those of a branch that has decided nothing.
var DefaultLetterTimes = LetterTimes{
	Unfinished: LetterTime{On: true, At: 18 * 60},
	Reminder:   LetterTime{On: true, At: 10 * 60},
	Morning:    LetterTime{On: true, At: 8 * 60},
	Thanks:     LetterTime{At: 10 * 60},
}

// LetterTimes are those that the branch has set, or DefaultLetterTimes.
func (s BranchSettings) LetterTimes() LetterTimes {
	if s.Letters == nil {
		return DefaultLetterTimes
	}
	return *s.Letters
}

// Of is the time of the letters of a kind.
func (t LetterTimes) Of(k LetterKind) LetterTime {
	switch k {
	case Unfinished:
		return t.Unfinished
	case Reminder:
		return t.Reminder
	case Morning:
		return t.Morning
	case Thanks:
		return t.Thanks
	default:
		return LetterTime{}
	}
}

func checkLetterTimes(errs Errors, t LetterTimes) Errors {
	for _, k := range FutureKinds {
		if at := t.Of(k).At; at < 0 || at >= dayEnd {
			errs = append(errs, invalid(string(k)+"_at", "error.clock"))
		}
	}
	return errs
}

// Due is when a letter of the future about an appointment goes. There is one for each day of a counseling, so that a booking that
// moves to another day has its own.
type Due struct {
	OnceKey string
	At      time.Time // the first instant at which the branch's clocks show its time
	Until   time.Time // from then on it makes sense no more
}

// How long before a counseling the letter of its morning still makes sense, and how long after it the thanks do.
const (
	morningUntil = time.Hour
	thanksUntil  = 3 * 24 * time.Hour
)

// Due is when a letter of a kind of the future goes; ok is false where the branch sends none, or its time would come too late for
// the counseling, as that of the morning does for an early one.
func (a Appointment) Due(k LetterKind) (d Due, ok bool) {
	t, loc := a.Branch.Settings.LetterTimes().Of(k), a.Branch.Location()
	day := DateOf(a.Slot.StartsAt, loc)
	d.OnceKey = a.Booking.ID + "/" + string(k) + "/" + day.String()
	switch k {
	case Unfinished: // never on the day of the reminder, which says it as well
		d.At, d.Until = t.At.at(day.AddDays(-2), loc), day.AddDays(-1).In(loc)
	case Reminder:
		d.At, d.Until = t.At.at(day.AddDays(-1), loc), day.In(loc)
	case Morning:
		d.At, d.Until = t.At.at(day, loc), a.Slot.StartsAt.Add(-morningUntil)
	case Thanks:
		d.At, d.Until = t.At.at(day.AddDays(1), loc), a.Slot.EndsAt.Add(thanksUntil)
	default: // no other kind has a time of its own
	}
	return d, t.On && d.At.Before(d.Until)
}

// Verdict says what becomes of a letter of the future now. What is neither LetterGoes nor LetterEarly is the reason for which it does not
// go; Letter.Failure holds it.
type Verdict string

// The verdicts.
const (
	LetterGoes      Verdict = ""
	LetterEarly     Verdict = "early"
	LetterLate      Verdict = "late"       // its time is over
	LetterOff       Verdict = "off"        // the branch sends none
	LetterMoved     Verdict = "moved"      // the booking is on another day now
	LetterKnown     Verdict = "known"      // the booking was made, or got its time, when the letter was due already
	LetterEnded     Verdict = "cancelled"  // the booking is no more
	LetterUnawaited Verdict = "status"     // the booking stands where nobody waits for such a letter
	LetterAnswered  Verdict = "answered"   // the questionnaire is answered
	LetterNowhere   Verdict = "no-address" // nobody can be reached by mail
)

// Asks reports whether the patient is still to answer the questionnaire.
func (a Appointment) Asks() bool { return a.Booking.QuestionnaireVersion != "" && !a.Answered }

// Owes says what becomes of a letter of a kind of the future about an appointment as it is now, but for whether its patient can be reached.
// A letter that is late would have gone, had somebody sent it in time.
func (a Appointment) Owes(k LetterKind, now time.Time) (Due, Verdict) {
	d, ok := a.Due(k)
	switch {
	case !ok:
		return d, LetterOff
	case !a.Booking.Status.Live():
		return d, LetterEnded
	case !a.awaits(k, !now.Before(d.Until)):
		return d, LetterUnawaited
	case k == Unfinished && !a.Asks():
		return d, LetterAnswered
	case k != Thanks && !a.Booking.knownSince().Before(d.At):
		return d, LetterKnown
	case now.Before(d.At):
		return d, LetterEarly
	case !now.Before(d.Until):
		return d, LetterLate
	}
	return d, LetterGoes
}

// awaits reports whether a live booking stands where its patient waits for a letter of a kind. Of a time that is over it is enough
// that they did: the visit may have gone on since.
func (a Appointment) awaits(k LetterKind, over bool) bool {
	s := a.Booking.Status
	if k == Thanks {
		return s == Fulfilled
	}
	return s == Booked || over && s != Pending
}

// knownSince is when the patient of a booking was told of the time that it has: when it was made, moved, or confirmed anew.
func (b Booking) knownSince() time.Time {
	since := b.CreatedAt
	if b.MovedAt != nil && b.MovedAt.After(since) {
		since = *b.MovedAt
	}
	if b.Status == Booked && b.StatusAt != nil && b.StatusAt.After(since) {
		since = *b.StatusAt
	}
	return since
}

// Goes says what becomes of a letter of the future once it is to be sent, by its appointment as it is now.
func (l Letter) Goes(a Appointment, now time.Time) (Due, Verdict) {
	d, v := a.Owes(l.Kind, now)
	switch {
	case a.Patient.Email == "":
		return d, LetterNowhere
	case v != LetterOff && v != LetterEnded && d.OnceKey != l.OnceKey:
		return d, LetterMoved
	}
	return d, v
}

// FutureFor writes a letter of the future, as the booking is now.
func FutureFor(s Settings, a Appointment, k LetterKind, token string, now time.Time) Letter {
	l := newLetter(k, s, a, token, now)
	d, _ := a.Due(k)
	l.OnceKey, l.DueAt = d.OnceKey, d.At
	return l
}

// OwesSoon is Owes for whoever writes letters down before they go. ok is true for what goes now or is due within DueAhead, and for what
// is late since an instant.
func (a Appointment) OwesSoon(k LetterKind, since, now time.Time) (d Due, v Verdict, ok bool) {
	switch d, v = a.Owes(k, now); v {
	case LetterGoes:
		return d, LetterGoes, true
	case LetterEarly:
		return d, LetterGoes, !d.At.After(now.Add(DueAhead))
	case LetterLate:
		return d, LetterLate, d.Until.After(since)
	default:
		return d, v, false
	}
}

// DueAhead is how long before they are due letters of the future are put among those that wait.
const DueAhead = 5 * time.Minute

// DueSlots are the bounds between which a counseling begins about which OwesSoon has anything to say.
func DueSlots(since, now time.Time) (from, until time.Time) {
	return since.Add(-5 * 24 * time.Hour), now.Add(4 * 24 * time.Hour)
}

// DueSince is from when on the letters of the future are looked at whose time is over, by when that was done last; zero for never. What was
// due before anybody looked is nobody's fault.
func DueSince(last, now time.Time) time.Time {
	if last.IsZero() || last.After(now) {
		return now
	}
	if longest := now.Add(-dueLongest); last.Before(longest) {
		return longest
	}
	return last
}

// dueLongest is the longest standstill after which what was missed is written down.
const dueLongest = 14 * 24 * time.Hour

// failedAt is when a branch hears of the letters that have not reached their patients.
const failedAt Clock = 18 * 60

// FailedToday is the day for which a branch is to hear of the letters that have not reached their patients; ok is false before its
// time, and where nobody wants to hear.
func (b Branch) FailedToday(now time.Time) (day Date, ok bool) {
	loc := b.Location()
	day = DateOf(now, loc)
	return day, b.Settings.Notices != "" && !now.Before(failedAt.at(day, loc))
}
