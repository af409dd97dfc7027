package store

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"madoguchi/internal/clinic"
)

// Seen is whom, or what, somebody is shown.
type Seen struct {
	Action clinic.AuditAction
	Of     clinic.Subject
	Live   bool // the page asks for it by itself, so that the first time within clinic.AuditEvery is enough
}

// NoteSeen writes into the audit log whom somebody is about to be shown, and is called before they are. Lists that are looked at again and again are
// written down once in clinic.AuditEvery; then it only reads.
func (s *Store) NoteSeen(ctx context.Context, actor clinic.Actor, seen ...Seen) error {
	now := change{DB: s.reader(ctx), store: s, actor: actor, now: s.now(), origin: originOf(ctx)}
	var all []noted
	var repeated [][]byte
	for _, one := range seen {
		n := noted{action: one.Action, of: one.Of, once: one.Live}
		e, err := now.entry(n)
		if err != nil {
			return wrap("NoteSeen", err)
		}
		if n.of = e.Subject; n.once || e.Repeats() {
			n.once, repeated = true, append(repeated, e.Once())
		}
		all = append(all, n)
	}
	if len(repeated) > 0 {
		var have [][]byte
		if err := s.reader(ctx).Model(&auditRow{}).Where("once IN ?", repeated).Pluck("once", &have).Error; err != nil {
			return wrap("NoteSeen", asUnavailable(err))
		}
		next := 0
		all = slices.DeleteFunc(all, func(n noted) bool {
			if !n.once {
				return false
			}
			key := repeated[next]
			next++
			return slices.ContainsFunc(have, func(h []byte) bool { return slices.Equal(h, key) })
		})
	}
	if len(all) == 0 {
		return nil
	}
	return s.change(ctx, "NoteSeen", actor, func(tx *change) error {
		tx.noted = slices.Clone(all)
		return nil
	})
}

// NoteDenied writes into the audit log that somebody was refused a page: the pattern of its address, and about whom it would have been, where
// the address named a booking or a patient that exists. Of one that does not exist the id is not kept.
func (s *Store) NoteDenied(ctx context.Context, actor clinic.Actor, route, id string, code clinic.Code) error {
	if strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsLower(r) && !unicode.IsDigit(r) || r > unicode.MaxASCII }) {
		id = "" // no id of ours, and PostgreSQL would end the transaction
	}
	return s.change(ctx, "NoteDenied", actor, func(tx *change) error {
		of := clinic.Subject{}
		for table, named := range map[string]clinic.Subject{"bookings": {Booking: id}, "patients": {Patient: id}} {
			var n int64
			if err := tx.Table(table).Where("id = "+aText, id).Count(&n).Error; err != nil {
				return err
			}
			if n > 0 {
				of = named
			}
		}
		tx.noted = []noted{{action: clinic.Denied, of: of, result: string(code), route: route}}
		return nil
	})
}

// NoteSignIn writes into the audit log that somebody could not sign in: under the account that they tried, where there is one. What they typed is not
// kept. That somebody did is written down with their session.
func (s *Store) NoteSignIn(ctx context.Context, visitor clinic.Actor, email string, code clinic.Code) error {
	terms, err := s.staffTerms(email)
	if err != nil {
		return err
	}
	var row staffRow
	if err := one(s.reader(ctx).Where("email_term IN ?", terms), &row); err != nil && clinic.CodeOf(err) != clinic.NotFound {
		return wrap("NoteSignIn", err)
	}
	if row.ID != "" {
		visitor = clinic.StaffActor(clinic.Staff{ID: row.ID, Role: row.Role})
	}
	return s.change(ctx, "NoteSignIn", visitor, func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn, result: string(code), once: code == clinic.TooMany}}
		return nil
	})
}
