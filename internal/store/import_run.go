package store

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
)

const (
	// importBatch is how many lines are taken over in one transaction, so few that nobody who books meanwhile waits for long.
	importBatch = 50

	// importLines is how many lines RunImport takes over at most before it says how far it has come.
	importLines = 500
)

// errImportMoved says that somebody else has gone on with an import meanwhile.
var errImportMoved = errors.New("the import has been gone on with elsewhere")

// RunImport goes on with an import for some lines, and says how far it has come: whoever shows that calls it again until the import has
// ended. Lines with which something is wrong are left out. A batch of lines is taken over as a whole or not at all, and the next call goes on where the last
// one stopped, however it did. It may be called for one import, and for two with the same file, at once.
func (s *Store) RunImport(ctx context.Context, actor clinic.Actor, id string) (clinic.Import, error) {
	i, err := s.Import(ctx, actor, id)
	if err != nil || i.Ended(s.now()) {
		return i, err
	}
	x, err := s.newExaminer(ctx, actor, i)
	if err != nil {
		return i, wrap("RunImport", err)
	}
	return s.goOn(ctx, x)
}

func (s *Store) goOn(ctx context.Context, x *examiner) (clinic.Import, error) {
	i := x.Import
	for from, most := i.Done, i.Done+importLines; from < min(most, len(x.Lines)); {
		if ctx.Err() != nil { // whoever asked has gone; what was taken over stays
			break
		}
		batch := x.Lines[from:min(from+importBatch, len(x.Lines))]
		err := s.takeOver(ctx, x, from, batch)
		if len(batch) > 1 && isLineRefused(err) {
			// One line cannot be taken over as it was examined. Each is tried alone, so that the others are.
			for n := range batch {
				if err = s.takeOverOne(ctx, x, from+n, batch[n:n+1]); err != nil {
					break
				}
			}
		} else if isLineRefused(err) {
			err = s.takeOverOne(ctx, x, from, batch)
		}
		if errors.Is(err, errImportMoved) {
			break
		}
		if err != nil {
			return i, err
		}
		from += len(batch)
	}
	return s.Import(ctx, x.Actor, i.ID)
}

// isLineRefused reports an error that is one line's: the rules or the database refuse what it would make.
func isLineRefused(err error) bool {
	if slices.Contains([]clinic.Code{clinic.Invalid, clinic.SlotTaken, clinic.SlotPast, clinic.SlotEarly, clinic.Conflict}, clinic.CodeOf(err)) {
		return true
	}
	return isConstraint(err, "slots_never_overlap", "rooms_never_overlap", "slots_have_a_doctor", "slots_doctor_id_branch_id_fkey", "slots_doctor_id_fkey",
		"claims_slot_id_slot_open_fkey", "FOREIGN KEY")
}

// takeOverOne takes one line over, or leaves it out where it cannot be.
func (s *Store) takeOverOne(ctx context.Context, x *examiner, from int, line []clinic.ImportLine) error {
	err := s.takeOver(ctx, x, from, line)
	if isLineRefused(err) {
		refused := line[0]
		refused.Errors = clinic.Errors{{Code: clinic.Conflict, Message: "error.import.taken"}}
		return s.takeOver(ctx, x, from, []clinic.ImportLine{refused})
	}
	return err
}

// takeOver takes a batch of lines over in one transaction; from is how many lines come before it. A reference that is drawn twice is
// drawn anew, as in Book.
func (s *Store) takeOver(ctx context.Context, x *examiner, from int, batch []clinic.ImportLine) (err error) {
	for range maxReferences {
		err = s.change(ctx, "RunImport", x.Actor, func(tx *change) error { return tx.takeOver(x, from, batch) })
		if !isConstraint(err, "bookings_reference_key", "bookings.reference") {
			break
		}
	}
	return err
}

func (c *change) takeOver(x *examiner, from int, batch []clinic.ImportLine) error {
	if err := c.lockImport(x, batch); err != nil {
		return err
	}
	var row importRow
	own, args := ownImport(c.actor)
	err := one(c.forUpdate(c.Table("imports").Where("id = "+aText+" AND "+own, append([]any{x.Import.ID}, args...)...)).Select(importColumns), &row)
	if err != nil {
		return err
	}
	i := row.open()
	if i.Ended(c.now) || i.Done != from {
		return errImportMoved
	}
	for _, line := range batch {
		outcomes, err := x.examine(c.DB, c.now, []clinic.ImportLine{line}, clinic.NewImportAhead())
		if err != nil {
			return err
		}
		if err := c.takeOverLine(x, outcomes[0], &i); err != nil {
			return err
		}
		if outcomes[0].Does == clinic.ImportRefused {
			row.Refused += strconv.Itoa(line.N) + ","
		}
	}
	i.Done += len(batch)
	err = c.Exec("UPDATE imports SET done = ?, patients = ?, bookings = ?, slots = ?, there = ?, refused = ? WHERE id = ?",
		i.Done, i.Patients, i.Bookings, i.Slots, i.There, row.Refused, i.ID).Error
	if err != nil || i.Done < i.Lines {
		return err
	}
	return c.Exec("UPDATE imports SET ended_at = ?, sealed = NULL WHERE id = ?", c.now, i.ID).Error
}

