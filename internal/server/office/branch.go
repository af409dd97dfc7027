package office

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// newID stands in addresses for what does not exist yet.
const newID = "new"

// savedMark in an address says that something has just been saved.
const savedMark = "?done=saved"

func justSaved(c *gin.Context) bool { return c.Query("done") == "saved" }

// ShowBranches lists the branches.
func (p *Pages) ShowBranches(c *gin.Context) error {
	branches, err := p.Store.BranchesFor(c.Request.Context(), page.Actor(c), clinic.ManageClinic)
	if err != nil {
		return err
	}
	data := view.Branches{Frame: p.frame(c, clinic.Branch{}), Branches: branches, Saved: justSaved(c)}
	return page.Show(c, http.StatusOK, view.BranchesPage(data))
}

// ShowBranch shows the form of a branch, or of a new one.
func (p *Pages) ShowBranch(c *gin.Context) error {
	branch := clinic.Branch{Zone: clinic.DefaultZone, Settings: clinic.BranchSettings{LiveBookings: clinic.DefaultLiveBookings}}
	if id := c.Param("id"); id != newID {
		var err error
		if branch, err = p.Store.Branch(c.Request.Context(), id); err != nil {
			return err
		}
		if !page.Actor(c).May(clinic.ManageClinic, id) {
			return store.NotFound()
		}
	}
	return p.showBranch(c, http.StatusOK, branch, nil)
}

func (p *Pages) showBranch(c *gin.Context, status int, branch clinic.Branch, errs clinic.Errors) error {
	data := view.BranchForm{Frame: p.frame(c, clinic.Branch{}), Edited: branch, LiveBookings: strconv.Itoa(branch.Settings.LiveBookings), Errors: errs}
	if len(errs) > 0 {
		data.LiveBookings = c.PostForm("live_bookings")
	}
	return page.Show(c, status, view.BranchPage(data))
}

// SaveBranch stores a branch, or shows what is wrong with it.
func (p *Pages) SaveBranch(c *gin.Context) error {
	typed := clinic.Branch{
		Name: c.PostForm("name"), NameEn: c.PostForm("name_en"), Address: c.PostForm("address"), AddressEn: c.PostForm("address_en"),
		Access: c.PostForm("access"), AccessEn: c.PostForm("access_en"), Phone: c.PostForm("phone"), Zone: c.PostForm("zone"),
		Settings: clinic.BranchSettings{
			PhoneHours: c.PostForm("phone_hours"), PhoneHoursEn: c.PostForm("phone_hours_en"), LiveBookings: clinic.DefaultLiveBookings,
		},
	}
	if live, asked := c.GetPostForm("live_bookings"); asked { // a form of an older version does not ask
		typed.Settings.LiveBookings = clinic.ParseLiveBookings(live)
	}
	if id := c.Param("id"); id != newID {
		typed.ID = id
	}
	branch, errs := clinic.CheckBranch(typed)
	if len(errs) > 0 {
		stay(c, c.Request.URL.Path)
		return p.showBranch(c, http.StatusUnprocessableEntity, typed, errs)
	}
	if _, err := p.Store.SaveBranch(c.Request.Context(), page.Actor(c), branch); err != nil {
		return err
	}
	return page.GoTo(c, "/office/branches"+savedMark)
}

// atField returns the refusal of a field, if that is what err is, as the form shows it.
func atField(err error) (clinic.Errors, bool) {
	var refusal *clinic.Error
	if errors.As(err, &refusal) && refusal.Field != "" {
		return clinic.Errors{refusal}, true
	}
	return nil, false
}
