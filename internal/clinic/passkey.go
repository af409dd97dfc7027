package clinic

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Passkey (パスキー) is a key on a device of a member of staff. It signs them in by itself, or stands for a code after the password.
type Passkey struct {
	ID        string // names it to its owner
	Name      string // as they call it
	CreatedAt time.Time
	UsedAt    *time.Time // nil before the first time
}

// MaxPasskeys is how many passkeys a person may have, and MaxPasskeyName is the longest name of one.
const (
	MaxPasskeys    = 10
	MaxPasskeyName = 40
)

// PasskeyLife is how long a browser may take until its owner has found and shown the passkey that it is asked for.
const PasskeyLife = 5 * time.Minute

// PasskeyTries is how many answers with passkeys may be refused from one network address within SignInWindow. Nobody guesses a key; the limit
// keeps the audit log from being filled.
const PasskeyTries = 30

// CheckPasskeyName tidies the name that somebody gives a passkey.
func CheckPasskeyName(typed string) (name string, errs Errors) {
	name = Tidy(typed)
	switch problem := BadSign("name", name); {
	case name == "":
		errs = append(errs, &Error{Code: Invalid, Field: "name", Message: "error.empty"})
	case problem != nil:
		errs = append(errs, problem)
	case utf8.RuneCountInString(name) > MaxPasskeyName:
		errs = append(errs, tooLong("name", MaxPasskeyName))
	}
	return name, errs
}

// CheckPasskeyTaken refuses a name that another passkey of the same person has, because nobody could tell the two apart when one of them is lost.
// id is that of the passkey which gets the name, "" for a new one.
func CheckPasskeyTaken(name, id string, all []Passkey) error {
	for _, p := range all {
		if p.ID != id && strings.EqualFold(Narrow(p.Name), Narrow(name)) {
			return &Error{Code: Conflict, Field: "name", Message: "error.passkey.same"}
		}
	}
	return nil
}

// CheckPasskeysFull refuses another passkey to whoever has as many as a person may have.
func CheckPasskeysFull(all []Passkey) error {
	if len(all) >= MaxPasskeys {
		return &Error{Code: Conflict, Field: "passkey", Message: "error.passkey.most"}
	}
	return nil
}
