package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// keeper is a clinic on SQLite whose backups are kept.
type keeper struct {
	dir        string
	address    string
	keys       string
	store      *store.Store
	clinic     storetest.Clinic
	clock      *storetest.Clock
	plan       store.BackupPlan
	identity   string
	identities seal.Identities
}

func newKeeper(t *testing.T) *keeper {
	t.Helper()
	k := &keeper{dir: t.TempDir(), address: storetest.SQLiteURL(t), clock: storetest.NewClock()}
	k.keys, k.identity = filepath.Join(k.dir, "keys"), filepath.Join(k.dir, "identity")
	k.store = storetest.Open(t, k.address, k.keys, k.clock.Now)
	k.clinic = storetest.NewClinic(t, k.store)
	public, err := seal.CreateIdentity(k.identity)
	check(t, err)
	k.identities, err = seal.LoadIdentities(k.identity)
	check(t, err)
	k.plan = store.BackupPlan{Folder: filepath.Join(k.dir, "backups"), Keep: 3, KeyFile: k.keys}
	k.plan.Recipients, err = seal.ParseRecipients(public)
	check(t, err)
	return k
}

// backup makes one, a minute after the last.
func (k *keeper) backup(t *testing.T) store.Backup {
	t.Helper()
	k.clock.Advance(time.Minute)
	made, err := store.MakeBackup(t.Context(), k.address, k.plan, k.clock.Now, nil)
	check(t, err)
	return made
}

// restore restores a backup into a new file.
func (k *keeper) restore(t *testing.T, file string) (address string, err error) {
	t.Helper()
	address = "sqlite:" + filepath.Join(t.TempDir(), "restored.db")
	return address, store.Restore(t.Context(), file, k.identities, address, k.keys, k.clock.Now, nil)
}

// wantNothingLeft says what is left of work in some folders.
func wantNothingLeft(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		left, err := filepath.Glob(filepath.Join(folder, ".madoguchi*"))
		check(t, err)
		moving, err := filepath.Glob(filepath.Join(folder, "*-moving"))
		check(t, err)
		if left = append(left, moving...); len(left) > 0 {
			t.Errorf("this is left: %v", left)
		}
	}
}

func (k *keeper) folder() string { return filepath.Dir(strings.TrimPrefix(k.address, "sqlite:")) }

// TestBackup_UnderLoad: whatever was acknowledged before a backup began is in it, while bookings go on; it restores, and what it restores is sound.
func TestBackup_UnderLoad(t *testing.T) {
	k := newKeeper(t)
	var mu sync.Mutex
	var acknowledged []string
	begun, enough := make(chan struct{}), make(chan struct{})
	var booking sync.WaitGroup
	for n, slot := range k.clinic.Slots {
		booking.Go(func() {
			if n >= 4 {
				<-begun // these are booked while the backup is made
			}
			receipt := storetest.Book(t, k.store, storetest.Request(slot.ID, n))
			mu.Lock()
			defer mu.Unlock()
			if acknowledged = append(acknowledged, receipt.BookingID); len(acknowledged) == 4 {
				close(enough)
			}
		})
	}
	<-enough
	before := slices.Clone(acknowledged)
	close(begun)
	made := k.backup(t)
	booking.Wait()
	address, err := k.restore(t, made.Path)
	check(t, err)
	rows := strings.Join(storetest.Read(t, address)["bookings"], "\n")
	for _, id := range before {
		if !strings.Contains(rows, "id="+id+" ") {
			t.Errorf("the booking %s was acknowledged before the backup and is not in it", id)
		}
	}
	if found := checked(t, storetest.Open(t, address, k.keys, k.clock.Now)); len(found) > 0 {
		t.Errorf("what was restored is not sound: %q", found)
	}
	wantNothingLeft(t, k.folder(), k.plan.Folder, filepath.Dir(strings.TrimPrefix(address, "sqlite:")))
}

// TestBackup_IsTheDatabase: what is restored is in every row what was backed up.
func TestBackup_IsTheDatabase(t *testing.T) {
	k := newKeeper(t)
	storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 1))
	made := k.backup(t)
	address, err := k.restore(t, made.Path)
	check(t, err)
	if changed := storetest.Read(t, address).Changed(storetest.Read(t, k.address)); len(changed) > 0 {
		t.Errorf("these tables differ: %v", changed)
	}
	info, err := os.Stat(strings.TrimPrefix(address, "sqlite:"))
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the restored file has the mode %v", info.Mode())
	}
}

