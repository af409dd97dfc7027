package clinic

import (
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of what a patient may type, in characters (not bytes).
const (
	MaxName  = 40
	MaxEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
	MaxText  = 2000
)

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
	FamilyName string // exactly as typed: 髙 and 﨑 stay
	GivenName  string
	FamilyKana string // full-width katakana
	GivenKana  string
	Birth      Date
	Sex        Sex
	Phone      string // digits only, with the leading 0
	Email      string
	CreatedAt  time.Time
}

// Name is the full name in Japanese order.
func (p Patient) Name() string { return p.FamilyName + " " + p.GivenName }

// Kana is the reading of the name.
func (p Patient) Kana() string { return p.FamilyKana + " " + p.GivenKana }

// Identity tells people apart: whoever has the same reading of the name, birth date and phone number is the same patient.
// It is personal data; what is stored is its blind index.
func (p Patient) Identity() string {
	return strings.ReplaceAll(p.FamilyKana+p.GivenKana, " ", "") + "\x00" + p.Birth.String() + "\x00" + p.Phone
}

// PatientInput is what somebody typed about themselves, unchanged, so that it can be shown again.
type PatientInput struct {
	FamilyName, GivenName           string
	FamilyKana, GivenKana           string
	BirthYear, BirthMonth, BirthDay string
	Sex, Phone, Email               string
}

// NewPatient is lenient in what it reads (full-width digits, half-width kana, hiragana, hyphens) and strict in what it
// returns. Every wrong field is named, in the order of the form: family_name, given_name, family_kana, given_kana,
// birth_date, sex, phone, email. The patient has no ID yet, and no birth date where that was wrong. today is the day at
// the branch.
func NewPatient(in PatientInput, today Date) (Patient, Errors) {
	var errs Errors
	p := Patient{
		FamilyName: Tidy(in.FamilyName), GivenName: Tidy(in.GivenName),
		FamilyKana: Katakana(Tidy(in.FamilyKana)), GivenKana: Katakana(Tidy(in.GivenKana)),
		Sex: Sex(strings.TrimSpace(in.Sex)),
	}
	errs = checkName(errs, "family_name", p.FamilyName)
	errs = checkName(errs, "given_name", p.GivenName)
	errs = checkKana(errs, "family_kana", p.FamilyKana)
	errs = checkKana(errs, "given_kana", p.GivenKana)

	birth, problem := ParseBirth(in.BirthYear, in.BirthMonth, in.BirthDay)
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

	email, problem := ParseEmail(in.Email)
	if problem != "" {
		errs = append(errs, invalid("email", problem))
	}
	p.Email = email
	return p, errs
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

// ParsePhone reads a Japanese telephone number of 10 or 11 digits with a leading 0, written with or without hyphens,
// brackets, spaces and +81, in any width. It returns the digits, or the key of the sentence that says what is wrong.
func ParsePhone(typed string) (digits, problem string) {
	s := strings.TrimSpace(Narrow(typed))
	if s == "" {
		return "", "error.phone.empty"
	}
	if rest, ok := strings.CutPrefix(s, "+81"); ok {
		s = "0" + strings.TrimPrefix(strings.TrimLeft(rest, " -("), "0")
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune("-‐‑‒–—―−ー()（） .", r):
		default:
			return "", "error.phone.letters"
		}
	}
	digits = b.String()
	if len(digits) != 10 && len(digits) != 11 || digits[0] != '0' {
		return "", "error.phone.length"
	}
	return digits, ""
}

// ParseEmail reads one bare address. It returns the address, or the key of the sentence that says what is wrong. The
// address goes into mail headers, so anything but a plain dot-atom in ASCII is refused (RFC 5321, 4.1.2).
func ParseEmail(typed string) (address, problem string) {
	s := strings.TrimSpace(Narrow(typed))
	if s == "" {
		return "", "error.email.empty"
	}
	if len(s) > MaxEmail {
		return "", "error.email.long"
	}
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || strings.Contains(domain, "@") || !isDotAtom(local, true) || !isDomain(domain) {
		return "", "error.email.form"
	}
	// The standard parser has the last word, so that what is stored can always be put into a header.
	if parsed, err := mail.ParseAddress(s); err != nil || parsed.Address != s || parsed.Name != "" {
		return "", "error.email.form"
	}
	return s, ""
}

