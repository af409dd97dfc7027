package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// What the growth of a clinic is measured with: few rows, and as many as years leave behind.
const (
	fewRows  = 100
	manyRows = 100_000
	dayRows  = 200 // bookings on the day that is looked at
	tries    = 30  // of each operation in a round
)

// grownClinic is a clinic with so many past slots, bookings and patients, and a queue of so many letters. What is measured
// was made by the store; what lies around it are copies, which are never opened.
type grownClinic struct {
	store  *store.Store
	branch clinic.Branch
	doctor clinic.Doctor
	day    clinic.Date // on which dayRows bookings are
	next   time.Time   // where another slot fits
}

// measureGrowth compares what is asked all day in a clinic of many rows with the same in one of few.
func measureGrowth(ctx context.Context, dir string) (out []figure, err error) {
	few, err := newGrownClinic(ctx, filepath.Join(dir, "few.db"), fewRows)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, few.store.Close()) }()
	many, err := newGrownClinic(ctx, filepath.Join(dir, "many.db"), manyRows)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.store.Close()) }()
	for _, f := range []struct {
		name, aim string
		do        func(*grownClinic, context.Context) error
	}{
		{"slot guard", "≤ 1.5", (*grownClinic).addSlot},
		{"ClaimLetter", "≤ 1.5", (*grownClinic).claimLetter},
		{"day of a branch", "≤ 1.5", (*grownClinic).showDay},
		{"search by kana", "≤ 3", (*grownClinic).search},
	} {
		var ratios []float64
		for range rounds {
			a, err := secondsOf(func() error { return f.do(few, ctx) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.name, err)
			}
			b, err := secondsOf(func() error { return f.do(many, ctx) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.name, err)
			}
			ratios = append(ratios, b/a)
		}
		out = append(out, figure{f.name + fmt.Sprintf(", %d rows", manyRows), median(ratios), fmt.Sprintf("of the time with %d", fewRows), f.aim})
	}
	return out, nil
}

// secondsOf is how long the median of some tries takes.
func secondsOf(do func() error) (float64, error) {
	took := make([]float64, tries+1)
	for i := range took {
		began := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		took[i] = time.Since(began).Seconds()
	}
	return median(took), nil
}

func newGrownClinic(ctx context.Context, path string, rows int) (c *grownClinic, err error) {
	c = &grownClinic{}
	if c.store, err = newStore(ctx, path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.store.Close())
		}
	}()
	if c.branch, err = c.store.SaveBranch(ctx, bench, clinic.Branch{
		Name: "見本クリニック", Address: "見本県架空市", Access: "架空駅", Phone: "03-0000-0001", Zone: clinic.DefaultZone,
	}); err != nil {
		return nil, err
	}
	if c.doctor, err = c.store.SaveDoctor(ctx, bench, clinic.Doctor{
		FamilyName: "見本", GivenName: "守", FamilyKana: "ミホン", GivenKana: "マモル", Sex: clinic.Male,
	}, []string{c.branch.ID}); err != nil {
		return nil, err
	}
	tomorrow := clinic.DateOf(time.Now(), c.branch.Location()).AddDays(1)
	// The first booking is what the copies are made of; those of the day come after them, so that they are the latest.
	first, err := c.lay(ctx, tomorrow.In(c.branch.Location()), 1)
	if err != nil {
		return nil, err
	}
	if _, err := c.store.Book(ctx, bench, request(first[0], 0)); err != nil {
		return nil, err
	}
	past := time.Now().Add(-time.Duration(rows+1000) * slotLength)
	if _, err := c.lay(ctx, past, rows); err != nil {
		return nil, err
	}
	if err := write(ctx, path, rows, slices.Concat(copies, waiting)); err != nil {
		return nil, err
	}
	c.day = tomorrow.AddDays(1)
	slots, err := c.lay(ctx, c.day.In(c.branch.Location()), dayRows)
	if err != nil {
		return nil, err
	}
	for i, slot := range slots {
		if _, err := c.store.Book(ctx, bench, request(slot, i+1)); err != nil {
			return nil, err
		}
	}
	c.next = c.day.AddDays(2).In(c.branch.Location())
	return c, putQueueBehind(ctx, path)
}

// slotLength leaves room for dayRows slots of one doctor on a day.
const slotLength = 5 * time.Minute

