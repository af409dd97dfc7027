package store_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// The database itself guards what must never be, whoever writes to it and however: each statement here is one that some
// program with a mistake could send.
func TestGuards_OfTheDatabase(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			wantGuards(t, at, storetest.Open(t, at, t.TempDir()+"/keys", storetest.NewClock().Now))
		})
	}
}

// wantGuards says which guard is missing in a database, whatever is in it already.
func wantGuards(t *testing.T, at string, s *store.Store) {
	t.Helper()
	c := storetest.NewClinic(t, s)
	booked := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
	other := storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
	gone := storetest.Book(t, s, storetest.Request(c.Slots[2].ID, 3))
	check(t, s.Cancel(t.Context(), storetest.Owner, gone.BookingID))
	free, now := c.Slots[4], storetest.Begin
	room := []clinic.Slot{free.Slot, free.Slot}
	for i := range room {
		room[i].Room, room[i].DoctorID = "1", c.Doctors[i].ID
		room[i].StartsAt, room[i].EndsAt = free.StartsAt.AddDate(0, 0, 7), free.EndsAt.AddDate(0, 0, 7)
	}
	check(t, s.AddSlots(t.Context(), storetest.Owner, room[:1]))
	wantCode(t, s.AddSlots(t.Context(), storetest.Owner, room[1:]), clinic.Conflict)
	const columns = "(id, branch_id, doctor_id, starts_at, ends_at, created_at) "
	before := storetest.Read(t, at)
	for what, c := range map[string]struct {
		statement string
		args      []any
	}{
		"two claims on a slot":                    {"INSERT INTO claims (slot_id, holder_kind, holder, expires_at) VALUES ($1, 'staff', $2, $3)", []any{c.Slots[0].ID, []byte("x"), now}},
		"two slots of a booking":                  {"INSERT INTO claims (slot_id, holder_kind, booking_id) VALUES ($1, 'booking', $2)", []any{free.ID, booked.BookingID}},
		"two holds of a visitor":                  {"INSERT INTO claims (slot_id, holder_kind, holder, expires_at) SELECT id, 'visitor', $1, $2 FROM slots WHERE id IN ($3, $4)", []any{[]byte("x"), now, free.ID, c.Slots[5].ID}},
		"a booking that loses its claim":          {"DELETE FROM claims WHERE booking_id = $1", []any{booked.BookingID}},
		"a claim that changes its booking":        {"UPDATE claims SET booking_id = $1 WHERE booking_id = $2", []any{gone.BookingID, booked.BookingID}},
		"a booking that comes back to life":       {"UPDATE bookings SET status = 'booked', live = true, cancelled_at = NULL, cancelled_by = NULL WHERE id = $1", []any{gone.BookingID}},
		"a booking on another's slot":             {"UPDATE bookings SET slot_id = $1 WHERE id = $2", []any{c.Slots[1].ID, booked.BookingID}},
		"a booking without a claim":               {"INSERT INTO bookings (id, reference, slot_id, patient_id, status, live, channel, lang, sealed, created_at) SELECT 'new', 'AAA-AAAA', $1, patient_id, 'booked', true, channel, lang, sealed, created_at FROM bookings WHERE id = $2", []any{free.ID, booked.BookingID}},
		"a live booking that is cancelled":        {"UPDATE bookings SET status = 'cancelled' WHERE id = $1", []any{booked.BookingID}},
		"a status that nobody knows":              {"UPDATE bookings SET status = 'lost' WHERE id = $1", []any{booked.BookingID}},
		"a booked slot that closes":               {"UPDATE slots SET closed_at = $1, is_open = false WHERE id = $2", []any{now, c.Slots[0].ID}},
		"a booked slot that half closes":          {"UPDATE slots SET closed_at = $1 WHERE id = $2", []any{now, c.Slots[0].ID}},
		"a booked slot that vanishes":             {"DELETE FROM slots WHERE id = $1", []any{c.Slots[0].ID}},
		"slots of a doctor that overlap":          {"INSERT INTO slots " + columns + "SELECT 'new', branch_id, doctor_id, starts_at, ends_at, created_at FROM slots WHERE id = $1", []any{free.ID}},
		"a slot that moves over another":          {"UPDATE slots SET starts_at = $1, ends_at = $2 WHERE id = $3", []any{c.Slots[5].StartsAt, c.Slots[5].EndsAt, sameDoctor(c, c.Slots[5])}},
		"slots of a room that overlap":            {"UPDATE slots SET room = '1', starts_at = $1, ends_at = $2 WHERE id = $3", []any{room[1].StartsAt, room[1].EndsAt, otherDoctor(c, c.Doctors[0].ID)}},
		"a slot that ends before it begins":       {"UPDATE slots SET ends_at = starts_at WHERE id = $1", []any{free.ID}},
		"a slot at a branch without its doctor":   {"INSERT INTO slots " + columns + "SELECT 'new', $1, doctor_id, $2, $3, created_at FROM slots WHERE id = $4", []any{c.Other.ID, now, now.Add(time.Hour), free.ID}},
		"a doctor who leaves open slots behind":   {"UPDATE doctor_branches SET left_at = $1 WHERE doctor_id = $2", []any{now, free.DoctorID}},
		"a letter of an occasion that has one":    {"UPDATE letters SET once_key = $1 || '/confirmation' WHERE booking_id = $2", []any{other.BookingID, booked.BookingID}},
		"a letter of a kind that nobody knows":    {"UPDATE letters SET kind = 'rumour' WHERE booking_id = $1", []any{booked.BookingID}},
		"a second patient who is the same person": {"UPDATE patients SET identity = (SELECT identity FROM patients LIMIT 1)", nil},
		"a reference that exists":                 {"UPDATE bookings SET reference = $1 WHERE id = $2", []any{other.Reference, booked.BookingID}},
		"a role that nobody knows":                {"INSERT INTO staff (id, role, every_branch, email_term, password_hash, active, sealed, created_at) VALUES ('new', 'chief', true, $1, '', true, $1, $2)", []any{[]byte("x"), now}},
	} {
		err := tryExec(t, at, c.statement, c.args...)
		if err == nil || !isRefusal(err) {
			t.Errorf("%s: %v", what, err)
		}
		after := storetest.Read(t, at)
		if changed := after.Changed(before); len(changed) > 0 {
			t.Errorf("%s changed %q", what, changed)
		}
		before = after
	}
}

