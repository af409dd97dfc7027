package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// Update is the flag -update, for tests outside of the package.
var Update = update

// Fail is a change that the database itself fails, for tests: its statement is no SQL.
func (s *Store) Fail(ctx context.Context, cause error) error {
	return s.change(ctx, "Fail", clinic.Job("test"), func(tx *change) error {
		return errors.Join(cause, tx.Exec("this is no SQL").Error)
	})
}

// EndWithoutTelling ends the connection by which the others know of this instance, as if its process had been killed.
func (s *Store) EndWithoutTelling() error {
	s.teller.end()
	s.stopListening()
	return nil
}

// SetReferences makes the store draw its references from a function, for tests.
func (s *Store) SetReferences(draw func() string) { s.newReference = draw }

// MigrateWith is Migrate with other migrations.
var MigrateWith = migrate

// LockInOrder locks two slots one after the other in one change, with a pause of the test's choice between them.
func (s *Store) LockInOrder(ctx context.Context, first, second string, pause func()) error {
	return s.change(ctx, "LockInOrder", clinic.Job("test"), func(tx *change) error {
		if err := tx.lockSlots(first); err != nil {
			return err
		}
		pause()
		return tx.lockSlots(second)
	})
}

// OpenSealed opens what a row of a table has sealed, by the id to which it is bound.
func (s *Store) OpenSealed(table, id string, sealed []byte) (content json.RawMessage, err error) {
	all := sealedTables()
	i := slices.IndexFunc(all, func(t sealedTable) bool { return t.name == table })
	if i < 0 {
		return nil, errors.New("sealedTables leaves it out")
	}
	err = s.keyring.Open(all[i].purpose, all[i].at([]any{id}), sealed, &content)
	return content, err
}

// Guards are the guards that the database has.
func (s *Store) Guards(ctx context.Context) (all []string, err error) {
	pool, err := s.read.DB()
	if err != nil {
		return nil, err
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	return guardsOf(ctx, tx, s.engine)
}

// Bytes is aBytes.
func (s *Store) Bytes() string { return s.aBytes() }

// SealedTables are the tables that Reseal knows, with the columns of their keys.
func SealedTables() map[string][]string {
	out := map[string][]string{}
	for _, t := range sealedTables() {
		out[t.name] = t.key
	}
	return out
}

// OnStatement calls f with every statement from now on, and its arguments, but for what runSQLite runs: INSERTs and the ends of transactions.
func (s *Store) OnStatement(f func(sql string, args []any)) {
	tell := func(db *gorm.DB) { f(db.Statement.SQL.String(), slices.Clone(db.Statement.Vars)) }
	for _, db := range []*gorm.DB{s.write, s.read} {
		callbacks := db.Callback()
		for _, err := range []error{
			callbacks.Create().After("*").Register("statement", tell), callbacks.Query().After("*").Register("statement", tell),
			callbacks.Update().After("*").Register("statement", tell), callbacks.Delete().After("*").Register("statement", tell),
			callbacks.Row().After("*").Register("statement", tell), callbacks.Raw().After("*").Register("statement", tell),
		} {
			if err != nil {
				panic(err)
			}
		}
	}
}

// Pend makes a booking one that waits for an approval, which no branch asks for yet.
func (s *Store) Pend(bookingID string) error {
	return s.write.Exec("UPDATE bookings SET status = 'pending' WHERE id = ?", bookingID).Error
}

// Run runs a statement, for tests of what another part of the program writes.
func (s *Store) Run(statement string, args ...any) error {
	return s.write.Exec(statement, args...).Error
}

// CloseByHours closes slots as a change of the opening hours does.
func (s *Store) CloseByHours(ids ...string) error {
	return s.Run("UPDATE slots SET closed_at = ?, is_open = false, closed_by = 'hours' WHERE id IN ?", s.now(), ids)
}

// InPieces is the query read in pieces of another size.
func (q NumbersQuery) InPieces(size int) NumbersQuery {
	q.piece = size
	return q
}

// RunImportLate goes on with an import after something has happened since its file was read.
func (s *Store) RunImportLate(ctx context.Context, actor clinic.Actor, id string, meanwhile func()) (clinic.Import, error) {
	i, err := s.Import(ctx, actor, id)
	if err != nil {
		return i, err
	}
	x, err := s.newExaminer(ctx, actor, i)
	if err != nil {
		return i, err
	}
	meanwhile()
	return s.goOn(ctx, x)
}

// SendInLine has the letters gone that confirm a place in line, and no others.
func (s *Store) SendInLine(ctx context.Context) error {
	return s.change(ctx, "SendInLine", clinic.Job("test"), func(tx *change) error {
		return tx.Exec("UPDATE letters SET status = 'sent', sent_at = ? WHERE kind = ? AND status = 'waiting'", tx.now, clinic.InLineLetter).Error
	})
}

// RememberQuestionnaire puts a version where those are kept that were read, as if the settings had been another before.
func (s *Store) RememberQuestionnaire(q *intake.Questionnaire) {
	s.questionnaires.put(q, s.settings.Load().counter)
}

// Unnoted are the operations that leave no entry in the audit log.
func Unnoted() []string { return slices.Collect(maps.Keys(unnoted)) }

// OpenedIntakes is how many intakes are open in memory.
func OpenedIntakes(s *Store) int { return len(s.intakes.all) }

// OpenIntakes lets a number of intakes be open in memory.
func OpenIntakes(s *Store, n int) {
	for i := range n {
		s.intakes.keep(sha256.Sum256([]byte(strconv.Itoa(i))), intake.Record{}, s.now())
	}
}
