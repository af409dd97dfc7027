package store

import (
	"context"
	"encoding/json"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// idempotencyRow remembers what was answered to an idempotency key. Key and content are blind indexes, the receipt is
// sealed.
type idempotencyRow struct {
	ID        string
	Content   []byte
	Sealed    []byte
	CreatedAt time.Time
}

// TableName is the table of idempotencyRow.
func (idempotencyRow) TableName() string { return "idempotency_keys" }

func idempotencyAD(id string) seal.AssociatedData {
	return seal.AssociatedData{Table: "idempotency_keys", ID: id}
}

// newIdempotencyKey makes the row of a request's key, or nil when it has none.
func (s *Store) newIdempotencyKey(r clinic.Request) (*idempotencyRow, error) {
	if r.Key == "" {
		return nil, nil //nolint:nilnil // no key, nothing to remember
	}
	id, err := s.keyring.BlindIndexText("idempotency-key", r.Key)
	if err != nil {
		return nil, err
	}
	// What is not of the caller's content differs between a request and its repetition: the instant and the text of a
	// consent, the language that the answer is read in, the version of the questionnaire, and whether it was asked about another.
	consents := make([]clinic.Consent, len(r.Details.Consents))
	for i, c := range r.Details.Consents {
		consents[i] = clinic.Consent{Kind: c.Kind}
	}
	r.Details.Consents = consents
	text, err := json.Marshal(struct {
		SlotID                     string
		Patient                    clinic.Patient
		Details                    clinic.Details
		Lang, QuestionnaireVersion string
		Key                        string
	}{SlotID: r.SlotID, Patient: r.Patient, Details: r.Details, Key: r.Key})
	if err != nil {
		return nil, err
	}
	content, err := s.keyring.BlindIndex("idempotency-content", string(text))
	return &idempotencyRow{ID: id, Content: content}, err
}

// repeated looks for the answer to an earlier request with the same key. Where the key was used for another request it
// returns KeyReused.
func (s *Store) repeated(ctx context.Context, key *idempotencyRow) (receipt clinic.Receipt, found bool, err error) {
	var row idempotencyRow
	if err := one(s.reader(ctx).Where("id = ?", key.ID), &row); clinic.CodeOf(err) == clinic.NotFound {
		return receipt, false, nil
	} else if err != nil {
		return receipt, false, err
	}
	if string(row.Content) != string(key.Content) {
		return receipt, true, &clinic.Error{Code: clinic.KeyReused, Field: "Idempotency-Key", Message: "error.key_reused"}
	}
	var stored storedReceipt
	if err := s.keyring.Open(seal.Contact, idempotencyAD(key.ID), row.Sealed, &stored); err != nil {
		return receipt, true, err
	}
	// How the booking stands is said as it is now: it may have been cancelled since.
	receipt = stored.receipt()
	err = s.reader(ctx).Raw("SELECT status FROM bookings WHERE id = ?", receipt.BookingID).Row().Scan(&receipt.Status)
	return receipt, true, asUnavailable(err)
}

func (c *change) insertIdempotencyKey(key *idempotencyRow, receipt clinic.Receipt) error {
	if key == nil {
		return nil
	}
	sealed, err := c.store.keyring.Seal(seal.Contact, idempotencyAD(key.ID), storeReceipt(receipt))
	if err != nil {
		return err
	}
	return c.Exec("INSERT INTO idempotency_keys (id, content, sealed, created_at) VALUES (?, ?, ?, ?)", key.ID, key.Content, sealed, c.now).Error
}

// keepOwn remembers what was answered to a visitor under a key of their own. Who books a slot again that the clinic had cancelled
// for them finds the later booking.
func (c *change) keepOwn(id string, receipt clinic.Receipt) error {
	if id == "" {
		return nil
	}
	sealed, err := c.store.keyring.Seal(seal.Contact, idempotencyAD(id), storeReceipt(receipt))
	if err != nil {
		return err
	}
	return c.Exec(`INSERT INTO idempotency_keys (id, content, sealed, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at`, id, []byte{}, sealed, c.now).Error
}

// BookedUnder is what was answered to the one who booked under a key of clinic.Request, Key or Own. Where there is none, or the
// booking was cancelled since, it returns NotFound.
func (s *Store) BookedUnder(ctx context.Context, key string) (clinic.Receipt, error) {
	if key == "" {
		return clinic.Receipt{}, NotFound()
	}
	id, err := s.keyring.BlindIndexText("idempotency-key", key)
	if err != nil {
		return clinic.Receipt{}, err
	}
	var row idempotencyRow
	if err := one(s.reader(ctx).Where("id = ?", id), &row); err != nil {
		return clinic.Receipt{}, err
	}
	var stored storedReceipt
	if err := s.keyring.Open(seal.Contact, idempotencyAD(id), row.Sealed, &stored); err != nil {
		return clinic.Receipt{}, err
	}
	var live int64
	err = s.reader(ctx).Table("bookings").Where("id = ? AND live", stored.receipt().BookingID).Count(&live).Error
	if err == nil && live == 0 {
		err = NotFound()
	}
	return stored.receipt(), asUnavailable(err)
}
