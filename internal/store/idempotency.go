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
	// consent, the language that the answer is read in, and the version of the questionnaire.
	consents := make([]clinic.Consent, len(r.Details.Consents))
	for i, c := range r.Details.Consents {
		consents[i] = clinic.Consent{Kind: c.Kind}
	}
	r.Details.Consents, r.Lang, r.QuestionnaireVersion = consents, "", ""
	text, err := json.Marshal(r)
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
