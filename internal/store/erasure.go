package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// erasureRow is a request as it is stored.
type erasureRow struct {
	ID        string
	BookingID string
	AskedAt   time.Time
	Outcome   sql.NullString
	SettledAt *time.Time
	SettledBy sql.NullString
	Sealed    []byte
}

func erasureAD(id string) seal.AssociatedData {
	return seal.AssociatedData{Table: "erasure_requests", ID: id}
}

// AskErasure writes down that the patient behind a link wants what is stored of them deleted. Where they have asked already, and nobody has
// seen to it yet, it changes nothing. A link that opens nothing answers NotFound.
func (s *Store) AskErasure(ctx context.Context, patient clinic.Actor) error {
	return s.change(ctx, "AskErasure", patient, func(tx *change) error {
		a, err := tx.lockedAppointment(byLink, clinic.TokenHash(patient.Token), tx.now)
		if err != nil {
			return err
		}
		tx.aboutBooking(a.Booking.ID)
		// Two who ask at once, by the links of two bookings, would otherwise both write.
		if err := tx.advisoryLock("erasure of " + a.Booking.PatientID); err != nil {
			return err
		}
		have, err := s.erasures(tx.Where("b.patient_id = ? AND e.settled_at IS NULL", a.Booking.PatientID))
		if err != nil || len(have) > 0 {
			return err
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		_, err = tx.insert("INSERT INTO erasure_requests (id, booking_id, asked_at) VALUES (?, ?, ?)", clinic.NewIDAt(tx.now), a.Booking.ID, tx.now)
		return err
	})
}

// OwnErasure is the last request of the patient behind a link; the zero Erasure where there is none.
func (s *Store) OwnErasure(ctx context.Context, patient clinic.Actor) (clinic.Erasure, error) {
	all, err := s.erasures(s.reader(ctx).Where("b.patient_id = (SELECT b.patient_id FROM bookings b WHERE "+byLink+")", clinic.TokenHash(patient.Token), s.now()))
	if err != nil || len(all) == 0 {
		return clinic.Erasure{}, wrap("OwnErasure", err)
	}
	return all[0], nil
}

// ErasuresOf are the requests of a patient that hang on bookings at branches whose calendar the actor may see, the latest first.
func (s *Store) ErasuresOf(ctx context.Context, actor clinic.Actor, patientID string) ([]clinic.Erasure, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err := s.erasures(s.reader(ctx).Where("b.patient_id = ?", patientID).Where(owned, args...))
	return all, wrap("ErasuresOf", err)
}

// OpenErasures are the requests that nobody has seen to, of bookings at branches whose calendar the actor may see, the latest first.
func (s *Store) OpenErasures(ctx context.Context, actor clinic.Actor) ([]clinic.Erasure, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err := s.erasures(s.reader(ctx).Where("e.settled_at IS NULL").Where(owned, args...))
	return all, wrap("OpenErasures", err)
}

// CountOpenErasures is how many OpenErasures there are at one branch.
func (s *Store) CountOpenErasures(ctx context.Context, actor clinic.Actor, branchID string) (int, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	var n int64
	err := erasureTables(s.reader(ctx)).Where("e.settled_at IS NULL AND s.branch_id = ?", branchID).Where(owned, args...).Count(&n).Error
	return int(n), wrap("CountOpenErasures", err)
}

// SettleErasure says how a request was settled, by whom and when. One of a booking at a branch where the actor may not change bookings
// answers NotFound, and one that is settled already clinic.OutrunError.
func (s *Store) SettleErasure(ctx context.Context, actor clinic.Actor, patientID, id string, outcome clinic.ErasureOutcome, reason string) error {
	sealed, err := s.keyring.Seal(seal.Contact, erasureAD(id), storeErasure(clinic.Erasure{Reason: reason}))
	if err != nil {
		return err
	}
	return s.change(ctx, "SettleErasure", actor, func(tx *change) error {
		tx.aboutPatient(patientID)
		owned, args := ownedBy(actor, clinic.ChangeBooking)
		have, err := s.erasures(tx.Where("e.id = ? AND b.patient_id = ?", id, patientID).Where(owned, args...))
		if err != nil {
			return err
		}
		if len(have) == 0 {
			return NotFound()
		}
		a, err := s.appointment(tx.DB, "b.id = "+aText, have[0].BookingID)
		if err != nil {
			return err
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		q := tx.Exec("UPDATE erasure_requests SET outcome = ?, settled_at = ?, settled_by = ?, sealed = ? WHERE id = ? AND settled_at IS NULL",
			outcome, tx.now, orNull(actor.Staff.ID), sealed, id)
		if q.Error == nil && q.RowsAffected == 0 {
			return clinic.OutrunError()
		}
		return q.Error
	})
}

// erasureTables are the requests e with their booking b and its slot s.
func erasureTables(db *gorm.DB) *gorm.DB {
	return db.Table("erasure_requests AS e").Joins("JOIN bookings b ON b.id = e.booking_id JOIN slots s ON s.id = b.slot_id")
}

func (s *Store) erasures(db *gorm.DB) ([]clinic.Erasure, error) {
	var rows []erasureRow
	err := erasureTables(db).Select("e.id, e.booking_id, e.asked_at, e.outcome, e.settled_at, e.settled_by, e.sealed").Order("e.asked_at DESC, e.id DESC").Find(&rows).Error
	if isInvalidText(err) {
		return nil, nil
	}
	out := make([]clinic.Erasure, len(rows))
	for i, r := range rows {
		out[i] = clinic.Erasure{
			ID: r.ID, BookingID: r.BookingID, AskedAt: r.AskedAt.UTC(), Outcome: clinic.ErasureOutcome(r.Outcome.String), SettledAt: r.SettledAt, SettledBy: r.SettledBy.String,
		}
		if r.Sealed == nil {
			continue
		}
		var stored storedErasure
		if err := s.keyring.Open(seal.Contact, erasureAD(r.ID), r.Sealed, &stored); err != nil {
			return nil, err
		}
		out[i].Reason = stored.erasure().Reason
	}
	return out, err
}
