package store

import (
	"context"
	"slices"
	"time"

	"madoguchi/internal/clinic"
)

// SlotEntry is one slot in the front desk's day: free, held, closed, or with its appointment.
type SlotEntry struct {
	Slot        clinic.SlotWithState // State says nothing of one that is closed
	Appointment *clinic.Appointment  // the live booking, or nil
	HeldUntil   time.Time            // when the hold of a held slot expires; zero for any other
	Holder      clinic.HolderKind    // whose hold it is; "" for any other
	HeldBy      string               // the id of the member of staff who holds it; "" for nobody of the staff
	ByHand      bool                 // a closed slot was closed by staff
	Reason      string               // why a slot was closed by the hours, as far as that was said
}

// Day returns the slots of a branch as the front desk sees them on a day, in the order of start and doctor, and beside them the bookings
// of the day that were cancelled. Of closed slots it has those that staff closed, and those that are
// closed because of an exception; they come last, and others may lie over them. The day is in the branch's zone. For a branch whose
// calendar the actor may not see it returns NotFound.
//
// It is one query, scanned by hand, because the front desk looks at it all day, and a second for what was typed with bookings that are new
// or corrected. The first has a row for each booking of a slot, cancelled ones included, and one row for a slot without any.
func (s *Store) Day(ctx context.Context, actor clinic.Actor, branch clinic.Branch, date clinic.Date) (entries []SlotEntry, cancelled []clinic.Appointment, err error) {
	if !actor.May(clinic.SeeCalendar, branch.ID) {
		return nil, nil, NotFound()
	}
	settings, err := s.readSettings(ctx)
	if err != nil {
		return nil, nil, wrap("Day", err)
	}
	doctors := byID(settings.doctors, func(d clinic.Doctor) string { return d.ID })
	var closed []SlotEntry
	var all, ended []*clinic.Appointment
	now, from, until := s.now(), date.In(branch.Location()).UTC(), date.AddDays(1).In(branch.Location()).UTC()
	rows, err := s.reader(ctx).Raw(`SELECT s.id, s.doctor_id, s.starts_at, s.ends_at, s.origin, s.audience, s.room, s.closed_at, COALESCE(s.closed_by, ''),
			c.slot_id, c.booking_id, c.expires_at, c.holder_kind, c.staff_id, `+bookingColumns+`
		FROM slots s LEFT JOIN claims c ON c.slot_id = s.id LEFT JOIN bookings b ON b.slot_id = s.id AND b.erased_at IS NULL`+handedJoin+`
		WHERE s.branch_id = `+aText+` AND s.starts_at >= ? AND s.starts_at < ? ORDER BY s.starts_at, s.doctor_id, s.id, b.created_at DESC`,
		branch.ID, from, until).Rows()
	if err != nil {
		return nil, nil, wrap("Day", err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var b scannedBooking
	slot := clinic.Slot{BranchID: branch.ID}
	var claimed, bookingID, staffID *string
	var kind *clinic.HolderKind
	var closedBy string
	var expires *time.Time
	targets := append([]any{
		&slot.ID, &slot.DoctorID, &slot.StartsAt, &slot.EndsAt, &slot.Origin, &slot.Audience, &slot.Room, &slot.ClosedAt, &closedBy,
		&claimed, &bookingID, &expires, &kind, &staffID,
	}, b.targets()...)
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil { // every column of a row replaces what the one before it has left
			return nil, nil, wrap("Day", err)
		}
		slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
		if slot.ClosedAt == nil && (len(entries) == 0 || entries[len(entries)-1].Slot.ID != slot.ID) {
			var claim *clinic.Claim
			if claimed != nil {
				claim = &clinic.Claim{SlotID: slot.ID, BookingID: bookingID, ExpiresAt: expires}
			}
			entry := SlotEntry{Slot: clinic.SlotWithState{Slot: slot, State: claim.State(nil, now)}}
			if entry.Slot.State == clinic.SlotHeld {
				entry.HeldUntil, entry.Holder = expires.UTC(), *kind
				if staffID != nil {
					entry.HeldBy = *staffID
				}
			}
			entries = append(entries, entry)
		}
		if slot.ClosedAt != nil && (len(closed) == 0 || closed[len(closed)-1].Slot.ID != slot.ID) {
			closed = append(closed, SlotEntry{Slot: clinic.SlotWithState{Slot: slot}, ByHand: closedBy == "staff"})
		}
		if !b.id.Valid {
			continue
		}
		a := b.appointment(slot, branch, doctors[slot.DoctorID])
		if all = append(all, &a); a.Booking.Status.Live() { // its slot is open, as the database sees to, so it is the last entry
			entries[len(entries)-1].Appointment = &a
		} else {
			ended = append(ended, &a)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, wrap("Day", err)
	}
	if err := s.openShared(ctx, all); err != nil {
		return nil, nil, wrap("Day", err)
	}
	for _, a := range ended {
		cancelled = append(cancelled, *a)
	}
	if len(closed) == 0 {
		return entries, cancelled, nil
	}
	closed, err = s.closedEntries(ctx, branch, closed)
	return append(entries, closed...), cancelled, wrap("Day", err)
}

// closedEntries are those closed slots that are shown, with the reason where one was given.
func (s *Store) closedEntries(ctx context.Context, branch clinic.Branch, closed []SlotEntry) (out []SlotEntry, err error) {
	loc := branch.Location()
	exceptions := map[clinic.Date][]clinic.Exception{}
	for _, entry := range closed {
		day := clinic.DateOf(entry.Slot.StartsAt, loc)
		if _, known := exceptions[day]; !known {
			if exceptions[day], err = s.closures(ctx, branch.ID, day); err != nil {
				return nil, err
			}
		}
		because := slices.IndexFunc(exceptions[day], func(e clinic.Exception) bool { return e.ClosesSlot(entry.Slot.Slot, loc) })
		if because >= 0 && !entry.ByHand {
			entry.Reason = exceptions[day][because].Reason
		}
		if entry.ByHand || because >= 0 {
			out = append(out, entry)
		}
	}
	return out, nil
}
