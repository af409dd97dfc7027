package api

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/web"
)

// Slot is a free slot.
type Slot struct {
	ID       string    `json:"id"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	Doctor   Named     `json:"doctor"`
}

type slotsCall struct {
	Branch string `query:"branch" required:"true" doc:"The id of a branch"`
	From   string `query:"from" format:"date" doc:"The first day, in the zone of the branch, from today to twelve weeks ahead; today when left out"`
	Days   int    `query:"days" minimum:"1" maximum:"60" default:"7" doc:"For how many days; no answer reaches beyond twelve weeks ahead"`
}

type slotsAnswer struct {
	Body struct {
		Slots []Slot `json:"slots" doc:"In the order of their start"`
	}
}

func (a *API) listSlots(ctx context.Context, call *slotsCall) (*slotsAnswer, error) {
	branch, err := a.Store.Branch(ctx, call.Branch)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	loc := branch.Location()
	from := clinic.DateOf(a.Now(), loc)
	horizon := branch.Horizon(clinic.API(clinic.APIKey{}), a.Now())
	if call.From != "" {
		var ok bool
		if from, ok = clinic.ParseDate(call.From); !ok {
			return nil, a.refuse(ctx, clinic.Errors{{Code: clinic.Invalid, Field: "from", Message: "error.date"}})
		}
		if err := horizon.Check("from", from); err != nil {
			return nil, a.refuse(ctx, clinic.Errors{err})
		}
	}
	after := from.AddDays(call.Days)
	if !horizon.Holds(after) {
		after = horizon.Last.AddDays(1)
	}
	doctors, err := a.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	slots, err := a.Store.Slots(ctx, store.SlotQuery{
		BranchID: branch.ID, From: from.In(loc), Until: after.In(loc), FreeOnly: true, For: clinic.API(clinic.APIKey{}), After: branch.Opens(clinic.API(clinic.APIKey{}), a.Now()),
	})
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	names := map[string]string{}
	for _, d := range doctors {
		names[d.ID] = d.Name(web.LocaleOf(ctx).Lang())
	}
	out := &slotsAnswer{}
	out.Body.Slots = make([]Slot, len(slots))
	for i, s := range slots {
		out.Body.Slots[i] = Slot{s.ID, s.StartsAt.In(loc), s.EndsAt.In(loc), Named{s.DoctorID, names[s.DoctorID]}}
	}
	return out, nil
}
