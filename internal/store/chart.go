package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

// Chart is an appointment with the patient's intake. Only the doctor of the appointment and the patient ever get one.
type Chart struct {
	Appointment clinic.Appointment
	Intake      intake.Record    // zero when nothing was answered yet; for a doctor without Changed, which is for the patient's devices
	Own         bool             // whoever asks reads it; otherwise it has no answers
	Releases    []intake.Release // of what the cautions hold, the oldest first; those that were taken back included
	Read        int              // up to which revision the doctor who asks has read it; zero for never, and for the patient
}

// ChartHistory is a chart with what was before it.
type ChartHistory struct {
	Chart
	Versions []intake.Version // what was sent as complete, the oldest first
	// Earlier are the visits of the same patient before this one, the latest first. Of a visit to another doctor there is nothing but that it
	// was: its answers, and what was said with its booking, are that doctor's.
	Earlier []Chart
}

// ChartFor is an appointment whose chart the doctor who asks reads (ownChart), with every answer. Another doctor's, and whoever asks that
// is no doctor, answers NotFound.
func (s *Store) ChartFor(ctx context.Context, doctor clinic.Actor, bookingID string) (Chart, error) {
	c, err := s.ownedChart(s.reader(ctx), doctor, bookingID)
	return c, wrap("ChartFor", err)
}

func (s *Store) ownedChart(db *gorm.DB, doctor clinic.Actor, bookingID string) (Chart, error) {
	owned, args := ownChart(doctor)
	a, err := s.appointment(db, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
	if err != nil {
		return Chart{}, err
	}
	charts := []Chart{{Appointment: a}}
	err = s.readOwn(db, doctor, charts)
	return charts[0], err
}

// chartsOf is the doctor whose charts an actor may read; of no doctor where there are none.
func chartsOf(actor clinic.Actor) (doctorID string) {
	if actor.Kind != clinic.ActorStaff || !actor.Staff.Can(clinic.ReadAnswers) {
		return ""
	}
	return actor.Staff.DoctorID
}

// ChartHistory is an appointment whose chart the doctor who asks reads with every answer, the versions of its intake and the earlier visits of
// the patient. NotFound as with ChartFor.
func (s *Store) ChartHistory(ctx context.Context, doctor clinic.Actor, bookingID string) (ChartHistory, error) {
	h, _, err := s.ChartBeside(ctx, doctor, bookingID, nil)
	return h, wrap("ChartHistory", err)
}

// ChartBeside is ChartHistory with the doctor's Charts of the days around it, which days says; nil for none. However many visits, versions and
// charts there are, it is read with five queries.
func (s *Store) ChartBeside(ctx context.Context, doctor clinic.Actor, bookingID string, days func(clinic.Appointment) (from, until time.Time)) (h ChartHistory, list []Chart, err error) {
	db := s.reader(ctx)
	owned, args := ownChart(doctor)
	all, err := s.appointments(db, `b.patient_id = (SELECT b.patient_id FROM bookings b JOIN slots s ON s.id = b.slot_id
			WHERE b.id = `+aText+" AND "+owned+") AND (b.live OR b.id = "+aText+") ORDER BY s.starts_at DESC", append(append([]any{bookingID}, args...), bookingID)...)
	at := slices.IndexFunc(all, func(a clinic.Appointment) bool { return a.Booking.ID == bookingID })
	if isInvalidText(err) || err == nil && at < 0 {
		err = NotFound()
	}
	if err != nil {
		return h, nil, wrap("ChartBeside", err)
	}
	charts := []Chart{{Appointment: all[at]}}
	for _, a := range all[at+1:] {
		if a.Booking.Status.Came() {
			charts = append(charts, Chart{Appointment: a})
		}
	}
	visits := len(charts)
	var ids []string // of the list
	if days != nil {
		from, until := days(all[at])
		owned, args := ownCharts(doctor, from, until)
		around, err := s.appointments(db, owned+" ORDER BY s.starts_at", args...)
		if err != nil {
			return h, nil, wrap("ChartBeside", err)
		}
		for _, a := range around {
			ids = append(ids, a.Booking.ID)
			if !slices.ContainsFunc(charts, func(c Chart) bool { return c.Appointment.Booking.ID == a.Booking.ID }) {
				charts = append(charts, Chart{Appointment: a})
			}
		}
	}
	if err := s.readOwn(db, doctor, charts); err != nil {
		return h, nil, wrap("ChartBeside", err)
	}
	for i := range charts {
		if !charts[i].Own {
			charts[i].Appointment.Booking.Details, charts[i].Appointment.Answered = clinic.Details{}, false
		}
	}
	read := byID(charts, func(c Chart) string { return c.Appointment.Booking.ID })
	for _, id := range ids {
		list = append(list, read[id])
	}
	h.Chart, h.Earlier = charts[0], charts[1:visits]
	h.Versions, err = s.versions(db, bookingID)
	return h, list, wrap("ChartBeside", err)
}

// versions are those of the intake of a booking, the oldest first. One was read when any doctor has read it, or what was answered of the
// next before that was complete.
func (s *Store) versions(db *gorm.DB, bookingID string) ([]intake.Version, error) {
	var rows []struct {
		Revision int
		Sealed   []byte
		SentAt   time.Time
		Read     bool
	}
	err := db.Raw(`SELECT v.revision, v.sealed, v.sent_at, EXISTS (SELECT 1 FROM chart_reads r WHERE r.booking_id = v.booking_id AND r.revision >= v.revision
			AND r.revision < COALESCE((SELECT min(n.revision) FROM intake_versions n WHERE n.booking_id = v.booking_id AND n.revision > v.revision), r.revision + 1)) AS read
		FROM intake_versions v WHERE v.booking_id = `+aText+" ORDER BY v.revision", bookingID).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]intake.Version, len(rows))
	for i, row := range rows {
		r, err := s.readIntake(bookingID, row.Sealed)
		if err != nil {
			return nil, err
		}
		out[i] = intake.Version{Revision: row.Revision, Answers: r.Answers, SentAt: row.SentAt.UTC(), Read: row.Read}
	}
	return out, nil
}

