package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// The environment of a process of the tests that backs up, restores or moves, and kills itself at a point of that.
const (
	dyingTask   = "MADOGUCHI_TEST_TASK"
	dyingPoint  = "MADOGUCHI_TEST_POINT" // the how manieth
	dyingFrom   = "MADOGUCHI_TEST_FROM"
	dyingTo     = "MADOGUCHI_TEST_TO"
	dyingKeys   = "MADOGUCHI_TEST_KEYS"
	dyingSecret = "MADOGUCHI_TEST_IDENTITY"
	dyingPublic = "MADOGUCHI_TEST_RECIPIENT"
)

// workAndDie ends the process as kill -9 does where each part of the work begins and where it ends.
func workAndDie(task string) int {
	left, err := strconv.Atoi(os.Getenv(dyingPoint))
	last := ""
	tell := func(what string, done, total int64) {
		if what == last && done < total {
			return
		}
		last = what
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	ctx, from, to, keys := context.Background(), os.Getenv(dyingFrom), os.Getenv(dyingTo), os.Getenv(dyingKeys)
	switch task {
	case "backup":
		plan := store.BackupPlan{Folder: to, Keep: 2, KeyFile: keys}
		if plan.Recipients, err = seal.ParseRecipients(os.Getenv(dyingPublic)); err == nil {
			_, err = store.MakeBackup(ctx, from, plan, time.Now, tell)
		}
	case "restore":
		var identities seal.Identities
		if identities, err = seal.LoadIdentities(os.Getenv(dyingSecret)); err == nil {
			err = store.Restore(ctx, from, identities, to, keys, time.Now, tell)
		}
	case "move":
		_, err = store.Relocate(ctx, from, to, "the target", keys, time.Now, tell)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// dieAt runs a task in a process of its own and reports whether it died at a point; it has ended well where it has not so many.
func (k *keeper) dieAt(t *testing.T, point int, task, from, to string) (died bool) {
	t.Helper()
	program, err := os.Executable()
	check(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	public, err := os.ReadFile(k.identity)
	check(t, err)
	_, public2, _ := strings.Cut(string(public), "public key: ")
	recipient, _, _ := strings.Cut(public2, "\n")
	cmd.Env = append(os.Environ(), dyingTask+"="+task, dyingPoint+"="+strconv.Itoa(point), dyingFrom+"="+from, dyingTo+"="+to,
		dyingKeys+"="+k.keys, dyingSecret+"="+k.identity, dyingPublic+"="+recipient)
	out, err := cmd.CombinedOutput()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return true
	}
	if err != nil {
		t.Fatalf("%s at %d: %v, %s", task, point, err, out)
	}
	return false
}

// TestKill_Backup: whenever a backup is killed, the folder has whole backups only, and a server that starts finds nothing left.
func TestKill_Backup(t *testing.T) {
	k := newKeeper(t)
	booked := storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 1)).BookingID
	k.backup(t)
	deaths := 0
	for point := 1; k.dieAt(t, point, "backup", k.address, k.plan.Folder); point++ {
		deaths++
		_, err := store.CleanBeside(k.address)
		check(t, err)
		_, err = store.CleanLeftovers(k.plan.Folder)
		check(t, err)
		wantNothingLeft(t, k.folder(), k.plan.Folder)
		all, err := store.Backups(k.plan.Folder)
		check(t, err)
		for _, b := range all {
			address, err := k.restore(t, b.Path)
			check(t, err)
			if rows := storetest.Read(t, address)["bookings"]; len(rows) != 1 || !strings.Contains(rows[0], booked) {
				t.Errorf("killed at %d, %s has %v", point, b.Path, rows)
			}
		}
		if len(all) == 0 {
			t.Errorf("killed at %d: there is no backup any more", point)
		}
	}
	if deaths < 6 {
		t.Errorf("it was killed at %d points", deaths)
	}
}

// TestKill_Restore: whenever a restore is killed, there is the whole database or none.
func TestKill_Restore(t *testing.T) {
	k := newKeeper(t)
	storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 1))
	made, deaths, whole := k.backup(t), 0, 0
	for point := 1; ; point++ {
		path := filepath.Join(t.TempDir(), "restored.db")
		address := "sqlite:" + path
		died := k.dieAt(t, point, "restore", made.Path, address)
		_, err := store.CleanBeside(address)
		check(t, err)
		wantNothingLeft(t, filepath.Dir(path))
		if store.MustExist(address) == nil {
			whole++
			if found := checked(t, storetest.Open(t, address, k.keys, k.clock.Now)); len(found) > 0 {
				t.Errorf("killed at %d: %q", point, found)
			}
		}
		if !died {
			break
		}
		deaths++
	}
	if deaths < 6 || whole < 2 {
		t.Errorf("it was killed at %d points, and %d times there was a database", deaths, whole)
	}
}

// TestKill_Move: wherever a move is killed, never do both databases take bookings, the one from which it has gone never does again, and to call
// it once more brings it to its end.
func TestKill_Move(t *testing.T) {
	k := newKeeper(t)
	booked := storetest.Book(t, k.store, storetest.Request(k.clinic.Slots[0].ID, 1)).BookingID
	check(t, k.store.Close())
	file, err := os.ReadFile(strings.TrimPrefix(k.address, "sqlite:"))
	check(t, err)
	takes := func(address string) bool {
		s, err := store.Open(t.Context(), address, k.clock.Now)
		check(t, err)
		defer func() { check(t, s.Close()) }()
		return s.MustBeHome(t.Context()) == nil && strings.Contains(strings.Join(storetest.Read(t, address)["bookings"], ""), booked)
	}
	seen := map[[2]bool]int{}
	for point := 1; ; point++ {
		from, to := "sqlite:"+filepath.Join(t.TempDir(), "from.db"), storetest.PostgresURL(t)
		check(t, os.WriteFile(strings.TrimPrefix(from, "sqlite:"), file, 0o600)) //nolint:gosec // a folder of this test
		died := k.dieAt(t, point, "move", from, to)
		_, err := store.CleanBeside(from)
		check(t, err)
		here, there := takes(from), takes(to)
		seen[[2]bool{here, there}]++
		if here && there {
			t.Fatalf("killed at %d, both take bookings", point)
		}
		if !died {
			if here || !there {
				t.Errorf("after the move, SQLite takes bookings: %v, PostgreSQL: %v", here, there)
			}
			break
		}
		if _, err := store.Relocate(t.Context(), from, to, "the target", k.keys, k.clock.Now, nil); err != nil && !there {
			t.Errorf("killed at %d, it cannot be brought to its end: %v", point, err)
		}
		if takes(from) || !takes(to) {
			t.Errorf("killed at %d and called again, it has not moved", point)
		}
	}
	if seen[[2]bool{true, false}] < 5 || seen[[2]bool{false, false}] == 0 || seen[[2]bool{false, true}] < 2 {
		t.Errorf("whether SQLite and PostgreSQL took bookings: %v", seen)
	}
}
