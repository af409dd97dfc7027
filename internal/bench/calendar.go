package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
)

// A clinic that is as full as one gets: what the front desk's calendar is measured with.
const (
	deskDoctors  = 10
	deskSlots    = 20 // of each doctor on a day
	deskBookings = 150
	deskDays     = 42

	calendarRounds = 100
)

// desk is a clinic of two branches, a full one and one with a single slot, whose front desk has signed in.
type desk struct {
	store      *store.Store
	full, bare clinic.Branch
	day        clinic.Date
	session    string
	reception  clinic.Staff
	caller     clinic.Actor // the front desk on the telephone
}

// deskPast is how many slots, all of them booked, the full branch has behind it when its calendar is measured once more.
const deskPast = 1_000_000

// views are the pages of the calendar, with what shows that bookings are on them.
var views = []struct{ name, aim, marks string }{
	{"day", "≤ 3", `class="entry booked`}, {"week", "≤ 5", `class="chip booked`}, {"month", "≤ 8", `class="p-booked`},
}

// measureCalendar asks for the front desk's day, week and month of a full branch, and compares each with the same page of a branch that
// has one slot. Both have the same frame and are asked for over loopback on one connection: right after something has changed at the
// branch, so that they are read from the database and drawn anew, and again while nothing has, when they are sent as they are kept. It
// does so again when the full branch has years behind it.
func measureCalendar(ctx context.Context, dir string) (out []figure, err error) {
	file := filepath.Join(dir, "calendar.db")
	d, err := newDesk(ctx, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.store.Close()) }()
	address, stop, err := serveSite(ctx, d.store)
	if err != nil {
		return nil, err
	}
	defer stop()
	young := map[string]float64{}
	for _, view := range views {
		drawn, millis, err := d.measure(ctx, address+"/office/"+view.name, view.marks, true)
		if err != nil {
			return nil, err
		}
		kept, keptMillis, err := d.measure(ctx, address+"/office/"+view.name, view.marks, false)
		if err != nil {
			return nil, err
		}
		young[view.name] = drawn
		name := fmt.Sprintf("%s of %d doctors", view.name, deskDoctors)
		out = append(out,
			figure{name + ", drawn anew", drawn, "of a page of one slot drawn anew", view.aim}, figure{name + ", drawn anew, time", millis, "ms", ""},
			figure{name + ", kept", kept, "of a page of one slot kept", view.aim}, figure{name + ", kept, time", keptMillis, "ms", ""})
	}
	if err := d.age(ctx, file); err != nil {
		return nil, err
	}
	for _, view := range views {
		drawn, millis, err := d.measure(ctx, address+"/office/"+view.name, view.marks, true)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s of %d doctors, %d bookings behind, drawn anew", view.name, deskDoctors, deskPast)
		out = append(out, figure{name, drawn / young[view.name], "of the ratio without", "≤ 1.3"}, figure{name + ", time", millis, "ms", ""})
	}
	return out, nil
}

// measure is how long a page of the full branch takes, as a multiple of the same page of the bare one and in milliseconds: each drawn anew,
// or as it is kept.
func (d *desk) measure(ctx context.Context, address, marks string, anew bool) (ratio, millis float64, err error) {
	at := func(b clinic.Branch) string { return address + "?branch=" + b.ID + "&date=" + d.day.String() }
	content, err := d.get(ctx, at(d.full))
	if err != nil {
		return 0, 0, err
	}
	if !bytes.Contains(content, []byte(marks)) {
		return 0, 0, fmt.Errorf("%s shows no booking: the figure would mean nothing", address)
	}
	var ratios, times []float64
	for range calendarRounds {
		var took [2]float64
		for i, branch := range []clinic.Branch{d.bare, d.full} {
			if anew {
				if err := d.touch(ctx, branch); err != nil {
					return 0, 0, err
				}
			}
			began := time.Now()
			if _, err := d.get(ctx, at(branch)); err != nil {
				return 0, 0, err
			}
			took[i] = time.Since(began).Seconds()
		}
		ratios, times = append(ratios, took[1]/took[0]), append(times, 1000*took[1])
	}
	return median(ratios), median(times), nil
}

// touch changes something on the day that is looked at: the front desk holds its last slot that is not booked once more.
func (d *desk) touch(ctx context.Context, branch clinic.Branch) error {
	from := d.day.In(branch.Location())
	slots, err := d.store.Slots(ctx, store.SlotQuery{BranchID: branch.ID, From: from, Until: from.AddDate(0, 0, 1), For: bench})
	if err != nil {
		return err
	}
	for _, slot := range slices.Backward(slots) {
		if slot.State == clinic.SlotFree || slot.State == clinic.SlotHeld {
			_, err := d.store.HoldForCaller(ctx, d.caller, slot.ID)
			return err
		}
	}
	return errors.New("there is no slot to hold")
}

