package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

func bookingAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "bookings", ID: id} }

// BookOp is what the news of a new booking call it.
const BookOp = "Book"

// maxReferences is how often a booking draws a reference at most. There are thousands of millions of references, so a second
// draw is rare.
const maxReferences = 5

// Book gives a slot to a patient: the claim, the patient, the booking, its link and its letter are written in one
// transaction, and when Book returns without an error they are on disk. It is the one way in which bookings are
// made.
//
// A slot that the member of staff holds, in this call or at the front desk, is theirs: the hold becomes the booking's claim.
//
// It returns SlotTaken where somebody else has the slot, SlotPast where it has begun, and Invalid at the field slot_id where
// there is no such slot. A visitor who has a live booking that begins later, by phone, mail, or kana and birth date, is refused with
// AlreadyBooked unless the request is for another one; whoever has as many as clinic.Counted allows is refused with Conflict, and
// a client with TooMany. With an idempotency key, the same request again has no further effect and gets the same receipt, with the
// status that the booking has by then; another request under the same key returns KeyReused. Where staff book for somebody of whom more is
// known by now than they were shown, and would write over it, the answer is clinic.StaleError.
func (s *Store) Book(ctx context.Context, actor clinic.Actor, r clinic.Request) (clinic.Receipt, error) {
	key, err := s.newIdempotencyKey(r)
	if err != nil {
		return clinic.Receipt{}, err
	}
	var receipt clinic.Receipt
	for range maxReferences {
		receipt, err = s.book(ctx, actor, r, key)
		if !isConstraint(err, "bookings_reference_key", "bookings.reference") {
			break
		}
	}
	if err != nil && key != nil {
		// A request that is sent again is refused: its key is there already, and its slot is taken or has begun since. Only
		// what is refused is looked up, so that the many that are sent once do not pay for it.
		if earlier, found, repeated := s.repeated(ctx, key); found || repeated != nil {
			return earlier, wrap("Book", repeated)
		}
	}
	return receipt, err
}

func (s *Store) book(ctx context.Context, actor clinic.Actor, r clinic.Request, key *idempotencyRow) (clinic.Receipt, error) {
	var receipt clinic.Receipt
	// What needs no database is done before others wait for this change.
	d, err := s.draft(r, actor, s.now())
	if err != nil {
		return receipt, err
	}
	err = s.change(ctx, BookOp, actor, func(tx *change) error {
		if err := tx.lockCounted(d.counted); err != nil {
			return err
		}
		slotID := r.SlotID
		if r.New != nil {
			if slotID, err = tx.openForCaller(*r.New); err != nil {
				return err
			}
		}
		var waits clinic.Waiting
		if r.WaitingToken != "" {
			if waits, err = tx.accepting(r.WaitingToken, slotID); err != nil {
				return err
			}
			if waits.BookingID != "" { // theirs is to move, and not to book beside
				return clinic.OfferOverError()
			}
			tx.actor.Waiting = waits.ID
		}
		a, err := tx.take(&d, r, slotID)
		if err != nil {
			return err
		}
		if waits.ID != "" {
			if err := tx.accepted(waits, d.token); err != nil {
				return err
			}
		}
		if err := tx.used(actor.Key); err != nil {
			return err
		}
		receipt = receiptFor(a, d.token)
		if err := tx.insertIdempotencyKey(key, receipt); err != nil {
			return err
		}
		return tx.keepOwn(d.own, receipt)
	})
	switch {
	case isConstraint(err, "claims_slot_id_slot_open_fkey"): // PostgreSQL: closed at this very moment
		err = clinic.UnknownSlotError()
	case r.New != nil:
		err = outsideError(err)
	}
	return receipt, err
}

// take gives a slot to the patient of a draft, and writes the booking and its letter.
func (c *change) take(d *draft, r clinic.Request, slotID string) (clinic.Appointment, error) {
	w, err := c.wanted(slotID, c.actor.Holder())
	if err != nil {
		return clinic.Appointment{}, err
	}
	a := w.Appointment
	if err := a.Slot.CheckTake(a.Branch, w.claim, c.actor, c.now); err != nil {
		return a, err
	}
	if err := c.checkCounted(d.counted, r, a.Branch); err != nil {
		return a, err
	}
	if d.booking.Status != clinic.Pending { // it waits for an approval elsewhere already
		d.booking.Status = a.Branch.StatusFor(c.actor)
	}
	a.Booking, a.Patient = d.booking, d.patient
	if err := c.claim(clinic.Claim{SlotID: a.Slot.ID, HolderKind: clinic.HeldByBooking, BookingID: &a.Booking.ID}, w.claim.HolderFor(c.actor)); err != nil {
		return a, err
	}
	if w.held != nil && *w.held != a.Slot.ID { // what they hold besides
		if err := c.release(c.actor.Holder()); err != nil {
			return a, err
		}
	}
	if err := c.insertDraft(*d, a); err != nil {
		return a, err
	}
	if !r.NoLetter {
		if err := c.insertLetter(clinic.LetterFor(w.settings, a, d.token, c.now)); err != nil {
			return a, err
		}
	}
	c.changed(a.Branch, a.Slot.StartsAt)
	if l, ok := clinic.BookingMadeFor(w.settings, a, c.actor, c.now); ok {
		return a, c.insertNotice(l)
	}
	return a, nil
}

