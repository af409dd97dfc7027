package store_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// from is a context of a request from a network.
func from(t *testing.T, client string) context.Context {
	t.Helper()
	return store.WithOrigin(t.Context(), store.Origin{Client: client, Request: "req"})
}

// entries are all of the audit log, the oldest first.
func entries(t *testing.T, s *store.Store) (out []clinic.AuditEntry) {
	t.Helper()
	check(t, s.EachAuditEntry(t.Context(), func(_ int64, _ []byte, e clinic.AuditEntry) error {
		out = append(out, e)
		return nil
	}))
	return out
}

// last is the latest entry of an action.
func last(t *testing.T, s *store.Store, action clinic.AuditAction) clinic.AuditEntry {
	t.Helper()
	all := entries(t, s)
	slices.Reverse(all)
	i := slices.IndexFunc(all, func(e clinic.AuditEntry) bool { return e.Action == action })
	if i < 0 {
		t.Fatalf("no entry of %q among %d", action, len(all))
	}
	return all[i]
}

func count(t *testing.T, s *store.Store, action clinic.AuditAction) (n int) {
	t.Helper()
	for _, e := range entries(t, s) {
		if e.Action == action {
			n++
		}
	}
	return n
}

// employed is a member of staff with an account.
func employed(t *testing.T, s *store.Store, role clinic.Role, email string) clinic.Actor {
	t.Helper()
	p, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: role, EveryBranch: true, Name: "監査 受子", Email: email, PasswordHash: "x"})
	check(t, err)
	return clinic.StaffActor(p)
}

// TestAudit_SaysWhoDidWhatToWhom: a change leaves an entry with who, in which role, when, from where, what, about whom and with which result.
func TestAudit_SaysWhoDidWhatToWhom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := employed(t, s, clinic.FrontDesk, "desk@example.jp")
		booked, err := s.Book(from(t, "192.0.2.1"), clinic.Visitor(clinic.NewToken(), "192.0.2.1"), storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		a, err := s.Appointment(t.Context(), storetest.Owner, booked.BookingID)
		check(t, err)
		of := clinic.AboutBooking(a)
		e := last(t, s, store.BookOp)
		want := clinic.AuditEntry{ID: e.ID, At: clock.Now(), Kind: clinic.ActorVisitor, Action: store.BookOp, Subject: of, Result: clinic.AuditDone, Request: "req", From: "192.0.2.1"}
		if e != want {
			t.Errorf("the booking left\n%+v, want\n%+v", e, want)
		}
		clock.Advance(time.Minute)
		check(t, s.Cancel(from(t, "198.51.100.0"), desk, booked.BookingID))
		e = last(t, s, "Cancel")
		want = clinic.AuditEntry{
			ID: e.ID, At: clock.Now(), Kind: clinic.ActorStaff, Who: desk.Staff.ID, Role: clinic.FrontDesk, Action: "Cancel", Subject: of, Result: clinic.AuditDone,
			Request: "req", From: "198.51.100.0",
		}
		if e != want {
			t.Errorf("the cancellation left\n%+v, want\n%+v", e, want)
		}
	})
}

// TestAudit_IsOfTheTransaction: what is undone leaves no entry that says that it was done, and what is refused to the clinic's own people one that says so.
func TestAudit_IsOfTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		before := count(t, s, store.BookOp)
		_, err := s.Book(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.1"), storetest.Request(c.Slots[0].ID, 2))
		wantCode(t, err, clinic.SlotTaken)
		if after := count(t, s, store.BookOp); after != before {
			t.Errorf("a booking that was refused left %d entries", after-before)
		}
		desk := employed(t, s, clinic.FrontDesk, "desk@example.jp")
		booked := storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
		check(t, s.Cancel(t.Context(), desk, booked.BookingID))
		clock.Advance(time.Second)
		wantCode(t, s.Cancel(t.Context(), desk, booked.BookingID), clinic.Conflict)
		if e := last(t, s, "Cancel"); e.Result != string(clinic.Conflict) || e.Booking != booked.BookingID || e.Who != desk.Staff.ID {
			t.Errorf("a cancellation that was refused left %+v", e)
		}
	})
}