// sameDoctor is another slot of a slot's doctor, otherDoctor the last one of another doctor.
func sameDoctor(c storetest.Clinic, of clinic.OpenSlot) string {
	for _, s := range c.Slots {
		if s.DoctorID == of.DoctorID && s.ID != of.ID {
			return s.ID
		}
	}
	return ""
}

func otherDoctor(c storetest.Clinic, than string) (id string) {
	for _, s := range c.Slots {
		if s.DoctorID != than {
			id = s.ID
		}
	}
	return id
}

// tryExec runs one statement as a transaction of its own.
func tryExec(t *testing.T, address, statement string, args ...any) error {
	t.Helper()
	db := openSQL(t, address)
	_, err := db.ExecContext(t.Context(), statement, args...)
	check(t, db.Close())
	return err
}

// isRefusal reports that a constraint or a trigger refused a statement, and not its own mistakes.
func isRefusal(err error) bool {
	for _, words := range []string{"constraint", "never_overlap", "slots_have_a_doctor", "bookings_have_a_claim", "without a claim", "without a doctor"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// A slot is closed and booked at once by many: whoever is told yes has it, and nobody is told of a failure inside.
func TestCloseSlot_WhileOthersBookIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		const n, each = 150, 16 // 2,400 requests
		slots := manySlots(t, s, c, n)
		var mu sync.Mutex
		closed, booked := map[string]int{}, map[string]int{}
		for i, err := range inTurns(24, n*each, func(i int) (err error) {
			slot, mine := slots[i/each], closed
			if i%2 == 0 {
				err = s.CloseSlot(t.Context(), storetest.Owner, slot)
			} else {
				mine = booked
				_, err = s.Book(t.Context(), clinic.API(""), storetest.Request(slot, i))
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				mine[slot]++
			}
			return err
		}) {
			switch clinic.CodeOf(err) {
			case "", clinic.Conflict, clinic.NotFound, clinic.Invalid, clinic.SlotTaken:
				if err != nil && clinic.CodeOf(err) == "" {
					t.Errorf("request %d: %v", i, err)
				}
			default:
				t.Errorf("request %d: %v", i, err)
			}
		}
		for _, slot := range slots {
			if closed[slot]+booked[slot] != 1 {
				t.Errorf("slot %s was closed %d times and booked %d times", slot, closed[slot], booked[slot])
			}
		}
	})
}

