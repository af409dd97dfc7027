package clinic

import (
	"strconv"
	"strings"
	"time"
)

// Date is the date that the letter bears: when it was written, or when somebody last had it sent again.
func (l Letter) Date() time.Time {
	if l.DatedAt != nil {
		return *l.DatedAt
	}
	return l.Content.WrittenAt
}

// MessageID is the left side of the letter's Message-ID: its ID, and from the first time on that somebody has it sent again the
// number of the time.
func (l Letter) MessageID() string {
	if l.Resends == 0 {
		return l.ID
	}
	return l.ID + "-" + strconv.Itoa(l.Resends)
}

// ParseMessageID reads what MessageID wrote. ok is false for what it cannot have written.
func ParseMessageID(left string) (letterID string, resends int, ok bool) {
	letterID, number, again := strings.Cut(left, "-")
	if again {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || strconv.Itoa(n) != number {
			return "", 0, false
		}
		resends = n
	}
	isID := letterID != "" && !strings.ContainsFunc(letterID, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	return letterID, resends, isID
}

// SentAgain is the letter once somebody has it sent again.
func (l Letter) SentAgain(now time.Time) Letter {
	l.Status, l.Attempts, l.DueAt, l.LeaseUntil, l.SentAt, l.Failure = LetterWaiting, 0, now, nil, nil, ""
	l.Resends++
	l.DatedAt = &now
	return l
}

// OnItsWay reports whether a letter is to be sent and has not failed.
func (l Letter) OnItsWay() bool {
	return l.Failure == "" && (l.Status == LetterWaiting || l.Status == LetterSending)
}

// CanResend reports whether staff may have the letter sent again for its booking: not while it is on its way, and never one that says
// of a booking what no longer stands, or whose content is erased.
func (l Letter) CanResend(b Booking) bool {
	if l.PurgedAt != nil {
		return false
	}
	switch l.Status {
	case LetterWaiting, LetterSent, LetterFailed, LetterBounced, LetterHeld:
		switch {
		case l.Kind.Ends():
			return !b.Status.Live()
		case l.Kind.OfTheFuture() && l.Status == LetterSent:
			return false // it said what counted then
		}
		return b.Status.Live() && l.Sequence == b.Sequence && (l.Kind == LostLink || (l.Kind == Requested) == (b.Status == Pending))
	case LetterSending, LetterWithdrawn, LetterDropped:
	}
	return false
}

// LetterLease is how long a worker may keep a letter before another may take it. It is longer than a slow mail server's
// patience, so that only a dead or frozen worker loses a letter.
const LetterLease = 3 * time.Minute

// letterWaits are the pauses after each failed attempt. Together they are a little over three days, which outlasts a
// weekend without a mail server (RFC 5321, 4.5.4.1 asks for four to five days of a relay; a patient who has heard
// nothing for three should be telephoned).
var letterWaits = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 27 * time.Hour,
}

// TroubleAfter is after how many failed attempts staff see that a letter has not gone out. One alone is common: servers that do
// not know us yet put everybody off once (greylisting). The second is a minute later.
const TroubleAfter = 2

// Silence is how long nothing has been heard of the worker that sends the letters, when that is long enough for staff to know:
// several times as long as it is between two of its beats. seen is when it was last at work, zero where it never was.
func Silence(seen, now time.Time) (time.Duration, bool) {
	silent := now.Sub(seen)
	return silent, !seen.IsZero() && silent >= workerSilence
}

// WorkerBeats is how often a worker records that it is at work.
const (
	WorkerBeats   = time.Minute
	workerSilence = 5 * time.Minute
)

// AfterFailure says what becomes of a letter whose attempt failed: a permanent refusal (5xx) ends it at once, anything
// else is tried again later until the waits are used up, or until the next try would come after the counseling has begun:
// then staff see it while there is still time to telephone. failure is what Letter.Failure holds.
func (l Letter) AfterFailure(failure string, permanent bool, now time.Time) Letter {
	l.Failure, l.LeaseUntil = failure, nil
	l.Status = LetterFailed
	if permanent || l.Attempts > len(letterWaits) {
		return l
	}
	// A letter that could not be opened does not say when the counseling is, and thanks come after it.
	begins := l.Content.StartsAt
	if due := now.Add(letterWaits[max(l.Attempts, 1)-1]); begins.IsZero() || l.Kind == Thanks || due.Before(begins) {
		l.Status, l.DueAt = LetterWaiting, due
	}
	return l
}
