package store_test

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// pastTriggers lets the statements of a test do what the triggers forbid.
func pastTriggers(t *testing.T, at string) {
	t.Helper()
	if strings.HasPrefix(at, "sqlite:") {
		for _, name := range []string{"audit_entries_stay_update", "audit_entries_stay_delete", "audit_chain_stays_update", "audit_chain_stays_delete", "audit_purges_stay_update"} {
			storetest.Exec(t, at, "DROP TRIGGER "+name)
		}
		return
	}
	for _, table := range []string{"audit_entries", "audit_chain", "audit_purges"} {
		storetest.Exec(t, at, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
	}
}

// chainOf fills a log with entries of a few bookings and chains them.
func chainOf(t *testing.T, s *store.Store, clock *storetest.Clock) store.AuditHead {
	t.Helper()
	c := storetest.NewClinic(t, s)
	for i := range 5 {
		clock.Advance(time.Second)
		storetest.Book(t, s, storetest.Request(c.Slots[i].ID, i+1))
	}
	check(t, s.ChainAudit(t.Context()))
	head, err := s.AuditHead(t.Context())
	check(t, err)
	if head.Seq < 6 {
		t.Fatalf("the chain has %d entries only", head.Seq)
	}
	return head
}

func verify(t *testing.T, s *store.Store, head store.AuditHead) store.AuditReport {
	t.Helper()
	r, err := s.VerifyAudit(t.Context(), head)
	check(t, err)
	return r
}

// TestAuditChain_NamesTheFirstFault: whoever has the database in their hands, but not the keys, changes, takes away, puts in or swaps entries past the
// triggers, in every way in which it could go unseen; verification names the first.
func TestAuditChain_NamesTheFirstFault(t *testing.T) {
	const copied = `INSERT INTO audit_entries (id, at, actor_kind, actor_id, role, action, branch_id, booking_id, patient_id, staff_id, first_day, last_day, result, route, request, mac, sealed)
		SELECT id || '-forged', at, actor_kind, actor_id, role, action, branch_id, booking_id, patient_id, staff_id, first_day, last_day, result, route, request, mac, sealed FROM audit_entries
		WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3)`
	for what, c := range map[string]struct {
		do    []string
		fault store.AuditFault
		seq   int64
	}{
		"nothing":                             {nil, store.AuditSound, 0},
		"an entry says another result":        {[]string{"UPDATE audit_entries SET result = 'conflict' WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3)"}, store.AuditChanged, 3},
		"an entry tells of another patient":   {[]string{"UPDATE audit_entries SET patient_id = 'somebody' WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3)"}, store.AuditChanged, 3},
		"an entry and its code":               {[]string{"UPDATE audit_entries SET result = 'conflict', mac = sealed WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3) AND sealed IS NOT NULL", "UPDATE audit_entries SET result = 'conflict', mac = (SELECT hash FROM audit_chain WHERE seq = 1) WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3)"}, store.AuditChanged, 3},
		"an entry is gone":                    {[]string{"DELETE FROM audit_entries WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3)"}, store.AuditMissing, 3},
		"an entry is gone with its link":      {[]string{"DELETE FROM audit_entries WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 3)", "DELETE FROM audit_chain WHERE seq = 3"}, store.AuditMissing, 3},
		"the first is gone with its link":     {[]string{"DELETE FROM audit_entries WHERE id = (SELECT entry_id FROM audit_chain WHERE seq = 1)", "DELETE FROM audit_chain WHERE seq = 1"}, store.AuditMissing, 1},
		"two swap their places":               {[]string{"UPDATE audit_chain SET entry_id = 'aside' WHERE seq = 3", "UPDATE audit_chain SET entry_id = (SELECT entry_id FROM audit_chain WHERE seq = 4) || '' WHERE false", "UPDATE audit_chain SET seq = -4 WHERE seq = 4", "UPDATE audit_chain SET entry_id = (SELECT e.id FROM audit_entries e LEFT JOIN audit_chain c ON c.entry_id = e.id WHERE c.seq IS NULL) WHERE seq = 3", "UPDATE audit_chain SET seq = -3 WHERE seq = 3", "UPDATE audit_chain SET seq = 3 WHERE seq = -4", "UPDATE audit_chain SET seq = 4 WHERE seq = -3"}, store.AuditReordered, 3},
		"one is put in and chained":           {[]string{copied, "UPDATE audit_chain SET seq = -seq WHERE seq >= 4", "INSERT INTO audit_chain (seq, entry_id, hash) SELECT 4, (SELECT id FROM audit_entries WHERE id LIKE '%-forged'), hash FROM audit_chain WHERE seq = 3", "UPDATE audit_chain SET seq = 1 - seq WHERE seq < 0"}, store.AuditInserted, 4},
		"one is put at the end of the chain":  {[]string{copied, "INSERT INTO audit_chain (seq, entry_id, hash) SELECT (SELECT MAX(seq) FROM audit_chain) + 1, (SELECT id FROM audit_entries WHERE id LIKE '%-forged'), hash FROM audit_chain WHERE seq = 3"}, store.AuditInserted, -1},
		"one waits that nobody wrote":         {[]string{copied}, store.AuditInserted, 0},
		"the place where it begins is forged": {[]string{"INSERT INTO audit_purges (seq, at, hash, mac) SELECT 2, e.at, c.hash, c.hash FROM audit_chain c JOIN audit_entries e ON e.id = c.entry_id WHERE c.seq = 2"}, store.AuditAnchorBad, 0},
	} {
		t.Run(what, func(t *testing.T) {
			storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, at string) {
				head := chainOf(t, s, clock)
				pastTriggers(t, at)
				for _, statement := range c.do {
					storetest.Exec(t, at, statement)
				}
				want := c.seq
				if want < 0 {
					want = head.Seq + 1
				}
				if r := verify(t, s, store.AuditHead{}); r.Fault != c.fault || r.Seq != want {
					t.Errorf("%q at %d (%s), want %q at %d", r.Fault, r.Seq, r.EntryID, c.fault, want)
				}
			})
		})
	}
}