// lockImport lets imports go one after the other, and keeps the slots that a batch is for, and the doctors for whom it may make some, from
// changing until the transaction ends.
func (c *change) lockImport(x *examiner, batch []clinic.ImportLine) error {
	names, slots := []string{"imports"}, []clinic.Slot{}
	for _, line := range batch {
		if x.Import.Kind != clinic.ImportBookings {
			break
		}
		if slot, _, _ := line.Slot(x.Place, c.now); slot.DoctorID != "" && !slot.StartsAt.IsZero() {
			names, slots = append(names, "slots of "+slot.DoctorID), append(slots, slot)
		}
	}
	if err := c.advisoryLocks(names); err != nil {
		return err
	}
	var ids []string
	for _, slot := range slots {
		var found []string
		err := c.Raw("SELECT id FROM slots WHERE doctor_id = "+aText+" AND starts_at = ? AND closed_at IS NULL", slot.DoctorID, slot.StartsAt).Scan(&found).Error
		if err != nil {
			return err
		}
		ids = append(ids, found...)
	}
	if len(ids) == 0 {
		return nil
	}
	return c.lockSlots(ids...)
}

// takeOverLine writes what a line comes to, and counts it.
func (c *change) takeOverLine(x *examiner, o clinic.ImportOutcome, i *clinic.Import) error {
	switch o.Does {
	case clinic.ImportRefused, clinic.ImportSample:
	case clinic.ImportThere:
		i.There++
	case clinic.ImportNew, clinic.ImportKnown:
		return c.takeOverPatient(x, o, i)
	case clinic.ImportOnSlot, clinic.ImportNewSlot:
		return c.takeOverBooking(x, o, i)
	}
	return nil
}

func (c *change) takeOverPatient(x *examiner, o clinic.ImportOutcome, i *clinic.Import) error {
	branch, wrong := x.Place.BranchOf(o.Line.Branch)
	if wrong != nil {
		return wrong
	}
	id := o.Person
	if id == "" {
		p := o.Line.Patient
		p.ID, p.CreatedAt = clinic.NewIDAt(c.now), c.now
		row, terms, err := c.store.newPatient(p)
		if err != nil {
			return err
		}
		if id, err = c.insertPatient(row, terms); err != nil {
			return err
		}
		if id == p.ID && o.Line.Memo != "" {
			if err := c.saveMemo(patientMemos, id, 0, o.Line.Memo); err != nil {
				return err
			}
		}
	}
	origins, err := x.origins(o.Line, branch.ID, clinic.Slot{})
	if err != nil {
		return err
	}
	i.Patients++
	c.about(clinic.Subject{Branch: branch.ID, Patient: id})
	_, err = c.insert("INSERT INTO imported_patients (patient_id, branch_id, origin) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, branch.ID, []byte(origins[0]))
	return err
}

// takeOverBooking books as the front desk does for somebody on the telephone: the same rules, the same guards, and a slot that is made where there is
// none. What is known of a patient stays.
func (c *change) takeOverBooking(x *examiner, o clinic.ImportOutcome, i *clinic.Import) error {
	r := clinic.Request{
		SlotID: o.Slot.ID, Patient: o.Line.Patient, Lang: "ja", QuestionnaireVersion: x.version, PatientID: o.Person, NoLetter: !x.Import.Letters,
	}
	if o.Person != "" {
		known, err := c.lockPatient(o.Person)
		if err != nil {
			return err
		}
		if r.Patient, err = c.store.openPatient(known.patientRow()); err != nil {
			return err
		}
	}
	d, err := c.store.draft(r, c.actor, c.now)
	if err != nil {
		return err
	}
	d.booking.Channel, d.booking.Status = clinic.ByImport, o.Line.Status
	origins, err := x.origins(o.Line, o.Slot.BranchID, o.Slot)
	if err != nil {
		return err
	}
	if _, err := c.insert("INSERT INTO imported_bookings (booking_id, origin) VALUES (?, ?)", d.booking.ID, []byte(origins[0])); err != nil {
		return err
	}
	if r.SlotID == "" {
		if r.SlotID, err = c.openForCaller(o.Slot); err != nil {
			return err
		}
		i.Slots++
	}
	if _, err := c.take(&d, r, r.SlotID); err != nil {
		return err
	}
	i.Bookings++
	if d.known == "" {
		if err := c.countNew(d, i); err != nil {
			return err
		}
	}
	if o.Line.Memo == "" {
		return nil
	}
	return c.saveMemo(bookingMemos, d.booking.ID, 0, o.Line.Memo)
}

// countNew counts the patient of a draft where they were not there before.
func (c *change) countNew(d draft, i *clinic.Import) error {
	var made int
	err := c.Raw("SELECT COUNT(*) FROM patients WHERE id = "+aText, d.patient.ID).Row().Scan(&made)
	i.Patients += made
	return err
}
