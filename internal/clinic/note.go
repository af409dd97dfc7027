package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Note (記録) is what a doctor writes about one counseling: what was found, what was explained, what the patient wants, what the doctor
// proposes in their own words, and how it goes on. It holds what was typed, so that a draft keeps it as it is; CheckNote says whether it may
// be signed.
type Note struct {
	Findings  []Finding
	Other     string      // what was found beside
	Explained []Explained // in the order of the boxes
	Wish      string      // of the patient
	Proposal  string      // the doctor's own words: nothing is proposed by the program
	Next      string      // one of NoteNexts; "" while nothing was chosen
	NextOn    string      // the day, YYYY-MM-DD, where Next is NextDay
	Ask       []string    // of NoteAsks
}

// Finding (所見) is what the doctor found at one area of the body. Nothing in it is ever chosen beforehand.
type Finding struct {
	Area      string // the code of an area of the questionnaire that was asked
	Fat       string // one of FindingWords, as are Muscle, Sagging and Skin
	Muscle    string
	Sagging   string
	Thickness string // in mm
	Skin      string
	Pain      string // 0 to 10
}

// IsEmpty reports whether nothing was found at the area, or looked at.
func (f Finding) IsEmpty() bool { return f == Finding{Area: f.Area} }

// Explained is something that the doctor has explained.
type Explained struct {
	ID string // one of AlwaysExplained, or of what follows from the patient's answers
	// Text is what it says, where it follows from answers: what follows may be worded otherwise one day, and a record stays as it was.
	Text string
}

// The longest texts of a note, in characters, and its largest numbers.
const (
	MaxNoteText   = 2000
	MaxNoteOther  = 1000
	MaxNoteReason = 500
	MaxThickness  = 300
	MaxPain       = 10

	maxTypedNumber = 20
	noteAhead      = 2 // years
)

// Tidied is the note with its texts tidied, and without the areas at which nothing was found.
func (n Note) Tidied() Note {
	n.Other, n.Wish, n.Proposal = TidyText(n.Other), TidyText(n.Wish), TidyText(n.Proposal)
	n.Next, n.NextOn = Tidy(n.Next), Tidy(n.NextOn)
	if n.Next != string(NextDay) {
		n.NextOn = ""
	}
	var findings []Finding
	for _, f := range n.Findings {
		f.Thickness, f.Pain = Narrow(Tidy(f.Thickness)), Narrow(Tidy(f.Pain))
		if !f.IsEmpty() {
			findings = append(findings, f)
		}
	}
	n.Findings = findings
	return n
}

// IsEmpty reports whether nothing was written.
func (n Note) IsEmpty() bool {
	n = n.Tidied()
	return len(n.Findings)+len(n.Explained)+len(n.Ask) == 0 && n.Other+n.Wish+n.Proposal+n.Next == ""
}

// CheckDraft names every field of a tidied note that cannot be kept even unsigned: too long, with signs that nobody sees, or a choice that
// there is not.
func (n Note) CheckDraft() Errors {
	var errs Errors
	for _, f := range n.Findings {
		for _, name := range FindingFields {
			if words, value := FindingWords[name], f.Word(name); words != nil && value != "" && !slices.Contains(words, value) {
				errs = append(errs, invalid(FindingField(name, f.Area), "error.choose"))
			}
		}
		errs = checkLine(errs, FindingField(FieldThickness, f.Area), f.Thickness, false, maxTypedNumber)
		errs = checkLine(errs, FindingField(FieldPain, f.Area), f.Pain, false, maxTypedNumber)
	}
	errs = checkText(errs, "other", n.Other, MaxNoteOther)
	errs = checkText(errs, "wish", n.Wish, MaxNoteText)
	errs = checkText(errs, "proposal", n.Proposal, MaxNoteText)
	if n.Next != "" && !slices.Contains(NoteNexts, n.Next) {
		errs = append(errs, invalid("next", "error.choose"))
	}
	return checkLine(errs, "next-on", n.NextOn, false, maxTypedNumber)
}

// CheckNote names every field of a tidied note that keeps it from being signed on a day.
func (n Note) CheckNote(today Date) Errors {
	errs := n.CheckDraft()
	for _, f := range n.Findings {
		if field := FindingField(FieldThickness, f.Area); f.Thickness != "" && errs.For(field) == nil && !isThickness(f.Thickness) {
			errs = append(errs, &Error{Code: Invalid, Field: field, Message: "error.note.thickness", Args: map[string]string{"Max": strconv.Itoa(MaxThickness)}})
		}
		if field := FindingField(FieldPain, f.Area); f.Pain != "" && errs.For(field) == nil && !isPain(f.Pain) {
			errs = append(errs, &Error{Code: Invalid, Field: field, Message: "error.note.pain", Args: map[string]string{"Max": strconv.Itoa(MaxPain)}})
		}
	}
	if n.Next == string(NextDay) && errs.For("next-on") == nil {
		switch on, ok := ParseDate(n.NextOn); {
		case n.NextOn == "":
			errs = append(errs, invalid("next-on", "error.note.day.empty"))
		case !ok || !today.Before(on) || today.AddDays(noteAhead*366).Before(on):
			errs = append(errs, invalid("next-on", "error.note.day"))
		}
	}
	if n.IsEmpty() {
		errs = append(errs, invalid("proposal", "error.note.empty"))
	}
	return errs
}

