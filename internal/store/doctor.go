package store

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Doctors are all doctors in their order.
func (s *Store) Doctors(ctx context.Context) ([]clinic.Doctor, error) {
	read, err := s.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(read.doctors), nil
}

// DoctorsAt are the doctors who work at a branch, in their order.
func (s *Store) DoctorsAt(ctx context.Context, branchID string) ([]clinic.Doctor, error) {
	read, err := s.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	var out []clinic.Doctor
	for _, d := range read.doctors {
		if slices.Contains(read.worksAt[d.ID], branchID) {
			out = append(out, d)
		}
	}
	return out, nil
}

// allDoctors reads the doctors in their order, and the branches at which each of them works.
func allDoctors(db *gorm.DB) (doctors []clinic.Doctor, worksAt map[string][]string, err error) {
	if err := db.Order("position, created_at, id").Find(&doctors).Error; err != nil {
		return nil, nil, asUnavailable(err)
	}
	var rows []clinic.DoctorBranch
	if err := db.Where("left_at IS NULL").Order("branch_id").Find(&rows).Error; err != nil {
		return nil, nil, asUnavailable(err)
	}
	worksAt = map[string][]string{}
	for _, r := range rows {
		worksAt[r.DoctorID] = append(worksAt[r.DoctorID], r.BranchID)
	}
	return doctors, worksAt, nil
}

// Doctor is one doctor with the ids of the branches they work at.
func (s *Store) Doctor(ctx context.Context, id string) (clinic.Doctor, []string, error) {
	var d clinic.Doctor
	if err := one(s.reader(ctx).Where("id = ?", id), &d); err != nil {
		return d, nil, err
	}
	var branches []string
	err := s.reader(ctx).Model(&clinic.DoctorBranch{}).Where("doctor_id = ? AND left_at IS NULL", id).Order("branch_id").Pluck("branch_id", &branches).Error
	return d, branches, asUnavailable(err)
}

// DoctorsWithAccount are the ids of the doctors who can sign in. Nobody else ever reads what their patients answer.
func (s *Store) DoctorsWithAccount(ctx context.Context) (ids []string, err error) {
	err = s.reader(ctx).Raw("SELECT DISTINCT doctor_id FROM staff WHERE active AND doctor_id IS NOT NULL").Scan(&ids).Error
	return ids, asUnavailable(err)
}

// DoctorBranches lists every doctor's branches.
func (s *Store) DoctorBranches(ctx context.Context) (map[string][]string, error) {
	read, err := s.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for id, branches := range read.worksAt {
		out[id] = slices.Clone(branches)
	}
	return out, nil
}

// SaveDoctor stores a checked doctor and the branches they work at; one without a revision is new, and gets an ID, unless the form
// drew one, and the last place. The doctor bears the revision they were made from; when another has been saved since, the answer is clinic.StaleError. A
// branch that does not exist, or where a doctor still has open slots or charts that were handed to them, is refused at the field "branches". An actor
// who does not manage every branch changes only whether the doctor works at those that are theirs.
func (s *Store) SaveDoctor(ctx context.Context, actor clinic.Actor, d clinic.Doctor, branchIDs []string) (clinic.Doctor, error) {
	saved := d
	err := s.change(ctx, "SaveDoctor", actor, func(tx *change) error {
		saved = d
		if err := tx.settingsChanged(); err != nil { // calendars that were drawn show doctors
			return err
		}
		if d.Revision == 0 {
			saved.ID, saved.CreatedAt, saved.Revision = cmp.Or(d.ID, clinic.NewID()), tx.now, 1
			if err := tx.Model(&clinic.Doctor{}).Select("COALESCE(MAX(position), 0) + 1").Scan(&saved.Position).Error; err != nil {
				return err
			}
			if err := tx.Create(&saved).Error; err != nil {
				return err
			}
		} else {
			saved.Revision++
			if err := mustFollow(tx.Model(&clinic.Doctor{}).Where("id = ?", saved.ID), d.Revision, func(row *gorm.DB) *gorm.DB {
				return row.Select("*").Omit("id", "photo", "position", "created_at").Updates(saved)
			}); err != nil {
				return err
			}
		}
		return tx.setBranches(saved.ID, branchIDs)
	})
	switch {
	case isConstraint(err, "doctors_pkey", "doctors.id"): // the same form was sent before
		return saved, clinic.StaleError()
	case isConstraint(err, "slots_have_a_doctor"):
		return saved, &clinic.Error{Code: clinic.Conflict, Field: "branches", Message: "error.doctor.slots"}
	case isConstraint(err, "doctor_branches", "FOREIGN KEY"):
		return saved, &clinic.Error{Code: clinic.Invalid, Field: "branches", Message: "error.choose"}
	}
	return saved, err
}

// setBranches says where a doctor works from now on, as far as the actor manages it. Slots that are still open at a branch
// they leave are refused by the database.
func (c *change) setBranches(doctorID string, branchIDs []string) error {
	var rows []clinic.DoctorBranch
	if err := c.forUpdate(c.Where("doctor_id = ? AND left_at IS NULL", doctorID)).Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		if slices.Contains(branchIDs, row.BranchID) || !c.actor.May(clinic.ManageClinic, row.BranchID) {
			continue
		}
		if err := c.checkLeaving(doctorID, row.BranchID); err != nil {
			return err
		}
		err := c.Exec("UPDATE doctor_branches SET left_at = ? WHERE doctor_id = ? AND branch_id = ?", c.now, doctorID, row.BranchID).Error
		if err != nil {
			return err
		}
	}
	for _, id := range branchIDs {
		if slices.Contains(rows, clinic.DoctorBranch{DoctorID: doctorID, BranchID: id}) {
			continue
		}
		if !c.actor.May(clinic.ManageClinic, id) {
			return &clinic.Error{Code: clinic.Invalid, Field: "branches", Message: "error.choose"}
		}
		err := c.Exec(`INSERT INTO doctor_branches (doctor_id, branch_id) VALUES (?, ?)
			ON CONFLICT (doctor_id, branch_id) DO UPDATE SET left_at = NULL`, doctorID, id).Error
		if err != nil {
			return err
		}
	}
	return nil
}
