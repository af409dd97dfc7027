package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

func keptAD(bookingID string) seal.AssociatedData {
	return seal.AssociatedData{Table: "kept_records", ID: bookingID}
}

// storedWent is clinic.Went.
type storedWent struct {
	Records  int `json:"records"`
	Bookings int `json:"bookings"`
	Answers  int `json:"answers"`
	Drafts   int `json:"drafts"`
	Memos    int `json:"memos"`
	Letters  int `json:"letters"`
	Places   int `json:"places"`
}

func storeWent(w clinic.Went) storedWent { return storedWent(w) }

// erasedShown is how many erasures are listed.
const erasedShown = 50

// ErasedLately are the latest erasures, for whoever manages every branch; for anybody else there are none.
func (s *Store) ErasedLately(ctx context.Context, actor clinic.Actor) ([]clinic.Erased, error) {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return nil, nil
	}
	all, err := s.erased(s.reader(ctx), "1 = 1")
	return all, wrap("ErasedLately", err)
}

// Erased is one erasure. It is for whoever did it, and for whoever manages every branch; for anybody else it answers NotFound.
func (s *Store) Erased(ctx context.Context, actor clinic.Actor, id string) (clinic.Erased, error) {
	all, err := s.erased(s.reader(ctx), "e.id = "+aText, id)
	if isInvalidText(err) || err == nil && (len(all) == 0 || !actor.MayEverywhere(clinic.ManageClinic) && all[0].By != actor.Staff.ID) {
		err = NotFound()
	}
	if err != nil {
		return clinic.Erased{}, wrap("Erased", err)
	}
	e := all[0]
	e.Kept, err = s.keptRecords(s.reader(ctx), "k.erasure_id = "+aText, id)
	return e, wrap("Erased", err)
}

func (s *Store) erased(db *gorm.DB, condition string, args ...any) ([]clinic.Erased, error) {
	var rows []struct {
		ID       string
		ErasedAt time.Time
		StaffID  sql.NullString
		Went     string
	}
	err := db.Raw("SELECT e.id, e.erased_at, e.staff_id, e.went FROM erasures e WHERE "+condition+" ORDER BY e.erased_at DESC, e.id DESC LIMIT ?", append(args, erasedShown)...).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]clinic.Erased, len(rows))
	for i, row := range rows {
		var went storedWent
		if err := json.Unmarshal([]byte(row.Went), &went); err != nil {
			return nil, err
		}
		out[i] = clinic.Erased{ID: row.ID, At: row.ErasedAt.UTC(), By: row.StaffID.String, Went: clinic.Went(went)}
	}
	return out, nil
}

// KeptRecords is what is still kept of patients who were erased and about whom the doctor who asks has signed something, the latest counseling first.
func (s *Store) KeptRecords(ctx context.Context, doctor clinic.Actor) ([]clinic.Kept, error) {
	own, args := ownKept(doctor)
	kept, err := s.keptRecords(s.reader(ctx), own, args...)
	return kept, wrap("KeptRecords", err)
}

// ownKept is a condition in SQL, with its arguments, on the booking b: the actor is a doctor who has signed a note or a release about it.
func ownKept(doctor clinic.Actor) (condition string, args []any) {
	id := chartsOf(doctor)
	return "(EXISTS (SELECT 1 FROM note_versions nv WHERE nv.booking_id = b.id AND nv.doctor_id = " + aText + ") OR EXISTS (SELECT 1 FROM hold_releases hr WHERE hr.booking_id = b.id AND hr.doctor_id = " + aText + "))",
		[]any{id, id}
}

