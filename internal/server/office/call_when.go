package office

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// fillWhen reads the wish and finds the next free times that fit it.
func (p *Pages) fillWhen(c *gin.Context, v *view.Call) error {
	ctx, actor := c.Request.Context(), onCall(c, *v)
	doctors, err := p.Store.DoctorsAt(ctx, v.Branch.ID)
	if err != nil {
		return err
	}
	v.Doctors = doctors
	loc := v.Branch.Location()
	v.Read = clinic.ParseWish(v.Wish, clinic.DateOf(p.Now(), loc), doctors)
	if v.Women {
		v.Read.Sex = clinic.Female
	}
	if err := p.fillChosen(c, v); err != nil {
		return err
	}
	if v.Outside {
		return nil
	}
	from := p.Now()
	if after, err := time.Parse(time.RFC3339, v.After); err == nil && after.After(from) {
		from = after
	} else {
		v.After = ""
	}
	free, err := p.freeTimes(ctx, actor, v.Branch, v.Read, doctors, from)
	if err != nil {
		return err
	}
	for _, slot := range free {
		if slot.ID != v.Slot || v.Chose == nil {
			v.Times = append(v.Times, p.callTime(c, *v, slot.Slot))
		} else {
			v.Times = append(v.Times, *v.Chose)
		}
	}
	if len(v.Times) > callTimes {
		v.Times, v.Later = v.Times[:callTimes], true
	}
	if err := p.describeTimes(ctx, v.Times); err != nil {
		return err
	}
	return p.fillNear(c, v)
}

// fillChosen is the time that was chosen, as long as it is held.
func (p *Pages) fillChosen(c *gin.Context, v *view.Call) error {
	if v.Slot == "" || v.Outside {
		return nil
	}
	ctx := c.Request.Context()
	slot, err := p.Store.Slot(ctx, v.Slot)
	if clinic.CodeOf(err) == clinic.NotFound || err == nil && (slot.BranchID != v.Branch.ID || slot.ClosedAt != nil) {
		v.Slot = ""
		return nil
	}
	if err != nil {
		return err
	}
	chosen := p.callTime(c, *v, slot)
	chosen.Room = slot.Room
	hold, err := p.Store.HoldOf(ctx, onCall(c, *v))
	if err != nil && clinic.CodeOf(err) != clinic.NotFound {
		return err
	}
	if hold.Slot.ID == slot.ID {
		chosen.Minutes = int(math.Ceil(hold.ExpiresAt.Sub(p.Now()).Minutes()))
	}
	v.Chose = &chosen
	return nil
}

// callTime is a slot as the form shows it.
func (p *Pages) callTime(c *gin.Context, v view.Call, slot clinic.Slot) view.CallTime {
	t := view.CallTime{Slot: slot, Holiday: p.HolidayName(clinic.DateOf(slot.StartsAt, v.Branch.Location()), page.Lang(c))}
	for _, d := range v.Doctors {
		if d.ID == slot.DoctorID {
			t.Doctor = d
		}
	}
	return t
}

// describeTimes says of some slots what an index does not have.
func (p *Pages) describeTimes(ctx context.Context, times []view.CallTime) error {
	ids := make([]string, len(times))
	for i, t := range times {
		ids[i] = t.Slot.ID
	}
	if len(ids) == 0 {
		return nil
	}
	slots, err := p.Store.SlotsByID(ctx, ids...)
	for i, t := range times {
		times[i].Room, times[i].StaffOnly = slots[t.Slot.ID].Room, slots[t.Slot.ID].Audience == clinic.StaffOnly
	}
	return err
}

