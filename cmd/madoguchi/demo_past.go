package main

import (
	"fmt"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
)

// pastDays is for how many days the demo's clinic has been open.
const pastDays = 42

// visit is a booking of the demo's past whose counseling is not over.
type visit struct {
	id   string
	slot clinic.Slot
	n    int // the how-many-eth booking of the past
}

// livePast lets the clinic have been open for some weeks: people looked at its pages, booked, and came or did not, day by day, and today is a day
// as others are. Nobody can book what is left of today, so that whoever tries the demo books from tomorrow on.
func (d *demoClinic) livePast(questions *intake.Questionnaire, personas []config.Persona) error {
	var expected []visit
	n := 0
	for d.ago = pastDays * 24 * time.Hour; d.ago > 0; d.ago -= 24 * time.Hour {
		for _, branch := range d.branches {
			today := clinic.DateOf(d.now(), branch.Location())
			last := today.AddDays(int(d.ago / (24 * time.Hour))) // nobody booked for after today before the demo was made
			people := 2 + (n+today.Day)%2
			if last == today.AddDays(1) {
				people += 4
			}
			for range people {
				day := today.AddDays(1 + n*n%9) // some days ahead
				if last.Before(day) {
					day = last
				}
				made, err := d.bookOn(questions, personas[n%len(personas)], branch, day, n)
				if err != nil {
					return err
				}
				expected = append(expected, made...)
				n++
			}
			d.lookAround(branch, today, personas, n)
		}
		if err := d.settleLetters(); err != nil {
			return err
		}
		var err error
		if expected, err = d.receive(expected, d.now().Add(-time.Hour)); err != nil {
			return err
		}
	}
	for _, do := range []func() error{
		func() error { return d.store.KeepSteps(d.ctx) }, d.closeYearEnd, func() error { return d.store.LayHours(d.ctx, config.IsHoliday) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	if _, err := d.receive(expected, d.now().Add(-time.Hour)); err != nil {
		return err
	}
	return d.closeToday()
}

// bookOn books the first free slot of a day at a branch, the morning's or the afternoon's in turn. On a day without one nobody books.
func (d *demoClinic) bookOn(questions *intake.Questionnaire, who config.Persona, branch clinic.Branch, day clinic.Date, n int) ([]visit, error) {
	from := day.In(branch.Location())
	if n%2 == 1 {
		from = from.Add(14 * time.Hour)
	}
	slots, err := d.store.Slots(d.ctx, store.SlotQuery{BranchID: branch.ID, From: from, Until: day.AddDays(1).In(branch.Location()), For: demoJob})
	if err != nil {
		return nil, err
	}
	for i := range slots {
		slot := slots[(i+n)%len(slots)]
		if slot.State != clinic.SlotFree {
			continue
		}
		receipt, err := d.book(questions, who, branch, slot.Slot, 1000+n)
		return []visit{{receipt.BookingID, slot.Slot, n}}, err
	}
	return nil, nil
}

// lookAround counts who looked at the pages of a branch on a day, and who held a time.
func (d *demoClinic) lookAround(branch clinic.Branch, day clinic.Date, personas []config.Persona, n int) {
	for i := range 9 + (n+day.Day)%9 {
		step := clinic.VisitorStep{BranchID: branch.ID, Day: day, Attribution: personas[(n+i)%len(personas)].Attribution, Step: clinic.StepSeen}
		d.store.CountStep(step)
		if i%4 == 0 {
			step.Step = clinic.StepHeld
			d.store.CountStep(step)
		}
	}
}

// receive records what became of the bookings that began before an instant, and returns the others. Of ten people one does not come, and one
// in twelve has cancelled.
func (d *demoClinic) receive(expected []visit, before time.Time) (later []visit, err error) {
	for _, v := range expected {
		switch {
		case !v.slot.StartsAt.Before(before):
			later = append(later, v)
		case v.n%12 == 5:
			err = d.store.CancelFor(d.ctx, demoJob, v.id, clinic.Cancelling{Reason: clinic.AskedByPatient})
		case v.n%10 == 7:
			err = d.store.Step(d.ctx, demoJob, v.id, clinic.Booked, clinic.NoShow)
		default:
			for _, step := range [][2]clinic.Status{{clinic.Booked, clinic.Arrived}, {clinic.Arrived, clinic.InProgress}, {clinic.InProgress, clinic.Fulfilled}} {
				if err == nil {
					err = d.store.Step(d.ctx, demoJob, v.id, step[0], step[1])
				}
			}
			if v.slot.DoctorID == d.doctors[0].ID && v.n%8 == 0 { // one of the first persona, whose weight is known
				d.again = 1000 + v.n
			}
			if err == nil && v.n%11 != 3 {
				err = d.signNote(v)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("booking %d of the past: %w", v.n, err)
		}
	}
	return later, nil
}

// closeToday closes what is free today.
func (d *demoClinic) closeToday() error {
	for _, branch := range d.branches {
		today := clinic.DateOf(d.now(), branch.Location())
		slots, err := d.store.Slots(d.ctx, store.SlotQuery{
			BranchID: branch.ID, From: today.In(branch.Location()), Until: today.AddDays(1).In(branch.Location()), For: demoJob,
		})
		if err != nil {
			return err
		}
		for _, slot := range slots {
			if slot.State != clinic.SlotFree {
				continue
			}
			if err := d.store.CloseSlot(d.ctx, demoJob, slot.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// signNote signs what a doctor wrote about a counseling that is over.
func (d *demoClinic) signNote(v visit) error {
	doctor := clinic.StaffActor(clinic.Staff{Role: clinic.DoctorRole, DoctorID: v.slot.DoctorID, Active: true})
	note := clinic.Note{
		Findings:  []clinic.Finding{{Area: "back", Fat: string(clinic.FatMiddle), Muscle: string(clinic.MuscleWeak), Sagging: string(clinic.SaggingLight), Thickness: "21", Skin: string(clinic.SkinClear), Pain: "0"}},
		Explained: []clinic.Explained{{ID: string(clinic.ExplainContent)}, {ID: string(clinic.ExplainCost)}, {ID: string(clinic.ExplainRisk)}, {ID: string(clinic.ExplainOthers)}, {ID: string(clinic.ExplainNothing)}},
		Wish:      "まず、自分でできることから始めたい。", Proposal: "肩甲骨まわりの運動を、無理のない回数で。次回、様子をうかがう。", Next: string(clinic.NextQuarter),
	}
	_, err := d.store.SignNote(d.ctx, doctor, v.id, clinic.Screen{}, note, "", clinic.Signing{})
	return err
}
