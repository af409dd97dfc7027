package office

import (
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
)

// StreamDoctor tells a doctor's open page, as StreamChanges tells the front desk's, that something has changed on its days at a branch where
// they work: ?first=DAY&last=DAY. It tells nothing else, so that nothing of a colleague's patients is said: the page asks again for what is its own.
func (p *Pages) StreamDoctor(c *gin.Context) error {
	first, begins := clinic.ParseDate(c.Query("first"))
	last, ends := clinic.ParseDate(c.Query("last"))
	if !begins || !ends {
		return store.NotFound()
	}
	doctorID := page.Staff(c).DoctorID
	_, branchIDs, err := p.Store.Doctor(c.Request.Context(), doctorID)
	if err != nil {
		return err
	}
	horizon := clinic.Horizon{First: first, Last: last}
	return p.stream(c, func(e store.Event) (telling, bool) {
		return telling{}, e == (store.Event{}) || slices.Contains(branchIDs, e.BranchID) && horizon.Holds(e.Day)
	}, func(staff clinic.Staff) bool { return staff.Can(clinic.ReadAnswers) && staff.DoctorID == doctorID })
}