// TestAuditChain_LeadsToTheHead: of a chain that was cut at its end, and of one that was written anew, only a head that was noted before tells.
func TestAuditChain_LeadsToTheHead(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, at string) {
		head := chainOf(t, s, clock)
		if r := verify(t, s, head); r.Fault != store.AuditSound || r.Head.String() != head.String() {
			t.Errorf("%+v, want it to be sound", r)
		}
		read, err := store.ParseAuditHead(head.String())
		if err != nil || read.String() != head.String() {
			t.Errorf("the head %s is read as %s (%v)", head, read, err)
		}
		pastTriggers(t, at)
		storetest.Exec(t, at, "DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_chain WHERE seq >= $1)", head.Seq-1)
		storetest.Exec(t, at, "DELETE FROM audit_chain WHERE seq >= $1", head.Seq-1)
		if r := verify(t, s, store.AuditHead{}); r.Fault != store.AuditSound {
			t.Errorf("without a head: %+v", r)
		}
		if r := verify(t, s, head); r.Fault != store.AuditCut || r.Seq != head.Seq-1 {
			t.Errorf("%q at %d, want it cut off at %d", r.Fault, r.Seq, head.Seq-1)
		}
		c := storetest.NewClinic(t, s)
		for i := range 3 {
			storetest.Book(t, s, storetest.Request(c.Slots[i].ID, i+6))
		}
		check(t, s.ChainAudit(t.Context()))
		if r := verify(t, s, head); r.Fault != store.AuditRewritten || r.Seq != head.Seq {
			t.Errorf("%q at %d, want it written anew at %d", r.Fault, r.Seq, head.Seq)
		}
	})
}

