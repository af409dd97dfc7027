package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// A file of another system is sealed from when it is sent until it was taken over, so that what is taken over is what was shown, and the
// browser need not send it twice. What of it would be done is said anew whenever somebody looks (import_examine.go) and done by the same
// code (import_run.go), batch by batch.

func importAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "imports", ID: id} }

// importRow is an import as it is stored.
type importRow struct {
	ID        string
	Kind      clinic.ImportKind
	BranchID  string
	Source    string
	Minutes   int
	Letters   bool
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   *time.Time
	Sealed    []byte
	Done      int
	LineCount int
	Patients  int
	Bookings  int
	Slots     int
	There     int
	Refused   string
}

const importColumns = "id, kind, branch_id, source, minutes, letters, created_at, expires_at, ended_at, done, line_count, patients, bookings, slots, there, refused"

// shownImports is how many imports a list has.
const shownImports = 20

func (r importRow) open() clinic.Import {
	i := clinic.Import{
		ID: r.ID, Kind: r.Kind, BranchID: r.BranchID, Source: r.Source, Minutes: r.Minutes, Letters: r.Letters, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		EndedAt: r.EndedAt, Done: r.Done, Lines: r.LineCount, Patients: r.Patients, Bookings: r.Bookings, Slots: r.Slots, There: r.There,
	}
	for _, line := range strings.FieldsFunc(r.Refused, func(r rune) bool { return r == ',' }) {
		if n, err := strconv.Atoi(line); err == nil {
			i.Refused = append(i.Refused, n)
		}
	}
	return i
}

// ownImport is a condition in SQL, with its arguments, on the imports that an actor has begun: in a file may stand people of every branch
// of whoever sent it.
func ownImport(actor clinic.Actor) (condition string, args []any) {
	if actor.Kind == clinic.ActorJob {
		return "staff_id IS NULL", nil
	}
	return "staff_id = " + aText, []any{actor.Staff.ID}
}

// KeepImport seals a file that was checked, until it is taken over or clinic.ImportKept has passed. A file that cannot be read is refused at the
// field "file"; a branch that the actor does not manage answers NotFound.
func (s *Store) KeepImport(ctx context.Context, actor clinic.Actor, i clinic.Import) (id string, err error) {
	if !actor.May(clinic.ManageClinic, i.BranchID) {
		return "", NotFound()
	}
	table, wrong := clinic.ReadImport(i.Kind, i.Text)
	if wrong != nil {
		return "", wrong
	}
	id = clinic.NewIDAt(s.now())
	sealed, err := s.keyring.Seal(seal.Contact, importAD(id), storeImport(i))
	if err != nil {
		return "", wrap("KeepImport", err)
	}
	return id, s.change(ctx, "KeepImport", actor, func(tx *change) error {
		tx.aboutBranch(i.BranchID)
		_, err := tx.insert(`INSERT INTO imports (id, kind, branch_id, source, minutes, letters, staff_id, created_at, expires_at, sealed, line_count)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, i.Kind, i.BranchID, i.Source, i.Minutes, i.Letters, orNull(actor.Staff.ID), tx.now, tx.now.Add(clinic.ImportKept), sealed, len(table.Rows))
		return err
	})
}

// Import is an import that the actor has begun, with its file as long as it is kept; any other answers NotFound.
func (s *Store) Import(ctx context.Context, actor clinic.Actor, id string) (clinic.Import, error) {
	var row importRow
	own, args := ownImport(actor)
	err := one(s.reader(ctx).Table("imports").Where("id = "+aText+" AND "+own, append([]any{id}, args...)...).Select(importColumns+", sealed"), &row)
	if err != nil {
		return clinic.Import{}, wrap("Import", err)
	}
	i := row.open()
	if i.Ended(s.now()) || len(row.Sealed) == 0 {
		return i, nil
	}
	var stored storedImport
	if err := s.keyring.Open(seal.Contact, importAD(id), row.Sealed, &stored); err != nil {
		return i, wrap("Import", err)
	}
	i.Text = stored.file().Text
	return i, nil
}

// Imports are the imports that the actor has begun, the latest first, without their files.
func (s *Store) Imports(ctx context.Context, actor clinic.Actor) (all []clinic.Import, err error) {
	var rows []importRow
	own, args := ownImport(actor)
	err = s.reader(ctx).Table("imports").Where(own, args...).Select(importColumns).Order("created_at DESC, id DESC").Limit(shownImports).Find(&rows).Error
	for _, row := range rows {
		all = append(all, row.open())
	}
	return all, wrap("Imports", err)
}

// EndImport throws the file of an import away. What was taken over stays. One that has ended stays as it is.
func (s *Store) EndImport(ctx context.Context, actor clinic.Actor, id string) error {
	return s.change(ctx, "EndImport", actor, func(tx *change) error {
		var row importRow
		own, args := ownImport(actor)
		err := one(tx.forUpdate(tx.Table("imports").Where("id = "+aText+" AND "+own, append([]any{id}, args...)...)).Select("id, ended_at"), &row)
		if err != nil || row.EndedAt != nil {
			return err
		}
		return tx.Exec("UPDATE imports SET ended_at = ?, sealed = NULL WHERE id = ?", tx.now, id).Error
	})
}

// ForgetImports throws away the files that nobody has taken over in time.
func (s *Store) ForgetImports(ctx context.Context) error {
	var ids []string
	now := s.now()
	if err := s.reader(ctx).Raw("SELECT id FROM imports WHERE ended_at IS NULL AND expires_at <= ?", now).Scan(&ids).Error; err != nil || len(ids) == 0 {
		return wrap("ForgetImports", err)
	}
	return s.change(ctx, "ForgetImports", clinic.Job("forget imports"), func(tx *change) error {
		return tx.Exec("UPDATE imports SET ended_at = expires_at, sealed = NULL WHERE ended_at IS NULL AND expires_at <= ?", tx.now).Error
	})
}
