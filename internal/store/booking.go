package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

func bookingAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "bookings", ID: id} }

func (s *Store) openBooking(r bookingRow) (clinic.Booking, error) {
	b := clinic.Booking{
		ID: r.ID, Reference: r.Reference, SlotID: r.SlotID, PatientID: r.PatientID, Status: r.Status, Lang: r.Lang,
		TokenExpiresAt: r.TokenExpiresAt.UTC(), CreatedAt: r.CreatedAt.UTC(), CancelledAt: r.CancelledAt,
	}
	err := s.keyring.Open(seal.Contact, bookingAD(r.ID), r.Sealed, &b.Details)
	return b, err
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
	if replay != nil && (isConstraint(err, "replays") || clinic.CodeOf(err) == clinic.SlotTaken) {
		// PostgreSQL lets two transactions with the same key race; the loser finds the winner's receipt on a second look.
		if found, replayErr := s.replayed(s.write.WithContext(ctx), replay, &receipt); found || replayErr != nil {
			return receipt, asUnavailable(replayErr)
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
	// What needs no database is done before the turn to write is taken.
	draft, err := s.draft(r, now)
	if err != nil {
		return receipt, err
	}
	err = s.change(ctx, func(tx *gorm.DB) error {
		if found, err := s.replayed(tx, replay, &receipt); found || err != nil {
			return err
		}
		a, claim, err := wanted(tx, r.SlotID)
		if err != nil {
			return err
		}
		if a.Booking, err = draft.booking.Take(a.Slot, a.Branch, claim, r.Visitor, now); err != nil {
			return err
		}
		a.Patient = draft.patient
		if err := draft.insert(tx, a.Booking); err != nil {
			return err
		}
		if err := takeSlot(tx, clinic.Claim{SlotID: a.Slot.ID, BookingID: &a.Booking.ID}, r.Visitor, now); err != nil {
			return err
		}
		if err := s.insertLetter(tx, clinic.ConfirmationFor(a, draft.token, now)); err != nil {
			return err
		}
		receipt = receiptFor(a, draft.token)
		return s.insertReplay(tx, replay, receipt, now)
	})
	return receipt, err
}

// draft is a booking and its patient, sealed and ready to be written.
type draft struct {
	booking clinic.Booking
	patient clinic.Patient
	token   string
	sealed  []byte // the booking's details
	row     patientRow
	terms   []termRow
}

func (s *Store) draft(r clinic.Request, now time.Time) (draft, error) {
	d := draft{booking: clinic.NewBooking(r, now), patient: r.Patient, token: clinic.NewToken()}
	d.patient.ID, d.patient.CreatedAt = d.booking.PatientID, now
	var err error
	if d.row, d.terms, err = s.sealPatient(d.patient); err != nil {
		return d, err
	}
	d.sealed, err = s.keyring.Seal(seal.Contact, bookingAD(d.booking.ID), d.booking.Details)
	return d, err
}

// insert writes the draft once it has its slot.
func (d draft) insert(tx *gorm.DB, b clinic.Booking) error {
	row := bookingRow{
		b.ID, b.Reference, b.SlotID, b.PatientID, b.Status, b.Lang, clinic.TokenHash(d.token), b.TokenExpiresAt, d.sealed, b.CreatedAt, b.CancelledAt,
	}
	for _, row := range []any{&d.row, &d.terms, &row} {
		if err := tx.Create(row).Error; err != nil {
			return err
		}
	}
	return nil
}

// wanted is a slot with its branch, doctor and claim (nil for none), in one query because others wait for the turn to
// write. A slot that was withdrawn is unknown, at the field where the visitor chose it.
func wanted(tx *gorm.DB, slotID string) (a clinic.Appointment, claim *clinic.Claim, err error) {
	var claimed *string
	var found clinic.Claim
	err = tx.Raw(`SELECT s.id, s.branch_id, s.doctor_id, s.starts_at, s.ends_at,
			b.id, b.name, b.name_en, b.address, b.address_en, b.access, b.access_en, b.phone, b.zone,
			d.id, d.family_name, d.given_name, d.name_en, c.slot_id, c.visitor, c.expires_at, c.booking_id
		FROM slots s JOIN branches b ON b.id = s.branch_id JOIN doctors d ON d.id = s.doctor_id LEFT JOIN claims c ON c.slot_id = s.id
		WHERE s.id = ?`, slotID).Row().Scan(
		&a.Slot.ID, &a.Slot.BranchID, &a.Slot.DoctorID, &a.Slot.StartsAt, &a.Slot.EndsAt,
		&a.Branch.ID, &a.Branch.Name, &a.Branch.NameEn, &a.Branch.Address, &a.Branch.AddressEn, &a.Branch.Access, &a.Branch.AccessEn,
		&a.Branch.Phone, &a.Branch.Zone,
		&a.Doctor.ID, &a.Doctor.FamilyName, &a.Doctor.GivenName, &a.Doctor.NameEn, &claimed, &found.Visitor, &found.ExpiresAt, &found.BookingID)
	if errors.Is(err, sql.ErrNoRows) || isInvalidText(err) {
		err = &clinic.Error{Code: clinic.Invalid, Field: "slot_id", Message: "error.slot.unknown"}
	}
	if claimed != nil {
		found.SlotID, claim = *claimed, &found
	}
	a.Slot.StartsAt, a.Slot.EndsAt = a.Slot.StartsAt.UTC(), a.Slot.EndsAt.UTC()
	return a, claim, err
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
		if err := tx.Where("slot_id = ? AND booking_id = ?", a.Slot.ID, bookingID).Delete(&clinic.Claim{}).Error; err != nil {
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

func replayAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "replays", ID: id} }

// newReplay makes the row of a request's key, or nil when it has none.
func (s *Store) newReplay(r clinic.Request) (*replayRow, error) {
	if r.Key == "" {
		return nil, nil //nolint:nilnil // no key, nothing to remember
	}
	id, err := s.keyring.BlindIndexText("idempotency-key", r.Key)
	if err != nil {
		return nil, err
	}
	// What is not of the caller's content differs between a request and its replay: the instant and the text of a consent,
	// the language that the answer is read in, the browser.
	consents := make([]clinic.Consent, len(r.Details.Consents))
	for i, c := range r.Details.Consents {
		consents[i] = clinic.Consent{Kind: c.Kind}
	}
	r.Details.Consents, r.Visitor, r.Lang = consents, nil, ""
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	content, err := s.keyring.BlindIndex("idempotency-content", string(text))
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
	return true, s.keyring.Open(seal.Contact, replayAD(replay.ID), rows[0].Sealed, receipt)
}

func (s *Store) insertReplay(tx *gorm.DB, replay *replayRow, receipt clinic.Receipt, now time.Time) error {
	if replay == nil {
		return nil
	}
	sealed, err := s.keyring.Seal(seal.Contact, replayAD(replay.ID), receipt)
	if err != nil {
		return err
	}
	row := replayRow{replay.ID, replay.Content, sealed, now}
	return tx.Create(&row).Error
}