// wantedSlot is an open slot as somebody who wants it finds it.
type wantedSlot struct {
	clinic.Appointment               // without a booking and a patient
	claim              *clinic.Claim // of the slot; nil for none
	held               *string       // the slot that they hold; nil for none
	settings           clinic.Settings
}

// wanted reads an open slot, with all that decides about it, in one query because others wait meanwhile, and locks the slot:
// until the change ends nobody else can claim or close it. For a slot that is not there it returns Invalid at the field slot_id.
func (c *change) wanted(slotID string, holder []byte) (wantedSlot, error) {
	var w wantedSlot
	var claimed *string
	var found clinic.Claim
	a := &w.Appointment
	query := `SELECT s.id, s.branch_id, s.doctor_id, s.starts_at, s.ends_at, s.audience,
			c.slot_id, c.holder_kind, c.holder, c.expires_at, c.booking_id,
			(SELECT slot_id FROM claims WHERE ` + c.heldBy() + `), (SELECT value FROM change_counters WHERE name = '` + settingsCounter + `')
		FROM slots s LEFT JOIN claims c ON c.slot_id = s.id
		WHERE s.id = ` + aText + ` AND s.closed_at IS NULL`
	if c.store.engine == postgresEngine {
		query += " FOR NO KEY UPDATE OF s"
	}
	var kind *clinic.HolderKind
	var counter int64
	err := c.Raw(query, holder, slotID).Row().Scan(
		&a.Slot.ID, &a.Slot.BranchID, &a.Slot.DoctorID, &a.Slot.StartsAt, &a.Slot.EndsAt, &a.Slot.Audience,
		&claimed, &kind, &found.Holder, &found.ExpiresAt, &found.BookingID, &w.held, &counter)
	if errors.Is(err, sql.ErrNoRows) || isInvalidText(err) {
		return w, clinic.UnknownSlotError()
	}
	if err != nil {
		return w, err
	}
	if claimed != nil {
		found.SlotID, found.HolderKind = *claimed, *kind
		w.claim = &found
	}
	a.Slot.StartsAt, a.Slot.EndsAt = a.Slot.StartsAt.UTC(), a.Slot.EndsAt.UTC()
	all, err := c.settingsAt(counter)
	if err != nil {
		return w, err
	}
	w.settings = all.clinic
	return w, all.placeOf(a)
}

func receiptFor(a clinic.Appointment, token string) clinic.Receipt {
	return clinic.Receipt{
		BookingID: a.Booking.ID, Reference: a.Booking.Reference, Token: token, Status: a.Booking.Status,
		StartsAt: a.Slot.StartsAt.UTC(), EndsAt: a.Slot.EndsAt.UTC(), BranchID: a.Branch.ID, Branch: a.Branch.In(a.Booking.Lang).Name,
		DoctorID: a.Doctor.ID, Doctor: a.Doctor.Name(a.Booking.Lang),
	}
}

// ownedBy is a condition in SQL, with its arguments, on the slots that a query calls s: those with which an actor may do
// something.
func ownedBy(actor clinic.Actor, ability clinic.Ability) (condition string, args []any) {
	branches, every := actor.BranchesFor(ability)
	switch {
	case every:
		return "1 = 1", nil
	case len(branches) == 0:
		return "1 = 0", nil
	}
	return "s.branch_id IN ?", []any{branches}
}

// ownBooking is a condition in SQL, with its arguments, on the booking b of an id where it is at a branch at which an actor may
// change bookings.
func ownBooking(actor clinic.Actor, bookingID string) (condition string, args []any) {
	owned, args := ownedBy(actor, clinic.ChangeBooking)
	return "b.id = " + aText + " AND EXISTS (SELECT 1 FROM slots s WHERE s.id = b.slot_id AND " + owned + ")", append([]any{bookingID}, args...)
}

// lockBooking is the id of the one booking b for which a condition holds. Nobody else changes the booking until the transaction
// ends, so that of two changes, such as a correction and a cancellation, one comes after the other as a whole.
func (c *change) lockBooking(condition string, args ...any) (id string, err error) {
	var booking struct{ ID string }
	err = one(c.forUpdate(c.Table("bookings AS b").Where(condition, args...)).Select("b.id"), &booking)
	return booking.ID, err
}

// insertLink writes a link that opens a booking for its patient.
func (c *change) insertLink(bookingID, token string, expires time.Time) error {
	_, err := c.insert("INSERT INTO links (booking_id, token_hash, purpose, expires_at, created_at) VALUES (?, ?, 'booking', ?, ?)",
		bookingID, clinic.TokenHash(token), expires, c.now)
	return err
}

// openBooking opens what was typed with a booking.
func (s *Store) openBooking(a *clinic.Appointment, sealed []byte) error {
	var stored storedBooking
	if err := s.keyring.Open(seal.Contact, bookingAD(a.Booking.ID), sealed, &stored); err != nil {
		return err
	}
	a.Patient, a.Booking.Details = stored.open()
	a.Patient.ID, a.Patient.CreatedAt = a.Booking.PatientID, a.Booking.CreatedAt
	return nil
}
