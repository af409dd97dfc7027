package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// The kinds of acts that are counted for each booking.
const (
	moveAct  = "move"
	guessAct = "guess"
	triesAct = "tries" // somebody at the front desk gave new ones
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
		tx.aboutBooking(a.Booking.ID)
		guesses, given, err := guessesOf(tx.DB, "g.booking_id = ?", a.Booking.ID)
		if err != nil {
			return err
		}
		wrong := clinic.WrongTries(guesses, given)
		if err := clinic.CheckTries(wrong); err != nil {
			return err
		}
		right, err := a.Patient.Proves(typed)
		if err != nil || right {
			return err
		}
		answer = a.Patient.WrongProof(wrong + 1)
		tx.came(clinic.CodeOf(answer))
		_, err = tx.insert("INSERT INTO link_acts (booking_id, kind, n, at) VALUES (?, ?, ?, ?)", a.Booking.ID, guessAct, guesses+1, tx.now)
		return err
	})
	if err == nil {
		err = answer
	}
	return err
}

// guessesOf is how many wrong proofs were ever typed for the booking of the acts g for which a condition holds, and how often new tries were given.
func guessesOf(db *gorm.DB, condition string, args ...any) (wrong, given int, err error) {
	err = db.Raw("SELECT COUNT(*) FILTER (WHERE g.kind = '"+guessAct+"'), COUNT(*) FILTER (WHERE g.kind = '"+triesAct+"') FROM link_acts g WHERE "+condition, args...).
		Row().Scan(&wrong, &given)
	return wrong, given, err
}

// Guesses is how many wrong proofs count for the booking behind a patient's link.
func (s *Store) Guesses(ctx context.Context, patient clinic.Actor) (int, error) {
	wrong, given, err := guessesOf(s.reader(ctx), "g.booking_id = (SELECT b.id FROM bookings b WHERE "+byLink+")", clinic.TokenHash(patient.Token), s.now())
	return clinic.WrongTries(wrong, given), wrap("Guesses", err)
}

// Tries are those of a booking whose branch's calendar the actor may see; any other has none.
func (s *Store) Tries(ctx context.Context, actor clinic.Actor, bookingID string) (clinic.Tries, error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	var acts []struct {
		Kind    string
		At      time.Time
		StaffID sql.NullString
	}
	err := s.reader(ctx).Table("link_acts AS g").Joins("JOIN bookings b ON b.id = g.booking_id JOIN slots s ON s.id = b.slot_id").
		Where("g.booking_id = ? AND g.kind IN ?", bookingID, []string{guessAct, triesAct}).Where(owned, args...).
		Select("g.kind, g.at, g.staff_id").Order("g.kind, g.n").Find(&acts).Error
	var t clinic.Tries
	wrong, given := 0, 0
	for _, act := range acts {
		if act.Kind == guessAct {
			wrong++
			continue
		}
		given++
		t.GivenAt, t.GivenBy = &act.At, act.StaffID.String
	}
	t.Spent = clinic.CheckTries(clinic.WrongTries(wrong, given)) != nil
	return t, wrap("Tries", err)
}

// GiveTries gives the patient of a booking new tries of the proof, which somebody at the front desk has made sure of on the telephone. While
// there are some it answers Conflict; for a booking at a branch where the actor may not change bookings NotFound.
func (s *Store) GiveTries(ctx context.Context, actor clinic.Actor, bookingID string) error {
	return s.change(ctx, "GiveTries", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		condition, args := ownBooking(actor, bookingID)
		if _, err := tx.lockBooking(condition, args...); err != nil {
			return err
		}
		guesses, given, err := guessesOf(tx.DB, "g.booking_id = ?", bookingID)
		if err != nil {
			return err
		}
		if err := clinic.CheckGiveTries(clinic.WrongTries(guesses, given)); err != nil {
			return err
		}
		_, err = tx.insert("INSERT INTO link_acts (booking_id, kind, n, at, staff_id) VALUES (?, ?, ?, ?, ?)", bookingID, triesAct, given+1, tx.now, orNull(actor.Staff.ID))
		return err
	})
}

// SealPass is a pass for a booking as a cookie holds it. Nobody else can make one, or make one for another booking or a longer time.
func (s *Store) SealPass(bookingID string, pass clinic.Pass) (string, error) {
	sign, err := s.keyring.BlindIndexText("pass", passText(bookingID, pass.String()))
	return pass.String() + "." + sign, err
}

// OpenPass reads what SealPass made for the booking; anything else is the zero pass. Once the key of the blind indexes has been
// given up, browsers are asked once more.
func (s *Store) OpenPass(bookingID, sealed string) (clinic.Pass, error) {
	at := strings.LastIndexByte(sealed, '.')
	if at < 0 {
		return clinic.Pass{}, nil
	}
	signs, err := s.keyring.BlindIndexTexts("pass", passText(bookingID, sealed[:at]))
	if err != nil {
		return clinic.Pass{}, err
	}
	for _, sign := range signs {
		if subtle.ConstantTimeCompare([]byte(sign), []byte(sealed[at+1:])) == 1 {
			return clinic.ParsePass(sealed[:at]), nil
		}
	}
	return clinic.Pass{}, nil
}

func passText(bookingID, pass string) string { return bookingID + " " + pass }
