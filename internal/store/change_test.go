package store_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// byClients does n things, as many at a time as there are clients, and returns what became of each.
func byClients(clients, n int, do func(i int) error) []error {
	errs := make([]error, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	all.Wait()
	return errs
}

// Two changes that wait for each other in a circle, whatever the reason: PostgreSQL ends one of them, and it is done again.
func TestChange_IsDoneAgainAfterALostRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slots := []string{c.Slots[0].ID, c.Slots[1].ID}
		var both sync.WaitGroup
		both.Add(2)
		for i, err := range atOnce(2, func(i int) error {
			var once sync.Once
			return s.LockInOrder(t.Context(), slots[i], slots[1-i], func() {
				once.Do(func() {
					both.Done()
					if t.Name() == "TestChange_IsDoneAgainAfterALostRace/postgres" { // on SQLite one begins when the other has ended
						both.Wait()
					}
				})
			})
		}) {
			if err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		}
	})
}
