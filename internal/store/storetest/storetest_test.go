package storetest_test

import (
	"path/filepath"
	"testing"

	"madoguchi/internal/store/storetest"
)

// TestEveryDatabaseIsItsOwn marks one database as a demo and looks into the next.
func TestEveryDatabaseIsItsOwn(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			keys := filepath.Join(t.TempDir(), "keys")
			first, second := address(t), address(t)
			marked := storetest.Open(t, first, keys, storetest.NewClock().Now)
			if err := marked.MarkDemo(t.Context()); err != nil {
				t.Fatal(err)
			}
			for address, want := range map[string]bool{first: true, second: false} {
				s := storetest.Open(t, address, keys, storetest.NewClock().Now)
				got, err := s.IsDemo(t.Context())
				if err != nil || got != want {
					t.Errorf("IsDemo() = %t, %v, want %t", got, err, want)
				}
			}
		})
	}
}
