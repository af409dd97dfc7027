package store_test

import (
	"context"
	"errors"
	"testing"

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
				_, err = s.Book(t.Context(), storetest.Request(id, i))
			case 1: // somebody else's slot
				_, err = s.Book(t.Context(), storetest.Request(c.Slots[0].ID, i))
			case 2:
				_, err = s.AnswerIntake(t.Context(), first.Token, func(store.Chart) (intake.Record, error) { return intake.Record{}, refused })
			case 3:
				defer func() {
					if recover() == "mine" {
						err = refused
					}
				}()
				_, err = s.AnswerIntake(t.Context(), first.Token, func(store.Chart) (intake.Record, error) { panic("mine") })
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
		entries, _, err := s.Day(t.Context(), c.Branch, clinic.DateOf(c.Slots[0].StartsAt, c.Branch.Location()))
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
		_, err := s.AnswerIntake(t.Context(), first.Token, func(chart store.Chart) (intake.Record, error) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.Book(ctx, storetest.Request(c.Slots[1].ID, 1)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			return chart.Intake, nil
		})
		check(t, err)
		storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
	})
}