// Visitors who swap their slots, over and over, wait for each other and never in a circle.
func TestHold_VisitorsSwap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		const visitors, clicks = 24, 100 // 2,400 requests
		for _, err := range atOnce(visitors, func(i int) error {
			me := clinic.Visitor(string(rune('a'+i)), string(rune('a'+i)))
			for n := range clicks {
				// Neighbours want the same two slots, in the opposite order.
				slot := c.Slots[(i/2*2+(n+i)%2)%len(c.Slots)]
				if _, err := s.Hold(t.Context(), me, slot.ID); err != nil && clinic.CodeOf(err) != clinic.SlotTaken {
					return err
				}
			}
			return nil
		}) {
			check(t, err)
		}
	})
}

// inTurns does n things, as many at a time as there are clients, and returns what became of each.
func inTurns(clients, n int, do func(i int) error) []error {
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

// A reference that somebody has already is drawn anew, and the booking stands.
func TestBook_DrawsAnotherReference(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		draws := []string{first.Reference, first.Reference, "M7K-4Q2P"}
		s.SetReferences(func() string {
			next := draws[0]
			draws = draws[1:]
			return next
		})
		if second := storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2)); second.Reference != "M7K-4Q2P" {
			t.Errorf("the second booking is %s", second.Reference)
		}
		onlyLetter(t, s, storetest.LetterOf(t, s, first.BookingID, clinic.Confirmation).BookingID)
	})
}

// Staff of one branch find nothing of another's: not by id, reference, name, day or letter, and change nothing there.
func TestBranches_KeepToThemselves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx, receipt := t.Context(), storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		l := claim(t, s)
		check(t, s.LetterFailed(ctx, l, "smtp 550", true))
		day := clinic.DateOf(c.Slots[0].StartsAt, c.Branch.Location())
		for _, role := range []clinic.Role{clinic.Admin, clinic.FrontDesk} {
			here := clinic.StaffActor(clinic.Staff{ID: "here", Role: role, Active: true, Branches: []string{c.Branch.ID}})
			there := clinic.StaffActor(clinic.Staff{ID: "there", Role: role, Active: true, Branches: []string{c.Other.ID}})
			for what, look := range map[string]func(clinic.Actor) (found bool, err error){
				"by id": func(a clinic.Actor) (bool, error) {
					_, err := s.Appointment(ctx, a, receipt.BookingID)
					return err == nil, err
				},
				"by reference": func(a clinic.Actor) (bool, error) {
					_, err := s.AppointmentByReference(ctx, a, receipt.Reference)
					return err == nil, err
				},
				"among several": func(a clinic.Actor) (bool, error) {
					all, err := s.Appointments(ctx, a, receipt.BookingID)
					return len(all) > 0, err
				},
				"by name": func(a clinic.Actor) (bool, error) {
					found, err := s.Search(ctx, a, "シケンハナコ")
					return len(found.Appointments) > 0, err
				},
				"by phone": func(a clinic.Actor) (bool, error) {
					found, err := s.Search(ctx, a, "09000000001")
					return len(found.Appointments) > 0, err
				},
				"its letters": func(a clinic.Actor) (bool, error) {
					all, err := s.Letters(ctx, a, receipt.BookingID)
					return len(all) > 0, err
				},
				"its failed letters": func(a clinic.Actor) (bool, error) { all, err := s.FailedLetters(ctx, a); return len(all) > 0, err },
				"by day": func(a clinic.Actor) (bool, error) {
					entries, _, err := s.Day(ctx, a, c.Branch, day)
					return len(entries) > 0, err
				},
				"the branch": func(a clinic.Actor) (bool, error) {
					all, err := s.BranchesFor(ctx, a, clinic.SeeCalendar)
					return len(all) == 1 && all[0].ID == c.Branch.ID, err
				},
				"to send a letter again": func(a clinic.Actor) (bool, error) {
					err := s.Resend(ctx, a, receipt.BookingID, l.ID)
					if err == nil {
						check(t, s.LetterFailed(ctx, claim(t, s), "smtp 550", true))
					}
					return err == nil, err
				},
			} {
				if found, err := look(here); err != nil || !found {
					t.Errorf("%s, %s: not found at its own branch (%v)", role, what, err)
				}
				if found, err := look(there); found || err != nil && clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("%s, %s: from another branch %t, %v", role, what, found, err)
				}
			}
			wantCode(t, s.Cancel(ctx, there, receipt.BookingID), clinic.NotFound)
			wantCode(t, s.CloseSlot(ctx, there, c.Slots[3].ID), clinic.NotFound)
			wantCode(t, s.AddSlots(ctx, there, []clinic.Slot{{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID}}), clinic.NotFound)
			_, err := s.SaveBranch(ctx, there, c.Branch)
			wantCode(t, err, clinic.NotFound)
		}
		clock.Advance(time.Minute)
		check(t, s.Cancel(ctx, clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Active: true, Branches: []string{c.Branch.ID}}), receipt.BookingID))
	})
}

