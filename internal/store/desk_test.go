package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

var deskDay = clinic.Date{Year: 2026, Month: time.November, Day: 25}

func slotIDs(slots []clinic.Slot) (ids []string) {
	for _, s := range slots {
		ids = append(ids, s.ID)
	}
	return ids
}

// TestCloseSlots_OneActIsUndoneAsOne: what nobody has is closed and opened together, and what somebody has stays.
func TestCloseSlots_OneActIsUndoneAsOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付", c.Branch.ID)
		var all []string
		for _, slot := range c.Slots {
			all = append(all, slot.ID)
		}
		storetest.Book(t, s, storetest.Request(all[0], 1))
		_, err := s.HoldAtDesk(t.Context(), desk, all[1])
		check(t, err)
		_, err = s.HoldAtDesk(t.Context(), storetest.Owner, all[1])
		wantCode(t, err, clinic.SlotTaken)
		check(t, s.CloseSlot(t.Context(), storetest.Owner, all[2]))
		clock.Advance(time.Minute)
		closed, stay, at, err := s.CloseSlots(t.Context(), desk, c.Branch.ID, all)
		check(t, err)
		if len(closed) != len(all)-3 || len(stay) != 2 {
			t.Fatalf("%d closed, %d stay", len(closed), len(stay))
		}
		entries, _, err := s.Day(t.Context(), desk, c.Branch, deskDay)
		check(t, err)
		shut, held := 0, SlotEntryOf(entries, all[1])
		for _, e := range entries {
			if e.Slot.ClosedAt != nil && e.ByHand {
				shut++
			}
		}
		if shut != len(all)-2 || held.Holder != clinic.HeldByStaff || held.HeldBy != desk.Staff.ID || !held.HeldUntil.Equal(clock.Now().Add(clinic.DeskHoldFor-time.Minute)) {
			t.Errorf("%d are shown closed; the held one is %+v", shut, held)
		}
		// Somebody opens one and closes it again: it is no longer part of the act.
		clock.Advance(time.Minute)
		again := closed[0].ID
		opened, _, err := s.OpenSlots(t.Context(), desk, c.Branch.ID, []string{again}, time.Time{})
		check(t, err)
		if len(opened) != 1 {
			t.Fatalf("%d opened", len(opened))
		}
		_, _, _, err = s.CloseSlots(t.Context(), desk, c.Branch.ID, []string{again})
		check(t, err)
		// Another now lies over one of them.
		over := closed[1]
		check(t, s.AddSlots(t.Context(), storetest.Owner, []clinic.Slot{{BranchID: c.Branch.ID, DoctorID: over.DoctorID, StartsAt: over.StartsAt.Add(30 * time.Minute), EndsAt: over.EndsAt}}))
		opened, stay, err = s.OpenSlots(t.Context(), desk, c.Branch.ID, slotIDs(closed), at)
		check(t, err)
		if len(opened) != len(closed)-2 || len(stay) != 1 || stay[0].ID != over.ID {
			t.Errorf("%d opened, %v stay", len(opened), stay)
		}
		elsewhere := frontDesk(t, s, "他院", c.Other.ID)
		_, _, _, err = s.CloseSlots(t.Context(), elsewhere, c.Branch.ID, all)
		wantCode(t, err, clinic.NotFound)
		_, _, _, err = s.CloseSlots(t.Context(), elsewhere, c.Other.ID, all)
		wantCode(t, err, clinic.NotFound)
		_, _, err = s.OpenSlots(t.Context(), elsewhere, c.Other.ID, all, time.Time{})
		wantCode(t, err, clinic.NotFound)
		wantCode(t, s.ReleaseSlot(t.Context(), elsewhere, c.Other.ID, all[1]), clinic.NotFound)
		_, err = s.HoldAtDesk(t.Context(), elsewhere, opened[0].ID)
		wantCode(t, err, clinic.Invalid)
		check(t, s.ReleaseSlot(t.Context(), desk, c.Branch.ID, all[1]))
		wantCode(t, s.ReleaseSlot(t.Context(), desk, c.Branch.ID, all[0]), clinic.Conflict)

		changed, err := s.OfferSlots(t.Context(), desk, c.Branch.ID, []string{all[1], all[2]}, clinic.StaffOnly)
		check(t, err)
		if len(changed) != 1 || changed[0].ID != all[1] {
			t.Errorf("%v are for staff only", changed)
		}
		names, err := s.StaffNames(t.Context(), desk.Staff.ID, "", desk.Staff.ID)
		check(t, err)
		if len(names) != 1 || names[desk.Staff.ID] != "受付" {
			t.Errorf("names %v", names)
		}
	})
}