// TestAuditChain_SeveralInstances: two instances that write and chain at once make one chain without a gap.
func TestAuditChain_SeveralInstances(t *testing.T) {
	at, clock, keys := storetest.PostgresURL(t), storetest.NewClock(), filepath.Join(t.TempDir(), "keys")
	stores := []*store.Store{storetest.Open(t, at, keys, clock.Now), storetest.Open(t, at, keys, clock.Now)}
	c := storetest.NewClinic(t, stores[0])
	var all sync.WaitGroup
	for i, s := range stores {
		all.Go(func() {
			for n := range 6 {
				storetest.Book(t, s, storetest.Request(c.Slots[i*6+n].ID, i*6+n+1))
				if err := s.ChainAudit(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	check(t, stores[1].ChainAllAudit(t.Context()))
	if r := verify(t, stores[0], store.AuditHead{}); r.Fault != store.AuditSound || r.Waiting > 0 || r.Checked < 12 {
		t.Errorf("%+v", r)
	}
}

// TestAuditChain_IsLeftToWhoeverAppends: while another instance appends, ChainAudit neither waits for it nor appends.
func TestAuditChain_IsLeftToWhoeverAppends(t *testing.T) {
	at, clock := storetest.PostgresURL(t), storetest.NewClock()
	s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
	chainOf(t, s, clock)
	db := openSQL(t, at)
	defer func() { check(t, db.Close()) }()
	other, err := db.BeginTx(t.Context(), nil)
	check(t, err)
	_, err = other.ExecContext(t.Context(), "SELECT pg_advisory_xact_lock(hashtextextended('audit chain', 0))")
	check(t, err)
	employed(t, s, clinic.FrontDesk, "desk@example.jp")
	check(t, s.ChainAudit(t.Context()))
	if r := verify(t, s, store.AuditHead{}); r.Waiting == 0 {
		t.Errorf("it appended beside the other: %+v", r)
	}
	check(t, other.Rollback())
	check(t, s.ChainAudit(t.Context()))
	if r := verify(t, s, store.AuditHead{}); r.Fault != store.AuditSound || r.Waiting > 0 {
		t.Errorf("%+v", r)
	}
}

// TestAuditChain_LeavesOutWhatIsForeign: an entry that somebody has put into the table does not get into the chain, and the worker says so.
func TestAuditChain_LeavesOutWhatIsForeign(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, at string) {
		head := chainOf(t, s, clock)
		storetest.Exec(t, at, "INSERT INTO audit_entries (id, at, actor_kind, action, result, mac) VALUES ('zz', $1, 'staff', 'Cancel', 'done', $2)", clock.Now(), []byte("x"))
		check(t, s.ChainAudit(t.Context()))
		if err := s.ChainAllAudit(t.Context()); err == nil || !strings.Contains(err.Error(), "zz") {
			t.Errorf("the worker says %v of an entry that nobody wrote", err)
		}
		if now, err := s.AuditHead(t.Context()); err != nil || now.Seq != head.Seq {
			t.Errorf("the chain is at %s, want %s (%v)", now, head, err)
		}
	})
}

// TestAudit_IsErasedAfterItsTime: what is older than its years goes, in the chain's order; what is left is sound, says from where it goes on, and that
// something was erased stands in it.
func TestAudit_IsErasedAfterItsTime(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, at string) {
		old := chainOf(t, s, clock)
		clock.Advance(4 * 365 * 24 * time.Hour)
		desk := employed(t, s, clinic.FrontDesk, "desk@example.jp")
		check(t, s.ChainAudit(t.Context()))
		check(t, s.PurgeAudit(t.Context(), 5))
		if r := verify(t, s, old); r.Begins.Seq != 0 || r.Fault != store.AuditSound {
			t.Errorf("after four years: %+v", r)
		}
		clock.Advance(367 * 24 * time.Hour)
		check(t, s.PurgeAudit(t.Context(), 5))
		r := verify(t, s, store.AuditHead{})
		if r.Fault != store.AuditSound || r.Begins.String() != old.String() || !r.Purged.Equal(clock.Now()) {
			t.Errorf("after five years: %+v, want it to begin at %s", r, old)
		}
		all := entries(t, s)
		if slices.ContainsFunc(all, func(e clinic.AuditEntry) bool { return e.Action == store.BookOp }) {
			t.Error("old entries are still there")
		}
		if !slices.ContainsFunc(all, func(e clinic.AuditEntry) bool { return e.Action == "AddStaff" }) || desk.Staff.ID == "" {
			t.Error("an entry is gone before its time")
		}
		last(t, s, "PurgeAudit")
		check(t, s.ChainAudit(t.Context()))
		check(t, s.PurgeAudit(t.Context(), 5))
		for _, statement := range []string{
			"UPDATE audit_entries SET result = 'x'", "DELETE FROM audit_entries", "UPDATE audit_chain SET entry_id = 'x'", "DELETE FROM audit_chain", "UPDATE audit_purges SET seq = 0", "DELETE FROM audit_purges",
		} {
			if err := tryExec(t, at, statement); err == nil {
				t.Errorf("the database lets %q through", statement)
			}
		}
	})
}
