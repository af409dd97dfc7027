package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
)

// photoRow is a clinic.Photo as it is stored.
type photoRow struct {
	Hash  string
	Large []byte
	Small []byte
}

// TableName is the table of photoRow.
func (photoRow) TableName() string { return "photos" }

// Photo is the file of a photo in a size, or NotFound.
func (s *Store) Photo(ctx context.Context, hash string, size clinic.PhotoSize) ([]byte, error) {
	column := "large"
	if size == clinic.SmallPhoto {
		column = "small"
	}
	var row photoRow
	if err := one(s.reader(ctx).Select("hash", column).Where("hash = "+aText, hash), &row); err != nil {
		return nil, err
	}
	if size == clinic.SmallPhoto {
		return row.Small, nil
	}
	return row.Large, nil
}

// SetDoctorPhoto gives a doctor a photo, or takes theirs away where it is zero. seen is the hash of the one that stood there when this was
// asked for; where another stands there now the answer is clinic.StaleError.
func (s *Store) SetDoctorPhoto(ctx context.Context, actor clinic.Actor, doctorID, seen string, p clinic.Photo) error {
	if actor.Kind == clinic.ActorStaff && !actor.Staff.Can(clinic.ManageClinic) {
		return NotFound()
	}
	return s.change(ctx, "SetDoctorPhoto", actor, func(tx *change) error { return tx.setPhoto(&clinic.Doctor{}, doctorID, seen, p) })
}

// SetBranchPhoto is SetDoctorPhoto for a branch, which the actor manages; another answers NotFound.
func (s *Store) SetBranchPhoto(ctx context.Context, actor clinic.Actor, branchID, seen string, p clinic.Photo) error {
	if !actor.May(clinic.ManageClinic, branchID) {
		return NotFound()
	}
	return s.change(ctx, "SetBranchPhoto", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		return tx.setPhoto(&branchRow{}, branchID, seen, p)
	})
}

// setPhoto puts a photo in the place of the one that was seen, of which nothing stays.
func (c *change) setPhoto(of any, id, seen string, p clinic.Photo) error {
	if err := c.settingsChanged(); err != nil {
		return err
	}
	var there int64
	if err := c.Model(of).Where("id = "+aText, id).Count(&there).Error; err != nil || there == 0 {
		return orNotFound(err)
	}
	if p.Hash != "" {
		if err := c.Clauses(clause.OnConflict{DoNothing: true}).Create(&photoRow{p.Hash, p.Large, p.Small}).Error; err != nil {
			return err
		}
	}
	changed := c.Model(of).Where("id = ? AND photo = ?", id, seen).Update("photo", p.Hash)
	if changed.Error != nil {
		return changed.Error
	}
	if changed.RowsAffected == 0 {
		return clinic.StaleError()
	}
	if seen == "" || seen == p.Hash {
		return nil
	}
	return c.Where("hash = ?", seen).Delete(&photoRow{}).Error
}

// orNotFound is the error that something could not be read with, or NotFound.
func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return NotFound()
}

// MoveDoctor moves a doctor one place up in the clinic's order, or down. It is for who manages every branch.
func (s *Store) MoveDoctor(ctx context.Context, actor clinic.Actor, id string, up bool) error {
	return s.movePlace(ctx, "MoveDoctor", actor, &clinic.Doctor{}, id, up)
}

// MoveBranch is MoveDoctor for a branch.
func (s *Store) MoveBranch(ctx context.Context, actor clinic.Actor, id string, up bool) error {
	return s.movePlace(ctx, "MoveBranch", actor, &branchRow{}, id, up)
}

func (s *Store) movePlace(ctx context.Context, op string, actor clinic.Actor, of any, id string, up bool) error {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return &clinic.Error{Code: clinic.Forbidden, Message: "error.forbidden"}
	}
	return s.change(ctx, op, actor, func(tx *change) error {
		// The order is part of what every instance remembers of the branches, and of two who change it the second waits here.
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		var places []struct {
			ID       string
			Position int
		}
		if err := tx.Model(of).Select("id", "position").Order("position, created_at, id").Find(&places).Error; err != nil {
			return err
		}
		ids := make([]string, len(places))
		for i, p := range places {
			ids[i] = p.ID
		}
		ids, ok := clinic.Moved(ids, id, up)
		if !ok {
			return NotFound()
		}
		for i, id := range ids {
			if places[i].ID == id && places[i].Position == i+1 {
				continue
			}
			if err := tx.Model(of).Session(&gorm.Session{}).Where("id = ?", id).Update("position", i+1).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
