package api

import (
	"context"

	"madoguchi/web"
)

// Branch is one location of the clinic.
type Branch struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Timezone string `json:"timezone" doc:"IANA name" example:"Asia/Tokyo"`
}

// Named is something with an id and a name.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type branchesAnswer struct{ Body []Branch }

func (a *API) listBranches(ctx context.Context, _ *struct{}) (*branchesAnswer, error) {
	branches, err := a.Store.Branches(ctx)
	if err != nil {
		return nil, a.refuse(ctx, err)
	}
	out := &branchesAnswer{Body: make([]Branch, len(branches))}
	for i, b := range branches {
		out.Body[i] = Branch{b.ID, b.In(web.LocaleOf(ctx).Lang()).Name, b.Zone}
	}
	return out, nil
}