// isThickness reports a number of mm with one decimal at the most, from 0 to MaxThickness.
func isThickness(s string) bool {
	whole, tenths, point := strings.Cut(s, ".")
	if point && (len(tenths) != 1 || !isDigits(tenths)) || !isDigits(whole) || len(whole) > 3 {
		return false
	}
	n, err := strconv.ParseFloat(s, 64)
	return err == nil && n <= MaxThickness
}

func isPain(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && isDigits(s) && len(s) <= 2 && n <= MaxPain
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// FindingField is the name that a field of a Finding has in a form.
func FindingField(field NoteField, area string) string { return string(field) + "-" + area }

// Word is the value of a field of the finding.
func (f Finding) Word(field NoteField) string {
	if p := f.field(field); p != nil {
		return *p
	}
	return ""
}

func (f *Finding) field(field NoteField) *string {
	switch field {
	case FieldFat:
		return &f.Fat
	case FieldMuscle:
		return &f.Muscle
	case FieldSagging:
		return &f.Sagging
	case FieldThickness:
		return &f.Thickness
	case FieldSkin:
		return &f.Skin
	case FieldPain:
		return &f.Pain
	case FieldOther, FieldExplained, FieldWish, FieldProposal, FieldNext, FieldAsk, FieldReason: // of the note
	}
	return nil
}

// Finding is what was found at an area; a zero one where nothing was.
func (n Note) Finding(area string) Finding {
	for _, f := range n.Findings {
		if f.Area == area {
			return f
		}
	}
	return Finding{Area: area}
}

// HasExplained reports whether something was explained.
func (n Note) HasExplained(id string) bool {
	return slices.ContainsFunc(n.Explained, func(e Explained) bool { return e.ID == id })
}

// CheckNote decides whether a doctor may write about an appointment now. Nothing is begun about a counseling that was called off or to which
// nobody came, and nothing on a day before it; what is begun may always be brought to an end.
func (a Appointment) CheckNote(begun bool, now time.Time) error {
	loc := a.Branch.Location()
	switch {
	case begun:
	case !a.Booking.Status.Live() || a.Booking.Status == NoShow:
		return &Error{Code: Conflict, Message: "error.note.status"}
	case DateOf(now, loc).Before(DateOf(a.Slot.StartsAt, loc)):
		return &Error{Code: Conflict, Message: "error.note.early"}
	}
	return nil
}

// Draft is a note that a doctor is writing and has not signed.
type Draft struct {
	Note
	Reason              string // why the version before is changed; "" for a first version
	BookingID, DoctorID string
	Revision            int       // how often it was saved, never to be repeated; 0 where nothing was ever written
	Base                int       // the version that it changes; 0 for the first
	SavedAt             time.Time // zero where nothing was ever written
	Open                bool      // there is something that was not signed
}

// Screen is what a form with a note says of itself: what it has seen, and which screen it is. A screen that nobody else came in between
// may save again without having heard of its own last save: its answer was lost, and not what it said.
type Screen struct {
	Revision int    // of the draft that it has seen
	Base     int    // the newest version that it has seen
	ID       string // "" for a plain form
	Save     int64  // which of its saves this is; each is larger than the one before
}

// CheckSave decides whether what a screen has typed may become the draft, over the one that there is. lastScreen and lastSave are
// those of the save before.
func (d Draft) CheckSave(newest int, s Screen, lastScreen string, lastSave int64) error {
	own := s.ID != "" && s.ID == lastScreen && s.Save > lastSave
	switch {
	case s.Revision != d.Revision && !(own && d.Open):
		return StaleError()
	case newest > 0 && !d.Open && s.Base != newest, s.Base > newest:
		return StaleError() // it was signed meanwhile, and who types has not seen it
	}
	return nil
}

// CheckDrop decides whether a doctor may give up a draft, with newest the newest version that was signed: a correction and whatever a
// colleague was faster with; and a first version only where nobody waits for it, because the chart is a colleague's by now, or nobody came.
func (a Appointment) CheckDrop(d Draft, newest int) error {
	switch {
	case !d.Open:
		return StaleError()
	case newest > 0, a.Reader() != d.DoctorID, !a.Booking.Status.Live(), a.Booking.Status == NoShow:
		return nil
	}
	return &Error{Code: Conflict, Message: "error.note.first"}
}

// noteDueFor is how far back a visit without a note is looked for.
const noteDueFor = 30 * 24 * time.Hour

// NotesDueSince is the beginning of the time in which a visit without a signed note is shown to its doctor.
func NotesDueSince(now time.Time) time.Time { return now.Add(-noteDueFor) }

// NoteDueStatuses are the statuses of a counseling that has ended and of which a note is due.
var NoteDueStatuses = []Status{Booked, Arrived, InProgress, Fulfilled}
