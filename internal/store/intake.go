package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

// intakeRow is an intake as it is stored. What was answered is sealed under the key of the answers.
type intakeRow struct {
	BookingID   string `gorm:"primaryKey"`
	Version     string
	Sealed      []byte
	CompletedAt *time.Time
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of intakeRow.
func (intakeRow) TableName() string { return "intakes" }

func intakeAD(bookingID string) seal.AssociatedData {
	return seal.AssociatedData{Table: "intakes", ID: bookingID}
}

// sealedIntake is what the sealed column of an intake holds.
type sealedIntake struct {
	Answers intake.Answers
	Done    []string
}

// Chart is an appointment with the patient's intake. Only the doctor of the appointment and the patient ever get one.
type Chart struct {
	Appointment clinic.Appointment
	Intake      intake.Record // zero when nothing was answered yet
}

// Intake is what the patient's link opens.
func (s *Store) Intake(ctx context.Context, token string) (Chart, error) {
	db := s.reader(ctx)
	return s.chart(db, byToken(db, token, s.now()))
}

// AnswerIntake changes the intake behind a patient's link. change gets what is stored and returns what to store; when it
// fails, nothing is stored and its error is returned. A cancelled booking answers Conflict.
func (s *Store) AnswerIntake(ctx context.Context, token string, change func(Chart) (intake.Record, error)) (Chart, error) {
	var c Chart
	err := s.change(ctx, func(tx *gorm.DB) error {
		var err error
		// Locked, because two tabs saving at once would otherwise both read the old answers.
		if c, err = s.chart(tx, s.forUpdate(byToken(tx, token, s.now()))); err != nil {
			return err
		}
		if !c.Appointment.Booking.Status.Live() {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.intake.cancelled"}
		}
		record, err := change(c)
		if err != nil {
			return err
		}
		record.BookingID = c.Appointment.Booking.ID
		sealed, err := s.keyring.Seal(seal.Answers, intakeAD(record.BookingID), sealedIntake{record.Answers, record.Done})
		if err != nil {
			return err
		}
		c.Intake = record
		c.Appointment.Answered = record.CompletedAt != nil
		row := intakeRow{record.BookingID, record.Version, sealed, record.CompletedAt, record.UpdatedAt.UTC()}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
	return c, err
}

// ChartFor is an appointment of a doctor with every answer. Another doctor's appointment answers NotFound.
func (s *Store) ChartFor(ctx context.Context, doctorID, bookingID string) (Chart, error) {
	db := s.reader(ctx)
	return s.chart(db, db.Where("id = ? AND slot_id IN (SELECT id FROM slots WHERE doctor_id = ?)", bookingID, doctorID))
}

// Charts are a doctor's live appointments that start in [from, until), in order.
func (s *Store) Charts(ctx context.Context, doctorID string, from, until time.Time) ([]Chart, error) {
	all, err := s.appointmentsBetween(ctx, "doctor_id = ?", doctorID, from, until)
	if err != nil {
		return nil, err
	}
	var out []Chart
	for _, a := range all {
		if a.Booking.Status.Live() {
			out = append(out, Chart{Appointment: a})
		}
	}
	return out, s.readIntakes(s.reader(ctx), out)
}

func (s *Store) chart(db, booking *gorm.DB) (Chart, error) {
	a, err := s.appointment(db, booking)
	if err != nil {
		return Chart{}, err
	}
	charts := []Chart{{Appointment: a}}
	err = s.readIntakes(db, charts)
	return charts[0], err
}

func (s *Store) readIntakes(db *gorm.DB, charts []Chart) error {
	ids := make([]string, len(charts))
	for i, c := range charts {
		ids[i] = c.Appointment.Booking.ID
	}
	var rows []intakeRow
	if err := db.Where("booking_id IN ?", ids).Find(&rows).Error; err != nil {
		return asUnavailable(err)
	}
	rowOf := byID(rows, func(r intakeRow) string { return r.BookingID })
	for i := range charts {
		row, ok := rowOf[ids[i]]
		if !ok {
			continue
		}
		var open sealedIntake
		if err := s.keyring.Open(seal.Answers, intakeAD(row.BookingID), row.Sealed, &open); err != nil {
			return err
		}
		charts[i].Intake = intake.Record{
			BookingID: row.BookingID, Version: row.Version, Answers: open.Answers, Done: open.Done,
			CompletedAt: row.CompletedAt, UpdatedAt: row.UpdatedAt.UTC(),
		}
	}
	return nil
}
