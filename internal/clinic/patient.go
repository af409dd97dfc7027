package clinic

import (
	"strings"
	"time"
)

// MaxText is the longest text that a patient may type, in characters (not bytes).
const MaxText = 2000

// MinAge is the youngest age for which a booking is taken online. Younger people are asked to call, because a guardian
// must be part of the conversation from its beginning; from MinAge to AdultAge the form asks how the guardian agrees.
const (
	MinAge   = 15
	AdultAge = 18 // Civil Code, article 4
	maxAge   = 120
)

// Patient (患者) is the person who comes. It is sealed as a whole wherever it is stored.
type Patient struct {
	ID         string
	FamilyName string // exactly as typed: 髙 and 﨑 stay; one of the two names may be missing
	GivenName  string
	FamilyKana string // full-width katakana; Latin letters or nothing where the name is not Japanese
	GivenKana  string
	Birth      Date
	Sex        Sex
	Phone      string // digits only, with the leading 0; a foreign one in E.164: +821012345678
	Email      string
	CreatedAt  time.Time
}

// Name is the full name in Japanese order.
func (p Patient) Name() string { return fullName(p.FamilyName, p.GivenName) }

// Kana is the reading of the name; empty when it is not known.
func (p Patient) Kana() string { return fullName(p.FamilyKana, p.GivenKana) }

// Readings are what the family and the given name are found and compared by: the kana, or the name itself where there is none.
func (p Patient) Readings() (family, given string) {
	family, given = p.FamilyKana, p.GivenKana
	if family == "" {
		family = p.FamilyName
	}
	if given == "" {
		given = p.GivenName
	}
	return family, given
}

// SameName reports whether two have the same reading of their names.
func (p Patient) SameName(other Patient) bool {
	family, given := p.Readings()
	otherFamily, otherGiven := other.Readings()
	return strings.EqualFold(strings.ReplaceAll(family+given, " ", ""), strings.ReplaceAll(otherFamily+otherGiven, " ", ""))
}

// Identity tells people apart: whoever has the same reading of the name, birth date and phone number is the same patient.
// It is personal data; what is stored is its blind index.
func (p Patient) Identity() string {
	family, given := p.Readings()
	birth := ""
	if !p.Birth.IsZero() { // of a caller nobody has asked it
		birth = p.Birth.String()
	}
	return strings.ToLower(strings.ReplaceAll(family+given, " ", "")) + "\x00" + birth + "\x00" + p.Phone
}

// PatientInput is what somebody typed about themselves, unchanged, so that it can be shown again.
type PatientInput struct {
	FamilyName, GivenName           string
	FamilyKana, GivenKana           string
	BirthEra                        string // empty for a year that says itself what it is
	BirthYear, BirthMonth, BirthDay string
	Sex, Phone, Email               string
	Lang                            string // of the page: in English a reading in kana is asked of nobody
}

// foreign reports whether somebody need not have two names and a reading in kana: whoever reads English, and whoever has a name
// without a Japanese letter in it.
func (in PatientInput) foreign() bool {
	name := in.FamilyName + in.GivenName
	return in.Lang == "en" || strings.TrimSpace(name) != "" && !IsJapanese(name)
}

// NewPatient is lenient in what it reads (full-width digits, half-width kana, hiragana, hyphens) and strict in what it
// returns. Every wrong field is named, in the order of the form: family_name, given_name, family_kana, given_kana,
// birth_date, sex, phone, email. The patient has no ID yet, and no birth date where that was wrong. today is the day at
// the branch.
func NewPatient(in PatientInput, today Date) (Patient, Errors) {
	var errs Errors
	p := Patient{FamilyName: readName(in.FamilyName), GivenName: readName(in.GivenName), Sex: Sex(strings.TrimSpace(in.Sex))}
	foreign := in.foreign()
	if !foreign || p.FamilyName != "" || p.GivenName == "" {
		errs = checkName(errs, "family_name", p.FamilyName)
	}
	if !foreign || p.GivenName != "" || p.FamilyName == "" {
		errs = checkName(errs, "given_name", p.GivenName)
	}
	p.FamilyKana, errs = reading(errs, "family_kana", in.FamilyKana, p.FamilyName, foreign)
	p.GivenKana, errs = reading(errs, "given_kana", in.GivenKana, p.GivenName, foreign)

	birth, problem := ParseBirth(BirthYear(in.BirthEra, in.BirthYear), in.BirthMonth, in.BirthDay)
	if problem == "" {
		problem = checkAge(birth, today)
	}
	if problem != "" {
		errs = append(errs, invalid("birth_date", problem))
	} else {
		p.Birth = birth
	}

	if p.Sex != Female && p.Sex != Male && p.Sex != NoSex {
		errs = append(errs, invalid("sex", "error.choose"))
	}

	phone, problem := ParsePhone(in.Phone)
	if problem != "" {
		errs = append(errs, invalid("phone", problem))
	}
	p.Phone = phone

	email, problem := ParseRecipient(in.Email)
	if problem != "" {
		errs = append(errs, wrongEmail(in.Email, problem))
	}
	p.Email = email
	return p, errs
}

// reading reads how a name is read, which a name in kana says itself.
func reading(errs Errors, field, typed, name string, foreign bool) (string, Errors) {
	kana := readKana(typed)
	if own := readKana(name); kana == "" && isReading(own) {
		kana = own
	}
	switch {
	case kana == "" && foreign:
		return "", errs
	case foreign && !IsJapanese(kana):
		latin := readName(typed)
		return latin, checkName(errs, field, latin)
	}
	return kana, checkKana(errs, field, kana)
}

func checkAge(birth, today Date) string {
	switch age := birth.Age(today); {
	case today.Before(birth):
		return "error.birth.future"
	case age > maxAge:
		return "error.birth.old"
	case age < MinAge:
		return "error.birth.young"
	}
	return ""
}
