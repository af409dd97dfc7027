package clinic

import "time"

// LostInput is what somebody typed who has lost the link of their booking, unchanged, so that it can be shown again.
type LostInput struct {
	ByEmail                                   bool // the address was typed, and not reference and birth date
	Reference                                 string
	BirthEra, BirthYear, BirthMonth, BirthDay string
	Email                                     string
}

// Lost is what somebody knows of the booking whose link they have lost: its reference and the birth date, or the mail address.
type Lost struct {
	Reference string
	Birth     Date
	Email     string // where this is given, nothing else is
}

// ReadLost reads what was typed. Every wrong field is named: booking-reference, birth_date, email. Whether there is such a booking has no part
// in it.
func ReadLost(in LostInput) (Lost, Errors) {
	var l Lost
	var errs Errors
	var problem string
	if in.ByEmail {
		if l.Email, problem = ParseRecipient(in.Email); problem != "" {
			errs = append(errs, invalid("email", problem))
		}
		return l, errs
	}
	var ok bool
	if l.Reference, ok = ParseReference(in.Reference); !ok {
		errs = append(errs, invalid("booking-reference", "error.lost.reference"))
	}
	if l.Birth, problem = ParseBirth(BirthYear(in.BirthEra, in.BirthYear), in.BirthMonth, in.BirthDay); problem != "" {
		errs = append(errs, invalid("birth_date", problem))
	}
	return l, errs
}

// Wanted is what is asked for, written in one way, by which it is counted.
func (l Lost) Wanted() string {
	if l.Email != "" {
		return Mailbox(l.Email)
	}
	return l.Reference
}

// Means reports whether an appointment is one whose patient may get another link: it stands, is not over, its patient can be written to,
// and it is theirs by what they know. The letter goes to the address that is stored, whatever was typed.
func (l Lost) Means(a Appointment, now time.Time) bool {
	if !a.Booking.Status.Live() || a.Over(now) || a.Patient.Email == "" {
		return false
	}
	if l.Email != "" {
		return Mailbox(l.Email) == Mailbox(a.Patient.Email)
	}
	return l.Reference == a.Booking.Reference && !a.Patient.Birth.IsZero() && l.Birth == a.Patient.Birth
}

// How often another link may be asked for: from one network address, behind which there may be many people, and for one reference or
// one mail address, by whomever. Every request counts, also one that nothing comes of, because the answer must not tell the two apart.
const (
	LostPerHour = 20 // from one network address
	LostPerDay  = 5  // for one reference or mail address
)

// LostKept is how long a request is counted, and how long one that was not seen to is worth it.
const LostKept = 24 * time.Hour

// LostLettersPerDay is how many letters with another link one booking gets. Whoever has so many has a link.
const LostLettersPerDay = 3

// LostCount is what has been asked for already.
type LostCount struct {
	Client int // from the same network address in the last hour
	Wanted int // for the same reference or mail address in the last LostKept
}

// Check refuses one more request after so many.
func (n LostCount) Check() error {
	if n.Client >= LostPerHour || n.Wanted >= LostPerDay {
		return &Error{Code: TooMany, Message: "error.lost.many"}
	}
	return nil
}
