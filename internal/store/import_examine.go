package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// examineBatch is how many lines are looked up together.
const examineBatch = 100

// examiner says what the lines of a file come to.
type examiner struct {
	store   *Store
	actor   clinic.Actor
	of      clinic.Import
	table   clinic.ImportTable
	lines   []clinic.ImportLine
	place   clinic.ImportPlace
	version string                       // of the questionnaire that those who book are asked; "" for none
	numbers map[string]clinic.ImportLine // the first line with a booking's number, but for those that were cancelled there
}

func (s *Store) newExaminer(ctx context.Context, actor clinic.Actor, i clinic.Import) (*examiner, error) {
	x := &examiner{store: s, actor: actor, of: i, numbers: map[string]clinic.ImportLine{}}
	var wrong *clinic.Error
	if x.table, wrong = clinic.ReadImport(i.Kind, i.Text); wrong != nil {
		return nil, wrong
	}
	branches, err := s.BranchesFor(ctx, actor, clinic.ManageClinic)
	if err != nil {
		return nil, err
	}
	x.place = clinic.ImportPlace{Branches: branches, Doctors: map[string][]clinic.Doctor{}, Default: i.BranchID, Minutes: i.Minutes}
	for _, b := range branches {
		if x.place.Doctors[b.ID], err = s.DoctorsAt(ctx, b.ID); err != nil {
			return nil, err
		}
	}
	q, err := s.CurrentQuestionnaire(ctx)
	if err == nil {
		x.version = q.Version
	} else if clinic.CodeOf(err) != clinic.NotFound {
		return nil, err
	}
	zone, _ := x.place.BranchOf("")
	today := clinic.DateOf(s.now(), zone.Location())
	for _, row := range x.table.Rows {
		line := x.table.Line(row, today)
		if number := numberOf(line); line.Reference != "" && line.Status != clinic.Cancelled && x.numbers[number].N == 0 {
			x.numbers[number] = line
		}
		x.lines = append(x.lines, line)
	}
	return x, nil
}

// numberOf is the number that a booking has in the other system, at its branch.
func numberOf(line clinic.ImportLine) string { return line.Branch + "\x00" + line.Reference }

// ExamineImport says what would come of an import if it were gone on with now. Nothing is written.
func (s *Store) ExamineImport(ctx context.Context, actor clinic.Actor, i clinic.Import) (clinic.Examined, error) {
	x, err := s.newExaminer(ctx, actor, i)
	if err != nil {
		return clinic.Examined{}, wrap("ExamineImport", err)
	}
	out := clinic.Examined{Table: x.table}
	before := &ahead{slots: map[string]int{}, origins: map[string]int{}, booked: map[string]bool{}, people: map[string][]planned{}}
	for batch := range slices.Chunk(x.lines[min(i.Done, len(x.lines)):], examineBatch) {
		outcomes, err := x.examine(s.reader(ctx), s.now(), batch, before)
		if err != nil {
			return clinic.Examined{}, wrap("ExamineImport", err)
		}
		out.Outcomes = append(out.Outcomes, outcomes...)
	}
	return out, nil
}

// ahead is what the lines before in a file would have done by then, while nothing of it is done.
type ahead struct {
	slots   map[string]int // by the id of a slot, the line that takes it
	made    []planned      // slots
	origins map[string]int
	booked  map[string]bool      // by bookedBy
	people  map[string][]planned // by a term of theirs
}

// planned is what a line would make.
type planned struct {
	line    int
	patient clinic.Patient
	branch  string
	slot    clinic.Slot
}

// examined is a line while it is looked at.
type examined struct {
	clinic.ImportOutcome
	branch   clinic.Branch
	origins  [][]byte // by which the same line is known again, under every key; the present one first
	identity [][]byte // likewise
	terms    [][]byte // by which the same person may be found
}

// candidate is a patient whom a line may be about.
type candidate struct {
	clinic.Patient
	kept     string // the one who they are now
	identity []byte
}

