package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// AuditQuery says which entries of the audit log are asked for. What is not said does not matter.
type AuditQuery struct {
	From, Until time.Time // entries from one instant to before another
	StaffID     string
	Action      clinic.AuditAction
	PatientID   string // entries about them, and the calendars in which they stood when somebody looked
	Before      string // the id of the entry before whose instant the page begins
	Limit       int
}

// AuditEntries are the entries that are asked for, the latest first. They are for whoever may see the audit log everywhere; for anybody else there are none.
func (s *Store) AuditEntries(ctx context.Context, actor clinic.Actor, q AuditQuery) ([]clinic.AuditEntry, error) {
	if !actor.MayEverywhere(clinic.SeeAudit) {
		return nil, NotFound()
	}
	db := s.reader(ctx)
	if q.PatientID != "" {
		condition, args, err := s.auditOf(db, q.PatientID)
		if err != nil {
			return nil, wrap("AuditEntries", err)
		}
		db = db.Where(condition, args...)
	}
	if !q.From.IsZero() {
		db = db.Where("id >= ?", clinic.IDsFrom(q.From))
	}
	if !q.Until.IsZero() {
		db = db.Where("id < ?", clinic.IDsFrom(q.Until))
	}
	if q.Before != "" {
		db = db.Where("id < ?", q.Before)
	}
	if q.StaffID != "" {
		db = db.Where("actor_kind = 'staff' AND actor_id = ?", q.StaffID)
	}
	if q.Action != "" {
		db = db.Where("action = ?", q.Action)
	}
	var rows []auditRow
	if err := db.Order("id DESC").Limit(q.Limit).Find(&rows).Error; err != nil {
		return nil, wrap("AuditEntries", asUnavailable(err))
	}
	out := make([]clinic.AuditEntry, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = s.openAudit(row); err != nil {
			return nil, wrap("AuditEntries", err)
		}
	}
	return out, nil
}

// auditOf is the condition that an entry is about a patient, whoever they were merged with, or is one of a calendar in which they stood then: of the day
// of a booking of theirs, at its branch, since it was made or moved there.
func (s *Store) auditOf(db *gorm.DB, patientID string) (condition string, args []any, err error) {
	ids, err := everyRecord(db, patientID)
	if err != nil {
		return "", nil, asUnavailable(err)
	}
	type stood struct{ branch, day, since string }
	var all []stood
	var bookings []struct {
		BranchID, Zone      string
		StartsAt, CreatedAt time.Time
	}
	err = db.Raw(`SELECT s.branch_id, br.zone, s.starts_at, b.created_at FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN branches br ON br.id = s.branch_id
		WHERE b.patient_id IN ?`, ids).Scan(&bookings).Error
	if err != nil {
		return "", nil, asUnavailable(err)
	}
	for _, b := range bookings {
		day := clinic.DateOf(b.StartsAt, clinic.Branch{Zone: b.Zone}.Location())
		all = append(all, stood{b.BranchID, day.String(), clinic.IDsFrom(b.CreatedAt)})
	}
	var before []struct{ BranchID, FirstDay, Since string } // where a booking stood before it was moved
	err = db.Raw(`SELECT branch_id, first_day, MIN(id) AS since FROM audit_entries WHERE patient_id IN ? AND branch_id IS NOT NULL AND first_day IS NOT NULL
		GROUP BY branch_id, first_day`, ids).Scan(&before).Error
	if err != nil {
		return "", nil, asUnavailable(err)
	}
	for _, b := range before {
		all = append(all, stood{b.BranchID, b.FirstDay, b.Since})
	}
	conditions := []string{"patient_id IN ?"}
	args = append(args, ids)
	for _, at := range all {
		conditions = append(conditions, "patient_id IS NULL AND first_day IS NOT NULL AND branch_id = ? AND first_day <= ? AND last_day >= ? AND id >= ?")
		args = append(args, at.branch, at.day, at.day, at.since)
	}
	return "(" + strings.Join(conditions, " OR ") + ")", args, nil
}

// AllStaff are the accounts of the clinic, those that were closed as well, for whoever may see the audit log.
func (s *Store) AllStaff(ctx context.Context, actor clinic.Actor) (all []clinic.Staff, err error) {
	if !actor.MayEverywhere(clinic.SeeAudit) {
		return nil, NotFound()
	}
	var rows []staffRow
	if err := s.reader(ctx).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, wrap("AllStaff", asUnavailable(err))
	}
	for _, row := range rows {
		p, err := s.openStaff(row, nil)
		if err != nil {
			return nil, wrap("AllStaff", err)
		}
		all = append(all, p)
	}
	return all, nil
}
