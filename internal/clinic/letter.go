package clinic

import (
	"slices"
	"strconv"
	"time"
)

// LetterKind says what a letter is about.
type LetterKind string

// The kinds of letters.
const (
	Confirmation LetterKind = "confirmation" // 予約確認
	Cancellation LetterKind = "cancellation" // キャンセルのお知らせ: as was wished
	CalledOff    LetterKind = "called_off"   // 院の都合によるキャンセル
	Change       LetterKind = "change"       // 日時変更のお知らせ
	Decline      LetterKind = "decline"      // お断りのお知らせ: a request was not approved
	Requested    LetterKind = "request"      // 仮予約の受付: the booking waits for an approval
	Approval     LetterKind = "approval"     // 予約確定のお知らせ: a request was approved
	Corrected    LetterKind = "corrected"    // ご連絡先の訂正
	LostLink     LetterKind = "lost"         // リンクの再送: whoever lost the link of their booking asked for another

	// Those of the future, see FutureKinds.
	Unfinished LetterKind = "unfinished" // 問診のお願い
	Reminder   LetterKind = "reminder"   // 前日のお知らせ
	Morning    LetterKind = "morning"    // 当日のお知らせ
	Thanks     LetterKind = "thanks"     // ご来院のお礼

	// Those to staff.
	BookingMade LetterKind = "new_booking"  // 新しい予約
	FailedToday LetterKind = "failed_today" // 届いていないメール: once a day, where there are any
	Trial       LetterKind = "trial"        // 試し送り: an administrator sees that letters arrive

	// CodeLetter goes to an address of which nothing is known yet.
	CodeLetter LetterKind = "code" // 確認コード: whoever books without scripts shows that the address is theirs
)

// LetterKinds are those that a patient gets about a booking.
var LetterKinds = []LetterKind{
	Confirmation, Requested, Approval, Change, Corrected, LostLink, Unfinished, Reminder, Morning, Thanks, Cancellation, CalledOff, Decline,
}

// StaffKinds are those that the clinic's own people get.
var StaffKinds = []LetterKind{BookingMade, FailedToday, Trial}

// FutureKinds are those that are due at a time of their own, in the order in which they come. Each is written when it goes.
var FutureKinds = []LetterKind{Unfinished, Reminder, Morning, Thanks}

// OfTheFuture reports whether letters of the kind are written when they go.
func (k LetterKind) OfTheFuture() bool { return slices.Contains(FutureKinds, k) }

// LetterChannel is the way by which a letter goes.
type LetterChannel string

// ByMail is the one way there is so far.
const ByMail LetterChannel = "mail"

// LetterStatus is where a letter stands.
type LetterStatus string

// The statuses of a letter.
const (
	LetterWaiting   LetterStatus = "waiting"   // due at DueAt
	LetterSending   LetterStatus = "sending"   // a worker has it until LeaseUntil
	LetterSent      LetterStatus = "sent"      // the mail server took it
	LetterFailed    LetterStatus = "failed"    // given up; staff see it and may send it again
	LetterHeld      LetterStatus = "held"      // its address got too many; it waits for a person
	LetterBounced   LetterStatus = "bounced"   // it was sent and came back; staff see it and may send it again
	LetterWithdrawn LetterStatus = "withdrawn" // the booking was cancelled before it went out
	LetterDropped   LetterStatus = "dropped"   // it makes sense no more, for the reason in Failure
)

// Letter (手紙) is one message to one person about one booking. It is written in the booking's transaction and sent by
// the worker, at least once. What the worker tries again has the same Message-ID (RFC 5322, 3.6.4), so that a second copy can be
// recognised; what a person has sent again is another message, because mail systems drop what they have seen.
type Letter struct {
	ID         string
	BookingID  string
	WaitingID  string // of somebody who waits, to whom it is; "" for a letter about a booking
	Kind       LetterKind
	OnceKey    string // its occasion, BOOKING/confirmation: there is one letter for each
	Channel    LetterChannel
	Sequence   int // RFC 5545 SEQUENCE of its calendar entry
	Status     LetterStatus
	Attempts   int
	DueAt      time.Time
	LeaseUntil *time.Time
	Failure    string // why the last attempt failed, as mail.Failure has it: "smtp 550 5.1.1"; never the server's words, which may name the recipient
	SentAt     *time.Time
	CreatedAt  time.Time
	Resends    int        // how often somebody had it sent again
	DatedAt    *time.Time // when somebody last had; nil while nobody has
	LapsesAt   *time.Time // when it is not to go any more; nil for one that always may
	PurgedAt   *time.Time // when its content was erased; nil while it is there
	Content    LetterContent
}

