package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// SlotEntry is one slot in the front desk's day: free, held, or with its appointment.
type SlotEntry struct {
	Slot        clinic.SlotWithState
	Appointment *clinic.Appointment // the live booking, or nil
	HeldUntil   time.Time           // when the hold of a held slot expires; zero for any other
}

// Day is Days for one day.
func (s *Store) Day(ctx context.Context, actor clinic.Actor, branch clinic.Branch, date clinic.Date) (entries []SlotEntry, cancelled []clinic.Appointment, err error) {
	return s.Days(ctx, actor, branch, date, date)
}

// Days returns the slots of a branch as the front desk sees them, in the order of start and doctor, from the first day to the last,
// and beside them the bookings of those days that were cancelled. The days are in the branch's zone. For a branch whose calendar the
// actor may not see it returns NotFound.
//
// It is one query, scanned by hand, because the front desk looks at it all day. The query has a row for each booking of a slot,
// cancelled ones included, and one row for a slot without any.
func (s *Store) Days(ctx context.Context, actor clinic.Actor, branch clinic.Branch, first, last clinic.Date) (entries []SlotEntry, cancelled []clinic.Appointment, err error) {
	if !actor.May(clinic.SeeCalendar, branch.ID) {
		return nil, nil, NotFound()
	}
	now, from, until := s.now(), first.In(branch.Location()).UTC(), last.AddDays(1).In(branch.Location()).UTC()
	rows, err := s.reader(ctx).Raw(`SELECT s.id, s.doctor_id, s.starts_at, s.ends_at, s.origin, s.audience, s.room, s.closed_at,
			d.family_name, d.given_name, d.family_kana, d.given_kana, d.name_en, d.sex, c.slot_id, c.booking_id, c.expires_at, `+bookingColumns+`
		FROM slots s JOIN doctors d ON d.id = s.doctor_id LEFT JOIN claims c ON c.slot_id = s.id LEFT JOIN bookings b ON b.slot_id = s.id
		WHERE s.branch_id = `+aText+` AND s.starts_at >= ? AND s.starts_at < ? ORDER BY s.starts_at, s.doctor_id, s.id, b.created_at DESC`,
		branch.ID, from, until).Rows()
	if err != nil {
		return nil, nil, wrap("Days", err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var b scannedBooking
		slot, doctor := clinic.Slot{BranchID: branch.ID}, clinic.Doctor{}
		var claimed, bookingID *string
		var expires *time.Time
		err := rows.Scan(append([]any{
			&slot.ID, &slot.DoctorID, &slot.StartsAt, &slot.EndsAt, &slot.Origin, &slot.Audience, &slot.Room, &slot.ClosedAt,
			&doctor.FamilyName, &doctor.GivenName, &doctor.FamilyKana, &doctor.GivenKana, &doctor.NameEn, &doctor.Sex,
			&claimed, &bookingID, &expires,
		}, b.targets()...)...)
		if err != nil {
			return nil, nil, wrap("Days", err)
		}
		doctor.ID = slot.DoctorID
		slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
		if slot.ClosedAt == nil && (len(entries) == 0 || entries[len(entries)-1].Slot.ID != slot.ID) {
			var claim *clinic.Claim
			if claimed != nil {
				claim = &clinic.Claim{SlotID: slot.ID, BookingID: bookingID, ExpiresAt: expires}
			}
			entry := SlotEntry{Slot: clinic.SlotWithState{Slot: slot, State: claim.State(nil, now)}}
			if entry.Slot.State == clinic.SlotHeld {
				entry.HeldUntil = expires.UTC()
			}
			entries = append(entries, entry)
		}
		if !b.id.Valid {
			continue
		}
		a, err := s.appointmentOf(b, slot, branch, doctor)
		if err != nil {
			return nil, nil, wrap("Days", err)
		}
		if a.Booking.Status.Live() { // its slot is open, as the database sees to, so it is the last entry
			entries[len(entries)-1].Appointment = &a
		} else {
			cancelled = append(cancelled, a)
		}
	}
	return entries, cancelled, wrap("Days", rows.Err())
}
