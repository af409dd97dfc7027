package office

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

const signInPath = "/office/sign-in"

// nextOf is where somebody wanted to go before signing in: a page of the office, or nothing.
func nextOf(asked string) string {
	path := page.OwnPath(asked)
	if path != "/office" && !strings.HasPrefix(path, "/office/") || strings.HasPrefix(path, signInPath) {
		return ""
	}
	return path
}

// ShowSignIn shows the form, and leads on who is signed in already. Whoever comes with the
// cookie of a session that has ended is told so.
func (p *Pages) ShowSignIn(c *gin.Context) error {
	page.Private(c)
	data := view.SignIn{Demo: p.Demo, Next: nextOf(c.Query("next"))}
	switch _, err := p.SignedIn(c); {
	case err == nil:
		return goOn(c, data.Next)
	case clinic.CodeOf(err) != clinic.Unauthorized:
		return err
	}
	data.Expired = p.Cookie(c, page.SessionCookie) != ""
	return page.Show(c, http.StatusOK, view.SignInPage(data))
}

func goOn(c *gin.Context, next string) error {
	if next == "" {
		next = "/office"
	}
	return page.GoTo(c, next)
}

// SignIn starts a session for who knows the password. An unknown address, a wrong password and a closed account get the
// same answer after the same time.
func (p *Pages) SignIn(c *gin.Context) error {
	page.Private(c)
	ctx, email, password := c.Request.Context(), clinic.Tidy(c.PostForm("email")), c.PostForm("password")
	data := view.SignIn{Demo: p.Demo, Email: email, Next: nextOf(c.PostForm("next"))}
	stay(c, signInPath)
	if data.Errors = checkSignIn(email, password); len(data.Errors) > 0 {
		return page.Show(c, http.StatusUnprocessableEntity, view.SignInPage(data))
	}
	client := p.Visitor(c)
	allowed, err := p.Store.TrySignIn(ctx, client, email)
	if err != nil {
		return err
	}
	if !allowed {
		data.Many = true
		c.Header("Retry-After", strconv.Itoa(int(clinic.SignInWindow.Seconds())))
		return page.Show(c, http.StatusTooManyRequests, view.SignInPage(data))
	}
	staff, err := p.authenticate(c, email, password)
	if clinic.CodeOf(err) == clinic.Unauthorized {
		data.Errors = clinic.Errors{{Code: clinic.Invalid, Message: "office.signin.wrong"}}
		return page.Show(c, http.StatusUnprocessableEntity, view.SignInPage(data))
	}
	if err != nil {
		return err
	}
	if err := p.Store.PassSignIn(ctx, client, email); err != nil {
		return err
	}
	token, err := p.Store.StartSession(ctx, staff, p.Cookie(c, page.SessionCookie))
	if err != nil {
		return err
	}
	p.SetCookie(c, page.SessionCookie, token, 0)
	return goOn(c, data.Next)
}

// checkSignIn names the fields that cannot be right, before an attempt is counted.
func checkSignIn(email, password string) clinic.Errors {
	var errs clinic.Errors
	switch {
	case strings.TrimSpace(email) == "":
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "email", Message: "error.empty"})
	case clinic.HasControl(email):
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "email", Message: "error.control"})
	}
	if password == "" {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "password", Message: "error.empty"})
	}
	return errs
}

// authenticate is the active account of an address and password, or Unauthorized.
func (p *Pages) authenticate(c *gin.Context, email, password string) (clinic.Staff, error) {
	staff, err := p.Store.StaffByEmail(c.Request.Context(), email)
	known := err == nil
	if !known && clinic.CodeOf(err) != clinic.NotFound {
		return staff, err
	}
	hash := nobody
	if known {
		hash = staff.PasswordHash
	}
	right, err := passwordIs(c.Request.Context(), password, hash)
	if err != nil {
		return staff, err
	}
	if !known || !right || !staff.Active {
		return staff, &clinic.Error{Code: clinic.Unauthorized, Message: "office.signin.wrong"}
	}
	return staff, nil
}

// SignOut ends the session.
func (p *Pages) SignOut(c *gin.Context) error {
	if err := p.Store.EndSession(c.Request.Context(), page.Actor(c), p.Cookie(c, page.SessionCookie)); err != nil {
		return err
	}
	p.SetCookie(c, page.SessionCookie, "", -1)
	return page.GoTo(c, signInPath)
}
