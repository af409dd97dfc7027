package store

import (
	"context"
	"encoding/hex"
	"time"

	"madoguchi/internal/clinic"
)

// Hold keeps a slot for a visitor for clinic.HoldFor and lets go of the one they had; where clinic.Holds allow no more, it keeps
// none, and the slot stays free. Holding the same slot again changes nothing. The visitor's network address is stored as a blind
// index only. Somebody else's claim answers SlotTaken, a slot that has begun SlotPast, one that is not there Invalid.
func (s *Store) Hold(ctx context.Context, visitor clinic.Actor, slotID string) (clinic.Hold, error) {
	return s.hold(ctx, "Hold", visitor, slotID, false)
}

// HoldInstead is Hold for a visitor who changes the time of a form into which they have typed.
func (s *Store) HoldInstead(ctx context.Context, visitor clinic.Actor, slotID string) (clinic.Hold, error) {
	return s.hold(ctx, "HoldInstead", visitor, slotID, true)
}

func (s *Store) hold(ctx context.Context, op string, visitor clinic.Actor, slotID string, typed bool) (clinic.Hold, error) {
	holder := visitor.Holder()
	client, err := s.keyring.BlindIndex("client", visitor.Client)
	if err != nil {
		return clinic.Hold{}, err
	}
	var hold clinic.Hold
	err = s.change(ctx, op, visitor, func(tx *change) error {
		w, err := tx.wantedToHold(slotID, holder)
		if err != nil {
			return err
		}
		a := w.Appointment
		if err := a.Slot.CheckTake(a.Branch, w.claim, visitor, tx.now); err != nil {
			return err
		}
		hold = clinic.Hold{Slot: a.Slot}
		if w.claim.HeldBy(holder, tx.now) {
			hold.ExpiresAt = w.claim.ExpiresAt.UTC()
			if typed {
				return tx.typed(holder)
			}
			return nil
		}
		if err := tx.release(holder); err != nil {
			return err
		}
		holds, err := tx.holds(client, a)
		if err != nil || !holds.Allow(typed) {
			return err
		}
		hold.ExpiresAt = tx.now.Add(clinic.HoldFor)
		claimed := clinic.Claim{SlotID: slotID, HolderKind: clinic.HeldByVisitor, Holder: holder, Client: client, ExpiresAt: &hold.ExpiresAt}
		if typed {
			claimed.TypedAt = &tx.now
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		return tx.claim(claimed, holder)
	})
	if isConstraint(err, "claims_slot_id_slot_open_fkey") { // PostgreSQL: closed at this very moment
		err = clinic.UnknownSlotError()
	}
	return hold, err
}

// holds counts what decides about one more hold, and lets nobody else of the address, or on the day, count until the change
// ends. These locks come after those of the slots, and in this order.
func (c *change) holds(client []byte, a clinic.Appointment) (clinic.Holds, error) {
	var holds clinic.Holds
	day := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
	if err := c.advisoryLock("client " + hex.EncodeToString(client)); err != nil {
		return holds, err
	}
	if err := c.advisoryLock("holds " + a.Branch.ID + day.String()); err != nil {
		return holds, err
	}
	err := c.Raw("SELECT COUNT(*) FROM claims WHERE client = ? AND expires_at > ?", client, c.now).Row().Scan(&holds.OfClient)
	if err != nil {
		return holds, err
	}
	from, until := day.In(a.Branch.Location()).UTC(), day.AddDays(1).In(a.Branch.Location()).UTC()
	err = c.Raw(`SELECT COUNT(*), COUNT(CASE WHEN c.expires_at > ? THEN 1 END), COUNT(CASE WHEN c.expires_at > ? AND c.typed_at IS NULL THEN 1 END)
		FROM slots s LEFT JOIN claims c ON c.slot_id = s.id
		WHERE s.branch_id = ? AND s.starts_at >= ? AND s.starts_at < ? AND s.closed_at IS NULL AND s.audience = ? AND s.starts_at > ? AND c.booking_id IS NULL`,
		c.now, c.now, a.Branch.ID, from, until, clinic.Public, c.now).Row().Scan(&holds.Free, &holds.Held, &holds.Idle)
	return holds, err
}

// Typed says that a visitor has begun to fill in the form of the slot that they hold, if they hold one. Said again, it changes
// nothing.
func (s *Store) Typed(ctx context.Context, visitor clinic.Actor) error {
	holder := visitor.Holder()
	if holder == nil {
		return nil
	}
	return s.change(ctx, "Typed", visitor, func(tx *change) error { return tx.typed(holder) })
}

func (c *change) typed(holder []byte) error {
	return c.Exec("UPDATE claims SET typed_at = ? WHERE "+c.heldBy()+" AND typed_at IS NULL", c.now, holder).Error
}

// lockHeldBy locks the slot that a visitor holds together with the one that they want, in the order that all keep to: two
// visitors who swap their slots would otherwise wait for each other.
func (c *change) lockHeldBy(holder []byte, wanted string) error {
	if c.store.engine == sqliteEngine {
		return nil
	}
	var ids []string
	if err := c.Model(&clinic.Claim{}).Where(c.heldBy(), holder).Pluck("slot_id", &ids).Error; err != nil {
		return err
	}
	err := c.lockSlots(append(ids, wanted)...)
	if isInvalidText(err) {
		return clinic.UnknownSlotError()
	}
	return err
}

// release lets go of what a visitor holds, and says so on its day.
func (c *change) release(holder []byte) error {
	var slots []string
	if err := c.Raw("DELETE FROM claims WHERE "+c.heldBy()+" RETURNING slot_id", holder).Scan(&slots).Error; err != nil {
		return err
	}
	for _, id := range slots {
		var day struct {
			BranchID, Zone string
			StartsAt       time.Time
		}
		err := one(c.Raw("SELECT s.branch_id, b.zone, s.starts_at FROM slots s JOIN branches b ON b.id = s.branch_id WHERE s.id = "+aText, id), &day)
		if err != nil {
			return err
		}
		c.changed(clinic.Branch{ID: day.BranchID, Zone: day.Zone}, day.StartsAt)
	}
	return nil
}

// heldBy is the condition of an actor's hold. SQLite uses the index of holders only where it reads the index's own condition.
func (s *Store) heldBy(actor clinic.Actor) string {
	if actor.Kind == clinic.ActorStaff {
		return "holder = " + s.aBytes() + " AND holder_kind = 'staff'"
	}
	return "holder = " + s.aBytes() + " AND holder_kind IN ('visitor', 'offer') AND holder_kind = 'visitor'"
}

func (c *change) heldBy() string { return c.store.heldBy(c.actor) }

// claim writes a claim where there is none, or over one that has expired or belongs to the same holder. It is one
// statement, so that the key of the table decides between two who come at once: the second changes no row.
func (c *change) claim(claim clinic.Claim, holder []byte) error {
	rows, err := c.insert(`INSERT INTO claims AS held (slot_id, holder_kind, holder, client, expires_at, typed_at, booking_id, staff_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (slot_id) DO UPDATE SET holder_kind = excluded.holder_kind, holder = excluded.holder, client = excluded.client,
			expires_at = excluded.expires_at, typed_at = excluded.typed_at, booking_id = excluded.booking_id, staff_id = excluded.staff_id
		WHERE held.booking_id IS NULL AND (held.expires_at <= ? OR held.holder = ?)`,
		claim.SlotID, claim.HolderKind, claim.Holder, claim.Client, claim.ExpiresAt, claim.TypedAt, claim.BookingID, claim.StaffID, c.now, holder)
	if err == nil && rows == 0 {
		return clinic.TakenError()
	}
	return err
}

// HoldForCaller holds a slot for somebody on the telephone for clinic.HoldFor, and lets go of the one that was held in the same call. It
// is told to everybody who looks at the day. Holding the same slot again begins the time anew: the person is still there. A slot at a
// branch where the actor may not change bookings is not there for them; otherwise it answers as Hold does.
func (s *Store) HoldForCaller(ctx context.Context, actor clinic.Actor, slotID string) (clinic.Hold, error) {
	var hold clinic.Hold
	holder := actor.Holder()
	err := s.change(ctx, "HoldForCaller", actor, func(tx *change) error {
		w, err := tx.wantedToHold(slotID, holder)
		if err != nil {
			return err
		}
		a := w.Appointment
		if !actor.May(clinic.ChangeBooking, a.Branch.ID) || holder == nil {
			return clinic.UnknownSlotError()
		}
		if err := a.Slot.CheckTake(a.Branch, w.claim, actor, tx.now); err != nil {
			return err
		}
		if w.held != nil && *w.held != slotID {
			if err := tx.release(holder); err != nil {
				return err
			}
		}
		hold = clinic.Hold{Slot: a.Slot, ExpiresAt: tx.now.Add(clinic.HoldFor)}
		tx.changed(a.Branch, a.Slot.StartsAt)
		return tx.claim(clinic.Claim{SlotID: slotID, HolderKind: clinic.HeldByStaff, Holder: holder, ExpiresAt: &hold.ExpiresAt, StaffID: &actor.Staff.ID}, w.claim.HolderFor(actor))
	})
	if isConstraint(err, "claims_slot_id_slot_open_fkey") { // PostgreSQL: closed at this very moment
		err = clinic.UnknownSlotError()
	}
	return hold, err
}

// wantedToHold is a slot that a holder wants, locked together with what they hold. Of two clicks at once the second must see the first one's
// hold, to let go of it.
func (c *change) wantedToHold(slotID string, holder []byte) (wantedSlot, error) {
	if err := c.advisoryLock("visitor " + hex.EncodeToString(holder)); err != nil {
		return wantedSlot{}, err
	}
	if err := c.lockHeldBy(holder, slotID); err != nil {
		return wantedSlot{}, err
	}
	return c.wanted(slotID, holder)
}

// Release lets go of what an actor holds.
func (s *Store) Release(ctx context.Context, actor clinic.Actor) error {
	holder := actor.Holder()
	if holder == nil {
		return nil
	}
	return s.change(ctx, "Release", actor, func(tx *change) error { return tx.release(holder) })
}

// HoldOf is the live hold of a visitor, or of staff on the telephone, or NotFound.
func (s *Store) HoldOf(ctx context.Context, visitor clinic.Actor) (clinic.Hold, error) {
	var claim clinic.Claim
	err := one(s.reader(ctx).Where(s.heldBy(visitor)+" AND expires_at > ?", visitor.Holder(), s.now()), &claim)
	if err != nil {
		return clinic.Hold{}, err
	}
	slot, err := s.Slot(ctx, claim.SlotID)
	return clinic.Hold{Slot: slot, ExpiresAt: claim.ExpiresAt.UTC()}, err
}
