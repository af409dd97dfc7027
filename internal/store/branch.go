package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// branchRow is a branch as it is stored.
type branchRow struct {
	ID        string
	Name      string
	NameEn    string
	Address   string
	AddressEn string
	Access    string
	AccessEn  string
	Phone     string
	Zone      string
	Settings  storedBranch
	Photo     string
	Revision  int
	Position  int
	CreatedAt time.Time
}

// TableName is the table of branchRow.
func (branchRow) TableName() string { return "branches" }

func newBranchRow(b clinic.Branch) branchRow {
	return branchRow{
		ID: b.ID, Name: b.Name, NameEn: b.NameEn, Address: b.Address, AddressEn: b.AddressEn, Access: b.Access, AccessEn: b.AccessEn,
		Phone: b.Phone, Zone: b.Zone, Settings: storeBranch(b.Settings), Photo: b.Photo, Revision: b.Revision, Position: b.Position, CreatedAt: b.CreatedAt,
	}
}

func (r branchRow) branch() clinic.Branch {
	return clinic.Branch{
		ID: r.ID, Name: r.Name, NameEn: r.NameEn, Address: r.Address, AddressEn: r.AddressEn, Access: r.Access, AccessEn: r.AccessEn,
		Phone: r.Phone, Zone: r.Zone, Settings: r.Settings.open(), Photo: r.Photo, Revision: r.Revision, Position: r.Position, CreatedAt: r.CreatedAt.UTC(),
	}
}

// Branches are all branches in their order. While the database does not answer, they are those that were read last, along
// with the error.
func (s *Store) Branches(ctx context.Context) ([]clinic.Branch, error) {
	read, err := s.readSettings(ctx)
	return slices.Clone(read.branches), wrap("Branches", err)
}

// Branch is one branch.
func (s *Store) Branch(ctx context.Context, id string) (clinic.Branch, error) {
	read, err := s.readSettings(ctx)
	if err != nil {
		return clinic.Branch{}, wrap("Branch", err)
	}
	i := slices.IndexFunc(read.branches, func(b clinic.Branch) bool { return b.ID == id })
	if i < 0 {
		return clinic.Branch{}, NotFound()
	}
	return read.branches[i], nil
}

// branch is one branch as it is within this change.
func (c *change) branch(id string) (clinic.Branch, error) {
	var row branchRow
	err := one(c.Where("id = ?", id), &row)
	return row.branch(), err
}

// BranchesFor are the branches at which an actor may do something, in their order.
func (s *Store) BranchesFor(ctx context.Context, actor clinic.Actor, ability clinic.Ability) ([]clinic.Branch, error) {
	all, err := s.Branches(ctx)
	return slices.DeleteFunc(all, func(b clinic.Branch) bool { return !actor.May(ability, b.ID) }), err
}

// SaveBranch stores a checked branch; one without a revision is new, gets an ID, unless the form drew one, and the last place, and
// belongs to whoever added it. The branch bears the revision it was made from; when another has been saved since, the answer is clinic.StaleError. A
// branch that the actor does not manage answers NotFound.
func (s *Store) SaveBranch(ctx context.Context, actor clinic.Actor, b clinic.Branch) (clinic.Branch, error) {
	if b.Revision != 0 && !actor.May(clinic.ManageClinic, b.ID) {
		return b, NotFound()
	}
	saved := b
	err := s.change(ctx, "SaveBranch", actor, func(tx *change) error {
		tx.aboutBranch(b.ID)
		saved = b
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		if b.Revision != 0 {
			saved.Revision++
			return mustFollow(tx.Model(&branchRow{}).Where("id = ?", saved.ID), b.Revision, func(row *gorm.DB) *gorm.DB {
				return row.Select("*").Omit("id", "photo", "position", "created_at").Updates(newBranchRow(saved))
			})
		}
		saved.ID, saved.CreatedAt, saved.Revision = cmp.Or(b.ID, clinic.NewID()), tx.now, 1
		if err := tx.Model(&branchRow{}).Select("COALESCE(MAX(position), 0) + 1").Scan(&saved.Position).Error; err != nil {
			return err
		}
		row := newBranchRow(saved)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if actor.Kind != clinic.ActorStaff || actor.Staff.EveryBranch {
			return nil
		}
		return tx.Create(&staffBranchRow{actor.Staff.ID, saved.ID}).Error
	})
	if isConstraint(err, "branches_pkey", "branches.id") { // the same form was sent before
		err = clinic.StaleError()
	}
	return saved, err
}
