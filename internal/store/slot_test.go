package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestAddSlots_NeverOverlap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		start := time.Date(2026, time.December, 1, 1, 0, 0, 0, time.UTC)
		slot := func(doctor int, minutes int) []clinic.Slot {
			at := start.Add(time.Duration(minutes) * time.Minute)
			return []clinic.Slot{{BranchID: c.Branch.ID, DoctorID: c.Doctors[doctor].ID, StartsAt: at, EndsAt: at.Add(time.Hour)}}
		}
		opened := 0
		for i, err := range atOnce(40, func(i int) error { return s.AddSlots(t.Context(), storetest.Owner, slot(0, i)) }) {
			if err == nil {
				opened++
			} else if clinic.CodeOf(err) != clinic.Conflict {
				t.Errorf("slot %d: %v", i, err)
			}
		}
		if opened != 1 {
			t.Errorf("%d of 40 overlapping slots were opened, want 1", opened)
		}
		check(t, s.AddSlots(t.Context(), storetest.Owner, slot(0, 120))) // after them
		check(t, s.AddSlots(t.Context(), storetest.Owner, slot(0, 180))) // touching is not overlapping
		check(t, s.AddSlots(t.Context(), storetest.Owner, slot(1, 0)))   // another doctor
		wantCode(t, s.AddSlots(t.Context(), storetest.Owner, append(slot(0, 300), slot(0, 150)...)), clinic.Conflict)
		check(t, s.AddSlots(t.Context(), storetest.Owner, slot(0, 300))) // all or none: the refused call left nothing

		stranger := slot(0, 600)
		stranger[0].BranchID = c.Other.ID
		wantCode(t, s.AddSlots(t.Context(), storetest.Owner, stranger), clinic.Invalid)
	})
}

func TestSlots_SaysWhatIsFree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		_, err := s.Hold(t.Context(), clinic.Visitor("me", "here"), c.Slots[1].ID)
		check(t, err)
		states := func(q store.SlotQuery) map[string]clinic.SlotState {
			q.BranchID, q.From, q.Until = c.Branch.ID, storetest.Begin, storetest.Begin.Add(72*time.Hour)
			slots, err := s.Slots(t.Context(), q)
			check(t, err)
			out := map[string]clinic.SlotState{}
			for i, slot := range slots {
				if i > 0 && slot.StartsAt.Before(slots[i-1].StartsAt) {
					t.Error("the slots are not in order")
				}
				out[slot.ID] = slot.State
			}
			return out
		}
		all := states(store.SlotQuery{})
		if len(all) != 12 || all[c.Slots[0].ID] != clinic.SlotBusy || all[c.Slots[1].ID] != clinic.SlotHeld || all[c.Slots[2].ID] != clinic.SlotFree {
			t.Errorf("got %v", all)
		}
		if mine := states(store.SlotQuery{For: clinic.Visitor("me", "")}); mine[c.Slots[1].ID] != clinic.SlotFree {
			t.Error("my own hold keeps me away")
		}
		if free := states(store.SlotQuery{FreeOnly: true}); len(free) != 10 {
			t.Errorf("%d are free, want 10", len(free))
		}
		if free := states(store.SlotQuery{FreeOnly: true, Limit: 3}); len(free) != 3 {
			t.Errorf("limited to 3, got %d", len(free))
		}
		if hers := states(store.SlotQuery{Sex: clinic.Female}); len(hers) != 6 {
			t.Errorf("the woman doctor has %d slots, want 6", len(hers))
		}
		if his := states(store.SlotQuery{DoctorID: c.Doctors[1].ID}); len(his) != 6 {
			t.Errorf("the second doctor has %d slots, want 6", len(his))
		}
		clock.Advance(clinic.HoldFor)
		if free := states(store.SlotQuery{FreeOnly: true}); len(free) != 11 {
			t.Errorf("after the hold %d are free, want 11", len(free))
		}
	})
}

