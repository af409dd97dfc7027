package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
)

// sessionRow is one signed-in browser. The cookie's token is stored as a hash only.
type sessionRow struct {
	TokenHash []byte `gorm:"primaryKey"`
	StaffID   *string
	Data      []byte
	ExpiresAt time.Time
}

// TableName is the table of sessionRow.
func (sessionRow) TableName() string { return "sessions" }

// Session is the data of a session that has not expired, or NotFound.
func (s *Store) Session(ctx context.Context, token string) ([]byte, error) {
	var row sessionRow
	err := one(s.reader(ctx).Where("token_hash = ? AND expires_at > ?", clinic.TokenHash(token), s.now()), &row)
	return row.Data, err
}

// SaveSession stores a session; staffID is empty while nobody has signed in.
func (s *Store) SaveSession(ctx context.Context, token, staffID string, data []byte, expires time.Time) error {
	row := sessionRow{TokenHash: clinic.TokenHash(token), Data: data, ExpiresAt: expires.UTC()}
	if staffID != "" {
		row.StaffID = &staffID
	}
	return outage(s.write.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// EndSession forgets a session.
func (s *Store) EndSession(ctx context.Context, token string) error {
	return outage(s.write.WithContext(ctx).Where("token_hash = ?", clinic.TokenHash(token)).Delete(&sessionRow{}).Error)
}

// Purge removes what has served: sessions and sign-in counts that ended, holds that expired, and what was answered to
// idempotency keys more than a week ago.
func (s *Store) Purge(ctx context.Context) error {
	now := s.now()
	for _, q := range []struct {
		sql  string
		when time.Time
	}{
		{"DELETE FROM sessions WHERE expires_at <= ?", now},
		{"DELETE FROM sign_in_failures WHERE ends_at <= ?", now},
		{"DELETE FROM claims WHERE booking_id IS NULL AND expires_at <= ?", now},
		{"DELETE FROM replays WHERE created_at <= ?", now.AddDate(0, 0, -7)},
	} {
		if err := s.write.WithContext(ctx).Exec(q.sql, q.when).Error; err != nil {
			return outage(err)
		}
	}
	return nil
}
