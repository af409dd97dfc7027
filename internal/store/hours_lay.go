package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

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