// LetterContent is everything a letter says, as it was true when the letter was written. It holds no health answers and
// no free text of a visitor. It is sealed where it is stored.
type LetterContent struct {
	Lang          string
	To            string // the address
	ToName        string // 試験 花子, without 様
	Reference     string // of the booking; of CodeLetter, the code
	BookingID     string // makes the UID of the calendar entry
	Sequence      int    // RFC 5545 SEQUENCE
	StartsAt      time.Time
	EndsAt        time.Time
	Zone          string
	ClinicName    string
	BranchName    string
	BranchAddress string
	BranchAccess  string
	BranchPhone   string
	PhoneHours    string // when somebody answers BranchPhone
	DoctorName    string
	Token         string // opens the confirmation page and the questionnaire; empty in a cancellation
	Asks          bool   // the questionnaire is still to be answered
	ChangesUntil  time.Time
	Count         int        // of FailedToday: how many letters
	Text          LetterText // the branch's own words
	WrittenAt     time.Time
	KeepMinutes   int // of an offer: for how long the slot is kept once the letter has gone
}

// ConfirmationFor writes the letter that every booking gets.
func ConfirmationFor(s Settings, a Appointment, token string, now time.Time) Letter {
	return newLetter(Confirmation, s, a, token, now)
}

// CancellationFor writes the letter that tells a patient that their booking no longer stands: with an apology where the clinic is the reason.
func CancellationFor(s Settings, a Appointment, now time.Time) Letter {
	l := newLetter(Cancellation, s, a, "", now)
	if a.Booking.CancelReason == ByClinic {
		l.Kind = CalledOff
	}
	return l
}

// ChangeFor writes the letter that tells a patient the new time of their booking. There is one for each time that it moves.
func ChangeFor(s Settings, a Appointment, token string, now time.Time) Letter {
	l := newLetter(Change, s, a, token, now)
	l.OnceKey += "/" + strconv.Itoa(a.Booking.Sequence)
	return l
}

// ApprovalFor writes the letter that tells a patient that their request was approved. It is their confirmation.
func ApprovalFor(s Settings, a Appointment, token string, now time.Time) Letter {
	l := ConfirmationFor(s, a, token, now)
	l.Kind = Approval
	return l
}

// CorrectedFor writes the letter that follows a correction of how a patient is called and reached. It goes where they are reached now. Whoever
// is reached where they were before may be a stranger, and is told nothing.
func CorrectedFor(s Settings, a Appointment, token string, now time.Time) Letter {
	l := LetterFor(s, a, token, now)
	if l.Kind == Confirmation { // what they wait for, or what has ended, is said as it stands
		l.Kind = Corrected
	}
	return l
}

// BookingMadeFor writes the letter that tells a branch of a booking that was made by nobody of its staff. It names no patient. ok is false
// where the branch wants none.
func BookingMadeFor(s Settings, a Appointment, actor Actor, now time.Time) (l Letter, ok bool) {
	to := a.Branch.Settings.Notices
	if to == "" || !actor.Limited() { // staff know what they do
		return Letter{}, false
	}
	a.Booking.Lang = staffLang
	l = newLetter(BookingMade, s, a, "", now)
	l.BookingID, l.Content.To, l.Content.ToName = "", to, ""
	return l, true
}

// FailedTodayFor writes the letter that tells a branch on a day how many letters have not reached their patients.
func FailedTodayFor(s Settings, b Branch, day Date, now time.Time) Letter {
	branch := b.In(staffLang)
	return Letter{
		ID: NewIDAt(now), Kind: FailedToday, OnceKey: b.ID + "/failed/" + day.String(), Channel: ByMail, Status: LetterWaiting, DueAt: now, CreatedAt: now,
		Content: LetterContent{
			Lang: staffLang, To: branch.Settings.Notices, Zone: branch.Zone, ClinicName: s.In(staffLang).Name, BranchName: branch.Name, WrittenAt: now,
		},
	}
}

// staffLang is the language of letters to a branch's address, which is no one person's.
const staffLang = "ja"

// DeclineFor writes the letter that tells a patient that their request was not approved.
func DeclineFor(s Settings, a Appointment, now time.Time) Letter {
	return newLetter(Decline, s, a, "", now)
}

// RequestedFor writes the letter that tells a patient that their booking waits for the clinic's approval.
func RequestedFor(s Settings, a Appointment, token string, now time.Time) Letter {
	return newLetter(Requested, s, a, token, now)
}

