package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// MustExist refuses a SQLite address at which there is no file. Whatever opens an address makes the file otherwise.
func MustExist(address string) error {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s", path)
	}
	return nil
}

// Recognise loads the keys from their source, as seal.Load has it, and proves that they open this database. Unlike Unlock it makes nothing and writes nothing.
func (s *Store) Recognise(ctx context.Context, source string) error {
	file, err := seal.Load(ctx, source)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no key file at %s", source)
	}
	if err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	keyring, err := file.Keyring()
	if err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	var row settingRow
	switch err := one(s.reader(ctx).Where("name = ?", probeSetting), &row); {
	case clinic.CodeOf(err) == clinic.NotFound:
		return errors.New("the database holds no clinic yet")
	case err != nil:
		return fmt.Errorf("unlock: %w", err)
	}
	if err := keyring.CheckProbe(row.Value); err != nil {
		return fmt.Errorf("%w, and %s does not open it (%w)", ErrKeys, seal.Name(source), err)
	}
	s.keyring = keyring
	return nil
}

// mostFindings is how many findings of one kind are told one by one.
const mostFindings = 20

// findings are sentences about what is not as it has to be. They hold ids and never what is sealed.
type findings struct {
	all  []string
	kind string
	n    int
}

// add tells one more of a kind. Beyond mostFindings of a kind they are only counted.
func (f *findings) add(kind, format string, args ...any) {
	if kind != f.kind {
		f.end()
		f.kind = kind
	}
	if f.n++; f.n <= mostFindings {
		f.all = append(f.all, fmt.Sprintf(format, args...))
	}
}

func (f *findings) end() {
	if f.n > mostFindings {
		f.all = append(f.all, fmt.Sprintf("There are %d more like these: %s.", f.n-mostFindings, f.kind))
	}
	f.kind, f.n = "", 0
}

// Check reads the whole database, in one transaction that changes nothing, and says in a sentence each what is not as it has to be: the file
// itself, its guards, what refers to what, live bookings with their claims and letters, and whether every sealed value opens. The keys
// must be known (Unlock or Recognise).
func (s *Store) Check(ctx context.Context, tell Progress) (found []string, err error) {
	migrated, err := s.Migrated(ctx)
	if err != nil {
		return nil, wrap("Check", err)
	}
	if !migrated {
		return []string{"The database has not the shape of this program: run madoguchi migrate, then check it again."}, nil
	}
	pool, err := s.read.DB()
	if err != nil {
		return nil, wrap("Check", err)
	}
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, wrap("Check", err)
	}
	defer func() { _ = tx.Rollback() }() // it has changed nothing
	var f findings
	for _, step := range []func(context.Context, *sql.Tx, *findings, Progress) error{s.checkFile, s.checkGuards, checkBookings, s.checkLetters, s.checkSealed} {
		if err := step(ctx, tx, &f, tell); err != nil {
			return nil, wrap("Check", err)
		}
		f.end()
	}
	return f.all, nil
}

// checkFile reads every page and index of a SQLite file, and asks what refers to rows that do not exist. PostgreSQL's constraints and
// checksums see to that by themselves.
func (s *Store) checkFile(ctx context.Context, tx *sql.Tx, f *findings, tell Progress) error {
	if s.engine == postgresEngine {
		return nil
	}
	p := newProgress(ctx, tell, "reading the file", 2)
	if err := p.add(0); err != nil {
		return err
	}
	err := eachRow(ctx, tx, "PRAGMA integrity_check", func(scan func(...any) error) error {
		var line string
		if err := scan(&line); err != nil || line == "ok" {
			return err
		}
		f.add("damage", "The file is damaged: %s.", strings.Join(strings.Fields(line), " "))
		return nil
	})
	if err = errors.Join(err, p.add(1)); err != nil {
		return err
	}
	err = eachRow(ctx, tx, `SELECT "table", parent, COUNT(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2`, func(scan func(...any) error) error {
		var table, parent string
		var rows int
		if err := scan(&table, &parent, &rows); err != nil {
			return err
		}
		f.add("reference", "%d rows of %s refer to rows of %s that do not exist.", rows, table, parent)
		return nil
	})
	return errors.Join(err, p.add(1))
}

// checkBookings looks for live bookings without their claim, which others could take the slot of, and for claims of bookings that are over.
func checkBookings(ctx context.Context, tx *sql.Tx, f *findings, _ Progress) error {
	for _, of := range []struct{ kind, query, sentence string }{
		{
			"a live booking without its claim", `SELECT b.id FROM bookings b LEFT JOIN claims c ON c.booking_id = b.id AND c.slot_id = b.slot_id
				WHERE b.live AND c.slot_id IS NULL ORDER BY b.id`,
			"The live booking %s has no claim on its slot, which could be given away.",
		},
		{
			"a claim of a booking that is over", "SELECT b.id FROM claims c JOIN bookings b ON b.id = c.booking_id WHERE NOT b.live ORDER BY b.id",
			"The booking %s is over and still has a claim on a slot, which nobody else can get.",
		},
	} {
		err := eachRow(ctx, tx, of.query, func(scan func(...any) error) error {
			var id string
			if err := scan(&id); err != nil {
				return err
			}
			f.add(of.kind, of.sentence, id)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkLetters looks for live bookings of which their patient was never written to. Whoever has left no address, and whoever has booked on
// the telephone or was imported, may have got none on purpose.
func (s *Store) checkLetters(ctx context.Context, tx *sql.Tx, f *findings, _ Progress) error {
	return eachRow(ctx, tx, `SELECT b.id, b.sealed FROM bookings b WHERE b.live AND b.channel NOT IN ($1, $2)
			AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.booking_id = b.id AND l.kind NOT IN `+ofTheFuture+`) ORDER BY b.id`, func(scan func(...any) error) error {
		var id string
		var sealed []byte
		if err := scan(&id, &sealed); err != nil {
			return err
		}
		var typed storedBooking
		if s.keyring.Open(seal.Contact, bookingAD(id), sealed, &typed) != nil || typed.Patient.Email == "" {
			return nil // what does not open is told by checkSealed
		}
		f.add("a live booking without a letter", "The live booking %s has no letter: its patient was never told of it.", id)
		return nil
	}, clinic.ByTelephone, clinic.ByImport)
}

// eachRow calls f with each row of a query.
func eachRow(ctx context.Context, tx *sql.Tx, query string, f func(scan func(...any) error) error, args ...any) (err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
