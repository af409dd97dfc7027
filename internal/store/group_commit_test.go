package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestChanges_SideBySideDoNotUndoEachOther: what is written in one commit with others is refused, or panics, alone.
func TestChanges_SideBySideDoNotUndoEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0))
		refused := errors.New("refused")
		for i, err := range atOnce(80, func(i int) (err error) {
			switch slot := i / 4; i % 4 {
			case 0: // each of the free slots, and more of those that do not exist
				id := "no-such-slot"
				if slot < len(c.Slots)-1 {
					id = c.Slots[slot+1].ID
				}
				_, err = s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(id, i))
			case 1: // somebody else's slot
				_, err = s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(c.Slots[0].ID, i))
			case 2:
				_, err = s.AnswerIntake(t.Context(), clinic.PatientByLink(first.Token), func(store.Chart) (intake.Record, error) { return intake.Record{}, refused })
			case 3:
				defer func() {
					if recover() == "mine" {
						err = refused
					}
				}()
				_, err = s.AnswerIntake(t.Context(), clinic.PatientByLink(first.Token), func(store.Chart) (intake.Record, error) { panic("mine") })
			}
			return err
		}) {
			switch {
			case i%4 == 0 && i/4 < len(c.Slots)-1:
				if err != nil {
					t.Errorf("slot %d: %v", i/4, err)
				}
			case i%4 == 0:
				wantCode(t, err, clinic.Invalid)
			case i%4 == 1:
				wantCode(t, err, clinic.SlotTaken)
			case !errors.Is(err, refused):
				t.Errorf("change %d: %v", i, err)
			}
		}
		entries, _, err := s.Day(t.Context(), storetest.Owner, c.Branch, clinic.DateOf(c.Slots[0].StartsAt, c.Branch.Location()))
		check(t, err)
		for _, e := range entries {
			if e.Appointment == nil {
				t.Errorf("the booking of %v is gone", e.Slot.StartsAt)
				continue
			}
			onlyLetter(t, s, e.Appointment.Booking.ID)
		}
	})
}

// TestChanges_WaitingCanBeCancelled: who gives up while another writes leaves nothing behind.
func TestChanges_WaitingCanBeCancelled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0))
		_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(first.Token), func(chart store.Chart) (intake.Record, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.Book(ctx, clinic.API(clinic.APIKey{}), storetest.Request(c.Slots[1].ID, 1)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			return chart.Intake, nil
		})
		check(t, err)
		storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
	})
}

// TestChanges_OneThatTheDatabaseFailsIsAlone: of sixty-four changes that are committed together, the database fails one, and
// the sixty-three others are committed all the same.
func TestChanges_OneThatTheDatabaseFailsIsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0))
		slots := manySlots(t, s, c, 63)
		poison := errors.New("not even SQL")
		// The first to come leads, and holds the others back until all of them wait.
		waiting, all := make(chan struct{}, 64), make(chan struct{})
		_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(first.Token), func(chart store.Chart) (intake.Record, error) {
			go func() {
				defer close(all)
				for i, err := range atOnce(64, func(i int) error {
					waiting <- struct{}{}
					if i == 63 {
						return s.Fail(t.Context(), poison)
					}
					_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(slots[i], i+1))
					return err
				}) {
					switch {
					case i == 63 && !errors.Is(err, poison):
						t.Errorf("the poisoned one: %v", err)
					case i < 63 && err != nil:
						t.Errorf("change %d: %v", i, err)
					}
				}
			}()
			for range 64 {
				<-waiting
			}
			return chart.Intake, nil
		})
		check(t, err)
		<-all
	})
}

// manySlots opens so many slots of ten minutes, a month ahead, and returns their ids.
func manySlots(t *testing.T, s *store.Store, c storetest.Clinic, n int) []string {
	t.Helper()
	start := storetest.Begin.AddDate(0, 1, 0)
	slots := make([]clinic.Slot, n)
	for i := range slots {
		at := start.Add(time.Duration(i) * 10 * time.Minute)
		slots[i] = clinic.Slot{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, StartsAt: at, EndsAt: at.Add(10 * time.Minute)}
	}
	check(t, s.AddSlots(t.Context(), storetest.Owner, slots))
	opened, err := s.Slots(t.Context(), store.SlotQuery{BranchID: c.Branch.ID, From: start, Until: start.AddDate(0, 1, 0), For: storetest.Owner})
	check(t, err)
	ids := make([]string, len(opened))
	for i, slot := range opened {
		ids[i] = slot.ID
	}
	return ids
}
