package clinic

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const (
	japan = "JP"
	// abroad is what is dialled in Japan before the code of a country.
	abroad = "010"
)

// ParsePhone reads a telephone number as people write it, in any width, with or without hyphens, brackets and spaces. It returns
// the digits of a Japanese one, with the leading 0 also where +81 was typed, and any other in E.164 (+821012345678); or
// the key of the sentence that says what is wrong.
//
// Japanese numbers are held to the lengths of the numbering plan and no further, so that a range opened tomorrow can be
// booked with today. Foreign ones are read by the plans of all countries, which know where a 0 is dialled at home only.
func ParsePhone(typed string) (number, problem string) {
	s := strings.TrimSpace(Narrow(typed))
	if s == "" {
		return "", "error.phone.empty"
	}
	s, plus := strings.CutPrefix(s, "+")
	digits, ok := phoneDigits(s)
	switch {
	case !ok:
		return "", "error.phone.letters"
	case !plus && (!strings.HasPrefix(digits, abroad) || len(digits) < 12):
		return inJapan(digits)
	case !plus:
		digits = digits[len(abroad):]
	}
	if home, ok := strings.CutPrefix(digits, "81"); ok {
		return inJapan("0" + strings.TrimPrefix(home, "0"))
	}
	number = international("+" + digits)
	// Zeros that could be taken away again and again are no number; 15 digits are the most (ITU-T E.164, 6.2.1).
	if number == "" || number != international(number) || len(number) > len("+")+15 {
		return "", "error.phone.abroad"
	}
	return number, ""
}

// international writes a number of any country in E.164; empty where it is too long or too short for its country.
func international(number string) string {
	parsed, err := phonenumbers.Parse(number, japan)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(parsed) != phonenumbers.IS_POSSIBLE {
		return ""
	}
	return phonenumbers.Format(parsed, phonenumbers.E164)
}

// phoneDigits are the digits of a number, and false where it has anything but those and what people write between them.
func phoneDigits(s string) (string, bool) {
	var b strings.Builder
	for _, r := range lineEnds.Replace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case betweenDigits(r):
		default:
			return "", false
		}
	}
	return b.String(), true
}

func betweenDigits(r rune) bool { return isDash(r) || strings.ContainsRune("()（） .・/\n\t", r) }

// PhoneURL is the link that dials a number, whatever stands between its digits or after it, such as （代表）. It is empty where that
// dials nobody: a branch's number was not checked once, and may be two in a row.
func PhoneURL(number string) string {
	number = Narrow(number)
	if end := strings.IndexFunc(number, func(r rune) bool { return (r < '0' || r > '9') && r != '+' && !betweenDigits(r) }); end >= 0 {
		number = number[:end]
	}
	if digits, problem := ParsePhone(number); problem == "" {
		return "tel:" + digits
	}
	plus := strings.HasPrefix(strings.TrimSpace(number), "+")
	digits, ok := phoneDigits(strings.TrimPrefix(strings.TrimSpace(number), "+"))
	switch {
	case !ok || digits == "" || len(digits) > 15:
		return ""
	case plus:
		return "tel:+" + digits
	}
	return "tel:" + digits // of no plan, stored before it was held to one
}

// inJapan holds a number to Japan's numbering plan (Ordinance on Telecommunications Numbers): 11 digits after 020, 050, 060, 070,
// 080 (0800 among them) and 090, 10 after any other.
func inJapan(digits string) (number, problem string) {
	if len(digits) < 3 || digits[0] != '0' || digits[1] == '0' || strings.HasPrefix(digits, abroad) {
		return "", "error.phone.length"
	}
	want := 10
	switch digits[:3] {
	case "020", "050", "060", "070", "080", "090":
		want = 11
	}
	if len(digits) != want {
		return "", "error.phone.length"
	}
	return digits, ""
}

// FormatPhone writes a stored number for people, hyphens after its area code as the numbering plan has it: 090-0000-0000,
// 03-0000-0000, 0460-00-0000, +82 10-1234-5678.
func FormatPhone(number string) string {
	parsed, err := phonenumbers.Parse(number, japan)
	if err != nil {
		return number
	}
	format := phonenumbers.NATIONAL
	if strings.HasPrefix(number, "+") {
		format = phonenumbers.INTERNATIONAL
	}
	// What fits no plan, stored long ago, is shown as it is.
	if written := phonenumbers.Format(parsed, format); strings.NewReplacer("-", "", " ", "").Replace(written) == number {
		return written
	}
	return number
}
