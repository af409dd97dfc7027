package store

import (
	"context"
	"maps"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

func releaseAD(id string) seal.AssociatedData {
	return seal.AssociatedData{Table: "hold_releases", ID: id}
}

// Said is what was said with the booking and in the intake.
func (c Chart) Said() intake.Answers {
	answers := intake.Answers(maps.Clone(c.Appointment.Booking.Details.Answers))
	if answers == nil {
		answers = intake.Answers{}
	}
	maps.Copy(answers, c.Intake.Answers)
	return answers
}

// readReleases reads the releases of those charts that the doctor who asks reads, the oldest first, those that were taken back included.
func (s *Store) readReleases(db *gorm.DB, charts []Chart) error {
	at := map[string]int{}
	var ids []string
	for i, c := range charts {
		if c.Own {
			at[c.Appointment.Booking.ID], ids = i, append(ids, c.Appointment.Booking.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		ID          string
		BookingID   string
		DoctorID    string
		ReleasedAt  time.Time
		Sealed      []byte
		WithdrawnAt *time.Time

		FamilyName, GivenName, NameEn                            *string
		WithdrawnFamilyName, WithdrawnGivenName, WithdrawnNameEn *string
	}
	err := db.Raw(`SELECT r.id, r.booking_id, r.doctor_id, r.released_at, r.sealed, r.withdrawn_at, `+doctorNameColumns+`,
			w.family_name AS withdrawn_family_name, w.given_name AS withdrawn_given_name, w.name_en AS withdrawn_name_en
		FROM hold_releases r JOIN doctors d ON d.id = r.doctor_id LEFT JOIN doctors w ON w.id = r.withdrawn_by
		WHERE r.booking_id IN ? ORDER BY r.released_at, r.id`, ids).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		var stored storedRelease
		if err := s.keyring.Open(seal.Answers, releaseAD(row.ID), row.Sealed, &stored); err != nil {
			return err
		}
		r := stored.release()
		r.ID, r.BookingID, r.DoctorID, r.Doctor, r.At = row.ID, row.BookingID, row.DoctorID, doctorText(row.FamilyName, row.GivenName, row.NameEn), row.ReleasedAt.UTC()
		if row.WithdrawnAt != nil {
			withdrawn := row.WithdrawnAt.UTC()
			r.WithdrawnAt, r.WithdrawnBy = &withdrawn, doctorText(row.WithdrawnFamilyName, row.WithdrawnGivenName, row.WithdrawnNameEn)
		}
		c := &charts[at[row.BookingID]]
		c.Releases = append(c.Releases, r)
	}
	return nil
}

// releasing is a chart whose holds are being released, locked until the change ends; that of another doctor answers NotFound.
func (c *change) releasing(doctor clinic.Actor, bookingID string) (Chart, *intake.Questionnaire, error) {
	if _, err := c.lockedChart(doctor, bookingID); err != nil {
		return Chart{}, nil, err
	}
	chart, err := c.store.ownedChart(c.DB, doctor, bookingID)
	if err != nil {
		return Chart{}, nil, err
	}
	if !chart.Appointment.Booking.Status.Live() {
		return Chart{}, nil, &clinic.Error{Code: clinic.Conflict, Message: "error.release.over"}
	}
	q, err := c.store.Questionnaire(c.Statement.Context, chart.Appointment.Booking.QuestionnaireVersion)
	return chart, q, err
}

// ReleaseHold releases a treatment that a fact of the answers holds, for a reason. It is for the doctor who reads the chart; any other
// answers NotFound. seen is the revision of the answers that the doctor was shown, and set the number of the cautions: where another is
// in force by now, or nothing is held, the answer is a Conflict.
func (s *Store) ReleaseHold(ctx context.Context, doctor clinic.Actor, bookingID string, seen, set int, fact string, treatment intake.Treatment, reason string) (intake.Release, error) {
	var r intake.Release
	err := s.change(ctx, "ReleaseHold", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		chart, q, err := tx.releasing(doctor, bookingID)
		if err != nil {
			return err
		}
		d := q.Digest(chart.Said(), q.FactsFor(chart.Appointment)).WithReleases(chart.Releases)
		if r, err = d.CheckRelease(fact, treatment, reason); err != nil {
			return err
		}
		if chart.Intake.Revision != seen || q.Set.Number != set {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.release.gone"}
		}
		r.ID, r.BookingID, r.Set, r.DoctorID, r.At = clinic.NewIDAt(tx.now), bookingID, q.Set.Number, chartsOf(doctor), tx.now
		sealed, err := s.keyring.Seal(seal.Answers, releaseAD(r.ID), storeRelease(r))
		if err != nil {
			return err
		}
		tx.changed(chart.Appointment.Branch, chart.Appointment.Slot.StartsAt)
		if err := tx.handoverRead(doctor, chart.Appointment, ""); err != nil {
			return err
		}
		_, err = tx.insert("INSERT INTO hold_releases (id, booking_id, doctor_id, staff_id, released_at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
			r.ID, bookingID, r.DoctorID, orNull(doctor.Staff.ID), tx.now, sealed)
		return err
	})
	return r, err
}

// WithdrawRelease takes a release back. It is for the doctor who reads the chart, whoever has made it; any other answers NotFound.
func (s *Store) WithdrawRelease(ctx context.Context, doctor clinic.Actor, bookingID, releaseID string) error {
	return s.change(ctx, "WithdrawRelease", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		chart, _, err := tx.releasing(doctor, bookingID)
		if err != nil {
			return err
		}
		for _, r := range chart.Releases {
			if r.ID != releaseID {
				continue
			}
			if err := r.CheckWithdrawal(); err != nil {
				return err
			}
			tx.changed(chart.Appointment.Branch, chart.Appointment.Slot.StartsAt)
			return tx.Exec("UPDATE hold_releases SET withdrawn_at = ?, withdrawn_by = ? WHERE id = "+aText+" AND withdrawn_at IS NULL", tx.now, chartsOf(doctor), releaseID).Error
		}
		return NotFound()
	})
}
