package clinic

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// importExam is a line while it is decided what it comes to.
type importExam struct {
	ImportOutcome
	of     ImportCase
	file   ImportFile
	known  ImportFacts
	before *ImportAhead
	names  spellings
	now    time.Time
}

// Examine decides what a line comes to, and keeps in mind for the lines after it what it would do. It is the one rule for that, of the
// dry run, in which before goes from line to line, as well as of the import itself, which does each line before it reads the facts of
// the next.
func (f ImportFile) Examine(c ImportCase, known ImportFacts, before *ImportAhead, now time.Time) ImportOutcome {
	e := importExam{ImportOutcome: ImportOutcome{Line: c.Line, Slot: c.Slot, Does: ImportRefused}, of: c, file: f, known: known, before: before, now: now}
	e.names = c.Line.Patient.spellings()
	e.decide()
	return e.ImportOutcome
}

func (e *importExam) decide() {
	bookings := e.file.Import.Kind == ImportBookings
	if e.Line.IsSample(e.file.Import.Kind) {
		e.Does, e.Line.Errors = ImportSample, nil
		return
	}
	if e.of.Branch.ID == "" {
		return
	}
	if wrong := e.sameNumber(); wrong != nil {
		e.Line.Errors = append(e.Line.Errors, wrong)
		return
	}
	if bookings && e.isKnownAgain() {
		e.Does = ImportThere
		return
	}
	if bookings && !e.Slot.StartsAt.IsZero() {
		// Of a booking that is not to come nothing else matters, unless it is one of ours.
		if wrong := e.Line.CheckComing(e.Slot, e.now); wrong != nil {
			look := *e
			look.recognise()
			if look.hasVisit() {
				e.Does = ImportThere
			} else {
				e.Line.Errors = Errors{wrong}
			}
			return
		}
	}
	if len(e.Line.Errors) > 0 {
		return
	}
	e.recognise()
	if bookings {
		e.decideBooking()
	} else {
		e.decidePatient()
	}
}

// sameNumber refuses a booking whose number another one before it has. Other systems give one to the bookings of several persons, and only
// the first of them would be known again.
func (e *importExam) sameNumber() *Error {
	first := e.file.numbers[e.Line.number()]
	if first.N == 0 || e.Line.Status == Cancelled || first.Day == e.Line.Day && first.From == e.Line.From && first.Doctor == e.Line.Doctor {
		return nil
	}
	return &Error{Code: Invalid, Field: string(ColumnReference), Message: "error.import.number", Args: map[string]string{"Line": strconv.Itoa(first.N)}}
}

// isKnownAgain reports a booking that was taken over, also if it was moved or cancelled since, or whose number is a reference of our own:
// our lists can be read again.
func (e *importExam) isKnownAgain() bool {
	if slices.ContainsFunc(e.of.Origins, func(origin string) bool { return e.known.Booked[origin] || e.before.origins[origin] }) {
		return true
	}
	reference, ok := ParseReference(e.Line.Reference)
	return ok && slices.ContainsFunc(e.known.Own, func(a Appointment) bool {
		// Somebody else's number may look like one of ours.
		return a.Booking.Reference == reference &&
			(a.Slot.StartsAt.Equal(e.Slot.StartsAt) && a.Slot.DoctorID == e.Slot.DoctorID || e.names.same(a.Patient.spellings()))
	})
}

// recognise finds out who a line is about: a patient who is known, or somebody of a line before. Whoever has the same identity comes before
// others, and who is known before who is not yet.
func (e *importExam) recognise() {
	type match struct {
		inexact, line int
		id, kept      string
	}
	exact := func(identity string) int {
		if slices.Contains(e.of.Identities, identity) {
			return 0
		}
		return 1
	}
	var same []match
	for _, term := range e.of.Terms {
		for _, p := range e.known.People[term] {
			switch {
			case !e.known.sees(e.file.Actor, p.Kept):
			case e.Line.Patient.IsOf(p.Patient, e.names.same(p.names)):
				same = append(same, match{inexact: exact(p.Identity), id: p.ID, kept: p.Kept})
			default:
				e.Alike = true
			}
		}
	}
	known := len(same) > 0
	for _, term := range e.of.Terms {
		for _, p := range e.before.people[term] {
			switch {
			case e.Line.Patient.IsOf(p.patient, e.names.same(p.names)):
				same = append(same, match{inexact: exact(p.identity), line: p.line})
			case !known:
				e.Alike = true
			}
		}
	}
	if len(same) == 0 {
		return
	}
	best := slices.MinFunc(same, func(a, b match) int {
		return cmp.Or(a.inexact-b.inexact, a.line-b.line, cmp.Compare(a.id, b.id))
	})
	e.Person, e.As = best.kept, best.line
}

// expect keeps in mind that a line makes somebody known.
func (e *importExam) expect() {
	if e.Person != "" || e.As != 0 {
		return
	}
	p := plannedPerson{line: e.Line.N, patient: e.Line.Patient, names: e.names}
	if len(e.of.Identities) > 0 {
		p.identity = e.of.Identities[0]
	}
	for _, term := range e.of.Terms {
		e.before.people[term] = append(e.before.people[term], p)
	}
}

func (e *importExam) decidePatient() {
	for _, origin := range e.of.Origins {
		for _, id := range e.known.Became[origin] {
			e.Person = id
		}
	}
	knownAt := func(line int) string { return strconv.Itoa(line) + " " + e.of.Branch.ID }
	switch {
	case e.Person != "" && slices.Contains(e.known.At[e.Person], e.of.Branch.ID), e.As != 0 && e.before.known[knownAt(e.As)]:
		e.Does = ImportThere
	case e.Person != "" || e.As != 0:
		e.Does = ImportKnown
	default:
		e.Does = ImportNew
	}
	e.before.known[knownAt(cmp.Or(e.As, e.Line.N))] = true
	e.expect()
}

// visit says who of a file comes to whom when.
func (e *importExam) visit() string {
	return cmp.Or(e.Person, strconv.Itoa(cmp.Or(e.As, e.Line.N))) + " " + e.Slot.DoctorID + " " + e.Slot.StartsAt.Format(time.RFC3339)
}

// hasVisit reports whether the person of a line has a booking at that time with that doctor, whatever has become of it.
func (e *importExam) hasVisit() bool {
	if e.Slot.DoctorID == "" {
		return false
	}
	return e.before.visits[e.visit()] || e.Person != "" && slices.ContainsFunc(e.known.Visits, func(v ImportVisit) bool {
		return v.PatientID == e.Person && v.DoctorID == e.Slot.DoctorID && v.StartsAt.Equal(e.Slot.StartsAt)
	})
}

func (e *importExam) decideBooking() {
	if e.hasVisit() {
		e.Does = ImportThere
		return
	}
	if wrong := e.findSlot(); wrong != nil {
		e.Line.Errors = append(e.Line.Errors, wrong)
		return
	}
	e.expect()
	for _, origin := range e.of.Origins {
		e.before.origins[origin] = true
	}
	e.before.visits[e.visit()] = true
	if e.Slot.ID != "" {
		e.Does = ImportOnSlot
		e.before.slots[e.Slot.ID] = e.Line.N
		return
	}
	e.Does = ImportNewSlot
	e.before.made = append(e.before.made, plannedSlot{line: e.Line.N, slot: e.Slot})
}
