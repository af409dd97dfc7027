package store

import (
	"context"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Hold keeps a slot for a visitor for clinic.HoldFor and lets go of the one they had. client is their network address; it
// is stored as a keyed term only. Somebody else's claim answers SlotTaken, a slot that has begun SlotPast, too many holds
// from one address TooMany.
func (s *Store) Hold(ctx context.Context, slotID, visitor, client string) (clinic.Hold, error) {
	now := s.now()
	hash := clinic.TokenHash(visitor)
	address, err := s.keyring.BlindIndex("client", client)
	if err != nil {
		return clinic.Hold{}, err
	}
	hold := clinic.Hold{ExpiresAt: now.Add(clinic.HoldFor)}
	claim := clinic.Claim{SlotID: slotID, Visitor: hash, Client: address, ExpiresAt: &hold.ExpiresAt}
	err = s.change(ctx, func(tx *gorm.DB) error {
		// Of two clicks at once the second must see the first one's hold, to let go of it.
		if err := s.advisoryLock(tx, "visitor "+hex.EncodeToString(hash)); err != nil {
			return err
		}
		if err := one(tx.Where("id = ?", slotID), &hold.Slot); err != nil {
			return err
		}
		var branch clinic.Branch
		if err := one(tx.Where("id = ?", hold.Slot.BranchID), &branch); err != nil {
			return err
		}
		if err := hold.Slot.CheckBookable(branch, now); err != nil {
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
		return takeSlot(tx, claim, hash, now)
	})
	return hold, err
}

// takeSlot writes a claim where there is none, or over one that has expired or belongs to the same visitor. It is one
// statement, so that the key of the table decides between two who come at once: the second changes no row.
func takeSlot(tx *gorm.DB, claim clinic.Claim, visitor []byte, now time.Time) error {
	taken := tx.Exec(`INSERT INTO claims AS held (slot_id, visitor, client, expires_at, booking_id) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (slot_id) DO UPDATE SET visitor = excluded.visitor, client = excluded.client,
			expires_at = excluded.expires_at, booking_id = excluded.booking_id
		WHERE held.booking_id IS NULL AND (held.expires_at <= ? OR held.visitor = ?)`,
		claim.SlotID, claim.Visitor, claim.Client, claim.ExpiresAt, claim.BookingID, now, visitor)
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
	return asUnavailable(s.write.WithContext(ctx).Where("visitor = ?", clinic.TokenHash(visitor)).Delete(&clinic.Claim{}).Error)
}
