package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func nobodyLooks(string, int) {}

// keyFileOf reads a key file.
func keyFileOf(t *testing.T, path string) seal.File {
	t.Helper()
	file, err := seal.Load(t.Context(), path)
	check(t, err)
	return file
}

// putKeys writes the next content of a key file.
func putKeys(t *testing.T, path string, next seal.File) {
	t.Helper()
	held, err := seal.Hold(path)
	check(t, err)
	check(t, held.Replace(next))
	check(t, held.Close())
}

// step is the next content of a key file.
func step(t *testing.T, file seal.File, now time.Time) seal.File {
	t.Helper()
	var next seal.File
	var err error
	switch file.Phase() {
	case seal.Resting:
		next, err = file.Announce(now)
	case seal.Announced:
		next, err = file.Switch(now)
	case seal.Switched:
		next, err = file.Retire()
	}
	check(t, err)
	return next
}

// rotateTo brings a key file and some servers to a phase.
func rotateTo(t *testing.T, path string, phase seal.Phase, now time.Time, servers ...*store.Store) seal.File {
	t.Helper()
	file := keyFileOf(t, path)
	for file.Phase() != phase {
		file = step(t, file, now)
		putKeys(t, path, file)
		for _, s := range servers {
			changed, err := s.RefreshKeys(t.Context())
			if err != nil || !changed || s.KeyState() != file.State() {
				t.Fatalf("a server has %s (%t, %v), want %s", s.KeyState(), changed, err, file.State())
			}
		}
	}
	return file
}

// wantOneKey expects that everything is sealed with, and found by, the primary keys of a file.
func wantOneKey(t *testing.T, s *store.Store, file seal.File) {
	t.Helper()
	rows, err := s.KeyRows(t.Context())
	check(t, err)
	for keyset, of := range rows {
		for id, n := range of {
			if id != file.Primary(keyset) {
				t.Errorf("%d rows of the key %d for %s, which is not the present one", n, id, keyset)
			}
		}
		if len(of) > 1 {
			t.Errorf("%d keys for %s are in use", len(of), keyset)
		}
	}
}

// TestKeys_EverySealedColumnIsRotated: whatever table has a column "sealed" is in the list of what is sealed anew, by its primary key, and
// refuses what a retired key has sealed; and nothing is sealed in any other column.
func TestKeys_EverySealedColumnIsRotated(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, _ *store.Store, _ *storetest.Clock, address string) {
		db := openSQL(t, address)
		defer func() { check(t, db.Close()) }()
		query := `SELECT c.table_name, k.column_name FROM information_schema.columns c
			JOIN information_schema.table_constraints p ON p.table_name = c.table_name AND p.table_schema = c.table_schema AND p.constraint_type = 'PRIMARY KEY'
			JOIN information_schema.key_column_usage k ON k.constraint_name = p.constraint_name AND k.table_schema = c.table_schema
			WHERE c.table_schema = current_schema() AND c.column_name = 'sealed' ORDER BY c.table_name, k.ordinal_position`
		if strings.HasPrefix(address, "sqlite:") {
			query = `SELECT m.name, k.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'sealed' JOIN pragma_table_info(m.name) k ON k.pk > 0
				WHERE m.type = 'table' ORDER BY m.name, k.pk`
		}
		rows, err := db.QueryContext(t.Context(), query)
		check(t, err)
		defer func() { check(t, rows.Close()) }()
		want := map[string][]string{}
		for rows.Next() {
			var table, column string
			check(t, rows.Scan(&table, &column))
			want[table] = append(want[table], column)
		}
		check(t, rows.Err())
		if diff := cmp.Diff(want, store.SealedTables()); diff != "" {
			t.Errorf("sealedTables (keys.go) is not what the schema has; a table that is new there also needs the trigger retired_key, as in migration 0038, "+
				"and if its rows never change, the exception that note_versions_stay has: %s", diff)
		}
		triggers := `SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_retired_key' AND tgtype & 20 = 20`
		each := 1
		if strings.HasPrefix(address, "sqlite:") {
			triggers, each = `SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_retired_key_%'`, 2
		}
		guarded := map[string]int{}
		found, err := db.QueryContext(t.Context(), triggers)
		check(t, err)
		defer func() { check(t, found.Close()) }()
		for found.Next() {
			var table string
			check(t, found.Scan(&table))
			guarded[table]++
		}
		check(t, found.Err())
		for table := range want {
			if guarded[table] != each {
				t.Errorf("%s has %d triggers against retired keys, want %d", table, guarded[table], each)
			}
		}
	})
}