func TestCloseSlot_KeepsWhatSomebodyHas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		wantCode(t, s.CloseSlot(t.Context(), storetest.Owner, c.Slots[0].ID), clinic.Conflict)
		check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		check(t, s.CloseSlot(t.Context(), storetest.Owner, c.Slots[0].ID)) // the cancelled booking keeps the row
		_, cancelled, err := s.Day(t.Context(), storetest.Owner, c.Branch, clinic.DateOf(c.Slots[0].StartsAt, c.Branch.Location()))
		check(t, err)
		if len(cancelled) != 1 || cancelled[0].Slot.ID != c.Slots[0].ID {
			t.Errorf("of cancelled bookings the day has %+v", cancelled)
		}
		again := c.Slots[0].Slot
		again.EndsAt = again.StartsAt.Add(30 * time.Minute)
		check(t, s.AddSlots(t.Context(), storetest.Owner, []clinic.Slot{again})) // another may lie over it
		_, err = s.Hold(t.Context(), clinic.Visitor("me", "here"), c.Slots[1].ID)
		check(t, err)
		wantCode(t, s.CloseSlot(t.Context(), storetest.Owner, c.Slots[1].ID), clinic.Conflict)
		clock.Advance(clinic.HoldFor)
		check(t, s.CloseSlot(t.Context(), storetest.Owner, c.Slots[1].ID))
		wantCode(t, s.CloseSlot(t.Context(), storetest.Owner, c.Slots[1].ID), clinic.NotFound)
	})
}

// What no database can hold is unknown like everything else that is not there, on both engines.
func TestLookUps_OfWhatCannotBe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		for _, id := range []string{"", "\x00", "a\x00b", "\xff", "' OR 1=1 --", strings.Repeat("x", 10_000)} {
			for what, look := range map[string]func() error{
				"slot":        func() error { _, err := s.Slot(ctx, id); return err },
				"branch":      func() error { _, err := s.Branch(ctx, id); return err },
				"doctor":      func() error { _, _, err := s.Doctor(ctx, id); return err },
				"appointment": func() error { _, err := s.Appointment(ctx, storetest.Owner, id); return err },
				"link":        func() error { _, err := s.Intake(ctx, clinic.PatientByLink(id)); return err },
				"chart":       func() error { _, err := s.ChartFor(ctx, storetest.DoctorActor(id), id); return err },
				"held":        func() error { _, err := s.HoldOf(ctx, clinic.Visitor(id, "")); return err },
				"cancel":      func() error { return s.Cancel(ctx, storetest.Owner, id) },
				"resend":      func() error { return s.Resend(ctx, storetest.Owner, id, id) },
				"remove":      func() error { return s.CloseSlot(ctx, storetest.Owner, id) },
			} {
				if err := look(); clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("%s %.20q: %v", what, id, err)
				}
			}
			_, err := s.Book(ctx, clinic.API(clinic.APIKey{}), storetest.Request(id, 1))
			if clinic.CodeOf(err) != clinic.Invalid {
				t.Errorf("book %q: %v", id, err)
			}
			if _, err := s.Hold(ctx, clinic.Visitor("visitor", "client"), id); clinic.CodeOf(err) != clinic.Invalid {
				t.Errorf("hold %q: %v", id, err)
			}
		}
	})
}

// A slot is closed and booked at once by many: whoever is told yes has it, and nobody is told of a failure inside.
func TestCloseSlot_WhileOthersBookIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		const n, each = 150, 16 // 2,400 requests
		slots := manySlots(t, s, c, n)
		var mu sync.Mutex
		closed, booked := map[string]int{}, map[string]int{}
		for i, err := range byClients(24, n*each, func(i int) (err error) {
			slot, mine := slots[i/each], closed
			if i%2 == 0 {
				err = s.CloseSlot(t.Context(), storetest.Owner, slot)
			} else {
				mine = booked
				_, err = s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(slot, i))
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
