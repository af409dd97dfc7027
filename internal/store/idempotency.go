package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
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

	Otherwise map[string][]byte `gorm:"-"` // the content by the id, under every other key
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
	ids, err := s.keyring.BlindIndexTexts("idempotency-key", r.Key)
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
	contents, err := s.keyring.BlindIndexes("idempotency-content", string(text))
	if err != nil {
		return nil, err
	}
	row := &idempotencyRow{ID: ids[0], Content: contents[0].Term, Otherwise: map[string][]byte{}}
	for i := 1; i < min(len(ids), len(contents)); i++ {
		row.Otherwise[ids[i]] = contents[i].Term
	}
	return row, nil
}

// repeated looks for the answer to an earlier request with the same key. Where the key was used for another request it
// returns KeyReused.
func (s *Store) repeated(ctx context.Context, key *idempotencyRow) (receipt clinic.Receipt, found bool, err error) {
	var row idempotencyRow
	ids := append(slices.Collect(maps.Keys(key.Otherwise)), key.ID)
	if err := one(s.reader(ctx).Where("id IN ?", ids), &row); clinic.CodeOf(err) == clinic.NotFound {
		return receipt, false, nil
	} else if err != nil {
		return receipt, false, err
	}
	content := key.Content
	if row.ID != key.ID {
		content = key.Otherwise[row.ID]
	}
	if string(row.Content) != string(content) {
		return receipt, true, &clinic.Error{Code: clinic.KeyReused, Field: "Idempotency-Key", Message: "error.key_reused"}
	}
	var stored storedReceipt
	if err := s.keyring.Open(seal.Contact, idempotencyAD(row.ID), row.Sealed, &stored); err != nil {
		return receipt, true, err
	}
	// How the booking stands is said as it is now: it may have been cancelled since, or its address corrected.
	receipt = stored.receipt()
	if err := s.reader(ctx).Raw("SELECT status FROM bookings WHERE id = ?", receipt.BookingID).Row().Scan(&receipt.Status); err != nil {
		return receipt, true, asUnavailable(err)
	}
	receipt.Token, err = s.liveToken(ctx, receipt.Token)
	return receipt, true, err
}

func (c *change) insertIdempotencyKey(key *idempotencyRow, receipt clinic.Receipt) error {
	if key == nil {
		return nil
	}
	if len(key.Otherwise) > 0 {
		var used int64
		if err := c.Table("idempotency_keys").Where("id IN ?", slices.Collect(maps.Keys(key.Otherwise))).Count(&used).Error; err != nil {
			return err
		}
		if used > 0 {
			return &clinic.Error{Code: clinic.KeyReused, Field: "Idempotency-Key", Message: "error.key_reused"}
		}
	}
	sealed, err := c.store.keyring.Seal(seal.Contact, idempotencyAD(key.ID), storeReceipt(receipt))
	if err != nil {
		return err
	}
	_, err = c.insert("INSERT INTO idempotency_keys (id, content, sealed, created_at) VALUES (?, ?, ?, ?)", key.ID, key.Content, sealed, c.now)
	return err
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
	_, err = c.insert(`INSERT INTO idempotency_keys (id, content, sealed, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at`, id, []byte{}, sealed, c.now)
	return err
}

// BookedUnder is what was answered to the one who booked under a key of clinic.Request, Key or Own, with the token of liveToken.
// Where there is none, or the booking was cancelled since, it returns NotFound.
func (s *Store) BookedUnder(ctx context.Context, key string) (clinic.Receipt, error) {
	if key == "" {
		return clinic.Receipt{}, NotFound()
	}
	receipt, err := s.keptUnder(ctx, key)
	if err != nil {
		return clinic.Receipt{}, err
	}
	var live int64
	err = s.reader(ctx).Table("bookings").Where("id = ? AND live", receipt.BookingID).Count(&live).Error
	if err == nil && live == 0 {
		err = NotFound()
	}
	if err == nil {
		receipt.Token, err = s.liveToken(ctx, receipt.Token)
	}
	return receipt, asUnavailable(err)
}

// keptUnder is the receipt that is kept under a key, as it was written, or NotFound.
func (s *Store) keptUnder(ctx context.Context, key string) (clinic.Receipt, error) {
	ids, err := s.keyring.BlindIndexTexts("idempotency-key", key)
	if err != nil {
		return clinic.Receipt{}, err
	}
	var row idempotencyRow
	if err := one(s.reader(ctx).Where("id IN ?", ids).Order("created_at DESC"), &row); err != nil {
		return clinic.Receipt{}, err
	}
	var stored storedReceipt
	err = s.keyring.Open(seal.Contact, idempotencyAD(row.ID), row.Sealed, &stored)
	return stored.receipt(), err
}

// successorKey is the key under which the link is kept that took another's place when a patient corrected their address. No request
// has such a key: those of forms, visitors and programs begin otherwise.
func successorKey(token string) string { return "link:" + token }

// liveToken is the token that whoever was given one may have now: the same while its link stands, and otherwise the one to which the
// patient's own corrections have led. Where reception corrected the address it is "", because somebody else may have been given the
// link before, and the new one is for the reader of the new letter only.
func (s *Store) liveToken(ctx context.Context, token string) (string, error) {
	for {
		var standing int64
		err := s.reader(ctx).Table("links").Where("token_hash = ? AND revoked_at IS NULL", clinic.TokenHash(token)).Count(&standing).Error
		if err != nil || standing > 0 {
			return token, asUnavailable(err)
		}
		next, err := s.keptUnder(ctx, successorKey(token))
		if clinic.CodeOf(err) == clinic.NotFound {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		token = next.Token
	}
}
