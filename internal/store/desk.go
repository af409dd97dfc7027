package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// HoldAtDesk keeps a slot for somebody who is on the telephone or at the front desk, for clinic.DeskHoldFor, under the name of the member of
// staff. Holding the same slot again begins the time anew. A slot at a branch where the actor may not change bookings is not there for them;
// otherwise it answers as Hold does.
func (s *Store) HoldAtDesk(ctx context.Context, actor clinic.Actor, slotID string) (clinic.Hold, error) {
	var hold clinic.Hold
	err := s.change(ctx, "HoldAtDesk", actor, func(tx *change) error {
		w, err := tx.wanted(slotID, nil)
		if err != nil {
			return err
		}
		if !actor.May(clinic.ChangeBooking, w.Branch.ID) {
			return clinic.UnknownSlotError()
		}
		if err := w.Slot.CheckTake(w.Branch, w.claim, actor, tx.now); err != nil {
			return err
		}
		hold = clinic.Hold{Slot: w.Slot, ExpiresAt: tx.now.Add(clinic.DeskHoldFor)}
		tx.changed(w.Branch, w.Slot.StartsAt)
		held := clinic.Claim{SlotID: slotID, HolderKind: clinic.HeldByStaff, Holder: actor.DeskHolder(slotID), ExpiresAt: &hold.ExpiresAt, StaffID: &actor.Staff.ID}
		if held.Holder == nil { // a job, which has no name that could be told
			held.Holder, held.StaffID = clinic.TokenHash(clinic.NewToken()), nil
		}
		return tx.claim(held, w.claim.HolderFor(actor))
	})
	if isConstraint(err, "claims_slot_id_slot_open_fkey") { // PostgreSQL: closed at this very moment
		err = clinic.UnknownSlotError()
	}
	return hold, err
}

// ReleaseSlot lets go of a slot that a member of staff holds, whoever that is: the people of a front desk work together. What visitors
// hold, and what is booked, stays; then it answers Conflict.
func (s *Store) ReleaseSlot(ctx context.Context, actor clinic.Actor, branchID, slotID string) error {
	return s.change(ctx, "ReleaseSlot", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		branch, slots, err := tx.deskDay(branchID, []string{slotID})
		if err != nil {
			return err
		}
		q := tx.Exec("DELETE FROM claims WHERE slot_id = ? AND holder_kind = ?", slotID, clinic.HeldByStaff)
		if q.Error == nil && q.RowsAffected == 0 {
			return clinic.OutrunError()
		}
		tx.changed(branch, slots[0].StartsAt)
		return q.Error
	})
}

// HolderAtDesk is the id of the member of staff who holds a slot, and until when; "" where none does, or not at a branch whose calendar the
// actor may see.
func (s *Store) HolderAtDesk(ctx context.Context, actor clinic.Actor, slotID string) (staffID string, until time.Time, err error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	err = s.reader(ctx).Raw("SELECT c.staff_id, c.expires_at FROM claims c JOIN slots s ON s.id = c.slot_id WHERE c.slot_id = "+aText+
		" AND c.staff_id IS NOT NULL AND c.expires_at > ? AND "+owned, append([]any{slotID, s.now()}, args...)...).Row().Scan(&staffID, &until)
	if errors.Is(err, sql.ErrNoRows) || isInvalidText(err) {
		err = nil
	}
	return staffID, until.UTC(), wrap("HolderAtDesk", err)
}

// StaffNames are the names of some members of staff, by their ids.
func (s *Store) StaffNames(ctx context.Context, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return out, nil
	}
	var rows []staffRow
	if err := s.reader(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, wrap("StaffNames", err)
	}
	for _, row := range rows {
		var stored storedStaff
		if err := s.keyring.Open(seal.Contact, staffAD(row.ID), row.Sealed, &stored); err != nil {
			return nil, wrap("StaffNames", err)
		}
		out[row.ID] = stored.Name
	}
	return out, nil
}