// A doctor leaves a branch once no slot is open there any more, keeps what was, and comes back; an administrator of one
// branch leaves what is not theirs as it is.
func TestSaveDoctor_LeavesABranchWithoutOpenSlots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx, doctor := t.Context(), c.Doctors[0]
		storetest.Book(t, s, storetest.Request(sameDoctor(c, clinic.OpenSlot{Slot: clinic.Slot{DoctorID: doctor.ID}}), 1))
		worksAt := func() string {
			_, branches, err := s.Doctor(ctx, doctor.ID)
			check(t, err)
			return strings.Join(branches, " ")
		}
		_, err := s.SaveDoctor(ctx, storetest.Owner, doctor, []string{c.Other.ID})
		wantCode(t, err, clinic.Conflict)
		var refusal *clinic.Error
		if !errors.As(err, &refusal) || refusal.Field != "branches" || worksAt() != c.Branch.ID {
			t.Errorf("refused with %v, the doctor works at %s", err, worksAt())
		}
		second := c.Doctors[1]
		for _, slot := range c.Slots {
			if slot.DoctorID == second.ID {
				check(t, s.CloseSlot(ctx, storetest.Owner, slot.ID))
			}
		}
		_, err = s.SaveDoctor(ctx, storetest.Owner, second, nil)
		check(t, err)
		if doctors, err := s.DoctorsAt(ctx, c.Branch.ID); err != nil || len(doctors) != 1 {
			t.Errorf("at the branch are %v, %v", doctors, err)
		}
		start := c.Slots[0].StartsAt.AddDate(0, 0, 7)
		slot := []clinic.Slot{{BranchID: c.Branch.ID, DoctorID: second.ID, StartsAt: start, EndsAt: start.Add(time.Hour)}}
		wantCode(t, s.AddSlots(ctx, storetest.Owner, slot), clinic.Invalid)
		_, err = s.SaveDoctor(ctx, storetest.Owner, second, []string{c.Branch.ID})
		check(t, err)
		check(t, s.AddSlots(ctx, storetest.Owner, slot))

		there := clinic.StaffActor(clinic.Staff{Role: clinic.Admin, Active: true, Branches: []string{c.Other.ID}})
		_, err = s.SaveDoctor(ctx, there, doctor, []string{c.Other.ID})
		check(t, err)
		if got := worksAt(); !strings.Contains(got, c.Branch.ID) || !strings.Contains(got, c.Other.ID) {
			t.Errorf("the doctor works at %s", got)
		}
		_, err = s.SaveDoctor(ctx, there, second, []string{c.Branch.ID, "no-such-branch"})
		wantCode(t, err, clinic.Invalid)
	})
}

// Who books again is the same patient, and what they type then is the booking's and not the patient's.
func TestBook_KnowsWhoComesAgain(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, t.TempDir()+"/keys", clock.Now)
			c := storetest.NewClinic(t, s)
			storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
			again := storetest.Request(c.Slots[1].ID, 1)
			again.Patient.FamilyName, again.Patient.Email = "試驗", "another@example.jp"
			storetest.Book(t, s, again)
			storetest.Book(t, s, storetest.Request(c.Slots[2].ID, 2))
			if n := len(storetest.Read(t, at)["patients"]); n != 2 {
				t.Errorf("%d patients, want 2", n)
			}
			for text, want := range map[string]int{"another@example.jp": 2, "patient1@example.jp": 2, "09000000002": 1} {
				found, err := s.Search(t.Context(), storetest.Owner, text)
				check(t, err)
				if len(found.Appointments) != want {
					t.Errorf("%s finds %d bookings, want %d", text, len(found.Appointments), want)
				}
			}
			claim(t, s) // the first one's
			if l := claim(t, s); l.Content.To != "another@example.jp" || l.Content.ToName != "試驗 花子1" {
				t.Errorf("the second letter goes to %s for %s", l.Content.To, l.Content.ToName)
			}
		})
	}
}
