package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestHandover_EndsWithAMove: with another slot the chart is that slot's doctor's, recorded, and stays so when the booking is moved back. Only
// the undoing of that very move restores what it ended.
func TestHandover_EndsWithAMove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		clock.Advance(-26 * time.Hour)
		own := slotOf(n.Clinic, 0)
		sequence := func() int { return appointmentOf(t, s, n.bookingID).Booking.Sequence }
		readBy := func(what string, want clinic.Actor) {
			t.Helper()
			a := appointmentOf(t, s, n.bookingID)
			if a.Reader() != want.Staff.DoctorID {
				t.Errorf("%s: the chart is %s's", what, a.Receives().Name("ja"))
			}
			for _, doctor := range []clinic.Actor{n.first, n.second} {
				if _, err := s.ChartFor(ctx, doctor, n.bookingID); (err == nil) != (doctor.Staff.ID == want.Staff.ID) {
					t.Errorf("%s: %s reads the chart: %v", what, doctor.Staff.DoctorID, err)
				}
			}
		}
		for what, there := range map[string]string{"a colleague's slot": slotOf(n.Clinic, 1), "another slot of theirs": laterSlot(n, 0)} {
			check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
			readBy("handed over", n.second)
			clock.Advance(time.Second)
			_, err := s.Move(ctx, storetest.Owner, n.bookingID, there, false)
			check(t, err)
			moved := clock.Now()
			owner := n.first
			if there == slotOf(n.Clinic, 1) {
				owner = n.second
			}
			readBy("moved to "+what, owner)
			told, err := s.Handovers(ctx, owner, n.bookingID)
			check(t, err)
			if last := told[0]; last.InForce || last.Ended != clinic.HandedMoved || last.EndedAt == nil || !last.EndedAt.Equal(moved) {
				t.Errorf("moved to %s, recorded is %+v", what, last)
			}
			// Undone at once, it is as if nothing had been.
			clock.Advance(time.Second)
			check(t, s.MoveBack(ctx, storetest.Owner, n.bookingID, own, sequence(), false))
			readBy("undone", n.second)
			clock.Advance(time.Second)
			_, err = s.Move(ctx, storetest.Owner, n.bookingID, there, false)
			check(t, err)
			clock.Advance(time.Second)
			_, err = s.Move(ctx, storetest.Owner, n.bookingID, own, false)
			check(t, err)
			readBy("moved back", n.first)
			// The undoing of a later move restores nothing that an earlier one ended.
			clock.Advance(time.Second)
			_, err = s.Move(ctx, storetest.Owner, n.bookingID, there, false)
			check(t, err)
			clock.Advance(time.Second)
			check(t, s.MoveBack(ctx, storetest.Owner, n.bookingID, own, sequence(), false))
			readBy("a later move undone", n.first)
		}
	})
}

// laterSlot is the second slot of a doctor.
func laterSlot(n noted, doctor int) string {
	for _, slot := range n.Slots {
		if slot.DoctorID == n.Doctors[doctor].ID && slot.ID != slotOf(n.Clinic, doctor) {
			return slot.ID
		}
	}
	return ""
}

// TestHandover_StaysWithTheBooking that is cancelled and restored, and with that of two records that become one.
func TestHandover_StaysWithTheBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		clock.Advance(-26 * time.Hour)
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		check(t, s.Cancel(ctx, storetest.Owner, n.bookingID))
		check(t, s.Restore(ctx, storetest.Owner, n.bookingID, clinic.Booked, *appointmentOf(t, s, n.bookingID).Booking.CancelledAt))
		other := storetest.Book(t, s, storetest.Request(slotOf(n.Clinic, 1), 2)).BookingID
		merge, err := s.MergePatients(ctx, storetest.Owner, appointmentOf(t, s, other).Patient.ID, appointmentOf(t, s, n.bookingID).Patient.ID)
		check(t, err)
		_, err = s.ChartFor(ctx, n.second, n.bookingID)
		check(t, err)
		check(t, s.UndoMerge(ctx, storetest.Owner, appointmentOf(t, s, other).Patient.ID, merge))
		_, err = s.ChartFor(ctx, n.second, n.bookingID)
		check(t, err)
		_, err = s.ChartFor(ctx, n.first, n.bookingID)
		wantCode(t, err, clinic.NotFound)
	})
}

