package store

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// The kinds of acts that are counted for each booking.
const (
	moveAct  = "move"
	guessAct = "guess"
)

const hour = time.Hour

// Prove checks what somebody typed to show that they are the patient behind a link. A wrong one is counted, for the booking and not for
// the browser or the instance, so that nobody can try them all; after clinic.MaxTries of them a right one is refused as well.
func (s *Store) Prove(ctx context.Context, patient clinic.Actor, typed clinic.ProofInput) error {
	var answer error // a change that fails would not count
	err := s.change(ctx, "Prove", patient, func(tx *change) error {
		answer = nil
		// Locked, because two who guess at once would otherwise count one.
		a, err := tx.lockedAppointment(byLink, clinic.TokenHash(patient.Token), tx.now)
		if err != nil {
			return err
		}
		wrong, err := tx.guesses(a.Booking.ID)
		if err != nil {
			return err
		}
		if err := clinic.CheckTries(wrong); err != nil {
			return err
		}
		right, err := a.Patient.Proves(typed)
		if err != nil || right {
			return err
		}
		answer = a.Patient.WrongProof(wrong + 1)
		_, err = tx.insert("INSERT INTO link_acts (booking_id, kind, n, at) VALUES (?, ?, ?, ?)", a.Booking.ID, guessAct, wrong+1, tx.now)
		return err
	})
	if err == nil {
		err = answer
	}
	return err
}

func (c *change) guesses(bookingID string) (int, error) {
	var n int64
	err := c.Table("link_acts").Where("booking_id = ? AND kind = ?", bookingID, guessAct).Count(&n).Error
	return int(n), err
}

// Guesses is how many wrong proofs have been typed for the booking behind a patient's link.
func (s *Store) Guesses(ctx context.Context, patient clinic.Actor) (int, error) {
	var n int64
	err := s.reader(ctx).Table("link_acts AS g").Joins("JOIN bookings b ON b.id = g.booking_id").
		Where(byLink, clinic.TokenHash(patient.Token), s.now()).Where("g.kind = ?", guessAct).Count(&n).Error
	return int(n), wrap("Guesses", err)
}

// SealPass is a pass for a booking as a cookie holds it. Nobody else can make one, or make one for another booking or a longer time.
func (s *Store) SealPass(bookingID string, pass clinic.Pass) (string, error) {
	sign, err := s.signPass(bookingID, pass.String())
	return pass.String() + "." + sign, err
}

// OpenPass reads what SealPass made for the booking; anything else is the zero pass. After the key of the blind indexes has been
// replaced, browsers are asked once more.
func (s *Store) OpenPass(bookingID, sealed string) (clinic.Pass, error) {
	at := strings.LastIndexByte(sealed, '.')
	if at < 0 {
		return clinic.Pass{}, nil
	}
	sign, err := s.signPass(bookingID, sealed[:at])
	if err != nil || subtle.ConstantTimeCompare([]byte(sign), []byte(sealed[at+1:])) != 1 {
		return clinic.Pass{}, err
	}
	return clinic.ParsePass(sealed[:at]), nil
}

func (s *Store) signPass(bookingID, pass string) (string, error) {
	return s.keyring.BlindIndexText("pass", bookingID+" "+pass)
}
