package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey"
)

// askedFor is for what a browser was asked for a passkey. An answer to one question is none to another.
type askedFor string

const (
	askedToAdd    askedFor = "add"
	askedToSignIn askedFor = "sign-in" // with nothing else
	askedSecond   askedFor = "second"  // after the password
	askedProof    askedFor = "proof"   // by whoever is signed in
)

// questionRow is what a browser was asked, by the hash of the cookie that it had.
type questionRow struct {
	Holder    []byte
	Kind      askedFor
	Kept      []byte
	CreatedAt time.Time
}

// TableName is the table of questionRow.
func (questionRow) TableName() string { return "passkey_questions" }

// ask remembers what a browser is asked, in the place of what it was asked before.
func (s *Store) ask(ctx context.Context, actor clinic.Actor, holder string, kind askedFor, q passkey.Question) error {
	return s.change(ctx, "AskForPasskey", actor, func(tx *change) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "holder"}, {Name: "kind"}}, DoUpdates: clause.AssignmentColumns([]string{"kept", "created_at"}),
		}).Create(&questionRow{clinic.TokenHash(holder), kind, q.Kept, tx.now}).Error
	})
}

// takeQuestion takes what a browser was asked, so that it is answered once, whatever comes of the answer: of many answers at once one gets it.
func (s *Store) takeQuestion(ctx context.Context, actor clinic.Actor, holder string, kind askedFor) (kept []byte, err error) {
	err = s.change(ctx, "TakeQuestion", actor, func(tx *change) error {
		var row questionRow
		found := tx.Raw("DELETE FROM passkey_questions WHERE holder = ? AND kind = ? RETURNING kept, created_at", clinic.TokenHash(holder), string(kind)).Scan(&row)
		kept = nil
		if found.Error == nil && found.RowsAffected == 1 && tx.now.Before(row.CreatedAt.Add(clinic.PasskeyLife)) {
			kept = row.Kept
		}
		return found.Error
	})
	if err == nil && kept == nil {
		err = passkeyRefused(clinic.Invalid, "error.passkey.late")
	}
	return kept, err
}
