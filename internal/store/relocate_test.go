package store_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func (k *keeper) move(t *testing.T, to string, tell store.Progress) ([]store.Relocated, error) {
	t.Helper()
	return store.Relocate(t.Context(), k.address, to, "postgres://the-target/x", k.keys, k.clock.Now, tell)
}

// TestMove_OfAFilledDatabase: a database in which every table and every column holds something is on the other side as it was, is sound there,
// and can be read as before.
func TestMove_OfAFilledDatabase(t *testing.T) {
	from, to, keys := storetest.SQLiteURL(t), storetest.PostgresURL(t), filepath.Join(t.TempDir(), "keys")
	kept, _ := fillShape(t, from, keys)
	reads := func(address string) []string {
		lines := kept.Known.read(t, storetest.Open(t, address, keys, func() time.Time { return kept.At }))
		slices.Sort(lines) // what has no order of its own is read in any
		return lines
	}
	copied := "sqlite:" + filepath.Join(t.TempDir(), "copy.db")
	storetest.Exec(t, from, "VACUUM INTO '"+strings.TrimPrefix(copied, "sqlite:")+"'")
	moved, err := store.Relocate(t.Context(), from, to, "postgres://the-target/x", keys, storetest.NewClock().Now, nil)
	check(t, err)
	kept.wantRows(t, to)
	here, there := storetest.Read(t, from), storetest.Read(t, to)
	for _, table := range moved {
		n := len(here[table.Table])
		if table.Table == "settings" {
			n-- // the mark of the move itself
		}
		if table.Rows != int64(n) || table.Rows > 0 && strings.Trim(table.Hash, "0") == "" {
			t.Errorf("%+v was told to have moved, of %d rows", table, n)
		}
	}
	if len(moved) != len(there)-1 { // but for goose's
		t.Errorf("%d tables were told of %v", len(moved), slices.Sorted(maps.Keys(there)))
	}
	target := storetest.Open(t, to, keys, storetest.NewClock().Now)
	if found := checked(t, target); len(found) > 0 {
		t.Errorf("what has arrived is not sound: %q", found)
	}
	wantOpenSeals(t, target, to)
	if before, now := reads(copied), reads(to); !slices.Equal(now, before) {
		t.Errorf("this could be read before:\n%s\nand this can be read now:\n%s", strings.Join(before, "\n"), strings.Join(now, "\n"))
	}
	wantGuardsOn(t, to)
}

// wantGuardsOn says whether a trigger has stayed off.
func wantGuardsOn(t *testing.T, address string) {
	t.Helper()
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	var off int
	check(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM pg_trigger WHERE tgenabled <> 'O'").Scan(&off))
	if off > 0 {
		t.Errorf("%d triggers are off", off)
	}
}

// TestMove_WhileAServerRuns: what is shown is shown on, nothing more is taken from the moment on at which the move reads, and never again once it
// is through.
func TestMove_WhileAServerRuns(t *testing.T) {
	k, to := newKeeper(t), storetest.PostgresURL(t)
	ctx := t.Context()
	book := func(n int) error {
		_, err := k.store.Book(ctx, clinic.API(clinic.APIKey{}), storetest.Request(k.clinic.Slots[n].ID, n))
		return err
	}
	check(t, book(0))
	tried := map[string]bool{}
	_, err := k.move(t, to, func(what string, _, _ int64) {
		switch what {
		case "moving to PostgreSQL", "comparing both sides", "committing in PostgreSQL", "closing SQLite for ever", "opening PostgreSQL":
		default:
			return
		}
		tried[what] = true
		if err := book(1); clinic.CodeOf(err) != clinic.Unavailable {
			t.Errorf("%s: a booking: %v", what, err)
		}
		if _, err := k.store.Branches(ctx); err != nil {
			t.Errorf("%s: reading: %v", what, err)
		}
		if err := store.MustNotMove(k.address); err == nil {
			t.Errorf("%s: a server could be started", what)
		}
		if err := k.store.Ready(ctx); err != nil && what != "opening PostgreSQL" {
			t.Errorf("%s: it is not ready to be read: %v", what, err)
		}
	})
	check(t, err)
	if len(tried) != 5 {
		t.Errorf("only this was told: %v", tried)
	}
	if err := book(1); clinic.CodeOf(err) != clinic.Unavailable {
		t.Errorf("a booking after the move: %v", err)
	}
	if _, err := k.store.Branches(ctx); err != nil {
		t.Errorf("reading after the move: %v", err)
	}
	var not *store.NotReady
	if err := k.store.Ready(ctx); !errors.As(err, &not) {
		t.Errorf("a server from which the clinic has moved is ready: %v", err)
	}
	if err := k.store.MustBeHome(ctx); err == nil || !strings.Contains(err.Error(), "postgres://the-target/x") {
		t.Errorf("a server on it is refused with %v", err)
	}
	if _, err := k.move(t, to, nil); err == nil || !strings.Contains(err.Error(), "moved already") {
		t.Errorf("to move it again: %v", err)
	}
	if _, err := k.move(t, storetest.PostgresURL(t), nil); err == nil || !strings.Contains(err.Error(), "moved already") {
		t.Errorf("to move it elsewhere: %v", err)
	}
	target := storetest.Open(t, to, k.keys, k.clock.Now)
	check(t, target.MustBeHome(ctx))
	storetest.Book(t, target, storetest.Request(k.clinic.Slots[1].ID, 1))
	wantNothingLeft(t, k.folder())
	// A copy of it is closed as well.
	address, err := k.restore(t, k.backup(t).Path)
	check(t, err)
	if err := storetest.Open(t, address, k.keys, k.clock.Now).MustBeHome(ctx); err == nil {
		t.Error("a backup of what has moved could be opened")
	}
}

// TestMove_IsGivenUp: whoever stops it before its last steps has the clinic where it was, and finds nothing on the other side.
func TestMove_IsGivenUp(t *testing.T) {
	k := newKeeper(t)
	storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 0))
	for n, part := range []string{"opening what is sealed", "moving to PostgreSQL", "comparing both sides", "committing in PostgreSQL"} {
		to := storetest.PostgresURL(t)
		empty := storetest.Read(t, to)
		ctx, stop := context.WithCancel(t.Context())
		_, err := store.Relocate(ctx, k.address, to, "x", k.keys, k.clock.Now, func(what string, _, _ int64) {
			if what == part {
				stop()
			}
		})
		stop()
		if err == nil {
			t.Errorf("%s: it was moved", part)
		}
		if changed := storetest.Read(t, to).Changed(empty); len(changed) > 0 {
			t.Errorf("%s: there are other rows in %v", part, changed)
		}
		wantGuardsOn(t, to)
		wantNothingLeft(t, k.folder())
		check(t, k.store.MustBeHome(t.Context()))
		storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[n+1].ID, n+1))
	}
}

