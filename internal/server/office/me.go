package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const mePath = "/office/me"

// ShowMe shows somebody their own account: where they are signed in, their password, their second factor.
func (p *Pages) ShowMe(c *gin.Context) error { return p.showMe(c, http.StatusOK, nil) }

func (p *Pages) showMe(c *gin.Context, status int, errs clinic.Errors) error {
	ctx := c.Request.Context()
	data := view.Me{Frame: p.frame(c, clinic.Branch{}), Session: page.Session(c), Zone: p.anyZone(c), Errors: errs}
	if c.Request.Method == http.MethodGet {
		data.Done = c.Query("done")
	}
	var err error
	if data.Sessions, err = p.Store.Sessions(ctx, page.Actor(c)); err != nil {
		return err
	}
	if data.Factor, err = p.Store.SecondFactor(ctx, data.Staff.ID); err != nil {
		return err
	}
	return page.Show(c, status, view.MePage(data))
}

// EndSessions signs somebody out elsewhere: of one browser, or of all but this one.
func (p *Pages) EndSessions(c *gin.Context) error {
	if err := p.Store.EndSessions(c.Request.Context(), page.Actor(c), c.PostForm("session"), p.Cookie(c, page.SessionCookie)); err != nil {
		return err
	}
	return page.GoTo(c, mePath+"?done=sessions")
}

// ChangePassword gives somebody who knows their old password another one, and signs them out everywhere else.
func (p *Pages) ChangePassword(c *gin.Context) error {
	ctx, staff, password := c.Request.Context(), page.Staff(c), c.PostForm("new")
	stay(c, mePath)
	if errs := p.checkPassword(c, "new", password, staff); len(errs) > 0 {
		return p.showMe(c, http.StatusUnprocessableEntity, errs)
	}
	refused, err := p.tryOwnPassword(c, "old")
	if err != nil {
		return err
	}
	if refused != nil {
		return p.showMe(c, passwordStatus(c, refused), clinic.Errors{refused})
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	token, err := p.Store.ChangePassword(ctx, page.Actor(c), hash, page.Session(c), page.Browser(c))
	if err != nil {
		return err
	}
	p.SetCookie(c, page.SessionCookie, token, 0)
	return page.GoTo(c, mePath+"?done=password")
}

// checkPassword names what is wrong with a password that somebody wants to have.
func (p *Pages) checkPassword(c *gin.Context, field, password string, staff clinic.Staff) clinic.Errors {
	s := web.ClinicOf(c.Request.Context())
	return clinic.CheckPassword(field, password, staff.Name, staff.Email, s.Name, s.NameEn)
}
