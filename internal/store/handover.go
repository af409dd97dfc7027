package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// chartDoctor is the id of the doctor who reads the chart of the booking b, whose slot is s: whoever it was handed to for this slot, or
// else the slot's doctor.
const chartDoctor = "COALESCE((SELECT h.to_doctor_id FROM handovers h WHERE h.booking_id = b.id AND h.slot_id = b.slot_id AND h.in_force), s.doctor_id)"

// ownChart is a condition in SQL, with its arguments, on the booking b and its slot s: the actor is the doctor who reads its chart. It is
// for a booking that is found otherwise; ownCharts finds a doctor's.
func ownChart(actor clinic.Actor) (condition string, args []any) {
	return chartDoctor + " = " + aText, []any{chartsOf(actor)}
}

// ownCharts is a condition in SQL, with its arguments, on the booking b: it is live, begins in [from, until), and the actor is the doctor
// who reads its chart. A live booking's slot is open; to say so lets the index of open slots be used.
func ownCharts(actor clinic.Actor, from, until time.Time) (condition string, args []any) {
	doctor := chartsOf(actor)
	return `b.id IN (
		SELECT ob.id FROM slots os JOIN bookings ob ON ob.slot_id = os.id
		WHERE os.doctor_id = ` + aText + ` AND os.closed_at IS NULL AND ob.live AND os.starts_at >= ? AND os.starts_at < ?
			AND NOT EXISTS (SELECT 1 FROM handovers h WHERE h.booking_id = ob.id AND h.slot_id = ob.slot_id AND h.in_force)
		UNION ALL SELECT ob.id FROM handovers h JOIN bookings ob ON ob.id = h.booking_id AND ob.slot_id = h.slot_id
		WHERE h.to_doctor_id = ` + aText + ` AND h.in_force AND h.starts_at >= ? AND h.starts_at < ? AND ob.live)`,
		[]any{doctor, from.UTC(), until.UTC(), doctor, from.UTC(), until.UTC()}
}

func handoverAD(id string) seal.AssociatedData {
	return seal.AssociatedData{Table: "handovers", ID: id}
}

// HandOver gives the chart of a booking to a colleague of the branch, from whoever reads it now; anybody else answers NotFound.
func (s *Store) HandOver(ctx context.Context, doctor clinic.Actor, bookingID, to, reason string) error {
	return s.change(ctx, "HandOver", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		a, err := tx.lockedChart(doctor, bookingID)
		if err != nil {
			return err
		}
		if err := tx.staysAt(to, a.Branch.ID); err != nil {
			return err
		}
		colleagues, err := s.colleagues(tx.DB, a.Branch.ID, chartsOf(doctor))
		if err != nil {
			return err
		}
		taker, text, err := a.CheckHandover(to, colleagues, reason)
		if err != nil {
			return err
		}
		id := clinic.NewIDAt(tx.now)
		var sealed []byte
		if text != "" {
			if sealed, err = s.keyring.Seal(seal.Answers, handoverAD(id), storeHandover(text)); err != nil {
				return err
			}
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		if err := tx.endHandover(bookingID, clinic.HandedOn); err != nil {
			return err
		}
		_, err = tx.insert(`INSERT INTO handovers (id, booking_id, slot_id, starts_at, from_doctor_id, to_doctor_id, staff_id, at, in_force, sealed)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, true, ?)`,
			id, bookingID, a.Slot.ID, a.Slot.StartsAt, chartsOf(doctor), taker.ID, orNull(doctor.Staff.ID), tx.now, sealed)
		return err
	})
}

// endHandover ends the handover of a booking that is in force, if there is one.
func (c *change) endHandover(bookingID string, because clinic.HandoverEnd) error {
	return c.Exec("UPDATE handovers SET in_force = false, ended_at = ?, ended_because = ? WHERE booking_id = ? AND in_force", c.now, because, bookingID).Error
}

// handoverMoved ends the handover of a booking that has moved. Where that undoes the move before, what that one ended is in force again.
func (c *change) handoverMoved(old, moved clinic.Appointment, back bool) error {
	if !back {
		return c.endHandover(old.Booking.ID, clinic.HandedMoved)
	}
	before, err := c.store.handovers(c.DB, false, "h.booking_id = "+aText+" AND COALESCE(h.ended_because, '') <> ?", old.Booking.ID, clinic.HandedBack)
	if err != nil || len(before) == 0 {
		return err
	}
	last := before[0]
	if err := c.staysAt(last.To.ID, moved.Branch.ID); err != nil {
		return err
	}
	colleagues, err := c.store.colleagues(c.DB, moved.Branch.ID, "")
	if err != nil {
		return err
	}
	if err := c.endHandover(old.Booking.ID, clinic.HandedMoved); err != nil || !last.Revives(old.Booking, moved.Slot, colleagues) {
		return err
	}
	return c.Exec("UPDATE handovers SET in_force = true, ended_at = NULL, ended_because = NULL WHERE id = "+aText, last.ID).Error
}

// staysAt keeps a doctor from leaving a branch until the change ends; it says nothing of whether they work there.
func (c *change) staysAt(doctorID, branchID string) error {
	var rows []clinic.DoctorBranch
	return c.forUpdate(c.Where("doctor_id = "+aText+" AND branch_id = "+aText, doctorID, branchID)).Find(&rows).Error
}

