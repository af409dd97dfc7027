package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// lostRow is a request for another link.
type lostRow struct {
	ID     string
	Sealed []byte
}

func lostAD(id string) seal.AssociatedData {
	return seal.AssociatedData{Table: "lost_requests", ID: id}
}

// AskForLink writes down that somebody has lost the link of their booking. It looks for no booking, so that it does the same work
// whether there is one or not; AnswerLost does the rest. One request too many is refused with TooMany, also for what does not exist.
func (s *Store) AskForLink(ctx context.Context, actor clinic.Actor, lost clinic.Lost) error {
	kind := "lost-reference"
	if lost.Email != "" {
		kind = "lost-email"
	}
	wanted, err := s.countedBy(term{kind, lost.Wanted()})
	if err != nil {
		return err
	}
	client, err := s.countedBy(term{"client", actor.Client})
	if err != nil {
		return err
	}
	id := clinic.NewIDAt(s.now())
	sealed, err := s.keyring.Seal(seal.Contact, lostAD(id), storeLost(lost))
	if err != nil {
		return err
	}
	clientNow, err := s.keyring.BlindIndex("client", actor.Client)
	if err != nil {
		return err
	}
	wantedNow, err := s.keyring.BlindIndex(kind, lost.Wanted())
	if err != nil {
		return err
	}
	return s.change(ctx, "AskForLink", actor, func(tx *change) error {
		if err := tx.lockCounted([]counted{wanted, client}); err != nil {
			return err
		}
		byClient, clients := tx.termsIn(client)
		byWanted, wanteds := tx.termsIn(wanted)
		args := append(append(clients, tx.now.Add(-time.Hour)), append(wanteds, tx.now.Add(-clinic.LostKept))...)
		var n clinic.LostCount
		err := tx.Raw(`SELECT (SELECT COUNT(*) FROM lost_requests WHERE client IN `+byClient+` AND created_at > ?),
			(SELECT COUNT(*) FROM lost_requests WHERE wanted IN `+byWanted+` AND created_at > ?)`, args...).Row().Scan(&n.Client, &n.Wanted)
		if err != nil {
			return err
		}
		if err := n.Check(); err != nil && s.limits {
			return err
		}
		_, err = tx.insert("INSERT INTO lost_requests (id, client, wanted, sealed, created_at) VALUES (?, ?, ?, ?, ?)", id, clientNow, wantedNow, sealed, tx.now)
		return err
	})
}

// AnswerLost sees to the requests for another link: a letter with a link of its own goes to the address that is stored with each booking
// that is meant, and nothing at all where none is. It may be called by several at once.
func (s *Store) AnswerLost(ctx context.Context) error {
	var ids []string
	err := s.reader(ctx).Raw("SELECT id FROM lost_requests WHERE done_at IS NULL AND created_at > ? ORDER BY created_at LIMIT ?", s.now().Add(-clinic.LostKept), lostBatch).Scan(&ids).Error
	failed := asUnavailable(err)
	for _, id := range ids {
		if err := s.answerLost(ctx, id); err != nil {
			failed = errors.Join(failed, fmt.Errorf("request %s: %w", id, err))
		}
	}
	return wrap("AnswerLost", failed)
}

// lostBatch is how many requests AnswerLost sees to when it is called.
const lostBatch = 100

func (s *Store) answerLost(ctx context.Context, id string) error {
	var unreadable error // which does not become readable by trying again
	err := s.change(ctx, "AnswerLost", clinic.Job("lost links"), func(tx *change) error {
		unreadable = nil
		var row lostRow
		err := one(tx.forUpdate(tx.Table("lost_requests").Where("id = ? AND done_at IS NULL", id)).Select("id, sealed"), &row)
		if clinic.CodeOf(err) == clinic.NotFound {
			return nil // another instance has seen to it
		}
		if err != nil {
			return err
		}
		if err := tx.Exec("UPDATE lost_requests SET done_at = ?, sealed = NULL WHERE id = ?", tx.now, id).Error; err != nil {
			return err
		}
		var stored storedLost
		if unreadable = s.keyring.Open(seal.Contact, lostAD(id), row.Sealed, &stored); unreadable != nil {
			return nil
		}
		return tx.sendLost(id, stored.lost())
	})
	return errors.Join(err, unreadable)
}

// sendLost writes the letters that a request comes to.
func (c *change) sendLost(requestID string, lost clinic.Lost) error {
	all, err := c.meant(lost)
	if err != nil || len(all) == 0 {
		return err
	}
	if err := c.lockRecipients(all...); err != nil {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	for _, found := range all {
		a, err := c.lockedAppointment("b.id = "+aText, found.Booking.ID)
		if err != nil {
			return err
		}
		if !lost.Means(a, c.now) { // it has been changed at this very moment
			continue
		}
		var letters int64
		err = c.Table("letters").Where("booking_id = ? AND kind = ? AND created_at > ?", a.Booking.ID, clinic.LostLink, c.now.Add(-24*time.Hour)).Count(&letters).Error
		if err != nil {
			return err
		}
		if letters >= clinic.LostLettersPerDay {
			continue
		}
		c.aboutBooking(a.Booking.ID)
		token := clinic.NewToken()
		if err := c.insertLink(a.Booking.ID, token, a.Slot.LinksExpire()); err != nil {
			return err
		}
		if err := c.insertLetter(clinic.LostLinkFor(settings, a, token, requestID, c.now)); err != nil {
			return err
		}
	}
	return nil
}

// meant are the appointments whose link somebody has lost, by the ids of their bookings.
func (c *change) meant(lost clinic.Lost) ([]clinic.Appointment, error) {
	condition, args := "b.reference = "+aText, []any{lost.Reference}
	if lost.Email != "" {
		email, err := c.store.countedBy(term{"email", lost.Wanted()})
		if err != nil {
			return nil, err
		}
		var in string
		in, args = c.termsIn(email)
		condition = "b.live AND b.patient_id IN (SELECT t.patient_id FROM patient_terms t WHERE t.term IN " + in + ")"
	}
	all, err := c.store.appointments(c.DB, condition, args...)
	all = slices.DeleteFunc(all, func(a clinic.Appointment) bool { return !lost.Means(a, c.now) })
	slices.SortFunc(all, func(a, b clinic.Appointment) int { return cmp.Compare(a.Booking.ID, b.Booking.ID) })
	return all, err
}
