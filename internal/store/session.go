package store

import (
	"context"
	"encoding/hex"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// sessionRow is a session as it is stored. The cookie's token is stored as a hash only, and the browser sealed.
type sessionRow struct {
	TokenHash    []byte
	StaffID      string
	CreatedAt    time.Time
	SeenAt       time.Time
	ProvedAt     time.Time
	SecondFactor bool
	Sealed       []byte
}

// TableName is the table of sessionRow.
func (sessionRow) TableName() string { return "sessions" }

// id names a session to its owner: the hash of its token opens nothing.
func (r sessionRow) id() string { return hex.EncodeToString(r.TokenHash) }

func (r sessionRow) session() clinic.Session {
	return clinic.Session{ID: r.id(), StaffID: r.StaffID, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, ProvedAt: r.ProvedAt, SecondFactor: r.SecondFactor}
}

func sessionAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "sessions", ID: id} }

// StartSession makes a new session for a member of staff, who has just proved who they are, and returns its token. second says that they
// have shown a second factor. The session that the browser had before ends, so that a token known from before the sign-in opens nothing.
func (s *Store) StartSession(ctx context.Context, staff clinic.Staff, in clinic.Browser, second bool, before string) (token string, err error) {
	err = s.change(ctx, "StartSession", clinic.StaffActor(staff), func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn}}
		if err := tx.endSession(before); err != nil {
			return err
		}
		token, err = tx.startSession(staff.ID, in, second)
		return err
	})
	return token, err
}

func (c *change) startSession(staffID string, in clinic.Browser, second bool) (token string, err error) {
	token = clinic.NewToken()
	row := sessionRow{TokenHash: clinic.TokenHash(token), StaffID: staffID, CreatedAt: c.now, SeenAt: c.now, ProvedAt: c.now, SecondFactor: second}
	if row.Sealed, err = c.store.keyring.Seal(seal.Contact, sessionAD(row.id()), storeBrowser(in)); err != nil {
		return "", err
	}
	if err := c.Exec("UPDATE staff SET signed_in_at = ? WHERE id = ?", c.now, staffID).Error; err != nil {
		return "", err
	}
	err = c.Create(&row).Error
	if isConstraint(err, "sessions_have_an_account") { // closed a moment ago
		err = unauthorized()
	}
	return token, err
}

// seenEvery is how often a session's last request is written down; not with each request, because each is a write.
const seenEvery = time.Minute

