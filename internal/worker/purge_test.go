package worker

import (
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestWorker_RemovesWhatHasServed sees it by an idempotency key, which is forgotten after a week.
func TestWorker_RemovesWhatHasServed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		w := start(t, s, clock, letters.Dir{Path: t.TempDir()})
		w.tick(t)
		first, other := storetest.Request(c.Slots[0].ID, 1), storetest.Request(c.Slots[1].ID, 1)
		first.Key, other.Key = "key", "key"
		storetest.Book(t, s, first)
		if _, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), other); clinic.CodeOf(err) != clinic.KeyReused {
			t.Fatalf("got %v, want %s", err, clinic.KeyReused)
		}
		clock.Advance(8 * 24 * time.Hour)
		w.tick(t)
		// The slot has begun by now, so the answer is about the slot and no longer about the key.
		if _, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), other); clinic.CodeOf(err) != clinic.SlotPast {
			t.Errorf("got %v, want %s", err, clinic.SlotPast)
		}
	})
}

// TestWorker_ForgetsFilesOfOtherSystems: a file that nobody has taken over is thrown away.
func TestWorker_ForgetsFilesOfOtherSystems(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		w := start(t, s, clock, letters.Dir{Path: t.TempDir()})
		w.tick(t)
		_, err := s.KeepImport(t.Context(), storetest.Owner, clinic.Import{Kind: clinic.ImportPatients, BranchID: c.Branch.ID, Minutes: 60, Text: "氏名,電話\n取込 一子,09000000801\n"})
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(clinic.ImportKept)
		w.tick(t)
		for _, row := range storetest.Read(t, address)["imports"] {
			if !strings.Contains(row, "sealed=<nil> ") {
				t.Errorf("it is kept: %.80s", row)
			}
		}
	})
}
