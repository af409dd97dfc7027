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
	device, known, err := p.device(c, email)
	if err != nil {
		return err
	}
	queue := placesForAll
	if known {
		queue = placesForKnown
	}
	leave, ok := queue.enter()
	if !ok {
		data.Errors = clinic.Errors{{Code: clinic.Busy, Message: "error.busy"}}
		page.Busy(c)
		c.Header("Retry-After", busyFor)
		return page.Show(c, page.Status(clinic.Busy), view.SignInPage(data))
	}
	defer leave()
	client := p.Visitor(c)
	allowed, err := p.Store.TrySignIn(ctx, client, email, device)
	if err != nil {
		return err
	}
	if !allowed {
		if err := p.Store.NoteSignIn(ctx, client, email, clinic.TooMany); err != nil {
			return err
		}
		data.Many = true
		c.Header("Retry-After", strconv.Itoa(int(clinic.SignInWindow.Seconds())))
		return page.Show(c, http.StatusTooManyRequests, view.SignInPage(data))
	}
	staff, err := p.authenticate(c, email, password)
	if clinic.CodeOf(err) == clinic.Unauthorized {
		if err := p.Store.NoteSignIn(ctx, client, email, clinic.Unauthorized); err != nil {
			return err
		}
		data.Errors = clinic.Errors{{Code: clinic.Invalid, Message: "office.signin.wrong"}}
		return page.Show(c, http.StatusUnprocessableEntity, view.SignInPage(data))
	}
	if err != nil {
		return err
	}
	if err := p.Store.PassSignIn(ctx, client, email, device); err != nil {
		return err
	}
	token, err := p.Store.StartSession(ctx, staff, p.Cookie(c, page.SessionCookie))
	if err != nil {
		return err
	}
	p.SetCookie(c, page.SessionCookie, token, 0)
	if err := p.rememberDevice(c, email); err != nil {
		return err
	}
	return goOn(c, data.Next)
}

// busyFor is after how many seconds it is worth trying again when too many sign in at once.
const busyFor = "5"

// device is what a browser keeps since the account of an address signed in on it, and whether it is genuine.
func (p *Pages) device(c *gin.Context, email string) (device string, known bool, err error) {
	name, err := p.Store.DeviceName(email)
	if err != nil {
		return "", false, err
	}
	device = p.Cookie(c, name)
	known, err = p.Store.KnowsDevice(c.Request.Context(), email, device)
	return device, known, err
}

// rememberDevice makes a browser known for the account of an address. It is another one each time, and the one before is
// worth nothing any more, so that what somebody has copied ends with the owner's next sign-in.
func (p *Pages) rememberDevice(c *gin.Context, email string) error {
	name, err := p.Store.DeviceName(email)
	if err != nil {
		return err
	}
	device, err := p.Store.NewDevice(email)
	if err != nil {
		return err
	}
	p.SetCookie(c, name, device, int(clinic.DeviceLife.Seconds()))
	return nil
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