// lay opens n slots one after the other and returns their ids.
func (c *grownClinic) lay(ctx context.Context, from time.Time, n int) ([]string, error) {
	slots := make([]clinic.Slot, n)
	for i := range slots {
		start := from.Add(time.Duration(i) * slotLength)
		slots[i] = clinic.Slot{BranchID: c.branch.ID, DoctorID: c.doctor.ID, StartsAt: start, EndsAt: start.Add(slotLength)}
	}
	if err := c.store.AddSlots(ctx, bench, slots); err != nil {
		return nil, err
	}
	found, err := c.store.Slots(ctx, store.SlotQuery{
		BranchID: c.branch.ID, From: from, Until: from.Add(time.Duration(n) * slotLength), For: bench,
	})
	ids := make([]string, len(found))
	for i, s := range found {
		ids[i] = s.ID
	}
	return ids, err
}

// copies make a booking of every past slot, each of a patient of their own. Each statement knows how many, by ?.
var copies = []string{
	`CREATE TEMP TABLE copied AS SELECT row_number() OVER (ORDER BY starts_at) AS n, id AS slot_id FROM slots WHERE starts_at < datetime('now') LIMIT ?`,
	`INSERT INTO claims (slot_id, holder_kind, booking_id) SELECT slot_id, 'booking', 'copy' || n FROM copied WHERE ? > 0`,
	`INSERT INTO patients (id, identity, sealed, created_at, alone)
		SELECT '00copy' || n, CAST('copy' || n AS blob), sealed, created_at, alone FROM copied, (SELECT * FROM patients LIMIT 1) WHERE ? > 0`,
	`INSERT INTO bookings (id, reference, slot_id, patient_id, status, live, channel, lang, sealed, created_at)
		SELECT 'copy' || c.n, 'copy' || c.n, c.slot_id, '00copy' || c.n, b.status, b.live, b.channel, b.lang, b.sealed, b.created_at
		FROM copied c, (SELECT * FROM bookings LIMIT 1) b WHERE ? > 0`,
}

// waiting make the patients of copies found by kana that begin alike, and as many letters that wait.
var waiting = []string{
	`INSERT INTO patient_terms (term, patient_id, key_id) SELECT t.term, '00copy' || n, t.key_id FROM copied, patient_terms t WHERE ? > 0`,
	`INSERT INTO letters (id, booking_id, kind, once_key, channel, status, due_at, created_at, sealed)
		SELECT 'copy' || c.n, 'copy' || c.n, l.kind, 'copy' || c.n, l.channel, l.status, l.due_at, l.created_at, l.sealed
		FROM copied c, (SELECT * FROM letters LIMIT 1) l WHERE ? > 0`,
}

// write runs statements that know how many rows are meant, all or none, and lets SQLite learn what there is now.
func write(ctx context.Context, path string, rows int, statements []string) (err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=1&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement, rows); err != nil {
			return errors.Join(fmt.Errorf("%.40s: %w", statement, err), tx.Rollback())
		}
	}
	if _, err := tx.ExecContext(ctx, "ANALYZE"); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// putQueueBehind makes the copied letters due just after the store's own ones: they wait in the queue and are not taken.
func putQueueBehind(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=10000&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	now := time.Now().UTC()
	if _, err := db.ExecContext(ctx, `UPDATE letters SET due_at = ? WHERE id LIKE 'copy%'`, now.Add(-time.Minute)); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `UPDATE letters SET due_at = ? WHERE id NOT LIKE 'copy%'`, now.Add(-time.Hour))
	return err
}

func (c *grownClinic) addSlot(ctx context.Context) error {
	start := c.next
	c.next = start.Add(slotLength)
	return c.store.AddSlots(ctx, bench, []clinic.Slot{{BranchID: c.branch.ID, DoctorID: c.doctor.ID, StartsAt: start, EndsAt: start.Add(slotLength)}})
}

// claimLetter takes the next letter; the day's bookings have more of them than are taken here.
func (c *grownClinic) claimLetter(ctx context.Context) error {
	_, ok, err := c.store.ClaimLetter(ctx)
	if err == nil && !ok {
		err = errors.New("no letter is due")
	}
	return err
}

func (c *grownClinic) showDay(ctx context.Context) error {
	entries, _, err := c.store.Day(ctx, bench, c.branch, c.day)
	if err == nil && len(entries) != dayRows {
		err = fmt.Errorf("the day has %d slots", len(entries))
	}
	return err
}

func (c *grownClinic) search(ctx context.Context) error {
	found, err := c.store.Search(ctx, bench, "シケンハナコ")
	if err == nil && len(found.Appointments) == 0 {
		err = errors.New("nobody is found")
	}
	return err
}
