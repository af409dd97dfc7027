package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// keySource is where a store has its keys from, and how that was when it was read last.
type keySource struct {
	name string
	seen seal.Seen
}

// KeyState names the keys that the store has, as seal.File.State does.
func (s *Store) KeyState() string { return s.keyring.State() }

// RefreshKeys reads the key file anew where it has changed, and reports whether the store has other keys since. Keys that do not open
// the database are refused, and the store goes on with those that it has.
func (s *Store) RefreshKeys(ctx context.Context) (changed bool, err error) {
	from := s.source.Load()
	if from == nil || !from.seen.Changed(from.name) {
		return false, nil
	}
	seen, file, err := seal.Look(ctx, from.name)
	s.source.Store(&keySource{from.name, seen}) // also where it is refused, so that it is said once
	if err != nil {
		return false, wrap("RefreshKeys", err)
	}
	if file.State() == s.keyring.State() {
		return false, nil
	}
	return true, wrap("RefreshKeys", s.UseKeys(ctx, file))
}

// UseKeys gives the store the keys of a file, if they open the database.
func (s *Store) UseKeys(ctx context.Context, file seal.File) error {
	keyring, err := file.Keyring()
	if err != nil {
		return err
	}
	if err := s.checkProbe(s.reader(ctx), keyring, s.source.Load().name); err != nil {
		return fmt.Errorf("%w: the keys stay as they were", err)
	}
	return s.keyring.Use(file)
}

// LeaveKeys says that a worker's server has ended, so that nobody waits for it to have other keys.
func (s *Store) LeaveKeys(ctx context.Context, workerID string) error {
	return s.change(ctx, "LeaveKeys", clinic.Job("worker"), func(tx *change) error {
		return tx.Exec("UPDATE workers SET keys = '' WHERE id = ?", workerID).Error
	})
}

// ServersWithout is how many servers that have been seen since an instant have other keys than the store, or have not said which, and when
// the one of them was seen that has been silent for the longest.
func (s *Store) ServersWithout(ctx context.Context, since time.Time) (n int, silent time.Time, err error) {
	var seen []time.Time
	err = s.reader(ctx).Raw("SELECT seen_at FROM workers WHERE seen_at >= ? AND (keys IS NULL OR keys NOT IN (?, '')) ORDER BY seen_at", since.UTC(), s.keyring.State()).
		Scan(&seen).Error
	if err != nil || len(seen) == 0 {
		return 0, time.Time{}, wrap("ServersWithout", err)
	}
	return len(seen), seen[0].UTC(), nil
}

// sealedTable is a table with a column "sealed".
type sealedTable struct {
	name    string
	purpose seal.Purpose
	key     []string // the columns of its primary key, by which its rows are also told to the one who seals
	at      func(key []any) seal.AssociatedData

	// anew makes the blind indexes anew that are stored with what is sealed; nil where there are none.
	anew func(c *change, id string, sealed []byte) error
}