// SlotEntryOf is the entry of a slot.
func SlotEntryOf(entries []store.SlotEntry, id string) store.SlotEntry {
	for _, e := range entries {
		if e.Slot.ID == id {
			return e
		}
	}
	return store.SlotEntry{}
}

// A slot that the hours closed is shown with the reason, where one was given, and otherwise not at all.
func TestDay_SaysWhyASlotIsClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		check(t, s.CloseByHours(c.Slots[0].ID, c.Slots[2].ID))
		check(t, s.Run(`INSERT INTO closures (id, branch_id, doctor_id, kind, first_day, last_day, from_minute, until_minute, reason, created_at)
			VALUES ('away', ?, ?, 'away', '2026-11-20', '2026-11-25', 600, 660, '学会のため不在', ?)`, c.Branch.ID, c.Slots[0].DoctorID, storetest.Begin))
		entries, _, err := s.Day(t.Context(), storetest.Owner, c.Branch, deskDay)
		check(t, err)
		if e := SlotEntryOf(entries, c.Slots[0].ID); e.Reason != "学会のため不在" || e.ByHand {
			t.Errorf("the first is %+v", e)
		}
		if e := SlotEntryOf(entries, c.Slots[2].ID); e.Slot.ID != "" {
			t.Errorf("one of which nobody knows why is shown: %+v", e)
		}
	})
}

// TestHoldAtDesk_BecomesTheBooking: what a member of staff holds at the front desk is theirs, in whatever way they take it; for everybody
// else it is taken, and who holds it is known to those who may see the calendar.
func TestHoldAtDesk_BecomesTheBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk, colleague := frontDesk(t, s, "受付", c.Branch.ID), frontDesk(t, s, "同僚", c.Branch.ID)
		elsewhere := frontDesk(t, s, "他院", c.Other.ID)
		hold := func(i int) string {
			t.Helper()
			_, err := s.HoldAtDesk(t.Context(), desk, c.Slots[i].ID)
			check(t, err)
			return c.Slots[i].ID
		}
		booked := func(id string) bool {
			t.Helper()
			entries, _, err := s.Day(t.Context(), desk, c.Branch, deskDay)
			check(t, err)
			return SlotEntryOf(entries, id).Appointment != nil
		}
		// In a call.
		slot := hold(0)
		_, err := s.HoldForCaller(t.Context(), clinic.OnCall(colleague, "theirs"), slot)
		wantCode(t, err, clinic.SlotTaken)
		for _, other := range []clinic.Actor{colleague, clinic.Visitor("cookie", ""), clinic.OnCall(colleague, "theirs")} {
			_, err = s.Book(t.Context(), other, storetest.Request(slot, 1))
			wantCode(t, err, clinic.SlotTaken)
		}
		who, until, err := s.HolderAtDesk(t.Context(), colleague, slot)
		check(t, err)
		if who != desk.Staff.ID || !until.Equal(clock.Now().Add(clinic.DeskHoldFor)) {
			t.Errorf("%q holds it until %v", who, until)
		}
		for _, asked := range []struct {
			by   clinic.Actor
			slot string
		}{{elsewhere, slot}, {colleague, c.Slots[5].ID}, {colleague, "nothing"}} {
			if who, _, err := s.HolderAtDesk(t.Context(), asked.by, asked.slot); err != nil || who != "" {
				t.Errorf("%q holds %s (%v)", who, asked.slot, err)
			}
		}
		call := clinic.OnCall(desk, "ours")
		_, err = s.HoldForCaller(t.Context(), call, slot)
		check(t, err)
		_, err = s.Book(t.Context(), call, storetest.Request(slot, 1))
		check(t, err)
		// Without one, and again after the hold was taken anew.
		slot = hold(1)
		clock.Advance(clinic.DeskHoldFor - time.Minute)
		hold(1)
		clock.Advance(2 * time.Minute)
		_, err = s.Book(t.Context(), colleague, storetest.Request(slot, 2))
		wantCode(t, err, clinic.SlotTaken)
		receipt, err := s.Book(t.Context(), clinic.OnCall(desk, "another"), storetest.Request(slot, 2))
		check(t, err)
		if !booked(c.Slots[0].ID) || !booked(slot) {
			t.Error("what was held is not booked")
		}
		// A booking that moves, and one that lives again.
		to := hold(2)
		_, err = s.Move(t.Context(), colleague, receipt.BookingID, to, false)
		wantCode(t, err, clinic.SlotTaken)
		_, err = s.Move(t.Context(), desk, receipt.BookingID, to, false)
		check(t, err)
		hold(1)
		wantCode(t, s.MoveBack(t.Context(), colleague, receipt.BookingID, slot, 1, false), clinic.SlotTaken)
		check(t, s.MoveBack(t.Context(), desk, receipt.BookingID, slot, 1, false))
		check(t, s.Cancel(t.Context(), desk, receipt.BookingID))
		at := clock.Now()
		hold(1)
		wantCode(t, s.Restore(t.Context(), colleague, receipt.BookingID, clinic.Booked, at), clinic.SlotTaken)
		check(t, s.Restore(t.Context(), desk, receipt.BookingID, clinic.Booked, at))
		if !booked(slot) {
			t.Error("the booking has no slot")
		}
	})
}

