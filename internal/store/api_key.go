package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// apiKeyRow is an API key as it is stored. Its token is stored as a hash only.
type apiKeyRow struct {
	ID        string
	Name      string
	TokenHash []byte
	CreatedAt time.Time
	UsedAt    *time.Time
	RevokedAt *time.Time
}

// TableName is the table of apiKeyRow.
func (apiKeyRow) TableName() string { return "api_keys" }

func (r apiKeyRow) key() clinic.APIKey {
	return clinic.APIKey{ID: r.ID, Name: r.Name, CreatedAt: r.CreatedAt.UTC(), UsedAt: inUTC(r.UsedAt), RevokedAt: inUTC(r.RevokedAt)}
}

func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// AddAPIKey makes a key under a checked name and returns its token, which is stored nowhere. A name that a key has which is not
// revoked answers Conflict, so that a name says which key is meant.
func (s *Store) AddAPIKey(ctx context.Context, actor clinic.Actor, name string) (key clinic.APIKey, token string, err error) {
	token = clinic.NewAPIToken()
	err = s.change(ctx, "AddAPIKey", actor, func(tx *change) error {
		if err := tx.advisoryLock("api keys"); err != nil {
			return err
		}
		var same int64
		if err := tx.Model(&apiKeyRow{}).Where("name = ? AND revoked_at IS NULL", name).Count(&same).Error; err != nil {
			return err
		}
		if same > 0 {
			return &clinic.Error{Code: clinic.Conflict, Field: "name", Message: "error.api_key.name"}
		}
		row := apiKeyRow{ID: clinic.NewIDAt(tx.now), Name: name, TokenHash: clinic.TokenHash(token), CreatedAt: tx.now}
		key = row.key()
		return tx.Create(&row).Error
	})
	return key, token, err
}

// APIKeys are all keys, revoked ones too, oldest first.
func (s *Store) APIKeys(ctx context.Context) ([]clinic.APIKey, error) {
	var rows []apiKeyRow
	if err := s.reader(ctx).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, wrap("APIKeys", asUnavailable(err))
	}
	keys := make([]clinic.APIKey, len(rows))
	for i, r := range rows {
		keys[i] = r.key()
	}
	return keys, nil
}

// RevokeAPIKey makes a key useless from now on, by its name or its id. Where there is none that is not revoked yet it answers
// NotFound.
func (s *Store) RevokeAPIKey(ctx context.Context, actor clinic.Actor, nameOrID string) error {
	return s.change(ctx, "RevokeAPIKey", actor, func(tx *change) error {
		return mustChange(tx.Model(&apiKeyRow{}).Where("(id = ? OR name = ?) AND revoked_at IS NULL", nameOrID, nameOrID).Update("revoked_at", tx.now))
	})
}

// APIKey is the key of a token, or Unauthorized for one that is unknown or revoked.
func (s *Store) APIKey(ctx context.Context, token string) (clinic.APIKey, error) {
	var row apiKeyRow
	err := one(s.reader(ctx).Where("token_hash = ? AND revoked_at IS NULL", clinic.TokenHash(token)), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		err = &clinic.Error{Code: clinic.Unauthorized, Message: "error.api_key"}
	}
	return row.key(), wrap("APIKey", err)
}

// used notes, once a minute, that an API key was booked with.
func (c *change) used(key clinic.APIKey) error {
	if key.ID == "" || key.UsedAt != nil && c.now.Sub(*key.UsedAt) < seenEvery {
		return nil
	}
	return c.Exec("UPDATE api_keys SET used_at = ? WHERE id = ?", c.now, key.ID).Error
}
