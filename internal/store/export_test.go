package store

import (
	"context"
	"errors"

	"madoguchi/internal/clinic"
)

// Fail is a change that the database itself fails, for tests: its statement is no SQL.
func (s *Store) Fail(ctx context.Context, cause error) error {
	return s.change(ctx, "Fail", clinic.Job("test"), func(tx *change) error {
		return errors.Join(cause, tx.Exec("this is no SQL").Error)
	})
}

// SetReferences makes the store draw its references from a function, for tests.
func (s *Store) SetReferences(draw func() string) { s.newReference = draw }

// MigrateWith is Migrate with other migrations.
var MigrateWith = migrate
