package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// examineBatch is how many lines are looked up together.
const examineBatch = 100

// examiner looks up what the lines of a file are decided by.
type examiner struct {
	clinic.ImportFile
	store   *Store
	version string // of the questionnaire that those who book are asked; "" for none
}

func (s *Store) newExaminer(ctx context.Context, actor clinic.Actor, i clinic.Import) (*examiner, error) {
	branches, err := s.BranchesFor(ctx, actor, clinic.ManageClinic)
	if err != nil {
		return nil, err
	}
	place := clinic.ImportPlace{Branches: branches, Doctors: map[string][]clinic.Doctor{}, Default: i.BranchID, Minutes: i.Minutes}
	for _, b := range branches {
		if place.Doctors[b.ID], err = s.DoctorsAt(ctx, b.ID); err != nil {
			return nil, err
		}
	}
	x := &examiner{store: s}
	var wrong *clinic.Error
	if x.ImportFile, wrong = clinic.ReadImportFile(i, actor, place, s.now()); wrong != nil {
		return nil, wrong
	}
	q, err := s.CurrentQuestionnaire(ctx)
	if err == nil {
		x.version = q.Version
	} else if clinic.CodeOf(err) != clinic.NotFound {
		return nil, err
	}
	return x, nil
}

// ExamineImport says what would come of an import if it were gone on with now. Nothing is written.
func (s *Store) ExamineImport(ctx context.Context, actor clinic.Actor, i clinic.Import) (clinic.Examined, error) {
	x, err := s.newExaminer(ctx, actor, i)
	if err != nil {
		return clinic.Examined{}, wrap("ExamineImport", err)
	}
	out := clinic.Examined{Table: x.Table}
	before, now := clinic.NewImportAhead(), s.now()
	for batch := range slices.Chunk(x.Lines[min(i.Done, len(x.Lines)):], examineBatch) {
		outcomes, err := x.examine(s.reader(ctx), now, batch, before)
		if err != nil {
			return clinic.Examined{}, wrap("ExamineImport", err)
		}
		out.Outcomes = append(out.Outcomes, outcomes...)
	}
	return out, nil
}

// examine says what some lines come to, one after the other. before is what those before would have done that is not done.
func (x *examiner) examine(db *gorm.DB, now time.Time, lines []clinic.ImportLine, before *clinic.ImportAhead) ([]clinic.ImportOutcome, error) {
	cases := make([]clinic.ImportCase, len(lines))
	for i, line := range lines {
		var err error
		if cases[i], err = x.caseOf(line, now); err != nil {
			return nil, err
		}
	}
	known, err := x.facts(db, now, cases)
	if err != nil {
		return nil, err
	}
	out := make([]clinic.ImportOutcome, len(cases))
	for i, c := range cases {
		out[i] = x.Examine(c, known, before, now)
	}
	return out, nil
}

// caseOf is a line with the blind indexes of what it and its person are known again by.
func (x *examiner) caseOf(line clinic.ImportLine, now time.Time) (c clinic.ImportCase, err error) {
	c = x.Case(line, now)
	if c.Origins, err = x.origins(line, c.Branch.ID, c.Slot); err != nil || line.Patient.Phone == "" {
		return c, err
	}
	if c.Identities, err = x.store.allIndexes("identity", line.Patient.Identity()); err != nil {
		return c, err
	}
	terms, err := x.store.samePerson(line.Patient)
	for _, term := range terms {
		c.Terms = append(c.Terms, string(term))
	}
	return c, err
}

// origins are the blind indexes of a line's Origin; none where it has none.
func (x *examiner) origins(line clinic.ImportLine, branchID string, slot clinic.Slot) ([]string, error) {
	origin := x.Import.Origin(line, branchID, slot)
	if origin == "" {
		return nil, nil
	}
	kind := "imported booking"
	if x.Import.Kind == clinic.ImportPatients {
		kind = "imported patient"
	}
	return x.store.allIndexes(kind, origin)
}

// allIndexes are the blind indexes of a value under every key, that under the present one first.
func (s *Store) allIndexes(kind, value string) (out []string, err error) {
	indexes, err := s.keyring.BlindIndexes(kind, value)
	for _, index := range indexes {
		out = append(out, string(index.Term))
	}
	return out, err
}
