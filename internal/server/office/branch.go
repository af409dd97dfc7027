package office

import (
	"errors"
	"net/http"
	"net/url"

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
	data := view.Branches{Frame: p.frame(c, clinic.Branch{}), Branches: branches, Saved: justSaved(c), Orders: page.Actor(c).MayEverywhere(clinic.ManageClinic)}
	return page.Show(c, http.StatusOK, view.BranchesPage(data))
}

// drawnID is the id that a form of something new carries, so that the form sent twice makes one. A form without gets one.
func drawnID(c *gin.Context) string {
	if drawn := c.PostForm("drawn"); clinic.IsToken(drawn) {
		return drawn
	}
	return clinic.NewID()
}

// idToEdit is the id in the path. For something new it is the one that the form drew, under which there is something once the form
// was sent.
func idToEdit(c *gin.Context) (id string, isNew bool) {
	if c.Param("id") == newID {
		return drawnID(c), true
	}
	return c.Param("id"), false
}

// branchToEdit is the branch in the path, or a new one.
func (p *Pages) branchToEdit(c *gin.Context) (clinic.Branch, error) {
	id, isNew := idToEdit(c)
	branch, err := p.Store.Branch(c.Request.Context(), id)
	if isNew && clinic.CodeOf(err) == clinic.NotFound {
		return clinic.Branch{Zone: clinic.DefaultZone, Settings: clinic.BranchSettings{LiveBookings: clinic.DefaultLiveBookings}}, nil
	}
	if err == nil && !page.Actor(c).May(clinic.ManageClinic, id) {
		err = store.NotFound()
	}
	return branch, err
}

// ShowBranch shows the form of a branch, or of a new one.
func (p *Pages) ShowBranch(c *gin.Context) error {
	branch, err := p.branchToEdit(c)
	if err != nil {
		return err
	}
	return p.showBranch(c, http.StatusOK, branch, nil, view.PhotoForm{})
}

func (p *Pages) showBranch(c *gin.Context, status int, branch clinic.Branch, errs clinic.Errors, photo view.PhotoForm) error {
	data := view.BranchForm{Frame: p.frame(c, clinic.Branch{}), Edited: branch, Drawn: drawnID(c), Errors: errs, Photo: photo, Saved: justSaved(c)}
	return page.Show(c, status, view.BranchPage(data))
}

// branchFields are the fields of the form, in their order.
var branchFields = []string{"name", "name_en", "address", "address_en", "access", "access_en", "phone", "phone_hours", "phone_hours_en", "zone"}

// branchForm fills the form in.
func branchForm(b clinic.Branch) url.Values {
	return filled("name", b.Name, "name_en", b.NameEn, "address", b.Address, "address_en", b.AddressEn, "access", b.Access, "access_en", b.AccessEn,
		"phone", b.Phone, "phone_hours", b.Settings.PhoneHours, "phone_hours_en", b.Settings.PhoneHoursEn, "zone", b.Zone)
}

// readBranch reads the form over what else the branch has set.
func readBranch(form url.Values, settings clinic.BranchSettings) clinic.Branch {
	settings.PhoneHours, settings.PhoneHoursEn = form.Get("phone_hours"), form.Get("phone_hours_en")
	return clinic.Branch{
		Name: form.Get("name"), NameEn: form.Get("name_en"), Address: form.Get("address"), AddressEn: form.Get("address_en"),
		Access: form.Get("access"), AccessEn: form.Get("access_en"), Phone: form.Get("phone"), Zone: form.Get("zone"), Settings: settings,
	}
}

// SaveBranch stores a branch, or shows what is wrong with it, or what somebody else has saved since the form was drawn.
func (p *Pages) SaveBranch(c *gin.Context) error {
	stored, err := p.branchToEdit(c)
	if err != nil {
		return err
	}
	sent := c.Request.PostForm
	seen := page.ReadSeen(sent)
	form := decided(sent, branchForm(stored))
	typed := readBranch(form, stored.Settings)
	typed.ID, typed.Revision, typed.Photo = stored.ID, seen.Revision, stored.Photo
	typed.Settings.Holidays = stored.Settings.Holidays // which has a page of its own
	branch, errs := clinic.CheckBranch(typed)
	if len(errs) > 0 {
		stay(c, c.Request.URL.Path)
		return p.showBranch(c, http.StatusUnprocessableEntity, typed, errs, view.PhotoForm{})
	}
	if differ := differences(seen, stored.Revision, branchFields, branchForm(stored), branchForm(branch)); len(differ) > 0 {
		return page.Show(c, http.StatusConflict, view.BranchConflictPage(p.conflict(c, stored.ID, sent, stored.Revision, differ)))
	}
	branch.Revision = stored.Revision
	if stored.ID == "" {
		branch.ID = drawnID(c)
	}
	switch _, err := p.Store.SaveBranch(c.Request.Context(), page.Actor(c), branch); {
	case clinic.IsStale(err) && stored.ID == "": // made by the same form, sent twice at once
		return page.GoTo(c, "/office/branches/"+branch.ID)
	case clinic.IsStale(err): // saved by somebody else since it was read: what they saved is compared anew
		return p.SaveBranch(c)
	case err != nil:
		return err
	}
	return page.GoTo(c, "/office/branches"+savedMark)
}

// atField returns the refusal of a field, or of several, if that is what err is, as the form shows it.
func atField(err error) (clinic.Errors, bool) {
	var several clinic.Errors
	if errors.As(err, &several) {
		return several, true
	}
	var refusal *clinic.Error
	if errors.As(err, &refusal) && refusal.Field != "" {
		return clinic.Errors{refusal}, true
	}
	return nil, false
}