// noShowsOf are the no-shows of OthersAndNoShows, where it is known which of the appointments notAlone leaves.
func (s *Store) noShowsOf(ctx context.Context, appointments, some []*clinic.Appointment) (map[string]int, error) {
	out := map[string]int{}
	for _, a := range appointments {
		if a.Booking.Status == clinic.NoShow { // of whoever has one booking alone, this is it
			out[a.Booking.PatientID] = 1
		}
	}
	if len(some) == 0 {
		return out, nil
	}
	patients := make([]string, len(some))
	for i, a := range some {
		patients[i] = a.Booking.PatientID
	}
	var rows []struct {
		PatientID string
		N         int
	}
	err := s.reader(ctx).Raw("SELECT patient_id, COUNT(*) AS n FROM bookings WHERE patient_id IN ? AND status = ? GROUP BY patient_id", patients, clinic.NoShow).Scan(&rows).Error
	for _, row := range rows {
		out[row.PatientID] = row.N
	}
	return out, wrap("OthersAndNoShows", err)
}

// PendingBookings are the bookings to come of a branch that wait for an approval, the earliest first. For a branch whose calendar
// the actor may not see there are none.
func (s *Store) PendingBookings(ctx context.Context, actor clinic.Actor, branchID string) (n int, first time.Time, err error) {
	if !actor.May(clinic.SeeCalendar, branchID) {
		return 0, time.Time{}, nil
	}
	var earliest sql.NullTime
	rows, err := s.reader(ctx).Raw(`SELECT s.starts_at FROM bookings b JOIN slots s ON s.id = b.slot_id
		WHERE b.status = 'pending' AND s.branch_id = `+aText+` AND s.ends_at > ? ORDER BY s.starts_at`, branchID, s.now()).Rows()
	if err != nil {
		return 0, first, wrap("PendingBookings", err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var at sql.NullTime
		if err := rows.Scan(&at); err != nil {
			return 0, first, wrap("PendingBookings", err)
		}
		if n == 0 {
			earliest = at
		}
		n++
	}
	return n, earliest.Time.UTC(), wrap("PendingBookings", rows.Err())
}

// Unrecorded is how many bookings of a branch's day have begun of which nobody has recorded whether the patient came.
func (s *Store) Unrecorded(ctx context.Context, actor clinic.Actor, branch clinic.Branch, day clinic.Date) (n int, err error) {
	if !actor.May(clinic.SeeCalendar, branch.ID) {
		return 0, nil
	}
	from, until := day.In(branch.Location()).UTC(), s.now()
	err = s.reader(ctx).Raw(`SELECT COUNT(*) FROM slots s JOIN bookings b ON b.slot_id = s.id
		WHERE s.branch_id = `+aText+` AND s.starts_at >= ? AND s.starts_at < ? AND b.status = 'booked'`, branch.ID, from, until).Row().Scan(&n)
	return n, wrap("Unrecorded", err)
}

// closures are, of the days on which a branch does not keep to its hours, those that close something on a day.
func (s *Store) closures(ctx context.Context, branchID string, day clinic.Date) (out []clinic.Exception, err error) {
	rows, err := s.reader(ctx).Raw(`SELECT COALESCE(doctor_id, ''), kind, first_day, last_day, nth, weekday, from_minute, until_minute, reason FROM closures
		WHERE branch_id = `+aText+` AND last_day >= ? AND first_day <= ?`, branchID, day.String(), day.String()).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var e clinic.Exception
		var first, last string
		err := rows.Scan(&e.DoctorID, &e.Kind, &first, &last, &e.Nth, &e.Weekday, &e.Pattern.From, &e.Pattern.Until, &e.Reason)
		if err != nil {
			return nil, err
		}
		e.First, _ = clinic.ParseDate(first)
		e.Last, _ = clinic.ParseDate(last)
		if e.Closes(day) {
			out = append(out, e)
		}
	}
	return out, rows.Err()
}