// found is what the database knows of some lines.
type found struct {
	byTerm   map[string][]candidate
	byOrigin map[string][]string        // of patients: whom a line with this origin has become
	bookings map[string]bool            // origins of bookings that were taken over
	own      map[string]bool            // our own references, by the line's number, that are of the booking meant
	at       map[string]map[string]bool // at which branches a patient is known
}

// examine says what some lines come to, one after the other. before is nil where those before have been taken over.
func (x *examiner) examine(db *gorm.DB, now time.Time, lines []clinic.ImportLine, before *ahead) ([]clinic.ImportOutcome, error) {
	all := make([]examined, len(lines))
	for i, line := range lines {
		if err := x.place1(&all[i], line, now); err != nil {
			return nil, err
		}
	}
	f, err := x.find(db, all)
	if err != nil {
		return nil, err
	}
	out := make([]clinic.ImportOutcome, len(all))
	for i := range all {
		if err := x.decide(db, now, &all[i], f, before); err != nil {
			return nil, err
		}
		out[i] = all[i].ImportOutcome
	}
	return out, nil
}

// place1 says where a line would be, and by what it and its person are known again.
func (x *examiner) place1(e *examined, line clinic.ImportLine, now time.Time) error {
	e.Line = line
	e.Line.Errors = slices.Clone(line.Errors)
	var errs clinic.Errors
	if x.of.Kind == clinic.ImportBookings {
		e.Slot, e.branch, errs = line.Slot(x.place, now)
	} else {
		var wrong *clinic.Error
		if e.branch, wrong = x.place.BranchOf(line.Branch); wrong != nil {
			errs = clinic.Errors{wrong}
		}
	}
	e.Line.Errors = append(e.Line.Errors, errs...)
	origin, err := x.origin(line, e.branch.ID, e.Slot)
	if err != nil {
		return err
	}
	e.origins = origin
	if line.Patient.Phone == "" {
		return nil
	}
	if e.identity, err = x.store.allIndexes("identity", line.Patient.Identity()); err != nil {
		return err
	}
	e.terms, err = x.store.samePerson(line.Patient)
	return err
}

// allIndexes are the blind indexes of a value under every key, that under the present one first.
func (s *Store) allIndexes(kind, value string) ([][]byte, error) {
	indexes, err := s.keyring.BlindIndexes(kind, value)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, index := range indexes {
		if index.KeyID == s.keyring.IndexKeyID() {
			out = append([][]byte{index.Term}, out...)
		} else {
			out = append(out, index.Term)
		}
	}
	return out, nil
}

// origin is by what a line is known again, also once what it has become was corrected, moved or cancelled: a booking by its number in the
// other system or else by who comes to whom when, a patient by who they are. Two branches may have two accounts of one system, whose
// numbers are the same.
func (x *examiner) origin(line clinic.ImportLine, branchID string, slot clinic.Slot) ([][]byte, error) {
	switch {
	case branchID == "":
		return nil, nil
	case x.of.Kind == clinic.ImportPatients:
		return x.store.allIndexes("imported patient", branchID+"\x00"+line.Patient.Identity())
	case line.Reference != "":
		return x.store.allIndexes("imported booking", "number\x00"+branchID+"\x00"+x.of.Source+"\x00"+clinic.Narrow(line.Reference))
	case slot.DoctorID == "" || slot.StartsAt.IsZero() || len(line.Errors) > 0:
		return nil, nil
	}
	return x.store.allIndexes("imported booking", "time\x00"+branchID+"\x00"+slot.DoctorID+"\x00"+slot.StartsAt.Format(time.RFC3339)+"\x00"+line.Patient.Identity())
}

