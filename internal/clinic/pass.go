package clinic

import (
	"strconv"
	"strings"
	"time"
)

// ProofKind is what a browser is asked for before it is shown what only the patient may see behind a link. A link may be forwarded, and a
// letter may reach a stranger.
type ProofKind string

// The kinds of proof.
const (
	ProofBirth ProofKind = "birth" // the birth date
	ProofPhone ProofKind = "phone" // the last four digits of the telephone number: of a caller whom nobody has asked for a birth date
	NoProof    ProofKind = ""      // nothing is known that could be asked for
)

// proofDigits is how many digits of the telephone number are asked for.
const proofDigits = 4

// Proof is what the patient of a booking is asked for.
func (p Patient) Proof() ProofKind {
	switch {
	case !p.Birth.IsZero():
		return ProofBirth
	case len(digitsOf(p.Phone)) >= proofDigits:
		return ProofPhone
	}
	return NoProof
}

// ProofInput is what somebody typed as a proof.
type ProofInput struct {
	BirthEra, BirthYear, BirthMonth, BirthDay string
	Phone                                     string // its last digits
}

// Proves reports whether what was typed is what only the patient knows. What nobody can have meant, such as half a date, is an error at
// its field, and no try.
func (p Patient) Proves(in ProofInput) (bool, error) {
	if p.Proof() == ProofPhone {
		typed, known := digitsOf(in.Phone), digitsOf(p.Phone)
		if len(typed) != proofDigits {
			return false, invalid("phone-digits", "error.pass.digits")
		}
		return strings.HasSuffix(known, typed), nil
	}
	birth, problem := ParseBirth(BirthYear(in.BirthEra, in.BirthYear), in.BirthMonth, in.BirthDay)
	if problem != "" {
		return false, invalid("birth_date", problem)
	}
	return p.Proof() == ProofBirth && birth == p.Birth, nil
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, Narrow(s))
}

// MaxTries is how often a wrong proof may be typed for one booking, on all browsers together. After that, only the telephone helps: a
// birth date is one of some twenty thousand, four digits are one of ten thousand.
const MaxTries = 5

// WrongTries is how many of all the wrong proofs count: those from before somebody at the front desk gave new tries do not. New ones are given
// when all are used up, so that each time makes up for MaxTries.
func WrongTries(wrong, given int) int { return max(wrong-given*MaxTries, 0) }

// CheckGiveTries refuses to give new tries while there are some.
func CheckGiveTries(wrong int) error {
	if wrong < MaxTries {
		return &Error{Code: Conflict, Message: "error.pass.open"}
	}
	return nil
}

// Tries are the tries of the proof of one booking, as the front desk sees them.
type Tries struct {
	Spent   bool       // only the telephone helps
	GivenAt *time.Time // when new ones were last given; nil for never
	GivenBy string     // the id of the member of staff who did; "" for nobody of the staff
}

// CheckTries refuses one more proof after so many wrong ones, a right one as well.
func CheckTries(wrong int) error {
	if wrong >= MaxTries {
		return &Error{Code: TooMany, Message: "error.pass.tries"}
	}
	return nil
}

// WrongProof is the answer to a wrong proof, the so-manieth.
func (p Patient) WrongProof(wrong int) error {
	if err := CheckTries(wrong); err != nil {
		return err
	}
	field := "birth_date"
	if p.Proof() == ProofPhone {
		field = "phone-digits"
	}
	return &Error{Code: Invalid, Field: field, Message: "error.pass.wrong", Args: map[string]string{"N": strconv.Itoa(MaxTries - wrong)}}
}

// PassKind says why a browser has a pass.
type PassKind string

// The kinds of passes.
const (
	PassBooked PassKind = "booked" // it made the booking, where the birth date was typed
	PassProved PassKind = "proved" // the proof was typed in it
	PassTyped  PassKind = "typed"  // the answers were typed in it: it is good for those, and no longer once another browser has saved some
)

// Pass is what a browser keeps to show that it is the patient's own, for one booking. The zero Pass opens nothing but what is empty.
type Pass struct {
	Kind     PassKind
	Revision int       // of the intake, of a PassTyped
	Ends     time.Time // with the counseling
}

// Knows reports whether the browser is the patient's own, so that it may see and correct how they are reached.
func (p Pass) Knows(now time.Time) bool {
	return (p.Kind == PassBooked || p.Kind == PassProved) && now.Before(p.Ends)
}

// Opens reports whether the browser may see the answers of an intake in a revision. Where nothing was answered there is nothing to hide.
func (p Pass) Opens(revision int, now time.Time) bool {
	return revision == 0 || p.Knows(now) || p.Kind == PassTyped && p.Revision == revision && now.Before(p.Ends)
}

// String is the pass as ParsePass reads it.
func (p Pass) String() string {
	return strings.Join([]string{string(p.Kind), strconv.Itoa(p.Revision), strconv.FormatInt(p.Ends.Unix(), 10)}, ".")
}

// ParsePass reads what String wrote; what it cannot have written is the zero Pass.
func ParsePass(s string) Pass {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return Pass{}
	}
	revision, err := strconv.Atoi(parts[1])
	ends, endErr := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || endErr != nil {
		return Pass{}
	}
	return Pass{Kind: PassKind(parts[0]), Revision: revision, Ends: time.Unix(ends, 0).UTC()}
}

// MaskedEmail is an address as far as a browser may see it that has no pass: enough to recognise one's own.
func MaskedEmail(email string) string {
	name, domain, found := strings.Cut(email, "@")
	if !found {
		return ""
	}
	letters := []rune(name)
	return string(letters[:min(2, max(len(letters)-1, 0))]) + "***@" + domain
}

// MaskedPhone is a telephone number in the same way: its last two digits.
func MaskedPhone(phone string) string {
	digits := digitsOf(phone)
	if len(digits) < 2 {
		return ""
	}
	return strings.Repeat("*", len(digits)-2) + digits[len(digits)-2:]
}