// TestKeys_RotateAWholeClinic: of a clinic that has something of everything, all can be read and found as before, however far a rotation has
// come: with new keys that seal nothing yet, while a part is sealed anew, and with the new keys alone. Nothing that was sealed stands
// anywhere but in a column "sealed".
func TestKeys_RotateAWholeClinic(t *testing.T) {
	first := filepath.Join(t.TempDir(), "keys")
	kept, filled := fillShape(t, storetest.SQLiteURL(t), first)
	begun := keyFileOf(t, first)
	all := kept.Known.read(t, filled)
	text, err := begun.Text()
	check(t, err)
	for stage, rotate := range map[string]func(t *testing.T, s *store.Store, path string){
		"new keys are known": func(t *testing.T, s *store.Store, path string) {
			t.Helper()
			rotateTo(t, path, seal.Announced, kept.At, s)
			wantStay(t, s, "SET sealed = "+s.Bytes(), []byte("anything"))
		},
		"a part is sealed anew": func(t *testing.T, s *store.Store, path string) {
			t.Helper()
			file := rotateTo(t, path, seal.Switched, kept.At, s)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			steps := 0
			err := s.Reseal(ctx, file, func(string, int) {
				if steps++; steps == 7 {
					stop()
				}
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("stopped after %d steps: %v", steps, err)
			}
			anew := append(seal.Prefix(file.Primary(string(seal.Answers))), "anything"...)
			wantStay(t, s, "SET doctor_id = (SELECT MAX(id) FROM doctors WHERE id <> doctor_id), sealed = "+s.Bytes(), anew)
			for _, k := range file.Keys() {
				if k.Keyset == string(seal.Answers) && !k.Primary {
					wantStay(t, s, "SET sealed = "+s.Bytes(), append(seal.Prefix(k.ID), "anything"...))
				}
			}
		},
		"the old keys are gone": func(t *testing.T, s *store.Store, path string) {
			t.Helper()
			file := rotateTo(t, path, seal.Switched, kept.At, s)
			check(t, s.Reseal(t.Context(), file, nobodyLooks))
			check(t, s.RetireKeys(t.Context(), file))
			check(t, s.Reseal(t.Context(), file, nobodyLooks))
			check(t, s.ForgetOldTerms(t.Context(), file, kept.At, nobodyLooks))
			file = rotateTo(t, path, seal.Resting, kept.At, s)
			wantOneKey(t, s, file)
			if r, err := s.VerifyAudit(t.Context(), store.AuditHead{}); err != nil || r.Fault != store.AuditSound || r.Checked == 0 {
				t.Errorf("under the new keys the audit log is %+v, %v", r, err)
			}
			if _, err := s.Unlock(t.Context(), first); !errors.Is(err, store.ErrKeys) {
				t.Errorf("the keys of before still open the database: %v", err)
			}
		},
	} {
		for engine, address := range storetest.Engines {
			t.Run(engine+"/"+stage, func(t *testing.T) {
				at, path := address(t), filepath.Join(t.TempDir(), "keys")
				kept.load(t, at)
				check(t, os.WriteFile(path, text, 0o600))
				s := storetest.Open(t, at, path, func() time.Time { return kept.At })
				rotate(t, s, path)
				wantOpenSeals(t, s, at)
				want, known := slices.Clone(all), kept.Known
				if keyFileOf(t, path).Phase() == seal.Resting { // requests of before are not recognised by the new keys
					known.Repeated.Key = ""
					want = slices.DeleteFunc(want, func(line string) bool { return strings.HasPrefix(line, repeatedRequest) })
				} else {
					wantSealedColumns(t, at, keyFileOf(t, path))
				}
				got := known.read(t, s)
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("something reads otherwise: %s", diff)
				}
			})
		}
	}
}

