package clinic

import "time"

// The letters to somebody who waits.
const (
	InLineLetter    LetterKind = "in_line"    // 順番待ちの受付
	OfferLetter     LetterKind = "offer"      // 空きのご案内
	OfferOverLetter LetterKind = "offer_over" // ご案内の終了
)

// WaitingKinds are the kinds of letters to somebody who waits.
var WaitingKinds = []LetterKind{InLineLetter, OfferLetter, OfferOverLetter}

// InLineFor writes the letter that says to somebody that they wait, and how they leave the line.
func InLineFor(s Settings, w Waiting, branch Branch, token string, now time.Time) Letter {
	l := newLetter(InLineLetter, s, Appointment{Branch: branch, Booking: Booking{Lang: w.Lang}, Patient: w.Patient}, token, now)
	l.WaitingID, l.OnceKey = w.ID, w.ID+"/"+string(InLineLetter)
	return l
}

// OfferLetterFor writes the letter that offers a slot to somebody who waits. It does not go once the offer has ended without it.
func OfferLetterFor(s Settings, w Waiting, o Offer, slot Appointment, token string, now time.Time) Letter {
	l := waitingLetter(OfferLetter, s, w, o, slot, token, now)
	l.LapsesAt = &o.ExpiresAt
	l.Content.KeepMinutes = o.Minutes
	return l
}

// OfferOverFor writes the letter that says that an offer has ended and that they are still in line. Nobody is woken by it, also where it could not
// be sent for a day: then it does not go.
func OfferOverFor(s Settings, w Waiting, o Offer, slot Appointment, token string, now time.Time) Letter {
	l := waitingLetter(OfferOverLetter, s, w, o, slot, token, now)
	rule, loc := slot.Branch.Settings.Waiting, slot.Branch.Location()
	l.DueAt = rule.AfterQuiet(now, loc)
	l.LapsesAt = rule.BeforeQuiet(l.DueAt, loc)
	if l.LapsesAt != nil && !l.LapsesAt.After(l.DueAt) { // right before the night: in the morning
		l.DueAt = rule.AfterQuiet(l.LapsesAt.Add(LetterLease), loc)
		l.LapsesAt = rule.BeforeQuiet(l.DueAt, loc)
	}
	return l
}

func waitingLetter(kind LetterKind, s Settings, w Waiting, o Offer, slot Appointment, token string, now time.Time) Letter {
	slot.Booking, slot.Patient = Booking{Lang: w.Lang}, w.Patient
	l := newLetter(kind, s, slot, token, now)
	l.WaitingID, l.OnceKey = w.ID, o.ID+"/"+string(kind)
	return l
}

// LettersLeft reports whether an address that got so many letters gets another one without a person looking.
func LettersLeft(inHour, inDay int) bool { return inHour < LettersPerHour && inDay < LettersPerDay }