// sealedTables are all of them. A table that is missing would keep what the key before has sealed, and nobody could open it.
func sealedTables() []sealedTable {
	contact := func(name string, key ...string) sealedTable {
		return sealedTable{name: name, purpose: seal.Contact, key: key}
	}
	answers := func(name string, key ...string) sealedTable {
		return sealedTable{name: name, purpose: seal.Answers, key: key}
	}
	all := []sealedTable{
		contact("bookings", "id"), contact("patients", "id"), contact("booking_memos", "booking_id"), contact("patient_memos", "patient_id"),
		contact("letters", "id"), contact("idempotency_keys", "id"), contact("imports", "id"), contact("lost_requests", "id"),
		contact("erasure_requests", "id"), contact("staff", "id"), contact("waitings", "id"), contact("sessions", "token_hash"), contact("totps", "staff_id"), contact("passkeys", "id"),
		contact("audit_entries", "id"), contact("audit_keys", "id"),
		answers("intakes", "booking_id"), answers("intake_versions", "booking_id", "revision"), answers("note_drafts", "booking_id", "doctor_id"),
		answers("note_versions", "booking_id", "version"), answers("handovers", "id"), answers("hold_releases", "id"), answers("phrases", "doctor_id"),
		answers("kept_records", "booking_id"),
	}
	indexes := map[string]func(c *change, id string, sealed []byte) error{
		"patients": (*change).identityAnew, "staff": (*change).emailAnew, "letters": (*change).domainAnew, "waitings": (*change).waitingAnew,
	}
	for i, t := range all {
		all[i].anew = indexes[t.name]
		all[i].at = func(key []any) seal.AssociatedData {
			var parts []string
			for _, part := range key {
				if hash, ok := part.([]byte); ok {
					part = hex.EncodeToString(hash)
				}
				parts = append(parts, fmt.Sprint(part))
			}
			return seal.AssociatedData{Table: t.name, ID: strings.Join(parts, "/")}
		}
		if t.name == "intake_versions" { // a version is an intake as it was
			all[i].at = func(key []any) seal.AssociatedData { return intakeAD(fmt.Sprint(key[0])) }
		}
	}
	return all
}

// KeyRows is how many values each key of a keyset has sealed, or made as blind indexes of patients, by the keyset and the id of the key.
func (s *Store) KeyRows(ctx context.Context) (map[string]map[uint32]int, error) {
	out := map[string]map[uint32]int{string(seal.Contact): {}, string(seal.Answers): {}, seal.Terms: {}}
	for _, t := range sealedTables() {
		var rows []struct {
			Prefix []byte
			N      int
		}
		err := s.reader(ctx).Raw("SELECT substr(sealed, 1, 5) AS prefix, COUNT(*) AS n FROM " + t.name + " WHERE sealed IS NOT NULL GROUP BY 1").Scan(&rows).Error
		if err != nil {
			return nil, wrap("KeyRows", err)
		}
		for _, r := range rows {
			id, _ := seal.KeyOf(r.Prefix)
			out[string(t.purpose)][id] += r.N
		}
	}
	var terms []struct {
		KeyID uint32
		N     int
	}
	if err := s.reader(ctx).Raw("SELECT key_id, COUNT(*) AS n FROM patient_terms GROUP BY key_id").Scan(&terms).Error; err != nil {
		return nil, wrap("KeyRows", err)
	}
	for _, r := range terms {
		out[seal.Terms][r.KeyID] = r.N
	}
	return out, nil
}

// oldPrefixes is how what begins that the keys of a file have sealed that do not seal any more.
func oldPrefixes(file seal.File) (prefixes [][]byte) {
	for _, k := range file.Keys() {
		if !k.Primary && k.Keyset != seal.Terms {
			prefixes = append(prefixes, seal.Prefix(k.ID))
		}
	}
	return prefixes
}

// RetireKeys has the database refuse from now on what the keys of a file seal that are no more than to open, and waits until whoever has
// begun to write before has done so. What a server that has slept would seal with them is an error then, and not lost.
func (s *Store) RetireKeys(ctx context.Context, file seal.File) error {
	prefixes := oldPrefixes(file)
	if len(prefixes) == 0 {
		return nil
	}
	var transaction string
	err := s.change(ctx, "RetireKeys", clinic.Job("keys"), func(tx *change) error {
		if err := tx.Exec("UPDATE old_keys SET retired_at = ? WHERE prefix IN ?", tx.now, prefixes).Error; err != nil {
			return err
		}
		if s.engine == sqliteEngine {
			return nil
		}
		return tx.Raw("SELECT pg_current_xact_id()::text").Row().Scan(&transaction)
	})
	for err == nil && s.engine == postgresEngine {
		var over bool
		err = s.reader(ctx).Raw("SELECT pg_snapshot_xmin(pg_current_snapshot()) > ?::text::xid8", transaction).Row().Scan(&over)
		if over || err != nil {
			return wrap("RetireKeys", err)
		}
		select {
		case <-time.After(retryWait):
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return err
}