// isDotAtom accepts the characters of an RFC 5322 atom. Old Japanese mobile addresses such as a..b.@docomo exist with
// doubled or trailing dots; RFC 5321 forbids them and the parser refuses them too.
func isDotAtom(s string, lenient bool) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-':
		case lenient && strings.ContainsRune("!#$%&'*+/=?^_`{|}~", r):
		default:
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 || !isDotAtom(s, false) {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") {
			return false
		}
	}
	return true
}

// checkName accepts the letters of any script with the few signs that names have. Digits, slashes and colons are out, so
// that no link can travel in a name through our letters.
func checkName(errs Errors, field, s string) Errors {
	switch {
	case s == "":
		return append(errs, invalid(field, "error.name.empty"))
	case HasControl(s):
		return append(errs, invalid(field, "error.control"))
	case utf8.RuneCountInString(s) > MaxName:
		return append(errs, tooLong(field, MaxName))
	case !strings.ContainsFunc(s, unicode.IsLetter) || strings.ContainsFunc(s, notInName):
		return append(errs, invalid(field, "error.name.letters"))
	}
	return errs
}

func notInName(r rune) bool {
	// Marks include the variation selectors that tell 葛󠄀 from 葛.
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" ・'’-‐ー〆ヶ々", r)
}

func checkKana(errs Errors, field, s string) Errors {
	switch {
	case s == "":
		return append(errs, invalid(field, "error.kana.empty"))
	case HasControl(s):
		return append(errs, invalid(field, "error.control"))
	case utf8.RuneCountInString(s) > MaxName:
		return append(errs, tooLong(field, MaxName))
	case strings.ContainsFunc(s, func(r rune) bool { return !isKatakana(r) && r != ' ' }):
		return append(errs, invalid(field, "error.kana.letters"))
	}
	return errs
}

// checkLine checks one line of free text.
func checkLine(errs Errors, field, s string, required bool, most int) Errors {
	switch {
	case s == "" && required:
		return append(errs, invalid(field, "error.empty"))
	case HasControl(s):
		return append(errs, invalid(field, "error.control"))
	case utf8.RuneCountInString(s) > most:
		return append(errs, tooLong(field, most))
	}
	return errs
}

// checkText checks free text of several lines.
func checkText(errs Errors, field, s string, most int) Errors {
	return checkLine(errs, field, strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(s), false, most)
}

func tooLong(field string, most int) *Error {
	return &Error{Code: Invalid, Field: field, Message: "error.long", Args: map[string]string{"Max": strconv.Itoa(most)}}
}

// FormatPhone writes stored digits for people: 090-0000-0000, 03-0000-0000, 0120-000-000. Area codes have 2 to 5 digits and
// only a table of them all tells where they end, so any other number of 10 digits is grouped as 000-000-0000.
func FormatPhone(digits string) string {
	switch {
	case len(digits) == 11:
		return digits[:3] + "-" + digits[3:7] + "-" + digits[7:]
	case len(digits) == 10 && (strings.HasPrefix(digits, "03") || strings.HasPrefix(digits, "06")):
		return digits[:2] + "-" + digits[2:6] + "-" + digits[6:]
	case len(digits) == 10 && (strings.HasPrefix(digits, "0120") || strings.HasPrefix(digits, "0570")):
		return digits[:4] + "-" + digits[4:7] + "-" + digits[7:]
	case len(digits) == 10:
		return digits[:3] + "-" + digits[3:6] + "-" + digits[6:]
	}
	return digits
}
