package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// A doctor leaves a branch once no slot is open there any more, keeps what was, and comes back; an administrator of one
// branch leaves what is not theirs as it is.
func TestSaveDoctor_LeavesABranchWithoutOpenSlots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx, doctor := t.Context(), c.Doctors[0]
		storetest.Book(t, s, storetest.Request(sameDoctor(c, clinic.SlotWithState{Slot: clinic.Slot{DoctorID: doctor.ID}}), 1))
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
		second, err = s.SaveDoctor(ctx, storetest.Owner, second, nil)
		check(t, err)
		if doctors, err := s.DoctorsAt(ctx, c.Branch.ID); err != nil || len(doctors) != 1 {
			t.Errorf("at the branch are %v, %v", doctors, err)
		}
		start := c.Slots[0].StartsAt.AddDate(0, 0, 7)
		slot := []clinic.Slot{{BranchID: c.Branch.ID, DoctorID: second.ID, StartsAt: start, EndsAt: start.Add(time.Hour)}}
		wantCode(t, s.AddSlots(ctx, storetest.Owner, slot), clinic.Invalid)
		second, err = s.SaveDoctor(ctx, storetest.Owner, second, []string{c.Branch.ID})
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