// find asks for all that matters to some lines.
func (x *examiner) find(db *gorm.DB, all []examined) (f found, err error) {
	f = found{byTerm: map[string][]candidate{}, byOrigin: map[string][]string{}, bookings: map[string]bool{}, own: map[string]bool{}, at: map[string]map[string]bool{}}
	var terms, origins [][]byte
	for _, e := range all {
		terms = append(terms, e.terms...)
		origins = append(origins, e.origins...)
	}
	ids, err := f.candidates(x, db, terms)
	if err != nil {
		return f, err
	}
	if len(origins) > 0 && x.of.Kind == clinic.ImportPatients {
		var rows []struct {
			PatientID string
			Origin    []byte
		}
		if err := db.Raw("SELECT patient_id, origin FROM imported_patients WHERE origin IN ? AND origin IS NOT NULL", origins).Scan(&rows).Error; err != nil {
			return f, err
		}
		for _, r := range rows {
			kept, err := keptFor(db, r.PatientID)
			if err != nil {
				return f, err
			}
			f.byOrigin[string(r.Origin)] = append(f.byOrigin[string(r.Origin)], kept)
			ids = append(ids, kept)
		}
	}
	if len(origins) > 0 && x.of.Kind == clinic.ImportBookings {
		var known [][]byte
		if err := db.Raw("SELECT origin FROM imported_bookings WHERE origin IN ?", origins).Scan(&known).Error; err != nil {
			return f, err
		}
		for _, origin := range known {
			f.bookings[string(origin)] = true
		}
		if err := f.references(x, db, all); err != nil {
			return f, err
		}
	}
	return f, f.branches(db, ids)
}

// candidates are the patients who are found by some terms.
func (f *found) candidates(x *examiner, db *gorm.DB, terms [][]byte) (ids []string, err error) {
	if len(terms) == 0 {
		return nil, nil
	}
	var rows []struct {
		Term       []byte
		ID         string
		Identity   []byte
		Sealed     []byte
		MergedInto *string
		CreatedAt  time.Time
	}
	err = db.Raw("SELECT t.term, p.id, p.identity, p.sealed, p.merged_into, p.created_at FROM patient_terms t JOIN patients p ON p.id = t.patient_id WHERE t.term IN ? ORDER BY p.id", terms).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	opened := map[string]candidate{}
	for _, r := range rows {
		c, known := opened[r.ID]
		if !known {
			c = candidate{kept: r.ID, identity: r.Identity}
			if c.Patient, err = x.store.openPatient(patientRow{ID: r.ID, Sealed: r.Sealed, CreatedAt: r.CreatedAt}); err != nil {
				return nil, err
			}
			if r.MergedInto != nil {
				if c.kept, err = keptFor(db, r.ID); err != nil {
					return nil, err
				}
			}
			opened[r.ID] = c
			ids = append(ids, c.kept)
		}
		f.byTerm[string(r.Term)] = append(f.byTerm[string(r.Term)], c)
	}
	return ids, nil
}