// checkLeaving refuses that a doctor leaves a branch where charts of counselings to come were handed to them. One that was cancelled, and may
// be restored, is the slot's doctor's again.
func (c *change) checkLeaving(doctorID, branchID string) error {
	handed, err := c.store.appointments(c.DB, "b.id IN (SELECT h.booking_id FROM handovers h WHERE h.to_doctor_id = "+aText+
		" AND h.in_force AND h.starts_at >= ?) AND s.branch_id = "+aText+" ORDER BY s.starts_at", doctorID, c.now.Add(-24*time.Hour), branchID)
	if err != nil {
		return err
	}
	if err := clinic.CheckLeaving(handed, c.now); err != nil {
		return err
	}
	for _, a := range handed {
		if !a.Booking.Status.Live() {
			if err := c.endHandover(a.Booking.ID, clinic.HandedToGone); err != nil {
				return err
			}
		}
	}
	return nil
}

// lockedChart is a booking whose chart a doctor reads, locked until the change ends; any other answers NotFound.
func (c *change) lockedChart(doctor clinic.Actor, bookingID string) (clinic.Appointment, error) {
	if _, err := c.lockBooking("b.id = "+aText, bookingID); err != nil {
		return clinic.Appointment{}, err
	}
	owned, args := ownChart(doctor)
	return c.store.appointment(c.DB, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
}

// Colleagues are the doctors to whom the chart of a booking can be handed: they work at its branch and can sign in. Of a chart that the
// doctor does not read there are none, and the answer is NotFound.
func (s *Store) Colleagues(ctx context.Context, doctor clinic.Actor, bookingID string) ([]clinic.Doctor, error) {
	chart, err := s.ChartFor(ctx, doctor, bookingID)
	if err != nil {
		return nil, err
	}
	out, err := s.colleagues(s.reader(ctx), chart.Appointment.Branch.ID, chartsOf(doctor))
	return out, wrap("Colleagues", err)
}

func (s *Store) colleagues(db *gorm.DB, branchID, but string) (out []clinic.Doctor, err error) {
	err = db.Where("id IN (SELECT doctor_id FROM doctor_branches WHERE branch_id = "+aText+" AND left_at IS NULL) AND id <> "+aText, branchID, but).
		Where("id IN (SELECT doctor_id FROM staff WHERE active AND doctor_id IS NOT NULL)").
		Order("position, created_at, id").Find(&out).Error
	return out, err
}

// Handovers are those of a booking, the latest first, with their reasons, for the doctor who reads its chart now; anybody else answers NotFound.
func (s *Store) Handovers(ctx context.Context, doctor clinic.Actor, bookingID string) ([]clinic.Handover, error) {
	owned, args := ownChart(doctor)
	if _, err := s.appointment(s.reader(ctx), "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...); err != nil {
		return nil, wrap("Handovers", err)
	}
	out, err := s.handovers(s.reader(ctx), true, "h.booking_id = "+aText, bookingID)
	return out, wrap("Handovers", err)
}

// HandedOver are the handovers in force of some bookings at branches whose calendar the actor may see, by the booking. They say who and
// when, and no reason.
func (s *Store) HandedOver(ctx context.Context, actor clinic.Actor, bookingIDs ...string) (map[string]clinic.Handover, error) {
	if len(bookingIDs) == 0 {
		return nil, nil //nolint:nilnil // an empty map
	}
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	list, err := s.handovers(s.reader(ctx), false, "h.in_force AND h.booking_id IN ? AND h.slot_id = b.slot_id AND "+owned, append([]any{bookingIDs}, args...)...)
	return byID(list, func(h clinic.Handover) string { return h.BookingID }), wrap("HandedOver", err)
}

func (s *Store) handovers(db *gorm.DB, reasons bool, condition string, args ...any) (out []clinic.Handover, err error) {
	rows, err := db.Raw(`SELECT h.id, h.booking_id, h.slot_id, h.at, h.staff_id, h.in_force, h.read_at, h.ended_at, h.ended_because, h.sealed, f.id, f.family_name, f.given_name, f.name_en, t.id, t.family_name, t.given_name, t.name_en
		FROM handovers h JOIN bookings b ON b.id = h.booking_id AND b.erased_at IS NULL JOIN slots s ON s.id = b.slot_id
		JOIN doctors f ON f.id = h.from_doctor_id JOIN doctors t ON t.id = h.to_doctor_id
		WHERE `+condition+` ORDER BY h.at DESC, h.id DESC`, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var h clinic.Handover
		var by, because sql.NullString
		var read, ended sql.NullTime
		var sealed []byte
		err := rows.Scan(&h.ID, &h.BookingID, &h.SlotID, &h.At, &by, &h.InForce, &read, &ended, &because, &sealed, &h.From.ID, &h.From.FamilyName, &h.From.GivenName, &h.From.NameEn, &h.To.ID, &h.To.FamilyName, &h.To.GivenName, &h.To.NameEn)
		if err != nil {
			return nil, err
		}
		h.At, h.By, h.ReadAt, h.EndedAt, h.Ended = h.At.UTC(), by.String, orNone(read), orNone(ended), clinic.HandoverEnd(because.String)
		if reasons && sealed != nil {
			var stored storedHandover
			if err := s.keyring.Open(seal.Answers, handoverAD(h.ID), sealed, &stored); err != nil {
				return nil, err
			}
			h.Reason = stored.reason()
		}
		out = append(out, h)
	}
	return out, rows.Err()
}
