package store

import (
	"path/filepath"
	"testing"
	"time"

	"madoguchi/internal/clinic"
)

// Who is signed in goes on reading while the disk takes no more writes, until the session has been idle too long by its
// last note.
func TestSignedIn_WhileNothingCanBeWritten(t *testing.T) {
	now := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	address := "sqlite:" + filepath.Join(dir, "madoguchi.db")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(Migrate(t.Context(), address))
	s, err := Open(t.Context(), address, func() time.Time { return now })
	check(err)
	defer func() { check(s.Close()) }()
	_, err = s.Unlock(t.Context(), filepath.Join(dir, "keys"))
	check(err)
	staff, err := s.AddStaff(t.Context(), clinic.Job("test"), clinic.Staff{EveryBranch: true, Role: clinic.FrontDesk, Name: "受付 見本", Email: "reception@example.jp", PasswordHash: "$argon2id$"})
	check(err)
	token, err := s.StartSession(t.Context(), staff, clinic.Browser{}, false, "")
	check(err)

	check(s.write.Exec("PRAGMA query_only = 1").Error)
	now = now.Add(seenEvery)
	if got, _, err := s.SignedIn(t.Context(), token); err != nil || got.ID != staff.ID {
		t.Errorf("while reading only: %+v, %v", got, err)
	}
	if _, err := s.StartSession(t.Context(), staff, clinic.Browser{}, false, ""); clinic.CodeOf(err) != clinic.Unavailable {
		t.Errorf("a new session while reading only: %v", err)
	}
	now = now.Add(clinic.SessionIdle - seenEvery)
	if _, _, err := s.SignedIn(t.Context(), token); clinic.CodeOf(err) != clinic.Unauthorized {
		t.Errorf("idle by its last note: %v", err)
	}
	check(s.write.Exec("PRAGMA query_only = 0").Error)
}
