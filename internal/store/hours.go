package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// HolidayOf reports whether a day is a public holiday.
type HolidayOf func(day clinic.Date) bool

// Hours are the opening hours of a branch as they are stored, with what differs from them.
type Hours struct {
	clinic.Plan

	Revisions map[string]int // how often the week of each doctor who works at the branch was saved, by their id
}

// patternRow is a clinic.Pattern as it is stored with what it is the pattern of.
type patternRow struct {
	FromMinute  clinic.Clock
	UntilMinute clinic.Clock
	Minutes     int
	Pause       int
	Room        string
	Audience    clinic.Audience
}

func newPatternRow(p clinic.Pattern) patternRow {
	return patternRow{FromMinute: p.From, UntilMinute: p.Until, Minutes: p.Minutes, Pause: p.Pause, Room: p.Room, Audience: p.Audience}
}

func (r patternRow) pattern() clinic.Pattern {
	return clinic.Pattern{From: r.FromMinute, Until: r.UntilMinute, Minutes: r.Minutes, Pause: r.Pause, Room: r.Room, Audience: r.Audience}
}

// hoursRow is one clinic.OpeningHours as it is stored.
type hoursRow struct {
	ID         string
	BranchID   string
	DoctorID   string
	Weekday    time.Weekday
	Pattern    patternRow `gorm:"embedded"`
	ValidFrom  string
	ValidUntil sql.NullString
}

// TableName is the table of hoursRow.
func (hoursRow) TableName() string { return "opening_hours" }

func newHoursRow(h clinic.OpeningHours) hoursRow {
	row := hoursRow{
		ID: h.ID, BranchID: h.BranchID, DoctorID: h.DoctorID, Weekday: h.Weekday, Pattern: newPatternRow(h.Pattern), ValidFrom: h.ValidFrom.String(),
	}
	if !h.ValidUntil.IsZero() {
		row.ValidUntil = orNull(h.ValidUntil.String())
	}
	return row
}

func (r hoursRow) hours() clinic.OpeningHours {
	h := clinic.OpeningHours{
		ID: r.ID, BranchID: r.BranchID, DoctorID: r.DoctorID, Weekday: r.Weekday,
		Pattern: r.Pattern.pattern(),
	}
	h.ValidFrom, _ = clinic.ParseDate(r.ValidFrom)
	h.ValidUntil, _ = clinic.ParseDate(r.ValidUntil.String)
	return h
}

// closureRow is one clinic.Exception as it is stored.
type closureRow struct {
	ID        string
	BranchID  string
	DoctorID  sql.NullString
	Kind      clinic.ExceptionKind
	FirstDay  string
	LastDay   string
	Nth       int
	Weekday   time.Weekday
	Pattern   patternRow `gorm:"embedded"`
	Reason    string
	CreatedAt time.Time
}

// TableName is the table of closureRow.
func (closureRow) TableName() string { return "closures" }

func newClosureRow(e clinic.Exception) closureRow {
	return closureRow{
		ID: e.ID, BranchID: e.BranchID, DoctorID: orNull(e.DoctorID), Kind: e.Kind, FirstDay: e.First.String(), LastDay: e.Last.String(), Nth: e.Nth,
		Weekday: e.Weekday, Pattern: newPatternRow(e.Pattern), Reason: e.Reason, CreatedAt: e.CreatedAt,
	}
}

func (r closureRow) exception() clinic.Exception {
	e := clinic.Exception{
		ID: r.ID, BranchID: r.BranchID, DoctorID: r.DoctorID.String, Kind: r.Kind, Nth: r.Nth, Weekday: r.Weekday, Reason: r.Reason, CreatedAt: r.CreatedAt.UTC(),
		Pattern: r.Pattern.pattern(),
	}
	e.First, _ = clinic.ParseDate(r.FirstDay)
	e.Last, _ = clinic.ParseDate(r.LastDay)
	return e
}