// TestOpenSlots_LeavesWhatIsTaken: of several slots that are opened together, one whose room somebody else has by now stays closed, and the
// others are open.
func TestOpenSlots_LeavesWhatIsTaken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付", c.Branch.ID)
		first, other := c.Slots[0], c.Slots[0]
		for _, slot := range c.Slots {
			if slot.DoctorID != first.DoctorID && slot.StartsAt.Equal(first.StartsAt) {
				other = slot
			}
		}
		check(t, s.Run("UPDATE slots SET room = '室1' WHERE id = ?", first.ID))
		ids := []string{first.ID, c.Slots[2].ID}
		_, _, _, err := s.CloseSlots(t.Context(), desk, c.Branch.ID, ids)
		check(t, err)
		check(t, s.Run("UPDATE slots SET room = '室1' WHERE id = ?", other.ID))
		opened, stay, err := s.OpenSlots(t.Context(), desk, c.Branch.ID, ids, time.Time{})
		check(t, err)
		if len(opened) != 1 || opened[0].ID != ids[1] || len(stay) != 1 || stay[0].ID != first.ID {
			t.Errorf("%d opened, %d stay", len(opened), len(stay))
		}
	})
}

// TestOfferSlots_WhatIsKeptForAVisitor: a slot that becomes one for staff only is still theirs for whom it was kept, as one that is closed would
// be, and for nobody else.
func TestOfferSlots_WhatIsKeptForAVisitor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for n, late := range []bool{false, true} {
			visitor := clinic.Visitor(clinic.NewToken(), "192.0.2.1")
			if hold, err := s.Hold(t.Context(), visitor, c.Slots[n].ID); err != nil || !hold.Kept() {
				t.Fatalf("%+v, %v", hold, err)
			}
			_, err := s.OfferSlots(t.Context(), storetest.Owner, c.Branch.ID, []string{c.Slots[n].ID}, clinic.StaffOnly)
			check(t, err)
			if late {
				clock.Advance(clinic.HoldFor)
			}
			_, err = s.Book(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.2"), storetest.Request(c.Slots[n].ID, 2*n))
			wantCode(t, err, clinic.Invalid)
			_, err = s.Book(t.Context(), visitor, storetest.Request(c.Slots[n].ID, 2*n+1))
			if late {
				wantCode(t, err, clinic.Invalid)
			} else {
				check(t, err)
			}
		}
	})
}
