package clinic

import (
	"slices"
	"time"
)

// ImportFile is a file that was read, with what is the same for all of its lines.
type ImportFile struct {
	Import Import
	Actor  Actor // who has sent it
	Place  ImportPlace
	Table  ImportTable
	Lines  []ImportLine

	numbers map[string]ImportLine // the first line with a booking's number, but for those that were cancelled there
}

// ReadImportFile reads the lines of a file that an actor has sent. The error is that of ReadImport.
func ReadImportFile(i Import, actor Actor, place ImportPlace, now time.Time) (ImportFile, *Error) {
	f := ImportFile{Import: i, Actor: actor, Place: place, numbers: map[string]ImportLine{}}
	var wrong *Error
	if f.Table, wrong = ReadImport(i.Kind, i.Text); wrong != nil {
		return f, wrong
	}
	zone, _ := place.BranchOf("")
	today := DateOf(now, zone.Location())
	for _, row := range f.Table.Rows {
		line := f.Table.Line(row, today)
		if number := line.number(); line.Reference != "" && line.Status != Cancelled && f.numbers[number].N == 0 && !line.IsSample(i.Kind) {
			f.numbers[number] = line
		}
		f.Lines = append(f.Lines, line)
	}
	return f, nil
}

// number is the number that a booking has in the other system, at its branch.
func (l ImportLine) number() string { return l.Branch + "\x00" + l.Reference }

// ImportCase is a line of a file with where it would be, and by what it and its person are known again. Origins, identities and terms are
// blind indexes, of which the rule knows only whether two are the same; there are several of each while their key is replaced.
type ImportCase struct {
	Line       ImportLine
	Slot       Slot   // of a booking, without an id
	Branch     Branch // without an id where the line names none
	Origins    []string
	Identities []string
	Terms      []string // by each of which the same person may be found
}

// Case says where a line would be, and what is wrong with that. By what it is known again is for the caller to add.
func (f ImportFile) Case(line ImportLine, now time.Time) ImportCase {
	c := ImportCase{Line: line}
	var errs Errors
	if f.Import.Kind == ImportBookings {
		c.Slot, c.Branch, errs = line.Slot(f.Place, now)
	} else {
		var wrong *Error
		if c.Branch, wrong = f.Place.BranchOf(line.Branch); wrong != nil {
			errs = Errors{wrong}
		}
	}
	c.Line.Errors = append(slices.Clone(line.Errors), errs...)
	return c
}

// Origin is by what a line at a branch is known again, also once what it has become was corrected, moved or cancelled: a booking by its
// number in the other system or else by who comes to whom when, a patient by who they are; "" for a line that says neither. Two branches
// may have two accounts of one system, whose numbers are the same. It is personal data; what is stored is its blind index.
func (i Import) Origin(line ImportLine, branchID string, slot Slot) string {
	switch {
	case branchID == "":
		return ""
	case i.Kind == ImportPatients:
		return branchID + "\x00" + line.Patient.Identity()
	case line.Reference != "":
		return "number\x00" + branchID + "\x00" + i.Source + "\x00" + Narrow(line.Reference)
	case slot.DoctorID == "" || slot.StartsAt.IsZero() || len(line.Errors) > 0:
		return ""
	}
	return "time\x00" + branchID + "\x00" + slot.DoctorID + "\x00" + slot.StartsAt.Format(time.RFC3339) + "\x00" + line.Patient.Identity()
}

// ImportPerson is a patient who is known and whom a line may be about.
type ImportPerson struct {
	Patient
	Identity string // its blind index
	Kept     string // the id of the one who they are now: another's, if they were merged

	names spellings
}

// NewImportPerson is an ImportPerson who is compared with many lines.
func NewImportPerson(p Patient, identity, kept string) ImportPerson {
	return ImportPerson{Patient: p, Identity: identity, Kept: kept, names: p.spellings()}
}

// ImportVisit is that a patient has a booking with a doctor at a time, whatever has become of it.
type ImportVisit struct {
	PatientID, DoctorID string
	StartsAt            time.Time
}

// ImportFacts are what the clinic knows that matters to some lines, read before anything is decided about them.
type ImportFacts struct {
	People map[string][]ImportPerson // by each of their terms
	Became map[string][]string       // by the origin of a line about a patient, the ids of those whom it has become
	At     map[string][]string       // by the id of a patient who is found by either, the branches at which they are known
	Booked map[string]bool           // origins of bookings that were taken over
	Own    []Appointment             // those of our own whose reference a line has for its number
	Visits []ImportVisit             // of those who are found, at the times of the lines
	Slots  []KnownSlot               // the open ones that begin when a line does, or overlap it, of its doctor or in its room
}

// sees reports whether an actor may know of a patient.
func (f ImportFacts) sees(actor Actor, patientID string) bool {
	return slices.ContainsFunc(f.At[patientID], func(branch string) bool { return actor.May(SeeCalendar, branch) })
}

// ImportAhead is what the lines before in a file would have done by then, while nothing of it is done.
type ImportAhead struct {
	people  map[string][]plannedPerson // by a term of theirs
	known   map[string]bool            // by knownAt
	origins map[string]bool
	visits  map[string]bool // by visit
	slots   map[string]int  // by the id of a slot, the line that takes it
	made    []plannedSlot
}

// plannedPerson is somebody whom a line would make known.
type plannedPerson struct {
	line     int
	patient  Patient
	identity string
	names    spellings
}

// plannedSlot is a slot that a line would make.
type plannedSlot struct {
	line int
	slot Slot
}

// NewImportAhead is that of the first line, and of every line where those before it are done.
func NewImportAhead() *ImportAhead {
	return &ImportAhead{people: map[string][]plannedPerson{}, known: map[string]bool{}, origins: map[string]bool{}, visits: map[string]bool{}, slots: map[string]int{}}
}