// wantStay expects that a change of what never changes is refused, but for sealing anew what a key has sealed that is being given up.
func wantStay(t *testing.T, s *store.Store, set string, args ...any) {
	t.Helper()
	for _, table := range []string{"note_versions", "hold_releases"} {
		if err := s.Run("UPDATE "+table+" "+set, args...); err == nil || !strings.Contains(err.Error(), "never changes") && !strings.Contains(err.Error(), table+"_stay") {
			t.Errorf("UPDATE %s %s: %v", table, set, err)
		}
	}
}

// wantSealedColumns expects that what the keys of a file have sealed stands in columns "sealed" and nowhere else.
func wantSealedColumns(t *testing.T, address string, file seal.File) {
	t.Helper()
	found := map[string]bool{}
	for table, rows := range tablesOf(t, address) {
		if table == "old_keys" {
			continue
		}
		for _, r := range rows {
			for column := range r {
				value, ok := valueOf(t, r[column]).([]byte)
				if !ok {
					continue
				}
				id, ok := seal.KeyOf(value)
				if !ok || !slices.ContainsFunc(file.Keys(), func(k seal.Key) bool { return k.ID == id }) {
					continue
				}
				found[table] = true
				if column != "sealed" {
					t.Errorf("%s.%s holds something that is sealed", table, column)
				}
			}
		}
	}
	if missing := slices.DeleteFunc(slices.Collect(maps.Keys(store.SealedTables())), func(table string) bool { return found[table] }); len(missing) > 0 {
		t.Errorf("nothing is sealed in %v; what does this test look at?", missing)
	}
}

// TestKeys_ARetiredKeyIsRefused: a server that has slept through a rotation is refused what it would seal with the key of before, which
// nobody could open, and goes on once it has read the new keys. So is whoever writes past the store.
func TestKeys_ARetiredKeyIsRefused(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, path, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			asleep := storetest.Open(t, at, path, clock.Now)
			c := storetest.NewClinic(t, asleep)
			storetest.Book(t, asleep, storetest.Request(c.Slots[0].ID, 1))
			file := rotateTo(t, path, seal.Switched, clock.Now())
			awake := storetest.Open(t, at, path, clock.Now)
			check(t, awake.Reseal(t.Context(), file, nobodyLooks))
			storetest.Book(t, asleep, storetest.Request(c.Slots[1].ID, 2))
			check(t, awake.RetireKeys(t.Context(), file))
			if _, err := asleep.Book(t.Context(), storetest.Owner, storetest.Request(c.Slots[2].ID, 3)); err == nil {
				t.Error("something was sealed with a retired key")
			}
			check(t, awake.Reseal(t.Context(), file, nobodyLooks))
			check(t, awake.ForgetOldTerms(t.Context(), file, clock.Now().Add(time.Hour), nobodyLooks))
			wantOneKey(t, awake, file)
			if changed, err := asleep.RefreshKeys(t.Context()); !changed || err != nil {
				t.Fatalf("the keys changed: %t, %v", changed, err)
			}
			storetest.Book(t, asleep, storetest.Request(c.Slots[2].ID, 3))
			for n := range 3 {
				wantFound(t, asleep, n+1)
			}
		})
	}
}

// wantFound expects that exactly one patient is found by the telephone number of the n-th request.
func wantFound(t *testing.T, s *store.Store, n int) {
	t.Helper()
	found, err := s.SearchPatients(t.Context(), storetest.Owner, storetest.Request("", n).Patient.Phone, 10)
	check(t, err)
	if len(found.Patients) != 1 {
		t.Errorf("%d patients are found by the number of patient %d", len(found.Patients), n)
	}
}

// TestKeys_UnreadableIsNamed: what opens with none of the keys is said by its row, keeps nothing else from being sealed anew, and keeps the
// keys of before from being given up.
func TestKeys_UnreadableIsNamed(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, path := address(t), filepath.Join(t.TempDir(), "keys")
			s := storetest.Open(t, at, path, storetest.NewClock().Now)
			c := storetest.NewClinic(t, s)
			storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
			broken := storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
			letter := storetest.LetterOf(t, s, broken.BookingID, clinic.Confirmation)
			storetest.Exec(t, at, "UPDATE letters SET sealed = (SELECT sealed FROM bookings WHERE id = $1) WHERE id = $2", broken.BookingID, letter.ID)
			file := rotateTo(t, path, seal.Switched, storetest.Begin, s)
			err := s.Reseal(t.Context(), file, nobodyLooks)
			if !errors.Is(err, store.ErrUnreadable) || !strings.Contains(err.Error(), "letters "+letter.ID) || strings.Contains(err.Error(), "bookings") {
				t.Errorf("got %v, want the letter %s named", err, letter.ID)
			}
			rows, err := s.KeyRows(t.Context())
			check(t, err)
			if n := rows[string(seal.Contact)]; len(n) != 2 || n[file.Primary(string(seal.Contact))] < 5 {
				t.Errorf("sealed by key: %v", n)
			}
		})
	}
}

