package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Hold keeps a slot for a visitor for clinic.HoldFor and lets go of the one they had. client is their network address; it
// is stored as a keyed term only. Somebody else's claim answers SlotTaken, a slot that has begun SlotPast, too many holds
// from one address TooMany.
func (s *Store) Hold(ctx context.Context, slotID, visitor, client string) (clinic.Hold, error) {
	now := s.now()
	hold := clinic.Hold{ExpiresAt: now.Add(clinic.HoldFor)}
	hash := clinic.TokenHash(visitor)
	address, err := s.safe.Term("client", client)
	if err != nil {
		return hold, err
	}
	err = s.change(ctx, func(tx *gorm.DB) error {
		if err := one(tx.Where("id = ?", slotID), &hold.Slot); err != nil {
			return err
		}
		if err := hold.Slot.CheckBookable(now); err != nil {
			return err
		}
		if err := tx.Where("visitor = ?", hash).Delete(&clinic.Claim{}).Error; err != nil {
			return err
		}
		var live int64
		if err := tx.Model(&clinic.Claim{}).Where("client = ? AND expires_at > ?", address, now).Count(&live).Error; err != nil {
			return err
		}
		if live >= clinic.MaxHoldsPerClient {
			return &clinic.Error{Code: clinic.TooMany, Message: "error.hold.many"}
		}
		var claims int64
		if err := tx.Model(&clinic.Claim{}).Where("slot_id = ?", slotID).Count(&claims).Error; err != nil {
			return err
		}
		return takeSlot(tx, clinic.Claim{SlotID: slotID, Visitor: hash, Client: address, ExpiresAt: &hold.ExpiresAt}, hash, claims > 0, now)
	})
	if broke(err, "claims_pkey", "claims.slot_id") {
		return hold, clinic.TakenError()
	}
	return hold, err
}

// takeSlot writes a claim where there is none, or over one that has expired or belongs to the same visitor. The key of the
// table decides between two who come at once: the second insert fails, or the second update meets no row.
func takeSlot(tx *gorm.DB, claim clinic.Claim, visitor []byte, over bool, now time.Time) error {
	if !over {
		return tx.Exec("INSERT INTO claims (slot_id, visitor, client, expires_at, booking_id) VALUES (?, ?, ?, ?, ?)",
			claim.SlotID, claim.Visitor, claim.Client, claim.ExpiresAt, claim.BookingID).Error
	}
	taken := tx.Exec(`UPDATE claims SET visitor = ?, client = ?, expires_at = ?, booking_id = ?
		WHERE slot_id = ? AND booking_id IS NULL AND (expires_at <= ? OR visitor = ?)`,
		claim.Visitor, claim.Client, claim.ExpiresAt, claim.BookingID, claim.SlotID, now, visitor)
	if taken.Error == nil && taken.RowsAffected == 0 {
		return clinic.TakenError()
	}
	return taken.Error
}

// HoldOf is the live hold of a visitor, or NotFound.
func (s *Store) HoldOf(ctx context.Context, visitor string) (clinic.Hold, error) {
	var claim clinic.Claim
	err := one(s.reader(ctx).Where("visitor = ? AND expires_at > ?", clinic.TokenHash(visitor), s.now()), &claim)
	if err != nil {
		return clinic.Hold{}, err
	}
	slot, err := s.Slot(ctx, claim.SlotID)
	return clinic.Hold{Slot: slot, ExpiresAt: claim.ExpiresAt.UTC()}, err
}

// Release lets go of a visitor's hold, if there is one.
func (s *Store) Release(ctx context.Context, visitor string) error {
	return outage(s.write.WithContext(ctx).Where("visitor = ?", clinic.TokenHash(visitor)).Delete(&clinic.Claim{}).Error)
}