// Hours are those of a branch whose calendar the actor may see; another answers NotFound. Of the exceptions those that are over are
// left out, and of the hours those of doctors who have left.
func (s *Store) Hours(ctx context.Context, actor clinic.Actor, branchID string, holiday HolidayOf) (Hours, error) {
	branch, err := s.Branch(ctx, branchID)
	if err == nil && !actor.May(clinic.SeeCalendar, branchID) {
		err = NotFound()
	}
	if err != nil {
		return Hours{}, err
	}
	hours, err := hoursOf(s.reader(ctx), branch, holiday, s.now())
	return hours, wrap("Hours", asUnavailable(err))
}

// worksThere is a condition in SQL on hours: the doctor still works at the branch.
const worksThere = "EXISTS (SELECT 1 FROM doctor_branches w WHERE w.doctor_id = opening_hours.doctor_id AND w.branch_id = opening_hours.branch_id AND w.left_at IS NULL)"

func hoursOf(db *gorm.DB, branch clinic.Branch, holiday HolidayOf, now time.Time) (Hours, error) {
	today := clinic.DateOf(now, branch.Location())
	out := Hours{Plan: clinic.Plan{Branch: branch, Days: clinic.LayingHorizon(today), Holiday: holiday}, Revisions: map[string]int{}}
	var rows []hoursRow
	if err := db.Table("opening_hours").Where("branch_id = ? AND "+worksThere, branch.ID).Order("weekday, from_minute, id").Find(&rows).Error; err != nil {
		return out, err
	}
	for _, r := range rows {
		out.Hours = append(out.Hours, r.hours())
	}
	var closures []closureRow
	if err := db.Where("branch_id = ? AND last_day >= ?", branch.ID, today.String()).Order("first_day, created_at, id").Find(&closures).Error; err != nil {
		return out, err
	}
	for _, r := range closures {
		out.Exceptions = append(out.Exceptions, r.exception())
	}
	var revisions []struct {
		DoctorID      string
		HoursRevision int
	}
	err := db.Table("doctor_branches").Where("branch_id = ? AND left_at IS NULL", branch.ID).Find(&revisions).Error
	for _, r := range revisions {
		out.Revisions[r.DoctorID] = r.HoursRevision
	}
	return out, err
}

// HoursBeside are the hours that those of a doctor at a branch may meet: of the doctor at other branches, and of others at the branch.
func (s *Store) HoursBeside(ctx context.Context, branchID, doctorID string) ([]clinic.OpeningHours, error) {
	hours, err := hoursBeside(s.reader(ctx), branchID, doctorID)
	return hours, wrap("HoursBeside", asUnavailable(err))
}

func hoursBeside(db *gorm.DB, branchID, doctorID string) (out []clinic.OpeningHours, err error) {
	var rows []hoursRow
	err = db.Table("opening_hours").Where("(branch_id = ? OR doctor_id = ?) AND NOT (branch_id = ? AND doctor_id = ?) AND "+worksThere,
		branchID, doctorID, branchID, doctorID).Order("id").Find(&rows).Error
	for _, r := range rows {
		out = append(out, r.hours())
	}
	return out, err
}

// Preview is what laying slots from a plan would do now. It writes nothing.
func (s *Store) Preview(ctx context.Context, p clinic.Plan) (clinic.Laying, error) {
	now := s.now()
	known, err := knownSlots(s.reader(ctx), p, now)
	return clinic.Lay(p, known, now), wrap("Preview", err)
}

// AppointmentsIn are the live bookings in some slots, by the slots' ids, whose branch's calendar the actor may see.
func (s *Store) AppointmentsIn(ctx context.Context, actor clinic.Actor, slotIDs ...string) (map[string]clinic.Appointment, error) {
	if len(slotIDs) == 0 {
		return nil, nil //nolint:nilnil // an empty map
	}
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err := s.appointments(s.reader(ctx), "b.slot_id IN ? AND b.live AND "+owned, append([]any{slotIDs}, args...)...)
	return byID(all, func(a clinic.Appointment) string { return a.Slot.ID }), wrap("AppointmentsIn", err)
}
