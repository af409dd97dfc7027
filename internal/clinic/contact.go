package clinic

import (
	"strconv"
	"strings"
	"time"
)

// Contact is how a patient is called and reached: what may be corrected of a booking. It may be as somebody typed it.
type Contact struct {
	FamilyName, GivenName string
	FamilyKana, GivenKana string
	Phone, Email          string
}

// Contact is how the patient is called and reached.
func (p Patient) Contact() Contact {
	return Contact{p.FamilyName, p.GivenName, p.FamilyKana, p.GivenKana, p.Phone, p.Email}
}

// NamesInFull reports whether Patient.Corrected asks for both names and their kana, in a booking in the given language. Of whoever reads
// English, or has no Japanese letter in their name, one name is enough.
func (c Contact) NamesInFull(lang string) bool {
	return !PatientInput{FamilyName: c.FamilyName, GivenName: c.GivenName, Lang: lang}.foreign()
}

// Corrected is the patient under another contact, read as leniently as NewPatient does, with every field named that is wrong. What
// stays as it is is not checked anew: it may have been taken under other rules, and is not what is being corrected. lang is that of
// the booking.
func (p Patient) Corrected(typed Contact, lang string, today Date) (Patient, Errors) {
	checked, all := NewPatient(PatientInput{
		FamilyName: typed.FamilyName, GivenName: typed.GivenName, FamilyKana: typed.FamilyKana, GivenKana: typed.GivenKana,
		BirthYear: strconv.Itoa(p.Birth.Year), BirthMonth: strconv.Itoa(int(p.Birth.Month)), BirthDay: strconv.Itoa(p.Birth.Day),
		Sex: string(p.Sex), Phone: typed.Phone, Email: typed.Email, Lang: lang,
	}, today)
	out, was := p, p.Contact()
	var errs Errors
	for _, f := range []struct {
		name               string
		field              *string
		was, typed, became string
	}{
		{"family_name", &out.FamilyName, was.FamilyName, typed.FamilyName, checked.FamilyName},
		{"given_name", &out.GivenName, was.GivenName, typed.GivenName, checked.GivenName},
		{"family_kana", &out.FamilyKana, was.FamilyKana, typed.FamilyKana, checked.FamilyKana},
		{"given_kana", &out.GivenKana, was.GivenKana, typed.GivenKana, checked.GivenKana},
		{"phone", &out.Phone, was.Phone, typed.Phone, checked.Phone},
		{"email", &out.Email, was.Email, typed.Email, checked.Email},
	} {
		if f.typed == f.was {
			continue
		}
		*f.field = f.became
		if wrong := all.For(f.name); wrong != nil {
			errs = append(errs, wrong)
		}
	}
	return out, errs
}

// CorrectedRecord is Corrected for what is stored of a patient: the mail address may be taken away, and the birth date, in one field, be
// corrected as well.
func (p Patient) CorrectedRecord(typed Contact, birth string, today Date) (Patient, Errors) {
	noEmail := strings.TrimSpace(typed.Email) == ""
	if noEmail {
		typed.Email = p.Email // is not checked
	}
	out, errs := p.Corrected(typed, "ja", today)
	if noEmail {
		out.Email = ""
	}
	if strings.TrimSpace(birth) == "" {
		return out, errs
	}
	date, problem := ParseBirthText(birth)
	if problem == "" && date != p.Birth {
		switch {
		case today.Before(date):
			problem = "error.birth.future"
		case date.Age(today) > maxAge:
			problem = "error.birth.old"
		}
	}
	if problem != "" {
		return out, append(errs, invalid("birth", problem))
	}
	out.Birth = date
	return out, errs
}

// With is what was typed with a booking once the patient, who was one, has been corrected to another: what the correction changed is
// changed in it as well, where it said the same.
func (p Patient) With(before, after Patient) Patient {
	for _, f := range []struct{ here, was, is *string }{
		{&p.FamilyName, &before.FamilyName, &after.FamilyName},
		{&p.GivenName, &before.GivenName, &after.GivenName},
		{&p.FamilyKana, &before.FamilyKana, &after.FamilyKana},
		{&p.GivenKana, &before.GivenKana, &after.GivenKana},
		{&p.Phone, &before.Phone, &after.Phone},
		{&p.Email, &before.Email, &after.Email},
	} {
		if *f.here == *f.was {
			*f.here = *f.is
		}
	}
	if p.Birth == before.Birth {
		p.Birth = after.Birth
	}
	return p
}

// CheckCorrect decides whether an actor may correct the contact of an appointment: staff who may change bookings at its branch, at
// any time; and the patient by their link, while the booking stands and the counseling is not over.
func (a Appointment) CheckCorrect(actor Actor, now time.Time) error {
	switch {
	case actor.May(ChangeBooking, a.Branch.ID):
		return nil
	case actor.Kind != ActorPatient:
		return &Error{Code: Forbidden, Message: "error.forbidden"}
	case !a.Booking.Status.Live() || a.Over(now):
		return &Error{Code: Conflict, Message: "error.correct.over"}
	}
	return nil
}

// How often a patient may correct the address that a letter goes to. Each time sends a letter to whatever address was typed, so
// that without a limit one booking could fill a stranger's mailbox.
const (
	maxCorrections   = 5
	correctionsPause = time.Minute
)

// CheckCorrection decides whether a patient may have the letter go to another address now. What the front desk has had sent again
// counts as well: from so many letters on it is a matter for the telephone.
func (l Letter) CheckCorrection(now time.Time) error {
	switch {
	case l.Resends >= maxCorrections:
		return &Error{Code: TooMany, Field: "email", Message: "error.correct.many"}
	case l.DatedAt != nil && now.Sub(*l.DatedAt) < correctionsPause:
		return &Error{Code: TooMany, Field: "email", Message: "error.correct.soon"}
	}
	return nil
}
