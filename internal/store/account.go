package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// mayManageStaff refuses whoever does not manage all of the clinic: an account could be given more than its maker has.
func mayManageStaff(actor clinic.Actor) error {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return &clinic.Error{Code: clinic.Forbidden, Message: "error.forbidden"}
	}
	return nil
}

// accountRow is a member of staff with what else is known of their account.
type accountRow struct {
	Staff        staffRow `gorm:"embedded"`
	SecondFactor bool
	LinkUntil    *time.Time
}

// accountColumns are the columns of accountRow, of staff p.
const accountColumns = "p.*, " + hasSecondFactor + " AS second_factor, (SELECT l.expires_at FROM staff_links l WHERE l.staff_id = p.id) AS link_until"

// Accounts are all accounts, those that are open first, and then by their names.
func (s *Store) Accounts(ctx context.Context, actor clinic.Actor) ([]clinic.Account, error) {
	all, err := s.accounts(ctx, actor, "TRUE")
	return all, wrap("Accounts", err)
}

// Account is one account.
func (s *Store) Account(ctx context.Context, actor clinic.Actor, id string) (clinic.Account, error) {
	all, err := s.accounts(ctx, actor, "p.id = ?", id)
	if err == nil && len(all) == 0 {
		err = NotFound()
	}
	if err != nil {
		return clinic.Account{}, wrap("Account", err)
	}
	return all[0], nil
}

func (s *Store) accounts(ctx context.Context, actor clinic.Actor, condition string, args ...any) (all []clinic.Account, err error) {
	if err := mayManageStaff(actor); err != nil {
		return nil, err
	}
	now := s.now()
	var rows []accountRow
	err = s.reader(ctx).Raw("SELECT "+accountColumns+" FROM staff p WHERE "+condition+" ORDER BY p.active DESC, p.created_at, p.id", args...).Scan(&rows).Error
	if err != nil {
		return nil, asUnavailable(err)
	}
	var branches []staffBranchRow
	if err := s.reader(ctx).Order("branch_id").Find(&branches).Error; err != nil {
		return nil, err
	}
	at := map[string][]string{}
	for _, b := range branches {
		at[b.StaffID] = append(at[b.StaffID], b.BranchID)
	}
	for _, row := range rows {
		p, err := s.openStaff(row.Staff, at[row.Staff.ID])
		if err != nil {
			return nil, err
		}
		a := clinic.Account{Staff: p, SecondFactor: row.SecondFactor}
		if row.Staff.SignedInAt != nil {
			in := row.Staff.SignedInAt.UTC()
			a.SignedInAt = &in
		}
		if row.LinkUntil != nil && now.Before(*row.LinkUntil) {
			until := row.LinkUntil.UTC()
			a.LinkUntil = &until
		}
		if a.Locked, err = s.isLocked(ctx, p, now); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// isLocked reports whether so many passwords or codes of an account were wrong that the next one is refused, whichever it is.
func (s *Store) isLocked(ctx context.Context, p clinic.Staff, now time.Time) (bool, error) {
	password, err := s.accountSubject(p.Email)
	if err != nil {
		return false, err
	}
	second, err := s.secondSubject(p.ID)
	if err != nil {
		return false, err
	}
	var n int64
	err = s.reader(ctx).Table("sign_in_failures").Where("ends_at > ? AND (subject = ? AND failures >= ? OR subject = ? AND failures >= ?)",
		now, password, clinic.SignInsPerAccount, second, clinic.SecondFactorTries).Count(&n).Error
	return n > 0, err
}

// SaveAccount stores what an administrator has changed of an account, which was checked: name, address, role, doctor and branches. What
// somebody else has saved since it was read answers clinic.StaleError.
func (s *Store) SaveAccount(ctx context.Context, actor clinic.Actor, p clinic.Staff) error {
	if err := mayManageStaff(actor); err != nil {
		return err
	}
	terms, err := s.staffTerms(p.Email)
	if err != nil {
		return err
	}
	sealed, err := s.keyring.Seal(seal.Contact, staffAD(p.ID), storeStaff(p))
	if err != nil {
		return err
	}
	return staffRefusal(s.change(ctx, "SaveAccount", actor, func(tx *change) error {
		tx.aboutStaff(p.ID)
		before, err := tx.accountToChange(p.ID)
		if err != nil {
			return err
		}
		after := p
		after.Active, after.PasswordHash = before.Active, before.PasswordHash
		if err := tx.checkAccountChange(before, after); err != nil {
			return err
		}
		err = mustFollow(tx.Model(&staffRow{}).Where("id = ?", p.ID), p.Revision, func(row *gorm.DB) *gorm.DB {
			return row.Updates(map[string]any{
				"role": p.Role, "doctor_id": idOrNil(p.DoctorID), "every_branch": p.EveryBranch, "email_term": terms[0], "sealed": sealed, "revision": p.Revision + 1,
			})
		})
		if err != nil {
			return err
		}
		if err := tx.Where("staff_id = ?", p.ID).Delete(&staffBranchRow{}).Error; err != nil {
			return err
		}
		return tx.addStaffBranches(p)
	}))
}

// SetAccountActive closes an account, which ends its sessions and links (a trigger sees to it), or opens it again, which revives none.
func (s *Store) SetAccountActive(ctx context.Context, actor clinic.Actor, id string, active bool) error {
	if err := mayManageStaff(actor); err != nil {
		return err
	}
	return s.change(ctx, "SetAccountActive", actor, func(tx *change) error {
		tx.aboutStaff(id)
		before, err := tx.accountToChange(id)
		if err != nil || before.Active == active {
			return err
		}
		after := before
		after.Active = active
		if err := tx.checkAccountChange(before, after); err != nil {
			return err
		}
		return mustChange(tx.Exec("UPDATE staff SET active = ?, revision = revision + 1 WHERE id = ?", active, id))
	})
}

// UnlockAccount lets somebody try again whose passwords or codes were wrong too often.
func (s *Store) UnlockAccount(ctx context.Context, actor clinic.Actor, id string) error {
	a, err := s.Account(ctx, actor, id)
	if err != nil {
		return err
	}
	password, err := s.accountSubject(a.Email)
	if err != nil {
		return err
	}
	second, err := s.secondSubject(id)
	if err != nil {
		return err
	}
	return s.change(ctx, "UnlockAccount", actor, func(tx *change) error {
		tx.aboutStaff(id)
		return tx.forgetAttempts(password, second)
	})
}

// accountToChange is an account as it is stored. Changes of accounts wait for one another, so that two administrators cannot take each
// other's account away at once.
func (c *change) accountToChange(id string) (clinic.Staff, error) {
	if err := c.advisoryLocks([]string{"accounts"}); err != nil {
		return clinic.Staff{}, err
	}
	var row staffRow
	if err := one(c.Where("id = ?", id), &row); err != nil {
		return clinic.Staff{}, err
	}
	var branches []string
	if err := c.Model(&staffBranchRow{}).Where("staff_id = ?", id).Order("branch_id").Pluck("branch_id", &branches).Error; err != nil {
		return clinic.Staff{}, err
	}
	return c.store.openStaff(row, branches)
}

func (c *change) checkAccountChange(before, after clinic.Staff) error {
	var others int64
	err := c.Model(&staffRow{}).Where("id <> ? AND role = ? AND active AND every_branch AND password_hash <> ''", before.ID, clinic.Admin).Count(&others).Error
	if err != nil {
		return err
	}
	return clinic.CheckAccountChange(c.actor, before, after, int(others))
}
