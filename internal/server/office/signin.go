package office

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
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
	data := view.SignIn{Demo: p.Demo, Next: nextOf(c.Query("next")), Passkeys: p.passkeySite(c).Possible()}
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
	email, password := clinic.Tidy(c.PostForm("email")), c.PostForm("password")
	data := view.SignIn{Demo: p.Demo, Email: email, Next: nextOf(c.PostForm("next")), Passkeys: p.passkeySite(c).Possible()}
	stay(c, signInPath)
	if data.Errors = checkSignIn(email, password); len(data.Errors) > 0 {
		return page.Show(c, http.StatusUnprocessableEntity, view.SignInPage(data))
	}
	staff, refused, err := p.tryPassword(c, email, password)
	switch {
	case err != nil:
		return err
	case refused == nil:
		return p.goIn(c, staff, data.Next)
	case refused.Code == clinic.TooMany:
		data.Many = true
	default:
		data.Errors = clinic.Errors{refused}
	}
	return page.Show(c, passwordStatus(c, refused), view.SignInPage(data))
}

// tryPassword is the account of an address whose password is right. A refusal says why there is none: too many wait just now (Busy), too
// many were wrong (TooMany), or this one is (Invalid). Each attempt is counted before it is looked at.
func (p *Pages) tryPassword(c *gin.Context, email, password string) (staff clinic.Staff, refused *clinic.Error, err error) {
	ctx, client := c.Request.Context(), p.Visitor(c)
	device, known, err := p.device(c, email)
	if err != nil {
		return staff, nil, err
	}
	queue := placesForAll
	if known {
		queue = placesForKnown
	}
	leave, ok := queue.enter()
	if !ok {
		return staff, &clinic.Error{Code: clinic.Busy, Message: "error.busy"}, nil
	}
	defer leave()
	allowed, err := p.Store.TrySignIn(ctx, client, email, device)
	if err != nil {
		return staff, nil, err
	}
	if !allowed {
		if err := p.Store.NoteSignIn(ctx, client, email, clinic.TooMany); err != nil {
			return staff, nil, err
		}
		return staff, &clinic.Error{Code: clinic.TooMany, Message: "office.signin.many", Args: map[string]string{"Minutes": strconv.Itoa(int(clinic.SignInWindow.Minutes()))}}, nil
	}
	staff, err = p.authenticate(c, email, password)
	if clinic.CodeOf(err) == clinic.Unauthorized {
		if err := p.Store.NoteSignIn(ctx, client, email, clinic.Unauthorized); err != nil {
			return staff, nil, err
		}
		return staff, &clinic.Error{Code: clinic.Invalid, Message: "office.signin.wrong"}, nil
	}
	if err != nil {
		return staff, nil, err
	}
	if err := p.Store.PassSignIn(ctx, client, email, device); err != nil {
		return staff, nil, err
	}
	return staff, nil, p.rememberDevice(c, email)
}

// passwordStatus is the status of a page that says why a password was refused, whose headers say when to come again.
func passwordStatus(c *gin.Context, refused *clinic.Error) int {
	switch refused.Code {
	case clinic.Busy:
		page.Busy(c)
		c.Header("Retry-After", busyFor)
	case clinic.TooMany:
		c.Header("Retry-After", strconv.Itoa(int(clinic.SignInWindow.Seconds())))
	default:
	}
	return page.Status(refused.Code)
}

// goIn leads in whoever has shown the password of an account: to their second factor if they have one, and otherwise to where they wanted
// to go.
func (p *Pages) goIn(c *gin.Context, staff clinic.Staff, next string) error {
	ctx := c.Request.Context()
	factor, err := p.Store.SecondFactor(ctx, staff.ID)
	if err != nil {
		return err
	}
	if factor.Any() {
		token, err := p.Store.BeginSignIn(ctx, staff)
		if err != nil {
			return err
		}
		p.SetCookie(c, signInCookie, token, int(clinic.SignInLife.Seconds()))
		return page.GoTo(c, ui.Link(secondPath, "next", next))
	}
	token, err := p.Store.StartSession(ctx, staff, page.Browser(c), false, p.Cookie(c, page.SessionCookie))
	if err != nil {
		return err
	}
	p.SetCookie(c, page.SessionCookie, token, 0)
	return goOn(c, next)
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
	if known && staff.PasswordHash != "" { // who was invited has none yet
		hash = staff.PasswordHash
	}
	right, err := passwordIs(c.Request.Context(), password, hash)
	if err != nil {
		return staff, err
	}
	if !known || !right || !staff.Active || staff.PasswordHash == "" {
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