// TestHandover_KeepsADoctorAtTheBranch as long as a counseling is to come, with its number; what is over hinders nobody.
func TestHandover_KeepsADoctorAtTheBranch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		clock.Advance(-26 * time.Hour)
		for _, slot := range n.Slots {
			if slot.DoctorID == n.second2 {
				check(t, s.CloseSlot(ctx, storetest.Owner, slot.ID))
			}
		}
		leave := func() error {
			d, branches, err := s.Doctor(ctx, n.second2)
			check(t, err)
			branches = slices.DeleteFunc(branches, func(id string) bool { return id == n.Branch.ID })
			_, err = s.SaveDoctor(ctx, storetest.Owner, d, branches)
			return err
		}
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		err := leave()
		wantCode(t, err, clinic.Conflict)
		var refusal *clinic.Error
		if !errors.As(err, &refusal) || refusal.Field != "branches" || refusal.Args["References"] != appointmentOf(t, s, n.bookingID).Booking.Reference {
			t.Errorf("the refusal is %+v", refusal)
		}
		// One that was cancelled and is restored after they have left is the slot's doctor's.
		check(t, s.Cancel(ctx, storetest.Owner, n.bookingID))
		check(t, leave())
		check(t, s.Restore(ctx, storetest.Owner, n.bookingID, clinic.Booked, *appointmentOf(t, s, n.bookingID).Booking.CancelledAt))
		told, err := s.Handovers(ctx, n.first, n.bookingID)
		check(t, err)
		if told[0].InForce || told[0].Ended != clinic.HandedToGone {
			t.Errorf("recorded is %+v", told[0])
		}
		wantCode(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""), clinic.Invalid)
	})
}

// TestHandover_OverHindersNobody: whoever leaves goes on reading what they were given and have counseled.
func TestHandover_OverHindersNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		clock.Advance(30 * 24 * time.Hour)
		d, _, err := s.Doctor(ctx, n.second2)
		check(t, err)
		_, err = s.SaveDoctor(ctx, storetest.Owner, d, []string{n.Other.ID})
		check(t, err)
		_, err = s.ChartFor(ctx, n.second, n.bookingID)
		check(t, err)
	})
}

// TestHandover_EndsWithTheAccount: whoever cannot sign in as a doctor any more reads nothing, so that the slot's doctor reads again.
func TestHandover_EndsWithTheAccount(t *testing.T) {
	for what, statement := range map[string]string{
		"closed":         "UPDATE staff SET active = false WHERE id = '%s'",
		"another role":   "UPDATE staff SET role = 'admin', doctor_id = NULL WHERE id = '%s'",
		"another doctor": "UPDATE staff SET doctor_id = (SELECT max(d.id) FROM doctors d WHERE d.id <> staff.doctor_id) WHERE id = '%[1]s'",
	} {
		t.Run(what, func(t *testing.T) {
			storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
				n, ctx := openNoted(t, s, clock), t.Context()
				check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
				spare, err := s.AddStaff(ctx, storetest.Owner, clinic.Staff{Role: clinic.DoctorRole, Name: "予備", Email: "spare@example.jp", DoctorID: n.second2, EveryBranch: true})
				check(t, err)
				storetest.Exec(t, address, fmt.Sprintf(statement, spare.ID))
				_, err = s.ChartFor(ctx, n.second, n.bookingID)
				check(t, err) // they have another account
				storetest.Exec(t, address, fmt.Sprintf(statement, n.second.Staff.ID))
				told, err := s.Handovers(ctx, n.first, n.bookingID)
				check(t, err)
				if told[0].InForce || told[0].Ended != clinic.HandedToNone || told[0].EndedAt == nil {
					t.Errorf("recorded is %+v", told[0])
				}
				if day, err := s.Charts(ctx, n.first, clock.Now().Add(-24*time.Hour), clock.Now().Add(24*time.Hour)); err != nil || len(day) != 1 {
					t.Errorf("the day has %d, %v", len(day), err)
				}
			})
		})
	}
}