// TestKeys_ADoubleKeepsNoOneFromRotating: a server that had slept stored a known person once more. Both records stay, and who books again
// is the one of them that had the new key first.
func TestKeys_ADoubleKeepsNoOneFromRotating(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, path := address(t), filepath.Join(t.TempDir(), "keys")
			clock := storetest.NewClock()
			s := storetest.Open(t, at, path, clock.Now)
			s.LiftLimits()
			asleep := storetest.Open(t, at, path, clock.Now)
			c := storetest.NewClinic(t, s)
			file := rotateTo(t, path, seal.Switched, clock.Now(), s)
			first := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
			r := storetest.Request(c.Slots[1].ID, 1)
			r.Another = true
			storetest.Book(t, asleep, r)
			check(t, s.Reseal(t.Context(), file, nobodyLooks))
			check(t, s.RetireKeys(t.Context(), file))
			check(t, s.ForgetOldTerms(t.Context(), file, time.Time{}, nobodyLooks))
			rotateTo(t, path, seal.Resting, clock.Now(), s)
			r = storetest.Request(c.Slots[2].ID, 1)
			r.Another = true
			third := storetest.Book(t, s, r)
			owners := map[string]string{}
			for _, line := range storetest.Read(t, at)["bookings"] {
				for _, id := range []string{first.BookingID, third.BookingID} {
					if strings.Contains(line, "id="+id+" ") {
						_, rest, _ := strings.Cut(line, "patient_id=")
						owners[id], _, _ = strings.Cut(rest, " ")
					}
				}
			}
			if owners[first.BookingID] != owners[third.BookingID] || owners[first.BookingID] == "" {
				t.Errorf("the bookings are of %v", owners)
			}
		})
	}
}

// TestKeys_RefusesAnotherFile: a key file in whose place another was put is refused, once, and the server goes on.
func TestKeys_RefusesAnotherFile(t *testing.T) {
	path, other := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "keys")
	s := storetest.Open(t, storetest.SQLiteURL(t), path, storetest.NewClock().Now)
	c := storetest.NewClinic(t, s)
	storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
	_, err := seal.CreateFile(other, storetest.Begin)
	check(t, err)
	check(t, os.Rename(other, path))
	if changed, err := s.RefreshKeys(t.Context()); !errors.Is(err, store.ErrKeys) {
		t.Errorf("another file: %t, %v", changed, err)
	}
	check(t, os.WriteFile(path, []byte(`{"contact": "secret"}`), 0o600))
	if _, err := s.RefreshKeys(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a damaged file: %v", err)
	}
	if changed, err := s.RefreshKeys(t.Context()); changed || err != nil {
		t.Errorf("said once more: %t, %v", changed, err)
	}
	wantFound(t, s, 1)
	storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
}

