package clinic

import (
	"slices"
	"strconv"
	"time"
)

// How much an import takes at once, and for how long the file that somebody sent is kept before it is taken over.
const (
	MaxImportBytes = 3 << 20
	MaxImportLines = 5000
	ImportKept     = 50 * time.Minute
)

// ImportKind says what the lines of an imported file are.
type ImportKind string

// The kinds of imports.
const (
	ImportPatients ImportKind = "patients"
	ImportBookings ImportKind = "bookings"
)

// Import (取り込み) is a file of another system, as an administrator sends it, and what has come of it. Importing only adds: nobody who
// is known, and no booking, is ever changed by it.
type Import struct {
	ID        string
	Kind      ImportKind
	BranchID  string // of the lines that name no branch
	Source    string // the other system, as somebody called it: by it and a booking's number there the booking is known again
	Minutes   int    // how long a counseling is of which the file does not say it
	Letters   bool   // those who have a mail address get a confirmation
	Text      string // the file; "" once the import has ended
	CreatedAt time.Time
	ExpiresAt time.Time  // when the file is thrown away at the latest
	EndedAt   *time.Time // nil while there is something to do
	Done      int        // so many lines have been gone through
	Lines     int
	Patients  int // that are new
	Bookings  int
	Slots     int // that were made for bookings
	There     int // lines that were there already
	Refused   []int
}

// Ended reports whether nothing more will come of the import.
func (i Import) Ended(now time.Time) bool { return i.EndedAt != nil || !now.Before(i.ExpiresAt) }

// Begun reports whether some lines have been taken over.
func (i Import) Begun() bool { return i.Done > 0 }

// CheckImport tidies what an administrator typed about a file and names every field that is wrong.
func CheckImport(i Import, minutes string) (Import, Errors) {
	var errs Errors
	i.Source = Tidy(i.Source)
	errs = checkLine(errs, "source", i.Source, false, MaxName)
	if i.Kind != ImportPatients && i.Kind != ImportBookings {
		errs = append(errs, invalid("kind", "error.choose"))
	}
	n, err := strconv.Atoi(Tidy(Narrow(minutes)))
	if err != nil || n < 10 || n > 240 {
		errs = append(errs, invalid("minutes", "error.minutes"))
	}
	i.Minutes = n
	return i, errs
}

// ImportDoes is what a line of a file comes to.
type ImportDoes string

// What a line comes to.
const (
	ImportNew     ImportDoes = "new"      // a patient whom nobody knows yet
	ImportKnown   ImportDoes = "known"    // a patient who is known elsewhere, and from then on at the branch as well
	ImportOnSlot  ImportDoes = "on_slot"  // a booking of a slot that is there
	ImportNewSlot ImportDoes = "new_slot" // a booking whose slot is made with it
	ImportThere   ImportDoes = "there"    // すでにあります: nothing
	ImportSample  ImportDoes = "sample"   // nothing: it is the line that shows how a file is filled in
	ImportRefused ImportDoes = "refused"  // something is wrong with it
)

// ImportOutcome is what a line of a file comes to, as it is or would be taken over.
type ImportOutcome struct {
	Line   ImportLine
	Does   ImportDoes
	Slot   Slot   // of a booking; without an ID where it is made
	Person string // the id of the patient who is known; "" for somebody new
	Alike  bool   // somebody else has the same phone number or mail address
	As     int    // the line of the same file whose person this is as well; 0 for none
}

// Adds reports whether anything comes of the line.
func (o ImportOutcome) Adds() bool {
	switch o.Does {
	case ImportNew, ImportKnown, ImportOnSlot, ImportNewSlot:
		return true
	case ImportThere, ImportSample, ImportRefused:
	}
	return false
}

// Examined is what a file would come to.
type Examined struct {
	Table    ImportTable
	Outcomes []ImportOutcome
}

// Count is how many of the lines come to one of some things.
func (e Examined) Count(does ...ImportDoes) (n int) {
	for _, o := range e.Outcomes {
		if slices.Contains(does, o.Does) {
			n++
		}
	}
	return n
}

// Fine is how many lines would add something.
func (e Examined) Fine() int { return e.Count(ImportNew, ImportKnown, ImportOnSlot, ImportNewSlot) }

// NewPatients is how many people would be new.
func (e Examined) NewPatients() (n int) {
	for _, o := range e.Outcomes {
		if o.Does == ImportNew || (o.Does == ImportOnSlot || o.Does == ImportNewSlot) && o.Person == "" && o.As == 0 {
			n++
		}
	}
	return n
}

// Refused are the lines with which something is wrong.
func (e Examined) Refused() (out []ImportOutcome) {
	for _, o := range e.Outcomes {
		if o.Does == ImportRefused {
			out = append(out, o)
		}
	}
	return out
}

// ImportNote is something that was mended in lines of a file, or that somebody should know about them.
type ImportNote struct {
	Note  *Error
	Lines []int
}

// Notes are what should be known about the lines that would add something, and about the one that shows how a file is filled in, by what
// it is.
func (e Examined) Notes() (out []ImportNote) {
	for _, o := range e.Outcomes {
		var notes Errors
		switch {
		case o.Does == ImportSample:
			notes = Errors{invalid("", "error.import.sample")}
		case o.Adds():
			notes = slices.Clone(o.Line.Notes)
			if o.Alike {
				notes = append(notes, invalid(string(ColumnPhone), "error.import.alike"))
			}
		}
		for _, note := range notes {
			i := slices.IndexFunc(out, func(n ImportNote) bool { return n.Note.Message == note.Message })
			if i < 0 {
				out, i = append(out, ImportNote{Note: note}), len(out)
			}
			out[i].Lines = append(out[i].Lines, o.Line.N)
		}
	}
	return out
}

// IsOf decides whether a line of a file is about a patient who is found by the same phone number, mail address, or reading and birth
// date: the name has to be the same as well, because families share numbers, and the birth dates must not differ.
func (p Patient) IsOf(known Patient, sameName bool) bool {
	return sameName && (p.Birth.IsZero() || known.Birth.IsZero() || p.Birth == known.Birth)
}
