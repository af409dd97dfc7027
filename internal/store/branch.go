package store

import (
	"context"
	"slices"

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

// BranchesFor are the branches at which an actor may do something, in their order.
func (s *Store) BranchesFor(ctx context.Context, actor clinic.Actor, ability clinic.Ability) ([]clinic.Branch, error) {
	all, err := s.Branches(ctx)
	return slices.DeleteFunc(all, func(b clinic.Branch) bool { return !actor.May(ability, b.ID) }), err
}

// SaveBranch stores a checked branch; one without an ID is new, gets one and the last place, and belongs to whoever added
// it. A branch that the actor does not manage answers NotFound.
func (s *Store) SaveBranch(ctx context.Context, actor clinic.Actor, b clinic.Branch) (clinic.Branch, error) {
	if b.ID != "" && !actor.May(clinic.ManageClinic, b.ID) {
		return b, NotFound()
	}
	saved := b
	err := s.change(ctx, "SaveBranch", actor, func(tx *change) error {
		saved = b
		if saved.ID != "" {
			return mustChange(tx.Model(&clinic.Branch{}).Where("id = ?", saved.ID).Select("*").Omit("id", "position", "created_at").Updates(saved))
		}
		saved.ID, saved.CreatedAt = clinic.NewID(), tx.now
		if err := tx.Model(&clinic.Branch{}).Select("COALESCE(MAX(position), 0) + 1").Scan(&saved.Position).Error; err != nil {
			return err
		}
		if err := tx.Create(&saved).Error; err != nil {
			return err
		}
		if actor.Kind != clinic.ActorStaff || actor.Staff.EveryBranch {
			return nil
		}
		return tx.Create(&staffBranchRow{actor.Staff.ID, saved.ID}).Error
	})
	return saved, err
}

// mustChange turns an update that met no row into NotFound.
func mustChange(q *gorm.DB) error {
	if q.Error == nil && q.RowsAffected == 0 || isInvalidText(q.Error) {
		return NotFound()
	}
	return q.Error
}