// keptRecords are the records k of bookings b that are still kept.
func (s *Store) keptRecords(db *gorm.DB, condition string, args ...any) (kept []clinic.Kept, err error) {
	var rows []struct {
		BookingID       string
		Until           time.Time
		Notes, Releases int
	}
	err = db.Raw(`SELECT k.booking_id, k.until, (SELECT COUNT(*) FROM note_versions v WHERE v.booking_id = k.booking_id) AS notes,
			(SELECT COUNT(*) FROM hold_releases r WHERE r.booking_id = k.booking_id) AS releases
		FROM kept_records k JOIN bookings b ON b.id = k.booking_id WHERE k.ended_at IS NULL AND `+condition, args...).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]string, len(rows))
	of := map[string]int{}
	for i, row := range rows {
		ids[i], of[row.BookingID] = row.BookingID, i
	}
	all, err := s.appointmentsThat(db, "b.erased_at IS NOT NULL", "b.id IN ? ORDER BY s.starts_at DESC, b.id", ids)
	for _, a := range all {
		row := rows[of[a.Booking.ID]]
		kept = append(kept, clinic.Kept{
			BookingID: a.Booking.ID, Branch: a.Branch, StartsAt: a.Slot.StartsAt, Doctor: a.Doctor, Notes: row.Notes, Releases: row.Releases,
			Until: clinic.DateOf(row.Until, a.Branch.Location()).AddDays(-1),
		})
	}
	return kept, err
}

// keptNote is the note of a booking whose patient was erased, for a doctor who has signed something about it: what was signed, and about whom.
func (s *Store) keptNote(db *gorm.DB, doctor clinic.Actor, bookingID string) (n Note, err error) {
	own, args := ownKept(doctor)
	all, err := s.appointmentsThat(db, "b.erased_at IS NOT NULL", "b.id = "+aText+" AND "+own, append([]any{bookingID}, args...)...)
	if isInvalidText(err) || err == nil && len(all) == 0 {
		err = NotFound()
	}
	if err != nil {
		return n, err
	}
	n.Appointment = all[0]
	var row struct {
		Sealed []byte
		Until  time.Time
	}
	if err := one(db.Table("kept_records").Where("booking_id = "+aText+" AND ended_at IS NULL", bookingID), &row); err != nil {
		return n, err
	}
	var stored storedPatient
	if err := s.keyring.Open(seal.Answers, keptAD(bookingID), row.Sealed, &stored); err != nil {
		return n, err
	}
	p := stored.patient()
	p.ID, p.CreatedAt = n.Appointment.Booking.PatientID, n.Appointment.Booking.CreatedAt
	n.Appointment.Patient = p
	n.KeptUntil = clinic.DateOf(row.Until, n.Appointment.Branch.Location()).AddDays(-1)
	n.Versions, err = s.signed(db, bookingID)
	return n, err
}

// keptStep is how many records are deleted in one transaction, so that bookings hardly wait for it.
const keptStep = 50

// EndKept deletes what was kept of patients who were erased and need not be kept any more, in small steps.
func (s *Store) EndKept(ctx context.Context) error {
	for {
		more := false
		err := s.change(ctx, "EndKept", clinic.Job("purge"), func(tx *change) error {
			var ids []string
			err := tx.forUpdate(tx.Table("kept_records").Where("ended_at IS NULL AND until <= ?", tx.now).Order("until, booking_id").Limit(keptStep)).Pluck("booking_id", &ids).Error
			if err != nil {
				return err
			}
			more = len(ids) == keptStep
			if tx.nothing = len(ids) == 0; tx.nothing {
				return nil
			}
			tx.aboutBooking(ids...)
			for _, statement := range []string{
				"UPDATE kept_records SET sealed = NULL, ended_at = ? WHERE booking_id IN ?",
				"DELETE FROM note_versions WHERE booking_id IN ?",
				"DELETE FROM hold_releases WHERE booking_id IN ?",
			} {
				args := []any{ids}
				if statement[0] == 'U' {
					args = []any{tx.now, ids}
				}
				if err := tx.Exec(statement, args...).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || !more {
			return err
		}
	}
}

// shortenLog empties SQLite's write-ahead log, in which deleted pages stay until they are written over. While somebody reads it is left for another time.
func (s *Store) shortenLog(ctx context.Context) error {
	if s.engine != sqliteEngine {
		return nil
	}
	s.checkpoints.mu.Lock()
	defer s.checkpoints.mu.Unlock()
	return s.write.WithContext(ctx).Connection(func(db *gorm.DB) error {
		for _, statement := range []string{"PRAGMA busy_timeout = 0", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA busy_timeout = 10000"} {
			if err := db.Exec(statement).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
