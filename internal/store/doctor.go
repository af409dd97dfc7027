package store

import (
	"context"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Doctors are all doctors in their order.
func (s *Store) Doctors(ctx context.Context) ([]clinic.Doctor, error) {
	var out []clinic.Doctor
	err := s.reader(ctx).Order("position, created_at, id").Find(&out).Error
	return out, asUnavailable(err)
}

// DoctorsAt are the doctors who work at a branch, in their order.
func (s *Store) DoctorsAt(ctx context.Context, branchID string) ([]clinic.Doctor, error) {
	var out []clinic.Doctor
	err := s.reader(ctx).
		Where("id IN (SELECT doctor_id FROM doctor_branches WHERE branch_id = ?)", branchID).
		Order("position, created_at, id").Find(&out).Error
	return out, asUnavailable(err)
}

// Doctor is one doctor with the ids of the branches they work at.
func (s *Store) Doctor(ctx context.Context, id string) (clinic.Doctor, []string, error) {
	var d clinic.Doctor
	if err := one(s.reader(ctx).Where("id = ?", id), &d); err != nil {
		return d, nil, err
	}
	var branches []string
	err := s.reader(ctx).Model(&clinic.DoctorBranch{}).Where("doctor_id = ?", id).Order("branch_id").Pluck("branch_id", &branches).Error
	return d, branches, asUnavailable(err)
}

// DoctorBranches lists every doctor's branches.
func (s *Store) DoctorBranches(ctx context.Context) (map[string][]string, error) {
	var rows []clinic.DoctorBranch
	if err := s.reader(ctx).Order("branch_id").Find(&rows).Error; err != nil {
		return nil, asUnavailable(err)
	}
	out := map[string][]string{}
	for _, r := range rows {
		out[r.DoctorID] = append(out[r.DoctorID], r.BranchID)
	}
	return out, nil
}

// SaveDoctor stores a checked doctor and the branches they work at; one without an ID is new, and gets one and the last
// place. A branch that does not exist is refused at the field "branches".
func (s *Store) SaveDoctor(ctx context.Context, d clinic.Doctor, branchIDs []string) (clinic.Doctor, error) {
	err := s.change(ctx, func(tx *gorm.DB) error {
		if d.ID == "" {
			d.ID, d.CreatedAt = clinic.NewID(), s.now()
			if err := tx.Model(&clinic.Doctor{}).Select("COALESCE(MAX(position), 0) + 1").Scan(&d.Position).Error; err != nil {
				return err
			}
			if err := tx.Create(&d).Error; err != nil {
				return err
			}
		} else if err := mustChange(tx.Model(&clinic.Doctor{}).Where("id = ?", d.ID).
			Select("*").Omit("id", "position", "created_at").Updates(d)); err != nil {
			return err
		}
		if err := tx.Where("doctor_id = ?", d.ID).Delete(&clinic.DoctorBranch{}).Error; err != nil {
			return err
		}
		if len(branchIDs) == 0 {
			return nil
		}
		rows := make([]clinic.DoctorBranch, len(branchIDs))
		for i, id := range branchIDs {
			rows[i] = clinic.DoctorBranch{DoctorID: d.ID, BranchID: id}
		}
		err := tx.Create(&rows).Error
		if isConstraint(err, "doctor_branches", "FOREIGN KEY") {
			return &clinic.Error{Code: clinic.Invalid, Field: "branches", Message: "error.choose"}
		}
		return err
	})
	return d, err
}
