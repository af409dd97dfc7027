package store

import (
	"context"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Branches are all branches in their order.
func (s *Store) Branches(ctx context.Context) ([]clinic.Branch, error) {
	var out []clinic.Branch
	err := s.reader(ctx).Order("position, created_at, id").Find(&out).Error
	return out, asUnavailable(err)
}

// Branch is one branch.
func (s *Store) Branch(ctx context.Context, id string) (clinic.Branch, error) {
	var out clinic.Branch
	err := one(s.reader(ctx).Where("id = ?", id), &out)
	return out, err
}

// SaveBranch stores a checked branch; one without an ID is new, and gets one and the last place.
func (s *Store) SaveBranch(ctx context.Context, b clinic.Branch) (clinic.Branch, error) {
	err := s.change(ctx, func(tx *gorm.DB) error {
		if b.ID != "" {
			return mustChange(tx.Model(&clinic.Branch{}).Where("id = ?", b.ID).Select("*").Omit("id", "position", "created_at").Updates(b))
		}
		b.ID, b.CreatedAt = clinic.NewID(), s.now()
		if err := tx.Model(&clinic.Branch{}).Select("COALESCE(MAX(position), 0) + 1").Scan(&b.Position).Error; err != nil {
			return err
		}
		return tx.Create(&b).Error
	})
	return b, err
}

// mustChange turns an update that met no row into NotFound.
func mustChange(q *gorm.DB) error {
	if q.Error == nil && q.RowsAffected == 0 || isInvalidText(q.Error) {
		return NotFound()
	}
	return q.Error
}