// TestBackup_Generations: the newest are kept, what is not a backup is not touched, and a failed one removes none.
func TestBackup_Generations(t *testing.T) {
	k := newKeeper(t)
	check(t, os.MkdirAll(k.plan.Folder, 0o700))
	foreign := filepath.Join(k.plan.Folder, "madoguchi-of-last-year.db.age")
	check(t, os.WriteFile(foreign, nil, 0o600))
	var made []string
	for range 5 {
		made = append(made, k.backup(t).Path)
	}
	names := func() (out []string) {
		all, err := store.Backups(k.plan.Folder)
		check(t, err)
		for _, b := range all {
			out = append(out, b.Path)
		}
		return out
	}
	if got := names(); !slices.Equal(got, made[2:]) {
		t.Errorf("%v are kept of %v", got, made)
	}
	storetest.Exec(t, k.address, "UPDATE patients SET sealed = x'00'")
	storetest.Exec(t, k.address, "DROP TRIGGER bookings_have_a_claim_delete")
	k.clock.Advance(time.Minute)
	if _, err := store.MakeBackup(t.Context(), k.address, k.plan, k.clock.Now, nil); !errors.Is(err, store.ErrUnsound) || !strings.Contains(err.Error(), "bookings_have_a_claim_delete") {
		t.Errorf("a backup of what is not sound: %v", err)
	}
	if got := names(); !slices.Equal(got, made[2:]) {
		t.Errorf("after a failure %v are kept of %v", got, made)
	}
	_, err := os.Stat(foreign)
	check(t, err)
	wantNothingLeft(t, k.folder(), k.plan.Folder)
}

// TestBackup_HoldsNothingPlain: what people have said is found in no byte of the database, its log and a backup, and neither is anything else of
// the database in the backup.
func TestBackup_HoldsNothingPlain(t *testing.T) {
	k := newKeeper(t)
	const said = "印を付けた言葉"
	r := storetest.Request(k.clinic.Slots[0].ID, 1)
	r.Patient.GivenName, r.Patient.GivenKana, r.Patient.Email = said, "シルシヲツケタカナ", "marked-address@example.jp"
	r.Details.Answers["request"] = []string{said}
	storetest.Book(t, k.store, r)
	backup, err := os.ReadFile(k.backup(t).Path)
	check(t, err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(strings.TrimPrefix(k.address, "sqlite:") + suffix)
		check(t, err)
		for _, word := range []string{said, "シルシヲツケタカナ", "marked-address"} {
			if strings.Contains(string(content), word) {
				t.Errorf("the database%s holds %q", suffix, word)
			}
		}
		if suffix == "" && !strings.Contains(string(content), "CREATE TABLE bookings") {
			t.Error("this is not where the database is")
		}
	}
	for _, word := range []string{said, "シルシヲツケタカナ", "marked-address", "CREATE TABLE", "SQLite format 3", k.clinic.Branch.Name} {
		if strings.Contains(string(backup), word) {
			t.Errorf("the backup holds %q", word)
		}
	}
}

