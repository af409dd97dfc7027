package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// HandedChart is a chart that a doctor was given or has given away, as a list names it. It has no answers, nor what was said with the booking.
type HandedChart struct {
	Appointment clinic.Appointment
	Handover    clinic.Handover
	Wrote       bool // whoever has given it has signed a version of its note
}

// toDoctor is a condition in SQL, with its arguments, on the handover h and its booking b: it is in force, and the actor was given the chart.
func toDoctor(actor clinic.Actor) (condition string, args []any) {
	return "h.to_doctor_id = " + aText + " AND h.in_force AND h.slot_id = b.slot_id AND b.live", []any{chartsOf(actor)}
}

// TakenOver are the handovers in force, with their reasons, by which the doctor who asks was given the charts of some bookings, by the booking.
func (s *Store) TakenOver(ctx context.Context, doctor clinic.Actor, bookingIDs ...string) (map[string]clinic.Handover, error) {
	if len(bookingIDs) == 0 {
		return nil, nil //nolint:nilnil // an empty map
	}
	owned, args := toDoctor(doctor)
	list, err := s.handovers(s.reader(ctx), true, "h.booking_id IN ? AND "+owned, append([]any{bookingIDs}, args...)...)
	return byID(list, func(h clinic.Handover) string { return h.BookingID }), wrap("TakenOver", err)
}

// NewCharts are the charts that the doctor who asks was given and has not read yet, with why, in the order of start.
func (s *Store) NewCharts(ctx context.Context, doctor clinic.Actor) ([]HandedChart, error) {
	owned, args := toDoctor(doctor)
	out, err := s.handedCharts(ctx, true, owned+" AND h.read_at IS NULL", args...)
	return out, wrap("NewCharts", err)
}

// CountNewCharts is how many NewCharts there are.
func (s *Store) CountNewCharts(ctx context.Context, doctor clinic.Actor) (n int, err error) {
	owned, args := toDoctor(doctor)
	err = s.reader(ctx).Raw("SELECT count(*) FROM handovers h JOIN bookings b ON b.id = h.booking_id AND b.erased_at IS NULL WHERE "+owned+" AND h.read_at IS NULL", args...).Scan(&n).Error
	return n, wrap("CountNewCharts", err)
}

// GivenCharts are the charts that the doctor who asks has given away, of counselings that start in [from, until), in the order of start.
func (s *Store) GivenCharts(ctx context.Context, doctor clinic.Actor, from, until time.Time) ([]HandedChart, error) {
	out, err := s.handedCharts(ctx, false, "h.from_doctor_id = "+aText+" AND h.in_force AND h.slot_id = b.slot_id AND b.live AND h.starts_at >= ? AND h.starts_at < ?",
		chartsOf(doctor), from.UTC(), until.UTC())
	return out, wrap("GivenCharts", err)
}

// handedCharts are those of the handovers for which a condition holds on the handover h, its booking b and slot s.
func (s *Store) handedCharts(ctx context.Context, reasons bool, condition string, args ...any) ([]HandedChart, error) {
	list, err := s.handovers(s.reader(ctx), reasons, condition, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, h := range list {
		ids[i] = h.BookingID
	}
	all, err := s.appointments(s.reader(ctx), "b.id IN ? ORDER BY s.starts_at, b.id", ids)
	if err != nil {
		return nil, err
	}
	var written []struct{ BookingID, DoctorID string }
	if err := s.reader(ctx).Raw("SELECT DISTINCT booking_id, doctor_id FROM note_versions WHERE booking_id IN ?", ids).Scan(&written).Error; err != nil {
		return nil, err
	}
	handovers := byID(list, func(h clinic.Handover) string { return h.BookingID })
	out := make([]HandedChart, len(all))
	for i, a := range all {
		a.Booking.Details, a.Answered = clinic.Details{}, false
		out[i] = HandedChart{Appointment: a, Handover: handovers[a.Booking.ID]}
		for _, w := range written {
			out[i].Wrote = out[i].Wrote || w.BookingID == a.Booking.ID && w.DoctorID == out[i].Handover.From.ID
		}
	}
	return out, nil
}

// ReadHandover writes down that the doctor who asks has read a chart that they were given, and why. A handover that is not theirs, or in force
// no more, is left as it is; NotFound as with ChartFor.
func (s *Store) ReadHandover(ctx context.Context, doctor clinic.Actor, bookingID, handoverID string) error {
	return s.change(ctx, "ReadHandover", doctor, func(tx *change) error {
		owned, args := ownChart(doctor)
		a, err := s.appointment(tx.DB, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
		if err != nil {
			return err
		}
		return tx.handoverRead(doctor, a, handoverID)
	})
}

// handoverRead writes down that a doctor has read what they were given: one handover or, with "", the one in force.
func (c *change) handoverRead(doctor clinic.Actor, a clinic.Appointment, id string) error {
	read := c.Exec("UPDATE handovers SET read_at = ? WHERE booking_id = ? AND to_doctor_id = ? AND in_force AND read_at IS NULL AND ("+aText+" = '' OR id = "+aText+")",
		c.now, a.Booking.ID, chartsOf(doctor), id, id)
	if read.RowsAffected > 0 {
		c.changed(a.Branch, a.Slot.StartsAt)
	}
	return read.Error
}

// TakeBackHandover gives a chart back to the doctor who has handed it over, while the colleague has not read it. Whoever has not given it
// answers NotFound.
func (s *Store) TakeBackHandover(ctx context.Context, doctor clinic.Actor, bookingID string) error {
	return s.change(ctx, "TakeBackHandover", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		if _, err := tx.lockBooking("b.id = "+aText, bookingID); err != nil {
			return err
		}
		given, err := s.handovers(tx.DB, false, "h.booking_id = "+aText+" AND h.in_force AND h.slot_id = b.slot_id AND h.from_doctor_id = "+aText, bookingID, chartsOf(doctor))
		if err != nil {
			return err
		}
		if len(given) == 0 {
			return NotFound()
		}
		a, err := s.appointment(tx.DB, "b.id = "+aText, bookingID)
		if err != nil {
			return err
		}
		if err := tx.staysAt(chartsOf(doctor), a.Branch.ID); err != nil {
			return err
		}
		colleagues, err := s.colleagues(tx.DB, a.Branch.ID, "")
		if err != nil {
			return err
		}
		if err := given[0].CheckTakingBack(colleagues); err != nil {
			return err
		}
		all, err := s.handovers(tx.DB, false, "h.booking_id = "+aText, bookingID)
		if err != nil {
			return err
		}
		// The colleague may read it at this very moment.
		ended := tx.Exec("UPDATE handovers SET in_force = false, ended_at = ?, ended_because = ? WHERE id = ? AND in_force AND read_at IS NULL", tx.now, clinic.HandedBack, given[0].ID)
		if ended.Error != nil {
			return ended.Error
		}
		if ended.RowsAffected == 0 {
			return clinic.Handover{}.CheckTakingBack(nil)
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		if before, had := given[0].Before(all); had {
			return tx.Exec("UPDATE handovers SET in_force = true, ended_at = NULL, ended_because = NULL WHERE id = ?", before.ID).Error
		}
		return nil
	})
}
