package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// LinkEnd says why a patient's link opens nothing, once it has been found to. Tokens cannot be guessed, so that this tells
// nobody more than whoever wrote to them knows.
func (s *Store) LinkEnd(ctx context.Context, patient clinic.Actor) (clinic.LinkEnd, error) {
	var link struct {
		ExpiresAt time.Time
		RevokedAt *time.Time
	}
	err := one(s.reader(ctx).Table("links").Where("token_hash = ?", clinic.TokenHash(patient.Token)), &link)
	switch {
	case clinic.CodeOf(err) == clinic.NotFound:
		return clinic.LinkUnknown, nil
	case err != nil:
		return "", wrap("LinkEnd", err)
	case link.RevokedAt != nil && s.now().Before(link.ExpiresAt):
		return clinic.LinkRevoked, nil
	}
	return clinic.LinkExpired, nil
}

// BehindLink is the booking that a patient's link opens, or has opened before it ended, with its slot and nothing else, or NotFound.
func (s *Store) BehindLink(ctx context.Context, patient clinic.Actor) (clinic.Booking, error) {
	var found struct{ ID, SlotID string }
	err := one(s.reader(ctx).Table("links AS l").Joins("JOIN bookings b ON b.id = l.booking_id").
		Where("l.token_hash = ?", clinic.TokenHash(patient.Token)).Select("b.id, b.slot_id"), &found)
	return clinic.Booking{ID: found.ID, SlotID: found.SlotID}, err
}