// TestRestore_Refuses says in a sentence why, and leaves nothing behind.
func TestRestore_Refuses(t *testing.T) {
	k := newKeeper(t)
	storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 1))
	good, err := os.ReadFile(k.backup(t).Path)
	check(t, err)
	other := newKeeper(t)
	place := func(name string) string { return "sqlite:" + filepath.Join(t.TempDir(), name) }
	file := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "backup.age")
		check(t, os.WriteFile(path, content, 0o600))
		return path
	}
	flipped := func(at int) []byte {
		out := slices.Clone(good)
		out[at] ^= 1
		return out
	}
	taken, logged := place("taken.db"), place("logged.db")
	check(t, os.WriteFile(strings.TrimPrefix(taken, "sqlite:"), []byte("mine"), 0o600))
	check(t, os.WriteFile(strings.TrimPrefix(logged, "sqlite:")+"-wal", []byte("mine"), 0o600))
	for what, c := range map[string]struct {
		content       []byte
		identities    seal.Identities
		address, keys string
		says          string
	}{
		"a database that is there":     {good, k.identities, taken, k.keys, "already"},
		"a log without its database":   {good, k.identities, logged, k.keys, "put it aside"},
		"PostgreSQL":                   {good, k.identities, "postgres://x@localhost/x", k.keys, "restored into SQLite"},
		"another identity":             {good, other.identities, place("a.db"), k.keys, "made for another key"},
		"other keys":                   {good, k.identities, place("b.db"), other.keys, "does not open it"},
		"no keys":                      {good, k.identities, place("c.db"), filepath.Join(t.TempDir(), "none"), "no key file"},
		"a flipped byte of the header": {flipped(40), k.identities, place("d.db"), k.keys, "its beginning is damaged"},
		"a flipped byte in the middle": {flipped(len(good) / 2), k.identities, place("e.db"), k.keys, "damaged"},
		"a flipped byte at the end":    {flipped(len(good) - 1), k.identities, place("f.db"), k.keys, "damaged"},
		"one that was cut off":         {good[:len(good)-100_000], k.identities, place("g.db"), k.keys, "damaged"},
		"one that was cut at a chunk":  {good[:len(good)-(len(good)-1000)%(64<<10+16)], k.identities, place("h.db"), k.keys, "damaged"},
		"something else":               {[]byte("no backup"), k.identities, place("i.db"), k.keys, "damaged or is none"},
		"nothing":                      {nil, k.identities, place("j.db"), k.keys, "damaged or is none"},
	} {
		t.Run(what, func(t *testing.T) {
			err := store.Restore(t.Context(), file(c.content), c.identities, c.address, c.keys, k.clock.Now, nil)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, and nothing of %q", err, c.says)
			}
			path, ok := strings.CutPrefix(c.address, "sqlite:")
			if _, missing := os.Stat(path); ok && c.address != taken && missing == nil {
				t.Error("there is a database")
			}
			wantNothingLeft(t, filepath.Dir(path))
		})
	}
	mine, err := os.ReadFile(strings.TrimPrefix(taken, "sqlite:"))
	check(t, err)
	if string(mine) != "mine" {
		t.Error("what was there was overwritten")
	}
}

// TestRestore_OlderShapes: a backup of every version that has landed is restored, migrated, and has lost nothing.
func TestRestore_OlderShapes(t *testing.T) {
	for _, number := range keptShapes(t) {
		t.Run(strconv.Itoa(number), func(t *testing.T) {
			k, kept := newKeeper(t), readShape(t, number)
			k.address = "sqlite:" + filepath.Join(t.TempDir(), "older.db")
			check(t, store.MigrateWith(t.Context(), k.address, upTo(t, number)))
			kept.load(t, k.address)
			k.keys, k.plan.KeyFile = keysFile(number), keysFile(number)
			before := storetest.Read(t, k.address)
			address, err := k.restore(t, k.backup(t).Path)
			check(t, err)
			kept.wantRows(t, address)
			kept.wantReads(t, address, number)
			if changed := storetest.Read(t, k.address).Changed(before); len(changed) > 0 {
				t.Errorf("the backup has changed %v", changed)
			}
		})
	}
}

// TestBackup_IsGivenUp: whoever stops a backup or a restore in any of its parts leaves what there was.
func TestBackup_IsGivenUp(t *testing.T) {
	k := newKeeper(t)
	first := k.backup(t)
	parts := map[string]bool{}
	tellParts := func(what string, _, _ int64) { parts[what] = true }
	k.clock.Advance(time.Minute)
	second, err := store.MakeBackup(t.Context(), k.address, k.plan, k.clock.Now, tellParts)
	check(t, err)
	check(t, store.Restore(t.Context(), second.Path, k.identities, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), k.keys, k.clock.Now, tellParts))
	delete(parts, "giving it its name") // which takes a moment
	if len(parts) < 4 {
		t.Fatalf("these parts are told: %v", parts)
	}
	for part := range parts {
		ctx, stop := context.WithCancel(t.Context())
		tell := func(what string, _, _ int64) {
			if what == part {
				stop()
			}
		}
		k.clock.Advance(time.Minute)
		folder := t.TempDir()
		_, backup := store.MakeBackup(ctx, k.address, k.plan, k.clock.Now, tell)
		restore := store.Restore(ctx, second.Path, k.identities, "sqlite:"+filepath.Join(folder, "x.db"), k.keys, k.clock.Now, tell)
		if !errors.Is(errors.Join(backup, restore), context.Canceled) {
			t.Errorf("%s: %v, %v", part, backup, restore)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: this is left: %v, %v", part, left, err)
		}
		all, err := store.Backups(k.plan.Folder)
		check(t, err)
		if !slices.ContainsFunc(all, func(b store.Backup) bool { return b.Path == first.Path }) && len(all) < k.plan.Keep {
			t.Errorf("%s: there are %v", part, all)
		}
		wantNothingLeft(t, k.folder(), k.plan.Folder)
		stop()
	}
}
