package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// bookingRow is a booking as it is stored.
type bookingRow struct {
	ID             string
	Reference      string
	SlotID         string
	PatientID      string
	Status         clinic.Status
	Lang           string
	TokenHash      []byte
	TokenExpiresAt time.Time
	Sealed         []byte
	CreatedAt      time.Time
	CancelledAt    *time.Time
}

// TableName is the table of bookingRow.
func (bookingRow) TableName() string { return "bookings" }

func bookingPlace(id string) seal.Place { return seal.Place{Table: "bookings", ID: id} }

func (s *Store) sealBooking(b clinic.Booking, token string) (bookingRow, error) {
	sealed, err := s.safe.Seal(seal.Contact, bookingPlace(b.ID), b.Details)
	return bookingRow{
		b.ID, b.Reference, b.SlotID, b.PatientID, b.Status, b.Lang, clinic.TokenHash(token), b.TokenExpiresAt, sealed,
		b.CreatedAt, b.CancelledAt,
	}, err
}

func (s *Store) openBooking(r bookingRow) (clinic.Booking, error) {
	b := clinic.Booking{
		ID: r.ID, Reference: r.Reference, SlotID: r.SlotID, PatientID: r.PatientID, Status: r.Status, Lang: r.Lang,
		TokenExpiresAt: r.TokenExpiresAt.UTC(), CreatedAt: r.CreatedAt.UTC(), CancelledAt: r.CancelledAt,
	}
	return b, s.safe.Open(seal.Contact, bookingPlace(r.ID), r.Sealed, &b.Details)
}

// Book gives a slot to a patient: the patient, the booking, the slot's claim and the letter are written in one
// transaction, and when Book returns without an error they are on disk. It is the one place through which bookings are
// written.
//
// Somebody else's claim answers SlotTaken and a slot that has begun SlotPast. With an idempotency key, the same request
// again has no further effect and gets the same receipt; another request under the same key answers KeyReused.
func (s *Store) Book(ctx context.Context, r clinic.Request) (clinic.Receipt, error) {
	replay, err := s.newReplay(r)
	if err != nil {
		return clinic.Receipt{}, err
	}
	receipt, err := s.book(ctx, r, replay)
	if broke(err, "claims", "bookings_one_live_per_slot", "bookings.slot_id") {
		err = clinic.TakenError()
	}
	if replay != nil && (broke(err, "replays") || clinic.CodeOf(err) == clinic.SlotTaken) {
		// PostgreSQL lets two transactions with the same key race; the loser finds the winner's receipt on a second look.
		if found, replayErr := s.replayed(s.write.WithContext(ctx), replay, &receipt); found || replayErr != nil {
			return receipt, outage(replayErr)
		}
	}
	if err == nil {
		s.letterWritten()
	}
	return receipt, err
}

func (s *Store) book(ctx context.Context, r clinic.Request, replay *replayRow) (clinic.Receipt, error) {
	var receipt clinic.Receipt
	now := s.now()
	err := s.change(ctx, func(tx *gorm.DB) error {
		if found, err := s.replayed(tx, replay, &receipt); found || err != nil {
			return err
		}
		var slot clinic.Slot
		if err := one(tx.Where("id = ?", r.SlotID), &slot); err != nil {
			return slotGone(err)
		}
		claim, err := claimOf(tx, slot.ID)
		if err != nil {
			return err
		}
		booking, err := clinic.NewBooking(r, slot, claim, now)
		if err != nil {
			return err
		}
		a := clinic.Appointment{Booking: booking, Slot: slot, Patient: r.Patient}
		if err := one(tx.Where("id = ?", slot.BranchID), &a.Branch); err != nil {
			return err
		}
		if err := one(tx.Where("id = ?", slot.DoctorID), &a.Doctor); err != nil {
			return err
		}
		a.Patient.ID, a.Patient.CreatedAt = booking.PatientID, now
		token := clinic.NewToken()
		if err := s.insertBooking(tx, a, token); err != nil {
			return err
		}
		if err := takeSlot(tx, clinic.Claim{SlotID: slot.ID, BookingID: &booking.ID}, r.Visitor, now); err != nil {
			return err
		}
		if err := s.insertLetter(tx, clinic.ConfirmationFor(a, token, now)); err != nil {
			return err
		}
		receipt = receiptFor(a, token)
		return s.insertReplay(tx, replay, receipt, now)
	})
	return receipt, err
}

// slotGone tells a visitor whose slot was withdrawn the same as one whose slot was taken: there are other times.
func slotGone(err error) error {
	if clinic.CodeOf(err) == clinic.NotFound {
		return &clinic.Error{Code: clinic.Invalid, Field: "slot_id", Message: "error.slot.unknown"}
	}
	return err
}

