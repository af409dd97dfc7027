package clinic

import (
	"slices"
	"strings"
	"time"
)

// WaitingInput is what somebody chose for what they wait for, unchanged, so that it can be shown again.
type WaitingInput struct {
	DoctorID string
	Women    bool
	Weekdays []string // 0 is Sunday
	Parts    []string // of the day
	Last     string   // 2026-12-31; "" for WaitingDays from now
}

// ReadWaiting reads what somebody waits for at a branch, and names every field that is wrong: doctor, weekdays, parts, last. Whoever may come
// only so long, because they have a booking then, says so with latest; it is zero for anybody else.
func ReadWaiting(in WaitingInput, doctors []Doctor, at Branch, latest Date, now time.Time) (w Wish, parts []DayPart, errs Errors) {
	today := DateOf(now, at.Location())
	w = Wish{First: today, Last: LastWaitingDay(at, latest, now), At: -1}
	switch {
	case in.DoctorID == "":
	case !slices.ContainsFunc(doctors, func(d Doctor) bool { return d.ID == in.DoctorID }):
		errs = append(errs, invalid("doctor", "error.choose"))
	default:
		w.DoctorIDs = []string{in.DoctorID}
	}
	if in.Women {
		w.Sex = Female
		if misfit := WomanMisfit(doctors, in.DoctorID); misfit != "" {
			errs = append(errs, invalid("doctor", "error.waiting.woman"))
		}
	}
	for _, typed := range in.Weekdays {
		i := strings.Index("0123456", typed)
		if i < 0 || len(typed) != 1 {
			errs = append(errs, invalid("wait-days", "error.choose"))
			break
		}
		w.addWeekdays(time.Weekday(i))
	}
	for _, typed := range in.Parts {
		part := DayPart(typed)
		if !slices.Contains(DayParts, part) {
			errs = append(errs, invalid("wait-parts", "error.choose"))
			break
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	if in.Last == "" {
		return w, parts, errs
	}
	last, ok := ParseDate(strings.TrimSpace(Narrow(in.Last)))
	if !ok {
		return w, parts, append(errs, invalid("wait-until", "error.date"))
	}
	horizon := Horizon{today, at.Horizon(Visitor("", ""), now).Last}
	if err := horizon.Check("wait-until", last); err != nil {
		return w, parts, append(errs, err)
	}
	w.Last = last
	return w, parts, errs
}

// LastWaitingDay is until when somebody waits who does not say: some weeks, or until the day of their booking.
func LastWaitingDay(at Branch, latest Date, now time.Time) Date {
	last := DateOf(now, at.Location()).AddDays(WaitingDays)
	if end := at.Horizon(Visitor("", ""), now).Last; end.Before(last) {
		last = end
	}
	if !latest.IsZero() {
		last = latest
	}
	return last
}

// WaitingOfWish is what somebody on the telephone waits for, by the wish that was read: a time of day stands for what lies less than an hour
// from it, as Wish.Fits has it. Of several doctors one must be chosen.
func WaitingOfWish(w Wish, at Branch, now time.Time) (Wish, *Error) {
	today := DateOf(now, at.Location())
	if len(w.DoctorIDs) > 1 {
		return w, &Error{Code: Invalid, Field: "wish", Message: "error.waiting.doctors"}
	}
	if w.At >= 0 {
		w.From, w.Until, w.At = max(0, w.At-59), min(dayEnd, w.At+60), -1
	}
	w.First = laterOf(w.First, today)
	if w.Last.IsZero() {
		w.Last = LastWaitingDay(at, Date{}, now)
	}
	if w.Last.Before(w.First) {
		return w, &Error{Code: Invalid, Field: "wish", Message: "error.waiting.past"}
	}
	w.Unread = nil
	return w, nil
}

func laterOf(a, b Date) Date {
	if a.Before(b) {
		return b
	}
	return a
}

// NewWaiter is NewPatient for somebody who gets in line: birth date and sex are asked when they book.
func NewWaiter(in PatientInput, today Date) (Patient, Errors) {
	in.BirthEra, in.BirthYear, in.BirthMonth, in.BirthDay, in.Sex = "", "", "", "", string(NoSex)
	p, errs := NewPatient(in, today)
	return p, slices.DeleteFunc(errs, func(e *Error) bool { return e.Field == "birth_date" })
}

// WaitingRequest is what it takes to get in line, checked.
type WaitingRequest struct {
	BranchID string
	Wish     Wish
	Parts    []DayPart
	Patient  Patient // whoever has a booking is known by it
	Lang     string
	Token    string // opens the place; the same token again has no further effect
}

// NewWaiting is the place in line that a request asks for.
func NewWaiting(r WaitingRequest, now time.Time) Waiting {
	return Waiting{
		ID: NewIDAt(now), BranchID: r.BranchID, Wish: r.Wish, Parts: r.Parts, Lang: r.Lang, ByMail: r.Patient.Email != "", Status: Waits,
		CreatedAt: now, Patient: r.Patient,
	}
}
