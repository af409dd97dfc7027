package store_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

var moved = flag.Int("moved", 200, "how many bookings TestMove_OfManyBookings moves; with 100,000, by MADOGUCHI_MOVED, it takes half an hour")

// TestMove_OfManyBookings: of a clinic with the bookings of years every table arrives with as many rows, and every row as it was.
func TestMove_OfManyBookings(t *testing.T) {
	count := *moved
	if set, err := strconv.Atoi(os.Getenv("MADOGUCHI_MOVED")); err == nil {
		count = set
	}
	k, to := newKeeper(t), storetest.PostgresURL(t)
	begun := time.Now()
	k.bookMany(t, count)
	t.Logf("%d bookings made in %.1f s", count, time.Since(begun).Seconds())
	before := sumsOf(t, k.address)
	if n := before["bookings"].rows; n != int64(count) {
		t.Fatalf("%d bookings are to be moved, not %d", n, count)
	}
	var most uint64
	begun = time.Now()
	tables, err := k.move(t, to, func(string, int64, int64) {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse)
	})
	check(t, err)
	t.Logf("%d bookings moved in %.1f s, with %d MB of the heap at the most", count, time.Since(begun).Seconds(), most>>20)
	after := sumsOf(t, to)
	for _, table := range tables {
		if table.Table == "settings" { // where the marks of the move stand
			continue
		}
		if was, is := before[table.Table], after[table.Table]; was != is || table.Rows != was.rows {
			t.Errorf("of %s there were %d rows, are %d, and are told to be %d; equal: %t", table.Table, was.rows, is.rows, table.Rows, was.sum == is.sum)
		}
	}
	if len(tables) != len(before) || len(before) != len(after) {
		t.Errorf("%d tables were told, of %d here and %d there", len(tables), len(before), len(after))
	}
	if found := checked(t, storetest.Open(t, to, k.keys, k.clock.Now)); len(found) > 0 {
		t.Errorf("what has arrived is not sound: %q", found)
	}
}

// bookMany makes as many bookings, each of somebody else, while the months go by.
func (k *keeper) bookMany(t *testing.T, count int) {
	t.Helper()
	const atOnce, month = 16, 4000 // as many slots as one doctor has before online booking ends
	for first := 0; first < count; first += month {
		slots := storetest.AddSlots(t, k.store, k.clinic.Branch, k.clinic.Doctors[0], k.clock.Now().AddDate(0, 0, 2), min(month, count-first))
		var next atomic.Int64
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				for n := int(next.Add(1)) - 1; n < len(slots) && !t.Failed(); n = int(next.Add(1)) - 1 {
					if _, err := k.store.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(slots[n].ID, first+n)); err != nil {
						t.Errorf("the booking %d: %v", first+n, err)
					}
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.FailNow()
		}
		k.clock.Advance(28 * 24 * time.Hour)
	}
	check(t, k.store.FillTerms(t.Context()))
}

// tableSum is how many rows a table has, and a sum over all of them that does not depend on their order.
type tableSum struct {
	rows int64
	sum  [4]uint64
}

// sumsOf are the sums of every table there is at an address, but for goose's. A million rows are never held at once.
func sumsOf(t *testing.T, address string) map[string]tableSum {
	t.Helper()
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	names := "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'schema_migrations'"
	if strings.HasPrefix(address, "sqlite:") {
		names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'"
	}
	rows, err := db.QueryContext(t.Context(), names)
	check(t, err)
	defer func() { check(t, rows.Close()) }()
	out := map[string]tableSum{}
	for rows.Next() {
		var table string
		check(t, rows.Scan(&table))
		var all tableSum
		eachRowOf(t, db, table, func(r row) {
			text, err := json.Marshal(r)
			check(t, err)
			hash := sha256.Sum256(text)
			all.rows++
			for i := range all.sum {
				all.sum[i] += binary.BigEndian.Uint64(hash[8*i:])
			}
		})
		out[table] = all
	}
	check(t, rows.Err())
	return out
}
