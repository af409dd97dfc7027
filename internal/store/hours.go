package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

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

// knownColumns begins a question that scanKnown reads the answer of.
const knownColumns = `SELECT s.id, s.branch_id, s.doctor_id, s.starts_at, s.ends_at, s.origin, s.audience, s.room, s.closed_at, s.created_at,
		s.kept_at, c.booking_id, c.expires_at
	FROM slots s LEFT JOIN claims c ON c.slot_id = s.id WHERE `

// knownSlots are the slots that are there when those of a plan are laid.
func knownSlots(db *gorm.DB, p clinic.Plan, now time.Time) ([]clinic.KnownSlot, error) {
	// A day more on either side, because a slot may reach over midnight.
	loc := p.Branch.Location()
	from, until := p.Days.First.AddDays(-1).In(loc).UTC(), p.Days.Last.AddDays(2).In(loc).UTC()
	known, err := scanKnown(db.Raw(knownColumns+"s.branch_id = "+aText+" AND s.starts_at >= ? AND s.starts_at < ? AND (s.closed_at IS NULL OR s.closed_by = 'staff')",
		p.Branch.ID, from, until), now)
	if err != nil {
		return nil, err
	}
	if doctors := doctorsOf(p); len(doctors) > 0 {
		elsewhere, err := scanKnown(db.Raw(knownColumns+"s.doctor_id IN ? AND s.branch_id <> ? AND s.starts_at >= ? AND s.starts_at < ? AND s.closed_at IS NULL",
			doctors, p.Branch.ID, from, until), now)
		if err != nil {
			return nil, err
		}
		known = append(known, elsewhere...)
	}
	slices.SortFunc(known, func(a, b clinic.KnownSlot) int {
		if order := a.StartsAt.Compare(b.StartsAt); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return known, nil
}

func scanKnown(q *gorm.DB, now time.Time) (out []clinic.KnownSlot, err error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, asUnavailable(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var k clinic.KnownSlot
		var kept, expires sql.NullTime
		var booking sql.NullString
		if err := rows.Scan(&k.ID, &k.BranchID, &k.DoctorID, &k.StartsAt, &k.EndsAt, &k.Origin, &k.Audience, &k.Room, &k.ClosedAt, &k.CreatedAt,
			&kept, &booking, &expires); err != nil {
			return nil, asUnavailable(err)
		}
		k.StartsAt, k.EndsAt, k.CreatedAt = k.StartsAt.UTC(), k.EndsAt.UTC(), k.CreatedAt.UTC()
		k.Booked, k.Kept, k.ClosedByHand = booking.Valid, kept.Valid, k.ClosedAt != nil
		k.Held = !booking.Valid && expires.Valid && expires.Time.After(now)
		out = append(out, k)
	}
	return out, asUnavailable(rows.Err())
}

// doctorsOf are the doctors of a plan whose slots are laid, by their ids.
func doctorsOf(p clinic.Plan) (ids []string) {
	if p.DoctorID != "" {
		return []string{p.DoctorID}
	}
	for _, h := range p.Hours {
		ids = append(ids, h.DoctorID)
	}
	for _, e := range p.Exceptions {
		if e.DoctorID != "" {
			ids = append(ids, e.DoctorID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// changeHours is change for what slots are laid from: it lets edit change that at a branch which the actor manages, and lays the slots
// of a doctor, or of all, at once. edit is called once nobody else changes hours of the branch or opens slots of the doctors.
func (s *Store) changeHours(ctx context.Context, op string, actor clinic.Actor, branchID, doctorID string, holiday HolidayOf, edit func(tx *change, stored Hours) error) (out clinic.Laying, err error) {
	if !actor.May(clinic.ManageClinic, branchID) {
		return out, NotFound()
	}
	for range maxTries {
		err = s.change(ctx, op, actor, func(tx *change) error {
			tx.aboutBranch(branchID)
			out = clinic.Laying{}
			branch, err := tx.branch(branchID)
			if err != nil {
				return err
			}
			if err := tx.lockHours(branchID, doctorID); err != nil {
				return err
			}
			stored, err := hoursOf(tx.DB, branch, holiday, tx.now)
			if err != nil {
				return err
			}
			if err := edit(tx, stored); err != nil {
				return err
			}
			if branch, err = tx.branch(branchID); err != nil {
				return err
			}
			if stored, err = hoursOf(tx.DB, branch, holiday, tx.now); err != nil {
				return err
			}
			stored.DoctorID = doctorID
			out, err = tx.lay(stored.Plan)
			return err
		})
		// Somebody has opened a slot in the same room by hand since the slots were read. They are read again.
		if !isConstraint(err, "slots_never_overlap", "rooms_never_overlap") {
			break
		}
	}
	return out, err
}

// lockHours lets nobody else change hours at a branch, or open slots of its doctors, until the change ends. These locks come before those of
// slots, in the order of ids.
func (c *change) lockHours(branchID, doctorID string) error {
	if c.store.engine == sqliteEngine {
		return nil
	}
	if err := c.advisoryLock("hours of " + branchID); err != nil {
		return err
	}
	doctors := []string{doctorID}
	if doctorID == "" {
		if err := c.Model(&clinic.DoctorBranch{}).Where("branch_id = ?", branchID).Order("doctor_id").Pluck("doctor_id", &doctors).Error; err != nil {
			return err
		}
	}
	for _, id := range doctors {
		if err := c.advisoryLock("slots of " + id); err != nil {
			return err
		}
	}
	return nil
}

// lay makes the slots of a plan what they should be. On PostgreSQL the slots that are to change are locked, and what has become of them
// by then is read once more.
func (c *change) lay(p clinic.Plan) (clinic.Laying, error) {
	locked := map[string]bool{}
	for {
		known, err := knownSlots(c.DB, p, c.now)
		if err != nil {
			return clinic.Laying{}, err
		}
		l := clinic.Lay(p, known, c.now)
		var ids []string
		for _, k := range slices.Concat(l.Close, l.Change) {
			if !locked[k.ID] {
				locked[k.ID] = true
				ids = append(ids, k.ID)
			}
		}
		if c.store.engine == sqliteEngine || len(ids) == 0 {
			return l, c.carryOut(p, l)
		}
		if err := c.lockSlots(ids...); err != nil {
			return l, err
		}
	}
}

// laidAtOnce is how many slots one statement changes at most.
const laidAtOnce = 200

// carryOut does what a laying says.
func (c *change) carryOut(p clinic.Plan, l clinic.Laying) error {
	each := func(slots []clinic.KnownSlot, do func(ids []string) error) error {
		for some := range slices.Chunk(slots, laidAtOnce) {
			ids := make([]string, len(some))
			for i, k := range some {
				ids[i] = k.ID
				c.changed(p.Branch, k.StartsAt)
			}
			if err := do(ids); err != nil {
				return err
			}
		}
		return nil
	}
	err := each(l.Close, func(ids []string) error {
		if err := c.Exec("DELETE FROM claims WHERE slot_id IN ? AND expires_at <= ?", ids, c.now).Error; err != nil {
			return err
		}
		return c.Exec("UPDATE slots SET closed_at = ?, is_open = false, closed_by = 'hours' WHERE id IN ?", c.now, ids).Error
	})
	if err != nil {
		return err
	}
	// Slots may change their rooms with each other, so that all leave theirs first.
	err = each(l.Change, func(ids []string) error { return c.Exec("UPDATE slots SET room = '' WHERE id IN ?", ids).Error })
	if err != nil {
		return err
	}
	type state struct {
		room     string
		audience clinic.Audience
		kept     bool
	}
	alike := map[state][]clinic.KnownSlot{}
	for _, k := range l.Change {
		to := state{k.Room, k.Audience, k.Kept}
		alike[to] = append(alike[to], k)
	}
	for to, slots := range alike {
		err := each(slots, func(ids []string) error {
			return c.Exec("UPDATE slots SET room = ?, audience = ?, kept_at = CASE WHEN ? THEN kept_at END WHERE id IN ?", to.room, to.audience, to.kept, ids).Error
		})
		if err != nil {
			return err
		}
	}
	rows := make([]clinic.Slot, len(l.Add))
	for i, slot := range l.Add {
		slot.ID, slot.CreatedAt = clinic.NewIDAt(c.now), c.now
		rows[i] = slot
		c.changed(p.Branch, slot.StartsAt)
	}
	if len(rows) == 0 {
		return nil
	}
	return c.CreateInBatches(rows, 100).Error
}

// SaveWeek stores a checked week of a doctor at a branch, says of the bookings in some slots that they stay, and lays the doctor's
// slots there. keys are those of the spans in the form, for what CheckHours finds. The week bears the revision it was made from; when
// another has been saved since, the answer is clinic.StaleError. A doctor who does not work at the branch answers NotFound.
func (s *Store) SaveWeek(ctx context.Context, actor clinic.Actor, w clinic.DoctorWeek, keys, keep []string, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "SaveWeek", actor, w.BranchID, w.DoctorID, holiday, func(tx *change, stored Hours) error {
		if err := tx.saveWeeks(stored, []clinic.DoctorWeek{w}, func(clinic.DoctorWeek) []string { return keys }); err != nil {
			return err
		}
		return tx.keep(w.BranchID, keep)
	})
}

// SaveWeeks is SaveWeek for several doctors of a branch at once: all of their weeks are stored, or none. What CheckHours finds stands at
// fields that end in the doctor's id.
func (s *Store) SaveWeeks(ctx context.Context, actor clinic.Actor, branchID string, weeks []clinic.DoctorWeek, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "SaveWeeks", actor, branchID, "", holiday, func(tx *change, stored Hours) error {
		return tx.saveWeeks(stored, weeks, func(w clinic.DoctorWeek) []string { return slices.Repeat([]string{w.DoctorID}, len(w.Spans)) })
	})
}

func (c *change) saveWeeks(stored Hours, weeks []clinic.DoctorWeek, keys func(clinic.DoctorWeek) []string) error {
	for _, w := range weeks {
		revision, works := stored.Revisions[w.DoctorID]
		switch {
		case !works:
			return NotFound()
		case revision != w.Revision:
			return clinic.StaleError()
		}
		if err := c.Exec("UPDATE doctor_branches SET hours_revision = hours_revision + 1 WHERE doctor_id = ? AND branch_id = ?", w.DoctorID, w.BranchID).Error; err != nil {
			return err
		}
		var rows []hoursRow
		for _, h := range w.Among(stored.Hours) {
			if h.DoctorID == w.DoctorID {
				rows = append(rows, newHoursRow(h))
			}
		}
		if err := c.Where("branch_id = ? AND doctor_id = ?", w.BranchID, w.DoctorID).Delete(&hoursRow{}).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		if err := c.CreateInBatches(rows, 50).Error; err != nil {
			return err
		}
	}
	// They are compared with the others once all of them are stored, so that two of them may change their rooms with each other.
	var errs clinic.Errors
	for _, w := range weeks {
		others, err := hoursBeside(c.DB, w.BranchID, w.DoctorID)
		if err != nil {
			return err
		}
		errs = append(errs, clinic.CheckHours(w, keys(w), others)...)
	}
	return errs.Err()
}

// AddException stores a checked exception and lays the slots of whom it is about. One that is there already, by its id or by what it
// says, is not stored again; one of a doctor who does not work at the branch answers Invalid.
func (s *Store) AddException(ctx context.Context, actor clinic.Actor, e clinic.Exception, keep []string, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "AddException", actor, e.BranchID, e.DoctorID, holiday, func(tx *change, stored Hours) error {
		if _, works := stored.Revisions[e.DoctorID]; e.DoctorID != "" && !works {
			return &clinic.Error{Code: clinic.Invalid, Field: "who", Message: "error.slot.doctor"}
		}
		if slices.ContainsFunc(stored.Exceptions, e.Same) {
			return tx.keep(e.BranchID, keep)
		}
		row := newClosureRow(e)
		row.CreatedAt = tx.now
		if row.ID == "" {
			row.ID = clinic.NewIDAt(tx.now)
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		return tx.keep(e.BranchID, keep)
	})
}

// RemoveException takes an exception back and lays the slots of whom it was about. One at a branch that the actor does not manage answers
// NotFound.
func (s *Store) RemoveException(ctx context.Context, actor clinic.Actor, id string, holiday HolidayOf) (clinic.Exception, error) {
	var row closureRow
	if err := one(s.reader(ctx).Where("id = ?", id), &row); err != nil {
		return clinic.Exception{}, err
	}
	_, err := s.changeHours(ctx, "RemoveException", actor, row.BranchID, row.DoctorID.String, holiday, func(tx *change, _ Hours) error {
		return mustChange(tx.Where("id = ? AND branch_id = ?", id, row.BranchID).Delete(&closureRow{}))
	})
	return row.exception(), err
}

// SaveHolidays stores what a branch decides about public holidays, and lays its slots. The branch bears the revision the rule was made
// from; when another has been saved since, the answer is clinic.StaleError.
func (s *Store) SaveHolidays(ctx context.Context, actor clinic.Actor, b clinic.Branch, keep []string, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "SaveHolidays", actor, b.ID, "", holiday, func(tx *change, stored Hours) error {
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		saved := stored.Branch
		saved.Settings.Holidays = b.Settings.Holidays
		err := mustFollow(tx.Model(&branchRow{}).Where("id = ?", b.ID), b.Revision, func(row *gorm.DB) *gorm.DB {
			return row.Updates(map[string]any{"settings": storeBranch(saved.Settings), "revision": b.Revision + 1})
		})
		if err != nil {
			return err
		}
		return tx.keep(b.ID, keep)
	})
}

// KeepBookings says that the bookings in some slots of a branch stay where they are, though the hours do not want the slots any more.
func (s *Store) KeepBookings(ctx context.Context, actor clinic.Actor, branchID string, slotIDs []string) error {
	if !actor.May(clinic.ChangeBooking, branchID) {
		return NotFound()
	}
	return s.change(ctx, "KeepBookings", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		return tx.keep(branchID, slotIDs)
	})
}

func (c *change) keep(branchID string, slotIDs []string) error {
	if len(slotIDs) == 0 {
		return nil
	}
	branch, err := c.branch(branchID)
	if err != nil {
		return err
	}
	if err := c.lockSlots(slotIDs...); err != nil {
		return err
	}
	var kept []time.Time
	err = c.Raw(`UPDATE slots SET kept_at = ? WHERE id IN ? AND branch_id = ? AND closed_at IS NULL AND kept_at IS NULL
		AND EXISTS (SELECT 1 FROM claims c WHERE c.slot_id = slots.id AND c.booking_id IS NOT NULL) RETURNING starts_at`, c.now, slotIDs, branchID).Scan(&kept).Error
	for _, at := range kept {
		c.changed(branch, at)
	}
	return err
}

// LayHours lays the slots of every branch for the days to come. Where nothing is to be done nothing is written, so that any number of
// workers may do it as often as they like.
func (s *Store) LayHours(ctx context.Context, holiday HolidayOf) error {
	branches, err := s.Branches(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, b := range branches {
		stored, err := hoursOf(s.reader(ctx), b, holiday, s.now())
		if err != nil {
			return wrap("LayHours", asUnavailable(err))
		}
		l, err := s.Preview(ctx, stored.Plan)
		if err == nil && !l.Nothing() {
			_, err = s.changeHours(ctx, "LayHours", clinic.Job("hours"), b.ID, "", holiday, func(*change, Hours) error { return nil })
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
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
