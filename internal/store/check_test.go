package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestGuards_AreKept: what check holds a database against is what the migrations make. With -update the files are written anew.
func TestGuards_AreKept(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := storetest.Open(t, address(t), t.TempDir()+"/keys", storetest.NewClock().Now)
			all, err := s.Guards(t.Context())
			check(t, err)
			file, now := filepath.Join("guards", engine+".txt"), strings.Join(all, "\n")+"\n"
			if *store.Update {
				check(t, os.WriteFile(file, []byte(now), 0o600))
			}
			kept, err := os.ReadFile(file)
			check(t, err)
			if string(kept) != now {
				t.Errorf("%s is not what the migrations make: run\n\tgo test ./internal/store -run TestGuards_AreKept -update", file)
			}
		})
	}
}

// checked are the findings of a database, by the keys of its own.
func checked(t *testing.T, s *store.Store) []string {
	t.Helper()
	found, err := s.Check(t.Context(), nil)
	check(t, err)
	return found
}

// TestCheck_FindsWhatIsBroken breaks one promise after the other behind the program's back.
func TestCheck_FindsWhatIsBroken(t *testing.T) {
	const withoutGuard = "ALTER TABLE claims DISABLE TRIGGER bookings_have_a_claim_delete"
	for what, c := range map[string]struct {
		breaks map[string][]string // by engine
		finds  string
	}{
		"nothing": {nil, ""},
		"a guard": {map[string][]string{
			"sqlite": {"DROP TRIGGER bookings_have_a_claim_insert"}, "postgres": {"DROP TRIGGER bookings_have_a_claim_insert ON bookings"},
		}, "The trigger bookings_have_a_claim_insert is missing"},
		"an index": {map[string][]string{"sqlite": {"DROP INDEX waitings_to_erase"}, "postgres": {"DROP INDEX waitings_to_erase"}}, "The index waitings_to_erase is missing"},
		"a claim": {map[string][]string{
			"sqlite":   {"DELETE FROM claims WHERE booking_id = 'BOOKING'"},
			"postgres": {withoutGuard, "DELETE FROM claims WHERE booking_id = 'BOOKING'"},
		}, "The live booking BOOKING has no claim"},
		"a reference": {map[string][]string{ // which PostgreSQL never lets go
			"sqlite": {"DELETE FROM patients WHERE id = (SELECT patient_id FROM bookings WHERE id = 'BOOKING')"},
		}, "1 rows of bookings refer to rows of patients that do not exist"},
		"a letter": {map[string][]string{
			"sqlite": {"DELETE FROM letters WHERE booking_id = 'BOOKING'"}, "postgres": {"DELETE FROM letters WHERE booking_id = 'BOOKING'"},
		}, "The live booking BOOKING has no letter"},
		"a sealed value": {map[string][]string{
			"sqlite": {"UPDATE bookings SET sealed = x'00' || sealed WHERE id = 'BOOKING'"}, "postgres": {`UPDATE bookings SET sealed = '\x00'::bytea || sealed WHERE id = 'BOOKING'`},
		}, "What is sealed in bookings BOOKING does not open"},
		"a value of another row": {map[string][]string{
			"sqlite":   {"UPDATE patients SET sealed = (SELECT sealed FROM patients ORDER BY id DESC LIMIT 1)"},
			"postgres": {"UPDATE patients SET sealed = (SELECT sealed FROM patients ORDER BY id DESC LIMIT 1)"},
		}, "What is sealed in patients "},
	} {
		for engine, address := range storetest.Engines {
			if c.breaks != nil && c.breaks[engine] == nil {
				continue
			}
			t.Run(what+"/"+engine, func(t *testing.T) {
				at := address(t)
				s := storetest.Open(t, at, t.TempDir()+"/keys", storetest.NewClock().Now)
				clinic := storetest.NewClinic(t, s)
				booked := storetest.Book(t, s, storetest.Request(clinic.Slots[0].ID, 1)).BookingID
				storetest.Book(t, s, storetest.Request(clinic.Slots[1].ID, 2))
				if engine == "sqlite" && what == "a claim" {
					storetest.Exec(t, at, "DROP TRIGGER bookings_have_a_claim_delete")
				}
				for _, statement := range c.breaks[engine] {
					storetest.Exec(t, at, strings.ReplaceAll(statement, "BOOKING", booked))
				}
				found, wanted := checked(t, s), strings.ReplaceAll(c.finds, "BOOKING", booked)
				if wanted == "" && len(found) > 0 || wanted != "" && !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, wanted) }) {
					t.Errorf("it finds %q, and not %q", found, wanted)
				}
			})
		}
	}
}

// TestCheck_ReadsTheFile: an index that has lost its entries is damage, and is named.
func TestCheck_ReadsTheFile(t *testing.T) {
	k := newKeeper(t)
	storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 1))
	check(t, k.store.Close())
	db := openSQL(t, k.address)
	var page, size int64
	var name string
	check(t, db.QueryRowContext(t.Context(), "SELECT rootpage, page_size, name FROM sqlite_master, pragma_page_size() WHERE tbl_name = 'bookings' AND name LIKE 'sqlite_autoindex_%' ORDER BY name LIMIT 1").
		Scan(&page, &size, &name))
	check(t, db.Close())
	file, err := os.OpenFile(strings.TrimPrefix(k.address, "sqlite:"), os.O_RDWR, 0)
	check(t, err)
	_, err = file.WriteAt([]byte{0, 0}, (page-1)*size+3) // how many entries the page has (SQLite, "Database File Format", 1.6)
	check(t, errors.Join(err, file.Close()))
	found := checked(t, storetest.Open(t, k.address, k.keys, k.clock.Now))
	if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, "The file is damaged: ") && strings.Contains(f, name) }) {
		t.Errorf("it finds %q, and nothing about %s", found, name)
	}
}

// TestCheck_OfAFilledDatabase: a database in which every table and column holds something is sound, and no table with a sealed column is left out.
func TestCheck_OfAFilledDatabase(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			_, s := fillShape(t, address(t), filepath.Join(t.TempDir(), "keys"))
			if found := checked(t, s); len(found) > 0 {
				t.Errorf("it finds:\n%s", strings.Join(found, "\n"))
			}
		})
	}
}

// TestCheck_OfAnOlderShape says that the database must be migrated first, and nothing else.
func TestCheck_OfAnOlderShape(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "older.db")
	check(t, store.MigrateWith(t.Context(), address, upTo(t, 30)))
	s, err := store.Open(t.Context(), address, storetest.NewClock().Now)
	check(t, err)
	defer func() { check(t, s.Close()) }()
	if found := checked(t, s); len(found) != 1 || !strings.Contains(found[0], "madoguchi migrate") {
		t.Errorf("it finds %q", found)
	}
}