// references finds the lines whose number is a reference of our own: our lists can be read again.
func (f *found) references(x *examiner, db *gorm.DB, all []examined) error {
	var asked []string
	for _, e := range all {
		if reference, ok := clinic.ParseReference(e.Line.Reference); ok {
			asked = append(asked, reference)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	owned, args := ownedBy(x.actor, clinic.ManageClinic)
	appointments, err := x.store.appointments(db, "b.reference IN ? AND "+owned, append([]any{asked}, args...)...)
	if err != nil {
		return err
	}
	for _, e := range all {
		reference, _ := clinic.ParseReference(e.Line.Reference)
		for _, a := range appointments {
			// Somebody else's number may look like one of ours.
			if a.Booking.Reference == reference && (a.Slot.StartsAt.Equal(e.Slot.StartsAt) && a.Slot.DoctorID == e.Slot.DoctorID || sameName(a.Patient, e.Line.Patient)) {
				f.own[strconv.Itoa(e.Line.N)] = true
			}
		}
	}
	return nil
}

// branches says at which branches some patients are known.
func (f *found) branches(db *gorm.DB, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []struct{ PatientID, BranchID string }
	err := db.Raw(`SELECT DISTINCT b.patient_id, s.branch_id FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id IN ?
		UNION SELECT patient_id, branch_id FROM imported_patients WHERE patient_id IN ?`, ids, ids).Scan(&rows).Error
	for _, r := range rows {
		if f.at[r.PatientID] == nil {
			f.at[r.PatientID] = map[string]bool{}
		}
		f.at[r.PatientID][r.BranchID] = true
	}
	return err
}

// sameName reports whether two people are called the same, in kana or in kanji, in whichever spelling.
func sameName(a, b clinic.Patient) bool {
	of := readings(b)
	if slices.ContainsFunc(readings(a), func(reading string) bool { return reading != "" && slices.Contains(of, reading) }) {
		return true
	}
	name := kanaTerm(a.Name())
	return name != "" && name == kanaTerm(b.Name())
}

// decide says what one line comes to.
func (x *examiner) decide(db *gorm.DB, now time.Time, e *examined, f found, before *ahead) error {
	e.Does = clinic.ImportRefused
	if e.branch.ID == "" {
		return nil
	}
	// Of two bookings that have one number, which other systems give to bookings of several persons, only the first would be known again.
	if first := x.numbers[numberOf(e.Line)]; e.Line.Status != clinic.Cancelled && first.N != 0 && (first.Day != e.Line.Day || first.From != e.Line.From || first.Doctor != e.Line.Doctor) {
		e.Line.Errors = append(e.Line.Errors, &clinic.Error{
			Code: clinic.Invalid, Field: string(clinic.ColumnReference), Message: "error.import.number", Args: map[string]string{"Line": strconv.Itoa(first.N)},
		})
		return nil
	}
	for _, origin := range e.origins {
		if f.bookings[string(origin)] || x.of.Kind == clinic.ImportBookings && before != nil && before.origins[string(origin)] != 0 {
			e.Does = clinic.ImportThere
		}
	}
	if f.own[strconv.Itoa(e.Line.N)] {
		e.Does = clinic.ImportThere
	}
	if e.Does == clinic.ImportThere {
		return nil
	}
	if x.of.Kind == clinic.ImportBookings && !e.Slot.StartsAt.IsZero() {
		// Of a booking that is not to come nothing else matters, unless it is one of ours.
		if wrong := e.Line.CheckComing(e.Slot, now); wrong != nil {
			if there, err := x.hasBooking(db, e, f, before); err != nil || there {
				e.Does = clinic.ImportThere
				return err
			}
			e.Line.Errors = clinic.Errors{wrong}
			return nil
		}
	}
	if len(e.Line.Errors) > 0 {
		return nil
	}
	x.recognise(e, f, before)
	if x.of.Kind == clinic.ImportPatients {
		x.decidePatient(e, f, before)
		return nil
	}
	return x.decideBooking(db, now, e, f, before)
}

// recognise finds out who a line is about: a patient who is known, or somebody of a line before.
func (x *examiner) recognise(e *examined, f found, before *ahead) {
	var same []candidate
	for _, term := range e.terms {
		for _, c := range f.byTerm[string(term)] {
			switch {
			case !x.sees(f, c.kept):
			case e.Line.Patient.IsOf(c.Patient, sameName(e.Line.Patient, c.Patient)):
				same = append(same, c)
			default:
				e.Alike = true
			}
		}
	}
	exact := func(c candidate) int {
		if slices.ContainsFunc(e.identity, func(i []byte) bool { return bytes.Equal(i, c.identity) }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(same, func(a, b candidate) int { return cmp.Or(exact(a)-exact(b), cmp.Compare(a.ID, b.ID)) })
	if len(same) > 0 {
		e.Person = same[0].kept
		return
	}
	if before == nil {
		return
	}
	for _, term := range e.terms {
		for _, other := range before.people[string(term)] {
			if e.Line.Patient.IsOf(other.patient, sameName(e.Line.Patient, other.patient)) {
				e.As = other.line
				return
			}
			e.Alike = true
		}
	}
}

// expect keeps in mind that a line makes somebody known.
func (a *ahead) expect(e *examined) {
	if a == nil || e.Person != "" || e.As != 0 {
		return
	}
	for _, term := range e.terms {
		a.people[string(term)] = append(a.people[string(term)], planned{line: e.Line.N, patient: e.Line.Patient})
	}
}

// sees reports whether the actor may know of a patient.
func (x *examiner) sees(f found, patientID string) bool {
	for branch := range f.at[patientID] {
		if x.actor.May(clinic.SeeCalendar, branch) {
			return true
		}
	}
	return false
}

func (x *examiner) decidePatient(e *examined, f found, before *ahead) {
	for _, origin := range e.origins {
		for _, kept := range f.byOrigin[string(origin)] {
			e.Person = kept
		}
	}
	switch {
	case e.Person != "" && f.at[e.Person][e.branch.ID], e.As != 0 && before.origins[strconv.Itoa(e.As)+e.branch.ID] != 0:
		e.Does = clinic.ImportThere
	case e.Person != "" || e.As != 0:
		e.Does = clinic.ImportKnown
	default:
		e.Does = clinic.ImportNew
	}
	if before != nil {
		before.origins[strconv.Itoa(cmp.Or(e.As, e.Line.N))+e.branch.ID] = e.Line.N
		before.expect(e)
	}
}

// bookedBy says who of a file comes to whom when.
func bookedBy(e *examined) string {
	who := e.Person
	if who == "" {
		who = strconv.Itoa(cmp.Or(e.As, e.Line.N))
	}
	return who + " " + e.Slot.DoctorID + " " + e.Slot.StartsAt.Format(time.RFC3339)
}

// hasBooking reports whether the person of a line has a booking at that time with that doctor, whatever has become of it.
func (x *examiner) hasBooking(db *gorm.DB, e *examined, f found, before *ahead) (bool, error) {
	if e.Slot.DoctorID == "" {
		return false, nil
	}
	look := *e
	if look.Person == "" && look.As == 0 {
		x.recognise(&look, f, before)
	}
	if before != nil && before.booked[bookedBy(&look)] {
		return true, nil
	}
	if look.Person == "" {
		return false, nil
	}
	var n int
	err := db.Raw("SELECT COUNT(*) FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id = "+aText+" AND s.starts_at = ? AND s.doctor_id = "+aText,
		look.Person, e.Slot.StartsAt, e.Slot.DoctorID).Row().Scan(&n)
	return n > 0, err
}

func (x *examiner) decideBooking(db *gorm.DB, now time.Time, e *examined, f found, before *ahead) error {
	if there, err := x.hasBooking(db, e, f, before); err != nil || there {
		e.Does = clinic.ImportThere
		return err
	}
	wrong, err := x.findSlot(db, now, e, before)
	if err != nil {
		return err
	}
	if wrong != nil {
		e.Line.Errors = append(e.Line.Errors, wrong)
		return nil
	}
	e.Does = clinic.ImportOnSlot
	if e.Slot.ID == "" {
		e.Does = clinic.ImportNewSlot
	}
	if before != nil {
		before.expect(e)
		before.origins[string(e.origins[0])] = e.Line.N
		before.booked[bookedBy(e)] = true
		if e.Slot.ID != "" {
			before.slots[e.Slot.ID] = e.Line.N
		} else {
			before.made = append(before.made, planned{line: e.Line.N, slot: e.Slot, branch: e.branch.ID})
		}
	}
	return nil
}

// lying is an open slot, with what has it.
type lying struct {
	ID, BranchID     string
	StartsAt, EndsAt time.Time
	BookingID        *string
	ExpiresAt        *time.Time
}

// findSlot finds the slot that a booking is for, or says that one can be made, or why neither is so.
func (x *examiner) findSlot(db *gorm.DB, now time.Time, e *examined, before *ahead) (*clinic.Error, error) {
	clash := func(column clinic.ImportColumn, message string, args ...string) (*clinic.Error, error) {
		wrong := &clinic.Error{Code: clinic.Conflict, Field: string(column), Message: message, Args: map[string]string{}}
		for pair := range slices.Chunk(args, 2) {
			wrong.Args[pair[0]] = pair[1]
		}
		return wrong, nil
	}
	loc := e.branch.Location()
	span := func(s lying) []string {
		return []string{"From", s.StartsAt.In(loc).Format("15:04"), "Until", s.EndsAt.In(loc).Format("15:04")}
	}
	const query = "SELECT s.id, s.branch_id, s.starts_at, s.ends_at, c.booking_id, c.expires_at FROM slots s LEFT JOIN claims c ON c.slot_id = s.id WHERE "
	exact, err := latest(db, query+"s.doctor_id = "+aText+" AND s.closed_at IS NULL AND s.starts_at = ? LIMIT 1", e.Slot.DoctorID, e.Slot.StartsAt)
	if err != nil {
		return nil, err
	}
	if exact.ID != "" {
		switch {
		case exact.BranchID != e.branch.ID:
			return clash(clinic.ColumnStart, "error.import.elsewhere", span(exact)...)
		case exact.BookingID != nil:
			return clash(clinic.ColumnStart, "error.import.taken")
		case exact.ExpiresAt != nil && now.Before(*exact.ExpiresAt):
			return clash(clinic.ColumnStart, "error.import.held")
		case e.Slot.EndsAt.After(exact.EndsAt):
			return clash(clinic.ColumnEnd, "error.import.longer", span(exact)...)
		case before != nil && before.slots[exact.ID] != 0:
			return clash(clinic.ColumnStart, "error.import.twice", "Line", strconv.Itoa(before.slots[exact.ID]))
		}
		e.Slot.ID, e.Slot.EndsAt = exact.ID, exact.EndsAt.UTC()
		return nil, nil //nolint:nilnil // nothing is wrong
	}
	if e.Slot.EndsAt.Equal(e.Slot.StartsAt) {
		e.Slot.EndsAt = e.Slot.StartsAt.Add(time.Duration(x.of.Minutes) * time.Minute)
	}
	// Open slots of one doctor, or room, do not overlap, so that the latest that begins before the end is the only one that can.
	const over = " AND s.closed_at IS NULL AND s.starts_at < ? ORDER BY s.starts_at DESC LIMIT 1"
	other, err := latest(db, query+"s.doctor_id = "+aText+over, e.Slot.DoctorID, e.Slot.EndsAt)
	if err != nil {
		return nil, err
	}
	if other.EndsAt.After(e.Slot.StartsAt) {
		return clash(clinic.ColumnStart, "error.import.overlap", span(other)...)
	}
	if e.Slot.Room != "" {
		if other, err = latest(db, query+"s.branch_id = "+aText+" AND s.room = ? AND s.room <> ''"+over, e.branch.ID, e.Slot.Room, e.Slot.EndsAt); err != nil {
			return nil, err
		}
		if other.EndsAt.After(e.Slot.StartsAt) {
			return clash(clinic.ColumnRoom, "error.import.room", span(other)...)
		}
	}
	if before == nil {
		return nil, nil //nolint:nilnil // nothing is wrong
	}
	for _, m := range before.made {
		if !m.slot.StartsAt.Before(e.Slot.EndsAt) || !e.Slot.StartsAt.Before(m.slot.EndsAt) {
			continue
		}
		if m.slot.DoctorID == e.Slot.DoctorID {
			return clash(clinic.ColumnStart, "error.import.twice", "Line", strconv.Itoa(m.line))
		}
		if e.Slot.Room != "" && m.branch == e.branch.ID && m.slot.Room == e.Slot.Room {
			return clash(clinic.ColumnRoom, "error.import.twice", "Line", strconv.Itoa(m.line))
		}
	}
	return nil, nil //nolint:nilnil // nothing is wrong
}

// latest is the one slot that a query asks for; zero for none.
func latest(db *gorm.DB, query string, args ...any) (s lying, err error) {
	err = db.Raw(query, args...).Row().Scan(&s.ID, &s.BranchID, &s.StartsAt, &s.EndsAt, &s.BookingID, &s.ExpiresAt)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return s, err
}