// freeTimes are the next free slots that fit a wish, and one more than callTimes at most.
func (p *Pages) freeTimes(ctx context.Context, actor clinic.Actor, branch clinic.Branch, wish clinic.Wish, doctors []clinic.Doctor, from time.Time) (out []clinic.SlotWithState, err error) {
	loc := branch.Location()
	byID := map[string]clinic.Doctor{}
	for _, d := range doctors {
		byID[d.ID] = d
	}
	if !wish.First.IsZero() && from.Before(wish.First.In(loc)) {
		from = wish.First.In(loc)
	}
	last := clinic.DateOf(from, loc).AddDays(callDays)
	if horizon := clinic.StaffHorizon(clinic.DateOf(p.Now(), loc)).Last; horizon.Before(last) {
		last = horizon
	}
	if !wish.Last.IsZero() && wish.Last.Before(last) {
		last = wish.Last
	}
	end := last.AddDays(1).In(loc)
	for from.Before(end) && len(out) <= callTimes {
		until := clinic.DateOf(from, loc).AddDays(callWindow).In(loc)
		if end.Before(until) {
			until = end
		}
		free, err := p.Store.Slots(ctx, store.SlotQuery{BranchID: branch.ID, From: from, Until: until, FreeOnly: true, For: actor})
		if err != nil {
			return nil, err
		}
		for _, slot := range free {
			if doctor, ok := byID[slot.DoctorID]; ok && wish.Fits(slot.Slot, doctor, loc) && len(out) <= callTimes {
				out = append(out, slot)
			}
		}
		from = until
	}
	return out, nil
}

// fillNear offers what is near a time that is gone.
func (p *Pages) fillNear(c *gin.Context, v *view.Call) error {
	if v.Gone == "" {
		return nil
	}
	ctx := c.Request.Context()
	gone, err := p.Store.Slot(ctx, v.Gone)
	if clinic.CodeOf(err) == clinic.NotFound || err == nil && gone.BranchID != v.Branch.ID {
		v.Gone = ""
		return nil
	}
	if err != nil {
		return err
	}
	was := p.callTime(c, *v, gone)
	v.Was = &was
	loc := v.Branch.Location()
	day := clinic.DateOf(gone.StartsAt, loc)
	from := day.In(loc)
	if now := p.Now(); from.Before(now) {
		from = now
	}
	free, err := p.Store.Slots(ctx, store.SlotQuery{BranchID: v.Branch.ID, From: from, Until: day.AddDays(2 * callWindow).In(loc), FreeOnly: true, For: onCall(c, *v)})
	if err != nil {
		return err
	}
	for _, slot := range clinic.NearestSlots(free, gone, callNear, loc) {
		v.Near = append(v.Near, p.callTime(c, *v, slot.Slot))
	}
	return p.describeTimes(ctx, v.Near)
}

// fillOutside says whether the doctor and the room are free at a time outside the opening hours.
func (p *Pages) fillOutside(c *gin.Context, v *view.Call) error {
	if !v.Outside {
		return nil
	}
	ctx := c.Request.Context()
	var err error
	if v.Rooms, err = p.Store.Rooms(ctx, v.Branch.ID); err != nil {
		return err
	}
	loc := v.Branch.Location()
	if v.Day.Date == "" {
		day := clinic.DateOf(p.Now(), loc)
		if !v.Read.First.IsZero() {
			day = v.Read.First
		}
		v.Day.Date = day.String()
	}
	if v.Day.Minutes == "" {
		v.Day.Minutes = "60"
	}
	if v.Day.From == "" && v.Read.At >= 0 {
		v.Day.From = fmt.Sprintf("%02d:%02d", v.Read.At/60, v.Read.At%60) // as a field for times has it
	}
	if v.Doctor == "" && len(v.Read.DoctorIDs) > 0 {
		v.Doctor = v.Read.DoctorIDs[0]
	}
	if len(v.Errors) > 0 || v.Day.From == "" {
		return nil
	}
	slot, errs := p.outside(*v, v.Branch)
	if len(errs) > 0 {
		if v.Doctor != "" {
			v.Errors = errs
		}
		return nil
	}
	chosen := p.callTime(c, *v, slot)
	chosen.Room = slot.Room
	v.Chose = &chosen
	err = p.Store.CheckOutside(ctx, page.Actor(c), slot)
	var refusal *clinic.Error
	switch {
	case err == nil:
		v.OutsideFree = true
	case errors.As(err, &refusal) && refusal.Code == clinic.Conflict:
		v.Errors = clinic.Errors{refusal}
	default:
		return err
	}
	return nil
}