func claimOf(tx *gorm.DB, slotID string) (*clinic.Claim, error) {
	var claims []clinic.Claim
	if err := tx.Where("slot_id = ?", slotID).Limit(1).Find(&claims).Error; err != nil || len(claims) == 0 {
		return nil, err
	}
	return &claims[0], nil
}

func (s *Store) insertBooking(tx *gorm.DB, a clinic.Appointment, token string) error {
	patient, terms, err := s.sealPatient(a.Patient)
	if err != nil {
		return err
	}
	booking, err := s.sealBooking(a.Booking, token)
	if err != nil {
		return err
	}
	for _, row := range []any{&patient, &terms, &booking} {
		if err := tx.Create(row).Error; err != nil {
			return err
		}
	}
	return nil
}

func receiptFor(a clinic.Appointment, token string) clinic.Receipt {
	return clinic.Receipt{
		BookingID: a.Booking.ID, Reference: a.Booking.Reference, Token: token, Status: a.Booking.Status,
		StartsAt: a.Slot.StartsAt.UTC(), EndsAt: a.Slot.EndsAt.UTC(), BranchID: a.Branch.ID, Branch: a.Branch.In(a.Booking.Lang).Name,
		DoctorID: a.Doctor.ID, Doctor: a.Doctor.Name(a.Booking.Lang),
	}
}

// Cancel ends a booking for the clinic: the slot is free again, a confirmation that has not gone out is withdrawn, and
// the patient is told by letter, all in one transaction.
func (s *Store) Cancel(ctx context.Context, bookingID string) error {
	now := s.now()
	err := s.change(ctx, func(tx *gorm.DB) error {
		a, err := s.appointment(tx, tx.Where("id = ?", bookingID))
		if err != nil {
			return err
		}
		before := a.Booking.Status
		cancelled, err := a.Booking.Cancel(now)
		if err != nil {
			return err
		}
		a.Booking = cancelled
		// The status in the condition makes the second of two simultaneous cancellations meet no row.
		q := tx.Model(&bookingRow{}).Where("id = ? AND status = ?", bookingID, before).
			Updates(map[string]any{"status": cancelled.Status, "cancelled_at": cancelled.CancelledAt})
		if q.Error == nil && q.RowsAffected == 0 {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.cancel.status"}
		}
		if q.Error != nil {
			return q.Error
		}
		if err := tx.Where("booking_id = ?", bookingID).Delete(&clinic.Claim{}).Error; err != nil {
			return err
		}
		if err := withdrawLetters(tx, bookingID); err != nil {
			return err
		}
		return s.insertLetter(tx, clinic.CancellationFor(a, now))
	})
	if err == nil {
		s.letterWritten()
	}
	return err
}

// replayRow remembers what was answered to an idempotency key. Key and content are keyed terms, the receipt is sealed.
type replayRow struct {
	ID        string
	Content   []byte
	Sealed    []byte
	CreatedAt time.Time
}

// TableName is the table of replayRow.
func (replayRow) TableName() string { return "replays" }

func replayPlace(id string) seal.Place { return seal.Place{Table: "replays", ID: id} }

// newReplay makes the row of a request's key, or nil when it has none.
func (s *Store) newReplay(r clinic.Request) (*replayRow, error) {
	if r.Key == "" {
		return nil, nil //nolint:nilnil // no key, nothing to remember
	}
	id, err := s.safe.TermText("idempotency-key", r.Key)
	if err != nil {
		return nil, err
	}
	// The instant of a consent is when it was sent, which differs between a request and its replay.
	consents := make([]clinic.Consent, len(r.Details.Consents))
	for i, c := range r.Details.Consents {
		consents[i] = clinic.Consent{Kind: c.Kind, Version: c.Version}
	}
	r.Details.Consents, r.Visitor = consents, nil
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	content, err := s.safe.Term("idempotency-content", string(text))
	return &replayRow{ID: id, Content: content}, err
}

// replayed looks for the answer to an earlier request with the same key.
func (s *Store) replayed(tx *gorm.DB, replay *replayRow, receipt *clinic.Receipt) (bool, error) {
	if replay == nil {
		return false, nil
	}
	var rows []replayRow
	if err := tx.Where("id = ?", replay.ID).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return false, err
	}
	if string(rows[0].Content) != string(replay.Content) {
		return true, &clinic.Error{Code: clinic.KeyReused, Field: "Idempotency-Key", Message: "error.key_reused"}
	}
	return true, s.safe.Open(seal.Contact, replayPlace(replay.ID), rows[0].Sealed, receipt)
}

func (s *Store) insertReplay(tx *gorm.DB, replay *replayRow, receipt clinic.Receipt, now time.Time) error {
	if replay == nil {
		return nil
	}
	sealed, err := s.safe.Seal(seal.Contact, replayPlace(replay.ID), receipt)
	if err != nil {
		return err
	}
	row := replayRow{replay.ID, replay.Content, sealed, now}
	return tx.Create(&row).Error
}
