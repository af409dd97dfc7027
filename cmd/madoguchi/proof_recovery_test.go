package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"madoguchi/internal/store/storetest"
)

// TestProof_TheMachineIsLost goes by docs/recovery.md: a key for backups, a server that makes them by itself, a loss of everything but the three things
// in the safe, and a restored clinic that takes bookings; then the move to PostgreSQL, after which the old database is closed.
func TestProof_TheMachineIsLost(t *testing.T) {
	s := newSettings(t, "sqlite")
	c := openClinic(t, s, 3)
	safe, folder := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	public, _, code := run(t, s, "backup", "key", filepath.Join(safe, "backups.key"))
	if code != 0 || !strings.HasPrefix(public, "age1") {
		t.Fatalf("the key for backups: %d, %s", code, public)
	}
	s["MADOGUCHI_BACKUP"] = folder
	if said := refused(t, s, "serve"); !strings.Contains(said, "MADOGUCHI_BACKUP_RECIPIENTS") {
		t.Errorf("without a recipient: %s", said)
	}
	s["MADOGUCHI_BACKUP_RECIPIENTS"] = strings.TrimSpace(public)

	path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
	left := filepath.Join(filepath.Dir(path), ".madoguchi-work-1")
	must(t, os.Mkdir(left, 0o700))
	p := serve(t, s)
	if _, err := os.Stat(left); err == nil {
		t.Error("what a killed backup has left is still there")
	}
	p.waitLog(t, regexp.MustCompile(`msg="backup made"`))
	reference := newVisitor(t, p).mustBook(c.slots[0], 1)
	made, _, code := run(t, s, "backup")
	file, _, _ := strings.Cut(made, " ")
	if code != 0 {
		t.Fatal("no backup was made while the server runs")
	}
	if said, _, code := run(t, s, "check"); code != 0 || !strings.Contains(said, "sound") {
		t.Errorf("check: %d, %s", code, said)
	}
	p.kill(t)
	must(t, os.RemoveAll(path))
	for _, beside := range []string{"-wal", "-shm"} {
		must(t, os.RemoveAll(path+beside))
	}

	if _, said, code := run(t, s, "restore", file, "--identity", filepath.Join(safe, "backups.key")); code != 0 {
		t.Fatalf("restore: %s", said)
	}
	if said, _, code := run(t, s, "check"); code != 0 || !strings.Contains(said, "sound") {
		t.Errorf("check of what was restored: %d, %s", code, said)
	}
	p = serve(t, s)
	if again := newVisitor(t, p).mustBook(c.slots[0], 1); again != reference {
		t.Errorf("the booking was %s and is %s", reference, again)
	}
	other := newVisitor(t, p).mustBook(c.slots[1], 2)

	old := s["MADOGUCHI_DATABASE"]
	s["MADOGUCHI_MOVE_TO"] = storetest.PostgresURL(t)
	said, problems, code := run(t, s, "move")
	if code != 0 || !strings.Contains(said, "bookings\t2 rows") {
		t.Fatalf("move: %d, %s%s", code, said, problems)
	}
	p.stop(t)
	if said := refused(t, s, "serve"); !strings.Contains(said, "has moved") || !strings.Contains(said, "MADOGUCHI_DATABASE") {
		t.Errorf("a server on the old database: %s", said)
	}
	delete(s, "MADOGUCHI_BACKUP")
	s["MADOGUCHI_DATABASE"] = s["MADOGUCHI_MOVE_TO"]
	p = serve(t, s)
	if again := newVisitor(t, p).mustBook(c.slots[1], 2); again != other {
		t.Errorf("the booking was %s and is %s after the move", other, again)
	}
	newVisitor(t, p).mustBook(c.slots[2], 3)
	p.stop(t)
	if facts := storetest.Read(t, old); len(facts["bookings"]) != 2 {
		t.Error("something was written into the old database")
	}
	// What is not sound is told, and ends with 1.
	storetest.Exec(t, old, "DROP TRIGGER bookings_have_a_claim_insert")
	s["MADOGUCHI_DATABASE"] = old
	if said, problems, code := run(t, s, "check"); code != 1 || !strings.Contains(said, "bookings_have_a_claim_insert") || !strings.Contains(problems, "findings in the database") {
		t.Errorf("check of what is not sound: %d, %s%s", code, said, problems)
	}
}