// TestKeys_AnySequenceKeepsEverything books, answers and corrects at two servers, while the keys are rotated several times in steps that may
// end anywhere. Whatever the order, everybody is found once, every answer is read, and a repeated request gets the same booking.
func TestKeys_AnySequenceKeepsEverything(t *testing.T) {
	for engine, address := range storetest.Engines {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%s/%d", engine, seed), func(t *testing.T) {
				clock, path := storetest.NewClock(), filepath.Join(t.TempDir(), "keys")
				at := address(t)
				q := &keySequence{T: t, random: rand.New(rand.NewPCG(seed, 1)), path: path, clock: clock, receipts: map[int]clinic.Receipt{}} //nolint:gosec // the same again from the same seed
				for range 2 {
					q.servers = append(q.servers, storetest.Open(t, at, path, clock.Now))
				}
				for _, s := range q.servers {
					s.LiftLimits()
				}
				c := storetest.NewClinic(t, q.servers[0])
				q.slots = slices.Concat(c.Slots, storetest.AddSlots(t, q.servers[0], c.Branch, c.Doctors[0], clock.Now().AddDate(0, 0, 5), 60))
				for range 50 {
					q.next()
				}
				for q.rotations < 2 || keyFileOf(t, path).Phase() != seal.Resting {
					q.rotate()
				}
				q.check()
				file := keyFileOf(t, path)
				wantOneKey(t, q.servers[0], file)
				wantOpenSeals(t, q.servers[1], at)
				if patients := storetest.Read(t, at).Count("patients")["patients"]; patients != min(len(q.receipts), keyPeople) {
					t.Errorf("%d patients are stored of %d people", patients, keyPeople)
				}
			})
		}
	}
}

// keyPeople is how many different people book in a keySequence.
const keyPeople = 7

type keySequence struct {
	*testing.T
	random    *rand.Rand
	path      string
	clock     *storetest.Clock
	servers   []*store.Store
	slots     []clinic.SlotWithState
	receipts  map[int]clinic.Receipt
	forgotten int // so many of the first requests are not recognised any more, because the keys of before were given up
	rotations int
}

func (q *keySequence) server() *store.Store { return q.servers[q.random.IntN(len(q.servers))] }

func (q *keySequence) request(n int) clinic.Request {
	r := storetest.Request(q.slots[n].ID, n%keyPeople)
	r.Key, r.Another = fmt.Sprintf("key-%d", n), true
	return r
}

func (q *keySequence) next() {
	q.clock.Advance(time.Second)
	switch q.random.IntN(6) {
	case 0, 1:
		n := len(q.receipts)
		receipt, err := q.server().Book(q.Context(), clinic.API(clinic.APIKey{}), q.request(n))
		check(q.T, err)
		q.receipts[n] = receipt
	case 2:
		for n, receipt := range q.receipts {
			again, err := q.server().Book(q.Context(), clinic.API(clinic.APIKey{}), q.request(n))
			if n < q.forgotten && err != nil {
				wantCode(q.T, err, clinic.SlotTaken)
				break
			}
			if err != nil || again.BookingID != receipt.BookingID || again.Token != receipt.Token {
				q.Fatalf("the request %d once more: %v, %v; want %v", n, again, err, receipt)
			}
			break
		}
	case 3:
		check(q.T, q.server().FillTerms(q.Context()))
	default:
		q.rotate()
	}
	q.check()
}

// rotate goes one step on, or a part of it.
func (q *keySequence) rotate() {
	file := keyFileOf(q.T, q.path)
	for _, s := range q.servers { // who rotates waits until all have the keys
		_, err := s.RefreshKeys(q.Context())
		check(q.T, err)
	}
	s := q.server()
	if file.Phase() == seal.Switched {
		ctx, cancel := context.WithCancel(q.Context())
		defer cancel()
		left := q.random.IntN(12)
		err := s.Reseal(ctx, file, func(string, int) {
			if left--; left < 0 {
				cancel()
			}
		})
		if ctx.Err() != nil {
			return
		}
		check(q.T, err)
		check(q.T, s.RetireKeys(q.Context(), file))
		check(q.T, s.Reseal(q.Context(), file, nobodyLooks))
		// What is recognised for some days is not forgotten here.
		check(q.T, s.ForgetOldTerms(q.Context(), file, time.Time{}, nobodyLooks))
		q.forgotten = len(q.receipts)
		q.rotations++
	}
	putKeys(q.T, q.path, step(q.T, file, q.clock.Now()))
}

func (q *keySequence) check() {
	found := map[string]int{}
	for n := range q.receipts {
		found[storetest.Request("", n%keyPeople).Patient.Phone]++
	}
	for phone, bookings := range found {
		for _, s := range q.servers {
			records, err := s.SearchPatients(q.Context(), storetest.Owner, phone, 10)
			check(q.T, err)
			if len(records.Patients) != 1 {
				q.Fatalf("%d patients are found by %s, who has %d bookings", len(records.Patients), phone, bookings)
			}
		}
	}
}
