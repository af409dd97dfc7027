package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// resealBatch is how many rows are sealed anew in one transaction, so that bookings hardly wait for it.
const resealBatch = 100

// ErrUnreadable says that some of what is sealed opens with none of the keys, so that none of them can be given up.
var ErrUnreadable = errors.New("some of what is sealed opens with none of these keys")

// Reseal seals with the present keys of a file what other keys of it have sealed, in small steps, and makes the blind indexes anew that can
// be made from it. It may be ended at any time and called again: what is left is what bears another key's id. Rows that are written
// meanwhile win over it. done is told after each step of what, and how many rows of it the step has seen to.
func (s *Store) Reseal(ctx context.Context, file seal.File, done func(what string, rows int)) error {
	err := s.change(ctx, "Reseal", clinic.Job("keys"), func(tx *change) error {
		for _, prefix := range oldPrefixes(file) {
			if _, err := tx.insert("INSERT INTO old_keys (retired_at, prefix) VALUES (NULL, ?) ON CONFLICT DO NOTHING", prefix); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var failed error
	for _, t := range sealedTables() {
		if err := s.resealTable(ctx, t, file, done); errors.Is(err, ErrUnreadable) {
			failed = errors.Join(failed, err) // the others are sealed anew all the same
		} else if err != nil {
			return wrap("Reseal", err)
		}
	}
	if err := s.termsAnew(ctx, done); err != nil {
		return wrap("Reseal", err)
	}
	if failed != nil {
		return failed
	}
	return s.probeAnew(ctx)
}

// sealedRow is something sealed with the key of its row.
type sealedRow struct {
	key    []any
	sealed []byte
	anew   []byte
}

func (s *Store) resealTable(ctx context.Context, t sealedTable, file seal.File, done func(what string, rows int)) error {
	var broken []string
	var after []any
	for {
		rows, err := s.sealedOtherwise(ctx, t, file, after)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1].key
		var readable []sealedRow
		for _, row := range rows {
			at := t.at(row.key)
			if row.anew, err = s.keyring.Reseal(t.purpose, at, row.sealed); err != nil {
				broken = append(broken, t.name+" "+at.ID)
				continue
			}
			readable = append(readable, row)
		}
		if err := s.writeAnew(ctx, t, readable); err != nil {
			return err
		}
		done(t.name, len(readable))
	}
	if len(broken) > 0 {
		shown := broken[:min(len(broken), 5)]
		return fmt.Errorf("%w: %d rows, such as %s", ErrUnreadable, len(broken), strings.Join(shown, ", "))
	}
	return nil
}

// sealedOtherwise are the next rows of a table, after a key, that another key than the present one has sealed.
func (s *Store) sealedOtherwise(ctx context.Context, t sealedTable, file seal.File, after []any) (out []sealedRow, err error) {
	key := strings.Join(t.key, ", ")
	query := "SELECT " + key + ", sealed FROM " + t.name + " WHERE sealed IS NOT NULL AND substr(sealed, 1, 5) <> " + s.aBytes()
	args := []any{seal.Prefix(file.Primary(string(t.purpose)))}
	if after != nil {
		marks := make([]string, len(after))
		for i, part := range after {
			if marks[i] = "?"; isBytes(part) {
				marks[i] = s.aBytes()
			}
		}
		query += " AND (" + key + ") > (" + strings.Join(marks, ", ") + ")"
		args = append(args, after...)
	}
	rows, err := s.reader(ctx).Raw(query+" ORDER BY "+key+" LIMIT ?", append(args, resealBatch)...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		row := sealedRow{key: make([]any, len(t.key))}
		targets := make([]any, len(t.key), len(t.key)+1)
		for i := range row.key {
			targets[i] = &row.key[i]
		}
		if err := rows.Scan(append(targets, &row.sealed)...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

func isBytes(part any) bool {
	_, ok := part.([]byte)
	return ok
}

// writeAnew writes what was sealed anew, unless the row has been written since it was read.
func (s *Store) writeAnew(ctx context.Context, t sealedTable, rows []sealedRow) error {
	if len(rows) == 0 {
		return nil
	}
	statement := "UPDATE " + t.name + " SET sealed = ? WHERE " + strings.Join(t.key, " = ? AND ") + " = ? AND sealed = ?"
	return s.change(ctx, "Reseal", clinic.Job("keys"), func(tx *change) error {
		for _, row := range rows {
			args := append(append([]any{row.anew}, row.key...), row.sealed)
			q := tx.Exec(statement, args...)
			if q.Error != nil {
				return q.Error
			}
			if q.RowsAffected == 0 || t.anew == nil {
				continue
			}
			if err := t.anew(tx, fmt.Sprint(row.key[0]), row.anew); err != nil {
				return err
			}
		}
		return nil
	})
}

// probeAnew has the database recognise the present keys alone.
func (s *Store) probeAnew(ctx context.Context) error {
	probe, err := s.keyring.Probe()
	if err != nil {
		return err
	}
	return s.change(ctx, "Reseal", clinic.Job("keys"), func(tx *change) error {
		return mustChange(tx.Exec("UPDATE settings SET value = ? WHERE name = ?", probe, probeSetting))
	})
}

// identityAnew is the blind index of who a patient is. Where another is stored as the same person already, because a server that had
// slept did not find them, that one keeps it.
func (c *change) identityAnew(id string, sealed []byte) error {
	p, err := c.store.openPatient(patientRow{ID: id, Sealed: sealed})
	if err != nil {
		return err
	}
	return c.uniqueAnew("patients", "identity", id, term{"identity", p.Identity()})
}

// emailAnew is the blind index of the address of a member of staff.
func (c *change) emailAnew(id string, sealed []byte) error {
	var stored storedStaff
	if err := c.store.keyring.Open(seal.Contact, staffAD(id), sealed, &stored); err != nil {
		return err
	}
	return c.uniqueAnew("staff", "email_term", id, term{"staff", strings.ToLower(strings.TrimSpace(stored.Email))})
}

// uniqueAnew writes a blind index that only one row may have; another row that has it already keeps it, and this one gets one by which
// nobody looks for it.
func (c *change) uniqueAnew(table, column, id string, of term) error {
	index, err := c.store.keyring.BlindIndex(of.kind, of.value)
	if err != nil {
		return err
	}
	nobody, err := c.store.keyring.BlindIndex(of.kind+" of a double", id)
	if err != nil {
		return err
	}
	aTerm := c.store.aBytes()
	return c.Exec("UPDATE "+table+" SET "+column+" = CASE WHEN EXISTS (SELECT 1 FROM "+table+" o WHERE o."+column+" = "+aTerm+" AND o.id <> "+aText+
		") THEN "+aTerm+" ELSE "+aTerm+" END WHERE id = ?", index, id, nobody, index, id).Error
}

// domainAnew is the blind index of the domain of a letter's address.
func (c *change) domainAnew(id string, sealed []byte) error {
	var stored storedLetter
	if err := c.store.keyring.Open(seal.Contact, letterAD(id), sealed, &stored); err != nil {
		return err
	}
	domain, err := c.store.domainOf(clinic.Letter{Channel: clinic.ByMail, Content: stored.content()})
	if err != nil || domain == nil {
		return err
	}
	return c.Exec("UPDATE letters SET domain = ? WHERE id = ? AND domain IS NOT NULL", domain, id).Error
}

// waitingAnew are the terms of somebody who waits.
func (c *change) waitingAnew(id string, sealed []byte) error {
	var stored storedWaiting
	if err := c.store.keyring.Open(seal.Contact, waitingAD(id), sealed, &stored); err != nil {
		return err
	}
	p, _ := stored.open()
	terms, err := c.waitingTerms(p)
	if err != nil {
		return err
	}
	if err := c.Exec("DELETE FROM waiting_terms WHERE waiting_id = ?", id).Error; err != nil {
		return err
	}
	return c.insertWaitingTerms(id, terms)
}