// age gives the full branch its past: for each doctor so many slots, one after the other up to yesterday, and a booking of each.
func (d *desk) age(ctx context.Context, file string) error {
	return write(ctx, file, deskPast, slices.Concat([]string{
		`WITH RECURSIVE past (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM past WHERE n + 1 < ?),
				work AS (SELECT branch_id, doctor_id, row_number() OVER (ORDER BY doctor_id) - 1 AS place FROM doctor_branches WHERE branch_id = '` + d.full.ID + `'),
				doctors AS (SELECT count(*) AS n FROM work)
			INSERT INTO slots (id, branch_id, doctor_id, starts_at, ends_at, created_at)
			SELECT 'past' || past.n, branch_id, doctor_id,
				datetime('now', '-1 day', '-' || (past.n / doctors.n * 5 + 5) || ' minutes') || '+00:00',
				datetime('now', '-1 day', '-' || (past.n / doctors.n * 5) || ' minutes') || '+00:00', datetime('now') || '+00:00'
			FROM doctors CROSS JOIN past JOIN work ON place = past.n % doctors.n`,
	}, copies))
}

// get is a page as the front desk gets it.
func (d *desk) get(ctx context.Context, address string) (content []byte, err error) {
	return get(ctx, address, &http.Cookie{Name: page.SessionCookie, Value: d.session}) //nolint:gosec // what a browser sends back
}

func newDesk(ctx context.Context, path string) (d *desk, err error) {
	d = &desk{}
	if d.store, err = newStore(ctx, path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.store.Close())
		}
	}()
	for _, b := range []*clinic.Branch{&d.full, &d.bare} {
		if *b, err = d.store.SaveBranch(ctx, bench, clinic.Branch{
			Name: "見本クリニック", Address: "見本県架空市", Access: "架空駅", Phone: "03-0000-0001", Zone: clinic.DefaultZone,
		}); err != nil {
			return nil, err
		}
	}
	today := clinic.DateOf(time.Now(), d.full.Location())
	d.day = today.AddDays(15)
	people := 0
	for n := range deskDoctors {
		doctor, err := d.store.SaveDoctor(ctx, bench, clinic.Doctor{
			FamilyName: "見本", GivenName: fmt.Sprintf("医%d", n), FamilyKana: "ミホン", GivenKana: "イ", Sex: clinic.Female,
		}, []string{d.full.ID, d.bare.ID})
		if err != nil {
			return nil, err
		}
		for i := range deskDays {
			booked, err := d.openDay(ctx, d.full, doctor, today.AddDays(1+i), deskSlots)
			if err != nil {
				return nil, err
			}
			for _, id := range booked[:deskBookings/deskDoctors] {
				people++
				if _, err := d.store.Book(ctx, bench, request(id, people)); err != nil {
					return nil, err
				}
			}
		}
	}
	alone, err := d.store.SaveDoctor(ctx, bench, clinic.Doctor{
		FamilyName: "見本", GivenName: "単", FamilyKana: "ミホン", GivenKana: "タン", Sex: clinic.Female,
	}, []string{d.bare.ID})
	if err != nil {
		return nil, err
	}
	if _, err := d.openDay(ctx, d.bare, alone, d.day, 1); err != nil {
		return nil, err
	}
	// A clinic's letters have gone out.
	sent := "UPDATE letters SET status = 'sent', sent_at = created_at WHERE ? > 0"
	if err := write(ctx, path, people, []string{sent}); err != nil {
		return nil, err
	}
	d.reception, err = d.store.AddStaff(ctx, bench, clinic.Staff{
		Role: clinic.FrontDesk, EveryBranch: true, Name: "受付 見本", Email: "reception@example.jp", PasswordHash: "$argon2id$bench", Active: true,
	})
	if err != nil {
		return nil, err
	}
	d.caller = clinic.OnCall(clinic.StaffActor(d.reception), "bench")
	d.session, err = d.store.StartSession(ctx, d.reception, clinic.Browser{}, false, "")
	return d, err
}

// openDay opens n slots of half an hour from nine o'clock on and returns their ids.
func (d *desk) openDay(ctx context.Context, branch clinic.Branch, doctor clinic.Doctor, day clinic.Date, n int) ([]string, error) {
	from := day.In(branch.Location()).Add(9 * time.Hour)
	const length = 30 * time.Minute
	slots := make([]clinic.Slot, n)
	for i := range slots {
		start := from.Add(time.Duration(i) * length)
		slots[i] = clinic.Slot{BranchID: branch.ID, DoctorID: doctor.ID, StartsAt: start, EndsAt: start.Add(length)}
	}
	if err := d.store.AddSlots(ctx, bench, slots); err != nil {
		return nil, err
	}
	found, err := d.store.Slots(ctx, store.SlotQuery{
		BranchID: branch.ID, DoctorID: doctor.ID, From: from, Until: from.Add(time.Duration(n) * length), For: bench,
	})
	ids := make([]string, len(found))
	for i, s := range found {
		ids[i] = s.ID
	}
	return ids, err
}