// Charts are the live appointments whose charts the doctor who asks reads, and that start in [from, until), in order.
func (s *Store) Charts(ctx context.Context, doctor clinic.Actor, from, until time.Time) ([]Chart, error) {
	db := s.reader(ctx)
	owned, args := ownCharts(doctor, from, until)
	all, err := s.appointments(db, owned+" ORDER BY s.starts_at", args...)
	if err != nil {
		return nil, wrap("Charts", err)
	}
	out := make([]Chart, len(all))
	for i, a := range all {
		out[i].Appointment = a
	}
	return out, wrap("Charts", s.readOwn(db, doctor, out))
}

// MarkRead writes down that the doctor who asks was shown their chart in a revision. That they have read a later one stays. NotFound as with
// ChartFor.
func (s *Store) MarkRead(ctx context.Context, doctor clinic.Actor, bookingID string, shown int) error {
	return s.change(ctx, "MarkRead", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		c, err := s.ownedChart(tx.DB, doctor, bookingID)
		if err != nil {
			return err
		}
		read := c.Intake.ReadUpTo(shown)
		if read <= c.Read {
			return nil
		}
		return tx.Exec(`INSERT INTO chart_reads AS r (booking_id, doctor_id, revision, read_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (booking_id, doctor_id, revision) DO UPDATE SET read_at = excluded.read_at, taken_back_at = NULL WHERE r.taken_back_at IS NOT NULL`,
			bookingID, chartsOf(doctor), read, tx.now).Error
	})
}

// MarkUnread takes back that the doctor who asks has read their chart, who only had it open. What they were shown stays a version of its
// own. NotFound as with ChartFor.
func (s *Store) MarkUnread(ctx context.Context, doctor clinic.Actor, bookingID string) error {
	return s.change(ctx, "MarkUnread", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		if _, err := s.ownedChart(tx.DB, doctor, bookingID); err != nil {
			return err
		}
		return tx.Exec("UPDATE chart_reads SET taken_back_at = ? WHERE booking_id = ? AND doctor_id = ? AND taken_back_at IS NULL",
			tx.now, bookingID, chartsOf(doctor)).Error
	})
}

// chart is the one appointment for which a condition holds with its intake, for the patient.
func (s *Store) chart(db *gorm.DB, condition string, args ...any) (Chart, error) {
	a, err := s.appointment(db, condition, args...)
	if err != nil {
		return Chart{}, err
	}
	charts := []Chart{{Appointment: a}}
	err = s.readIntakes(db, charts)
	return charts[0], err
}

// readOwn reads what was answered for those of some charts that a doctor reads, and up to where they have read it.
func (s *Store) readOwn(db *gorm.DB, doctor clinic.Actor, charts []Chart) error {
	owned, args := ownChart(doctor)
	err := s.openIntakes(db, charts, s.readIntake, "(SELECT max(r.revision) FROM chart_reads r WHERE r.booking_id = b.id AND r.doctor_id = "+aText+" AND r.taken_back_at IS NULL)", owned, append([]any{chartsOf(doctor)}, args...)...)
	if err != nil {
		return err
	}
	return s.readReleases(db, charts)
}

// readIntakes reads what was answered for some charts, for whoever is known to have a right to all of them.
func (s *Store) readIntakes(db *gorm.DB, charts []Chart) error {
	return s.openIntakes(db, charts, s.openIntake, "NULL", "true")
}

// openIntakes opens the intakes of those charts for which a condition holds on the booking b and its slot s. What read says is up to which
// revision it was read.
func (s *Store) openIntakes(db *gorm.DB, charts []Chart, open func(bookingID string, sealed []byte) (intake.Record, error), read, condition string, args ...any) error {
	if len(charts) == 0 {
		return nil
	}
	ids := make([]string, len(charts))
	for i, c := range charts {
		ids[i] = c.Appointment.Booking.ID
	}
	var rows []struct {
		ID          string
		Revision    sql.NullInt64
		Sealed      []byte
		CompletedAt *time.Time
		UpdatedAt   *time.Time
		Read        sql.NullInt64
	}
	err := db.Raw("SELECT b.id, i.revision, i.sealed, i.completed_at, i.updated_at, "+read+` AS read
		FROM bookings b JOIN slots s ON s.id = b.slot_id LEFT JOIN intakes i ON i.booking_id = b.id
		WHERE `+condition+" AND b.id IN ?", append(args, ids)...).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		i := slices.Index(ids, row.ID)
		charts[i].Own, charts[i].Read = true, int(row.Read.Int64)
		if row.UpdatedAt == nil { // nothing was answered yet
			continue
		}
		r, err := open(row.ID, row.Sealed)
		if err != nil {
			return err
		}
		r.BookingID, r.Version, r.Revision = row.ID, charts[i].Appointment.Booking.QuestionnaireVersion, int(row.Revision.Int64)
		r.CompletedAt, r.UpdatedAt = row.CompletedAt, row.UpdatedAt.UTC()
		charts[i].Intake = r
	}
	return nil
}

// openIntake opens what was answered for a booking.
func (s *Store) openIntake(bookingID string, sealed []byte) (intake.Record, error) {
	var stored storedIntake
	err := s.keyring.Open(seal.Answers, intakeAD(bookingID), sealed, &stored)
	return stored.record(), err
}
