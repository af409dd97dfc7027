package store

import (
	"context"
	"reflect"
	"time"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

// intakeRow is an intake as it is stored. What was answered is sealed under the key of the answers.
type intakeRow struct {
	BookingID   string `gorm:"primaryKey"`
	Revision    int
	Sealed      []byte
	CompletedAt *time.Time
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of intakeRow.
func (intakeRow) TableName() string { return "intakes" }

func intakeAD(bookingID string) seal.AssociatedData {
	return seal.AssociatedData{Table: "intakes", ID: bookingID}
}

// Intake is what the patient's link opens.
func (s *Store) Intake(ctx context.Context, patient clinic.Actor) (Chart, error) {
	c, err := s.chart(s.reader(ctx), byLink, clinic.TokenHash(patient.Token), s.now())
	return c, wrap("Intake", err)
}

// AnswerIntake changes the intake behind a patient's link. answer gets what is stored and returns what to store; when it
// fails, nothing is stored and its error is returned, and nothing is stored either where it returns what it got. What is stored is the next revision of the intake, so that answer can
// tell what has changed since a page was drawn (intake.Receive). A booking that was cancelled, or whose counseling is over,
// answers Conflict. What is complete is kept as a version of its own as well, so that a later change leaves it as it was sent.
func (s *Store) AnswerIntake(ctx context.Context, patient clinic.Actor, answer func(Chart) (intake.Record, error)) (Chart, error) {
	var c Chart
	err := s.change(ctx, "AnswerIntake", patient, func(tx *change) error {
		// Locked, because two tabs saving at once would otherwise both read the old answers.
		bookingID, err := tx.lockBooking(byLink, clinic.TokenHash(patient.Token), tx.now)
		if err != nil {
			return err
		}
		tx.aboutBooking(bookingID)
		if c, err = s.chart(tx.DB, "b.id = "+aText, bookingID); err != nil {
			return err
		}
		if err := c.Appointment.CheckAnswers(tx.now); err != nil {
			return err
		}
		record, err := answer(c)
		if err != nil {
			return err
		}
		if reflect.DeepEqual(record, c.Intake) { // nothing was given that was not given before
			return nil
		}
		record = record.Follow(c.Intake)
		record.BookingID, record.Version = bookingID, c.Appointment.Booking.QuestionnaireVersion
		c.Intake = record
		c.Appointment.Answered = record.CompletedAt != nil
		tx.changed(c.Appointment.Branch, c.Appointment.Slot.StartsAt)
		return tx.insertIntake(record)
	})
	return c, err
}

// insertIntake writes an intake over the one before.
func (c *change) insertIntake(r intake.Record) error {
	sealed, err := c.store.keyring.Seal(seal.Answers, intakeAD(r.BookingID), storeIntake(r))
	if err != nil {
		return err
	}
	row := intakeRow{r.BookingID, r.Revision, sealed, r.CompletedAt, r.UpdatedAt.UTC()}
	if err := c.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil || r.CompletedAt == nil {
		return err
	}
	return c.Exec("INSERT INTO intake_versions (booking_id, revision, sealed, sent_at) VALUES (?, ?, ?, ?)", r.BookingID, r.Revision, sealed, row.UpdatedAt).Error
}