// TestAudit_ListsOnceInAWhile: an open calendar that asks again and again is written down once in ten minutes, for each member of staff and each day; a
// chart each time.
func TestAudit_ListsOnceInAWhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		booked := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		a, err := s.Appointment(t.Context(), storetest.Owner, booked.BookingID)
		check(t, err)
		one, other := employed(t, s, clinic.FrontDesk, "one@example.jp"), employed(t, s, clinic.FrontDesk, "other@example.jp")
		day := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
		look := func(actor clinic.Actor, day clinic.Date) {
			t.Helper()
			check(t, s.NoteSeen(t.Context(), actor, store.Seen{Action: clinic.SawCalendar, Of: clinic.AboutDays(a.Branch.ID, day, day)}))
		}
		for range 3 {
			look(one, day)
		}
		look(other, day)
		look(one, day.AddDays(1))
		clock.Advance(clinic.AuditEvery)
		look(one, day)
		if n := count(t, s, clinic.SawCalendar); n != 4 {
			t.Errorf("%d entries, want 4", n)
		}
		for range 3 {
			check(t, s.NoteSeen(t.Context(), one, store.Seen{Action: clinic.SawBooking, Of: clinic.AboutBooking(a)}))
			check(t, s.NoteSeen(t.Context(), other, store.Seen{Action: clinic.SawBooking, Of: clinic.AboutBooking(a), Live: true}))
		}
		if n := count(t, s, clinic.SawBooking); n != 4 {
			t.Errorf("%d entries of a booking, want 3 of whoever opened it and 1 of the page that asks by itself", n)
		}
	})
}

// TestAudit_HoldsNothingInClear: no name, address, telephone number or network of anybody can be read in a row.
func TestAudit_HoldsNothingInClear(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, at string) {
		c := storetest.NewClinic(t, s)
		desk := employed(t, s, clinic.FrontDesk, "desk@example.jp")
		booked, err := s.Book(from(t, "203.0.113.77"), clinic.Visitor(clinic.NewToken(), "203.0.113.77"), storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		a, err := s.Appointment(t.Context(), storetest.Owner, booked.BookingID)
		check(t, err)
		ctx := store.WithOrigin(t.Context(), store.Origin{Client: "203.0.113.77", Request: "req"})
		check(t, s.NoteSeen(ctx, desk, store.Seen{Action: clinic.SawBooking, Of: clinic.AboutBooking(a)}))
		check(t, s.NoteSignIn(ctx, clinic.Visitor("", "203.0.113.77"), "nobody@example.jp", clinic.Unauthorized))
		clock.Advance(time.Second)
		check(t, s.NoteSignIn(ctx, clinic.Visitor("", "203.0.113.77"), "DESK@example.jp", clinic.Unauthorized))
		check(t, s.NoteDenied(ctx, desk, "GET /office/charts/:id", "ミホン ハナコ", clinic.NotFound))
		check(t, s.ChainAudit(ctx))
		rows := strings.Join(slices.Concat(storetest.Read(t, at)["audit_entries"], storetest.Read(t, at)["audit_chain"]), "\n")
		p := a.Patient
		for _, marker := range []string{p.FamilyName, p.GivenName, p.FamilyKana, p.Phone, p.Email, "監査", "example.jp", "203.0.113.77", "ミホン ハナコ", booked.Reference, booked.Token} {
			if strings.Contains(rows, marker) {
				t.Errorf("the audit log holds %q in clear", marker)
			}
		}
		if e := last(t, s, clinic.SignIn); e.Who != desk.Staff.ID || e.Result != string(clinic.Unauthorized) || e.From != "203.0.113.77" {
			t.Errorf("a wrong password left %+v", e)
		}
		if e := last(t, s, clinic.Denied); e.Route != "GET /office/charts/:id" || e.Booking != "" || e.Patient != "" {
			t.Errorf("a page of nobody left %+v", e)
		}
		clock.Advance(time.Second)
		check(t, s.NoteDenied(ctx, desk, "GET /office/charts/:id", booked.BookingID, clinic.NotFound))
		if e := last(t, s, clinic.Denied); e.Subject != clinic.AboutBooking(a) {
			t.Errorf("a page of another's patient left %+v", e)
		}
	})
}

// TestAudit_EveryOperationIsDecided: whoever adds an operation decides whether it leaves an entry in the audit log, with a word for people, or why not.
func TestAudit_EveryOperationIsDecided(t *testing.T) {
	files, err := filepath.Glob("*.go")
	check(t, err)
	begun := regexp.MustCompile(`\.(?:change|changeHours|hold|movePlace)\(ctx, "(\w+)"|\bop: +"(\w+)"`)
	ops := []string{store.BookOp}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		check(t, err)
		for _, found := range begun.FindAllStringSubmatch(string(source), -1) {
			ops = append(ops, found[1]+found[2])
		}
	}
	slices.Sort(ops)
	ops = slices.Compact(ops)
	decided := slices.Concat(store.Unnoted(), []string{"StartSession", "FinishSignIn", "SignInWithPasskey", "NoteSeen", "NoteDenied", "NoteSignIn", "NoteRefusal"}) // these have words of their own
	for _, action := range store.Operations {
		decided = append(decided, string(action))
	}
	slices.Sort(decided)
	if diff := cmp.Diff(ops, decided); diff != "" {
		t.Errorf("operations (-) and those about which store/audit.go decides (+):\n%s", diff)
	}
}
