package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowInvitation asks whoever has the link of an account for its password. A link that was used, is too old or never was gets one answer.
func (p *Pages) ShowInvitation(c *gin.Context) error {
	page.Private(c)
	staff, err := p.Store.StaffByLink(c.Request.Context(), c.Param("token"))
	if clinic.CodeOf(err) == clinic.NotFound {
		return page.Show(c, http.StatusNotFound, view.InvitationGonePage(p.Demo))
	}
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.InvitationPage(view.Invitation{Demo: p.Demo, Staff: staff, Token: c.Param("token")}))
}

// ChoosePassword gives an account the password that whoever has its link has chosen, and leads them in.
func (p *Pages) ChoosePassword(c *gin.Context) error {
	page.Private(c)
	ctx, token, password := c.Request.Context(), c.Param("token"), c.PostForm("new")
	stay(c, c.Request.URL.Path)
	staff, err := p.Store.StaffByLink(ctx, token)
	if clinic.CodeOf(err) == clinic.NotFound {
		return page.Show(c, http.StatusNotFound, view.InvitationGonePage(p.Demo))
	}
	if err != nil {
		return err
	}
	if errs := p.checkPassword(c, "new", password, staff); len(errs) > 0 {
		return page.Show(c, http.StatusUnprocessableEntity, view.InvitationPage(view.Invitation{Demo: p.Demo, Staff: staff, Token: token, Errors: errs}))
	}
	leave, ok := placesForAll.enter()
	if !ok {
		page.Busy(c)
		return &clinic.Error{Code: clinic.Busy, Message: "error.busy"}
	}
	defer leave()
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	staff, err = p.Store.ChoosePassword(ctx, token, hash)
	if clinic.CodeOf(err) == clinic.NotFound { // used a moment ago
		return page.Show(c, http.StatusNotFound, view.InvitationGonePage(p.Demo))
	}
	if err != nil {
		return err
	}
	return p.goIn(c, staff, "")
}
