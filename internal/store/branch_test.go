package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

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
				"its letters in trouble": func(a clinic.Actor) (bool, error) { all, err := s.LettersInTrouble(ctx, a); return len(all) > 0, err },
				"their number":           func(a clinic.Actor) (bool, error) { n, err := s.CountLettersInTrouble(ctx, a); return n > 0, err },
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