// LostLinkFor writes the letter that brings another link to whoever has lost theirs, once for each time that they ask.
func LostLinkFor(s Settings, a Appointment, token, requestID string, now time.Time) Letter {
	l := newLetter(LostLink, s, a, token, now)
	l.OnceKey += "/" + requestID
	return l
}

// TrialFor writes the letter by which a person of the clinic sees that letters arrive. There is one for each person, who may have it sent
// again.
func TrialFor(s Settings, who Staff, lang string, now time.Time) Letter {
	return Letter{
		ID: NewIDAt(now), Kind: Trial, OnceKey: TrialKey(who.ID), Channel: ByMail, Status: LetterWaiting, DueAt: now, CreatedAt: now,
		Content: LetterContent{Lang: lang, To: who.Email, ToName: who.Name, Zone: DefaultZone, ClinicName: s.In(lang).Name, WrittenAt: now},
	}
}

// TrialKey is the OnceKey of a person's trial letter, which begins alike for all of them.
func TrialKey(staffID string) string { return TrialKeys + staffID }

// TrialKeys is what the OnceKey of every trial letter begins with.
const TrialKeys = "trial/"

// Ends reports whether letters of the kind say that a booking is no more.
func (k LetterKind) Ends() bool { return k == Cancellation || k == CalledOff || k == Decline }

// Links reports whether letters of the kind lead to the patient's own page.
func (k LetterKind) Links() bool {
	return !k.Ends() && k != Thanks && k != CodeLetter && !slices.Contains(StaffKinds, k)
}

// LetterFor writes the letter that says how a booking stands now. Its calendar entry is the one that a patient may have of it.
func LetterFor(s Settings, a Appointment, token string, now time.Time) Letter {
	switch {
	case a.Booking.CancelReason == Declined:
		return DeclineFor(s, a, now)
	case !a.Booking.Status.Live():
		return CancellationFor(s, a, now)
	case a.Booking.Status == Pending:
		return RequestedFor(s, a, token, now)
	}
	return ConfirmationFor(s, a, token, now)
}

// FirstLetter is the kind of the letter by which the patient of a live booking in a status knows of it.
func FirstLetter(s Status) LetterKind {
	if s == Pending {
		return Requested
	}
	return Confirmation
}

// Kinds are the kinds that a letter of an occasion may have: a confirmation may also say that the booking was approved or its contact
// corrected, a cancellation that the clinic is the reason. Their OnceKey is the same, so that one takes the place of another.
func (k LetterKind) Kinds() []LetterKind {
	switch k {
	case Confirmation:
		return []LetterKind{Confirmation, Approval, Corrected}
	case Cancellation:
		return []LetterKind{Cancellation, CalledOff}
	default:
		return []LetterKind{k}
	}
}

func newLetter(kind LetterKind, s Settings, a Appointment, token string, now time.Time) Letter {
	branch := a.Branch.In(a.Booking.Lang)
	return Letter{
		ID: NewIDAt(now), BookingID: a.Booking.ID, Kind: kind, OnceKey: a.Booking.ID + "/" + string(kind), Channel: ByMail,
		Sequence: a.Booking.Sequence, Status: LetterWaiting, DueAt: now, CreatedAt: now,
		Content: LetterContent{
			Lang: a.Booking.Lang, To: a.Patient.Email, ToName: a.Patient.Name(), Reference: a.Booking.Reference,
			BookingID: a.Booking.ID, Sequence: a.Booking.Sequence, StartsAt: a.Slot.StartsAt, EndsAt: a.Slot.EndsAt, Zone: branch.Zone,
			ClinicName: s.In(a.Booking.Lang).Name, BranchName: branch.Name, BranchAddress: branch.Address, BranchAccess: branch.Access,
			BranchPhone: branch.Phone, PhoneHours: branch.Settings.PhoneHours, DoctorName: a.Doctor.Name(a.Booking.Lang),
			Token: token, Asks: a.Asks(), ChangesUntil: a.ChangesUntil(), WrittenAt: now,
		},
	}
}

// LetterDays is how many days of letters are listed at once, so that the list costs what its period holds.
const LetterDays = 92

// CheckLetterDays refuses a period of the list of letters that ends before it begins, or is too long.
func CheckLetterDays(first, last Date) *Error {
	switch {
	case last.Before(first):
		return &Error{Code: Invalid, Field: "until", Message: "error.days.order"}
	case first.AddDays(LetterDays).Before(last):
		return &Error{Code: Invalid, Field: "until", Message: "error.letter.period"}
	}
	return nil
}
