package clinic

import (
	"slices"
	"time"
)

// Signed is a version of a note. It never changes.
type Signed struct {
	Note
	Reason    string // why the version before was changed; "" for the first
	Author    string // the doctor, as they were called when they signed
	BookingID string
	Version   int // 1 for the first
	DoctorID  string
	SignedAt  time.Time
}

// Signing is what a doctor knows who signs.
type Signing struct {
	Open int  // how many holds nobody has released, and risks that were not ticked as explained, their page shows
	Sure bool // they were asked once more
}

// The fields of the errors by which a doctor is asked once more. Nothing is refused for them.
const (
	askExplained = "explained" // nothing was ticked as explained
	askBegins    = "begins"    // the counseling has not begun
	askOpen      = "open"      // there is a Signing.Open
)

// AskOnceMore reports whether a note cannot be signed for nothing but that its doctor has to be asked once more.
func (errs Errors) AskOnceMore() bool {
	return len(errs) > 0 && !slices.ContainsFunc(errs, func(e *Error) bool { return !slices.Contains([]string{askExplained, askBegins, askOpen}, e.Field) })
}

// CheckSigning decides whether a draft about a counseling may be signed as the version after newest, and returns it. newest is zero where there is
// none. Whoever has ticked nothing that was explained, leaves something open, or signs before the counseling begins, is asked once more.
func (d Draft) CheckSigning(newest Signed, author Doctor, begins time.Time, signing Signing, now time.Time, loc *time.Location) (Signed, error) {
	n := d.Tidied()
	if d.Base != newest.Version {
		// What cannot even be kept is said first: nobody could compare it with the other version.
		if errs := append(n.CheckDraft(), CheckDraftReason(d.Reason)...); len(errs) > 0 {
			return Signed{}, errs
		}
		return Signed{}, NoteOutrunError()
	}
	errs := n.CheckNote(DateOf(now, loc))
	reason, more := CheckNoteReason(d.Reason)
	if newest.Version > 0 {
		errs = append(errs, more...)
	}
	if len(errs) == 0 && !signing.Sure {
		if now.Before(begins) {
			errs = append(errs, invalid(askBegins, "error.note.not_begun"))
		}
		if len(n.Explained) == 0 {
			errs = append(errs, invalid(askExplained, "error.note.unexplained"))
		}
		if signing.Open > 0 {
			errs = append(errs, invalid(askOpen, "error.note.open"))
		}
	}
	return Signed{
		Note: n, Reason: reason, Author: author.Name("ja"), BookingID: d.BookingID, Version: newest.Version + 1, DoctorID: author.ID, SignedAt: now,
	}, errs.Err()
}

// CheckDraftReason finds what a reason cannot be even in a draft: too long, or with signs that nobody sees. It may still be empty.
func CheckDraftReason(typed string) Errors {
	return checkText(nil, "reason", TidyText(typed), MaxNoteReason)
}

// CheckNoteReason tidies why a signed note is changed, which has to be said.
func CheckNoteReason(typed string) (string, Errors) {
	text := TidyText(typed)
	if text == "" {
		return "", Errors{invalid("reason", "error.note.reason")}
	}
	return text, CheckDraftReason(text)
}

// NoteOutrunError is the answer to whoever signs a note of which another version was signed meanwhile.
func NoteOutrunError() error {
	return &Error{Code: Conflict, Field: "revision", Message: "error.note.outrun"}
}

// The law asks for five years from the last entry (Medical Practitioners' Act, article 24).
const noteYears = 5

// NoteKeptUntil is the last day on which a note must be kept whose last version was signed at an instant.
func NoteKeptUntil(last time.Time, loc *time.Location) Date {
	return DateOf(last.In(loc).AddDate(noteYears, 0, 0), loc)
}
