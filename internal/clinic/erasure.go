package clinic

import "time"

// Erasure is a patient's request that what is stored of them be deleted. Staff decide and do it; the patient's bookings are not touched by asking.
type Erasure struct {
	ID        string
	BookingID string // the booking whose link the patient had
	AskedAt   time.Time
	Outcome   ErasureOutcome
	SettledAt *time.Time // nil while it is open
	SettledBy string     // the id of the member of staff; "" for nobody of the staff
	Reason    string     // why it was refused, as the patient reads it
}

// ErasureOutcome is how a request was settled; "" while it is open.
type ErasureOutcome string

// The outcomes.
const (
	ErasureDone    ErasureOutcome = "done"    // all that may be deleted is
	ErasureRefused ErasureOutcome = "refused" // with a reason
)

// Open reports whether somebody has to see to the request. The zero Erasure is none, and not open.
func (e Erasure) Open() bool { return e.ID != "" && e.SettledAt == nil }

// ReadSettling reads how a member of staff settles a request. A refusal has a reason, because the patient is owed one (Act on the
// Protection of Personal Information, article 36).
func ReadSettling(outcome, reason string) (ErasureOutcome, string, Errors) {
	var errs Errors
	text := TidyText(reason)
	switch ErasureOutcome(outcome) {
	case ErasureDone:
		return ErasureDone, "", nil
	case ErasureRefused:
		if text == "" {
			errs = append(errs, invalid("reason", "error.erasure.reason"))
		}
		return ErasureRefused, text, checkText(errs, "reason", text, MaxMemo)
	}
	return "", text, Errors{invalid("outcome", "error.choose")}
}