// SignedIn is the member of staff of a live session, or Unauthorized, and keeps the session going. Who is no longer active has no
// session.
func (s *Store) SignedIn(ctx context.Context, token string) (clinic.Staff, clinic.Session, error) {
	staff, row, err := s.signedIn(ctx, token)
	if err != nil {
		return clinic.Staff{}, clinic.Session{}, err
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
	return staff, row.session(), err
}

// StillSignedIn is SignedIn for what a page does by itself: it does not keep the session going, so that a desk that everybody has left
// is signed out however much happens on its calendar.
func (s *Store) StillSignedIn(ctx context.Context, token string) (clinic.Staff, clinic.Session, error) {
	staff, row, err := s.signedIn(ctx, token)
	return staff, row.session(), err
}

// signedIn is whoever has a live session, with the session. It is one query, scanned by hand, because every request of the staff and
// everything that an open calendar is told begins with it.
func (s *Store) signedIn(ctx context.Context, token string) (clinic.Staff, sessionRow, error) {
	session, row := sessionRow{TokenHash: clinic.TokenHash(token)}, staffRow{}
	rows, err := s.reader(ctx).Raw(`SELECT e.created_at, e.seen_at, e.proved_at, e.second_factor,
			p.id, p.role, p.doctor_id, p.every_branch, p.password_hash, p.active, p.sealed, p.created_at, p.revision, b.branch_id
		FROM sessions e JOIN staff p ON p.id = e.staff_id LEFT JOIN staff_branches b ON b.staff_id = p.id
		WHERE e.token_hash = ? ORDER BY b.branch_id`, session.TokenHash).Rows()
	if err != nil {
		return clinic.Staff{}, session, asUnavailable(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var branches []string
	for rows.Next() {
		var branch *string
		err := rows.Scan(&session.CreatedAt, &session.SeenAt, &session.ProvedAt, &session.SecondFactor,
			&row.ID, &row.Role, &row.DoctorID, &row.EveryBranch, &row.PasswordHash, &row.Active, &row.Sealed, &row.CreatedAt, &row.Revision, &branch)
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
	if row.ID == "" || !row.Active || !session.session().Live(s.now()) {
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

// Sessions are the live sessions of whoever acts, the latest used first.
func (s *Store) Sessions(ctx context.Context, actor clinic.Actor) (all []clinic.Session, err error) {
	now := s.now()
	var rows []sessionRow
	if err := s.reader(ctx).Where("staff_id = ?", actor.Staff.ID).Order("seen_at DESC, token_hash").Find(&rows).Error; err != nil {
		return nil, wrap("Sessions", err)
	}
	for _, row := range rows {
		session := row.session()
		if !session.Live(now) {
			continue
		}
		if row.Sealed != nil { // those from before it was kept have none
			var stored storedBrowser
			if err := s.keyring.Open(seal.Contact, sessionAD(row.id()), row.Sealed, &stored); err != nil {
				return nil, wrap("Sessions", err)
			}
			session.Browser = stored.browser()
		}
		all = append(all, session)
	}
	return all, nil
}

// EndSessions ends one session of whoever acts, by its id, or all of them but the one whose token is kept, for an empty id.
func (s *Store) EndSessions(ctx context.Context, actor clinic.Actor, id, kept string) error {
	return s.change(ctx, "EndSessions", actor, func(tx *change) error {
		own := tx.Where("staff_id = ?", actor.Staff.ID)
		if id == "" {
			return own.Where("token_hash <> ?", clinic.TokenHash(kept)).Delete(&sessionRow{}).Error
		}
		hash, err := hex.DecodeString(id)
		if err != nil {
			return NotFound()
		}
		return own.Where("token_hash = ?", hash).Delete(&sessionRow{}).Error
	})
}

// ProveSession notes that whoever has a session has just shown again who they are.
func (s *Store) ProveSession(ctx context.Context, actor clinic.Actor, token string) error {
	return s.change(ctx, "ProveSession", actor, func(tx *change) error { return tx.proveSession(actor, token) })
}

func (c *change) proveSession(actor clinic.Actor, token string) error {
	return mustChange(c.Exec("UPDATE sessions SET proved_at = ? WHERE token_hash = ? AND staff_id = ?", c.now, clinic.TokenHash(token), actor.Staff.ID))
}

// Purge removes what has served: sessions and sign-in counts that ended, holds that expired, workers that ended, and what was
// answered to idempotency keys more than a week ago.
func (s *Store) Purge(ctx context.Context) error {
	err := s.change(ctx, "Purge", clinic.Job("purge"), func(tx *change) error {
		for _, q := range []struct {
			sql  string
			when time.Time
		}{
			{"DELETE FROM sessions WHERE seen_at <= ?", tx.now.Add(-clinic.SessionIdle)},
			{"DELETE FROM sign_ins WHERE created_at <= ?", tx.now.Add(-clinic.SignInLife)},
			{"DELETE FROM passkey_questions WHERE created_at <= ?", tx.now.Add(-clinic.PasskeyLife)},
			{"DELETE FROM staff_links WHERE expires_at <= ?", tx.now},
			{"DELETE FROM sign_in_failures WHERE ends_at <= ?", tx.now},
			{"DELETE FROM claims WHERE expires_at <= ?", tx.now},
			{"DELETE FROM idempotency_keys WHERE created_at <= ?", tx.now.AddDate(0, 0, -7)},
			{"DELETE FROM lost_requests WHERE created_at <= ?", tx.now.Add(-clinic.LostKept)},
			{"DELETE FROM letters WHERE kind = 'code' AND status <> 'sending' AND created_at <= ?", tx.now.Add(-clinic.CodesKept)},
			{"DELETE FROM form_counts WHERE minute <= ?", tx.now.Add(-clinic.FloodKept)},
			{"DELETE FROM note_screens WHERE seen_at <= ?", tx.now.Add(-clinic.NoteScreenLife)},
			{"DELETE FROM workers WHERE seen_at <= ?", tx.now.AddDate(0, 0, -1)},
		} {
			if err := tx.Exec(q.sql, q.when).Error; err != nil {
				return err
			}
		}
		return tx.eraseWaiting()
	})
	if err != nil {
		return err
	}
	return wrap("Purge", s.shortenLog(ctx))
}
