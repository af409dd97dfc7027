package clinic

import (
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
	MaxPasskeys    = 20
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