// TestMove_Refuses says in a sentence why, and changes nothing.
func TestMove_Refuses(t *testing.T) {
	k, other := newKeeper(t), newKeeper(t)
	taken, arriving := storetest.PostgresURL(t), storetest.PostgresURL(t)
	storetest.NewClinic(t, storetest.Open(t, taken, filepath.Join(t.TempDir(), "keys"), k.clock.Now))
	started := storetest.PostgresURL(t)
	storetest.Open(t, started, filepath.Join(t.TempDir(), "keys"), k.clock.Now) // a server that was started on it, and nothing else
	// Another clinic has got as far as this, and its SQLite file is closed for ever.
	check(t, errors.Join(func() error { _, err := other.move(t, arriving, nil); return err }()))
	storetest.Exec(t, arriving, `UPDATE settings SET value = convert_to(replace(convert_from(value, 'UTF8'), 'arrived', 'arriving'), 'UTF8') WHERE name = 'move'`)
	for what, c := range map[string]struct{ from, to, keys, says string }{
		"a clinic that is there":    {k.address, taken, k.keys, "not empty"},
		"a server that was started": {k.address, started, k.keys, "not empty"},
		"another that is arriving":  {k.address, arriving, k.keys, "not empty"},
		"other keys":                {k.address, storetest.PostgresURL(t), other.keys, "does not open it"},
		"PostgreSQL to PostgreSQL":  {taken, storetest.PostgresURL(t), k.keys, "from SQLite"},
		"nothing":                   {"sqlite:" + filepath.Join(t.TempDir(), "none.db"), storetest.PostgresURL(t), k.keys, "there is no file"},
		"what cannot be reached":    {k.address, "postgres://x@127.0.0.1:1/x?connect_timeout=5", k.keys, "the target cannot be used"},
	} {
		t.Run(what, func(t *testing.T) {
			if _, err := store.Relocate(t.Context(), c.from, c.to, "x", c.keys, k.clock.Now, nil); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, and nothing of %q", err, c.says)
			}
			check(t, k.store.MustBeHome(t.Context()))
		})
	}
	// The other one is finished all the same.
	_, err := other.move(t, arriving, nil)
	check(t, err)
	storetest.Exec(t, k.address, "UPDATE patients SET sealed = x'00'")
	storetest.Exec(t, k.address, "DROP TRIGGER bookings_have_a_claim_delete")
	if _, err := k.move(t, storetest.PostgresURL(t), nil); err == nil || !strings.Contains(err.Error(), "not sound") {
		t.Errorf("what is not sound: %v", err)
	}
	if _, err := seal.ParseRecipients("AGE-SECRET-KEY-1X"); err == nil || strings.Contains(err.Error(), "1X") {
		t.Errorf("a secret key among the recipients: %v", err)
	}
}
