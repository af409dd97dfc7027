package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// sessionRow is a session as it is stored. The cookie's token is stored as a hash only.
type sessionRow struct {
	TokenHash []byte
	StaffID   string
	CreatedAt time.Time
	SeenAt    time.Time
}

// TableName is the table of sessionRow.
func (sessionRow) TableName() string { return "sessions" }

// StartSession makes a new session for a member of staff and returns its token. The session that the browser had before
// ends, so that a token known from before the sign-in opens nothing.
func (s *Store) StartSession(ctx context.Context, staff clinic.Staff, before string) (token string, err error) {
	token = clinic.NewToken()
	return token, s.change(ctx, "StartSession", clinic.StaffActor(staff), func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn}}
		if err := tx.endSession(before); err != nil {
			return err
		}
		row := sessionRow{clinic.TokenHash(token), staff.ID, tx.now, tx.now}
		return tx.Create(&row).Error
	})
}

// seenEvery is how often a session's last request is written down; not with each request, because each is a write.
const seenEvery = time.Minute

// SignedIn is the member of staff of a live session, or Unauthorized, and keeps the session going. Who is no longer active has no
// session.
func (s *Store) SignedIn(ctx context.Context, token string) (clinic.Staff, error) {
	staff, row, err := s.signedIn(ctx, token)
	if err != nil {
		return clinic.Staff{}, err
	}
	if s.now().Sub(row.SeenAt) >= seenEvery {
		err = s.change(ctx, "SignedIn", clinic.StaffActor(staff), func(tx *change) error {
			return tx.Exec("UPDATE sessions SET seen_at = ? WHERE token_hash = ?", tx.now, row.TokenHash).Error
		})
	}
	if clinic.CodeOf(err) == clinic.Unavailable {
		// A full disk keeps nobody from reading. The session just ends by its last note, should it stay so.
		err = nil
	}
	return staff, err
}

// StillSignedIn is SignedIn for what a page does by itself: it does not keep the session going, so that a desk that everybody has left
// is signed out however much happens on its calendar.
func (s *Store) StillSignedIn(ctx context.Context, token string) (clinic.Staff, error) {
	staff, _, err := s.signedIn(ctx, token)
	return staff, err
}

// signedIn is whoever has a live session, with the session. It is one query, scanned by hand, because every request of the staff and
// everything that an open calendar is told begins with it.
func (s *Store) signedIn(ctx context.Context, token string) (clinic.Staff, sessionRow, error) {
	session, row := sessionRow{TokenHash: clinic.TokenHash(token)}, staffRow{}
	rows, err := s.reader(ctx).Raw(`SELECT e.created_at, e.seen_at, p.id, p.role, p.doctor_id, p.every_branch, p.password_hash, p.active, p.sealed, p.created_at, b.branch_id
		FROM sessions e JOIN staff p ON p.id = e.staff_id LEFT JOIN staff_branches b ON b.staff_id = p.id
		WHERE e.token_hash = ? ORDER BY b.branch_id`, session.TokenHash).Rows()
	if err != nil {
		return clinic.Staff{}, session, asUnavailable(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var branches []string
	for rows.Next() {
		var branch *string
		err := rows.Scan(&session.CreatedAt, &session.SeenAt, &row.ID, &row.Role, &row.DoctorID, &row.EveryBranch, &row.PasswordHash, &row.Active, &row.Sealed, &row.CreatedAt, &branch)
		if err != nil {
			return clinic.Staff{}, session, err
		}
		if branch != nil {
			branches = append(branches, *branch)
		}
	}
	if err := rows.Err(); err != nil {
		return clinic.Staff{}, session, asUnavailable(err)
	}
	session.StaffID = row.ID
	live := clinic.Session{StaffID: row.ID, CreatedAt: session.CreatedAt, SeenAt: session.SeenAt}
	if row.ID == "" || !row.Active || !live.Live(s.now()) {
		return clinic.Staff{}, session, unauthorized()
	}
	staff, err := s.openStaff(row, branches)
	return staff, session, err
}

func unauthorized() error {
	return &clinic.Error{Code: clinic.Unauthorized, Message: "error.unauthorized"}
}

// EndSession forgets the session of a member of staff.
func (s *Store) EndSession(ctx context.Context, actor clinic.Actor, token string) error {
	return s.change(ctx, "EndSession", actor, func(tx *change) error { return tx.endSession(token) })
}

func (c *change) endSession(token string) error {
	return c.Where("token_hash = ?", clinic.TokenHash(token)).Delete(&sessionRow{}).Error
}

// Purge removes what has served: sessions and sign-in counts that ended, holds that expired, workers that ended, and what was
// answered to idempotency keys more than a week ago.
func (s *Store) Purge(ctx context.Context) error {
	return s.change(ctx, "Purge", clinic.Job("purge"), func(tx *change) error {
		for _, q := range []struct {
			sql  string
			when time.Time
		}{
			{"DELETE FROM sessions WHERE seen_at <= ?", tx.now.Add(-clinic.SessionIdle)},
			{"DELETE FROM sign_in_failures WHERE ends_at <= ?", tx.now},
			{"DELETE FROM claims WHERE expires_at <= ?", tx.now},
			{"DELETE FROM idempotency_keys WHERE created_at <= ?", tx.now.AddDate(0, 0, -7)},
			{"DELETE FROM lost_requests WHERE created_at <= ?", tx.now.Add(-clinic.LostKept)},
			{"DELETE FROM note_screens WHERE seen_at <= ?", tx.now.Add(-clinic.NoteScreenLife)},
			{"DELETE FROM workers WHERE seen_at <= ?", tx.now.AddDate(0, 0, -1)},
		} {
			if err := tx.Exec(q.sql, q.when).Error; err != nil {
				return err
			}
		}
		return tx.eraseWaiting()
	})
}
