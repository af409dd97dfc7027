package office

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const (
	secondPath = "/office/sign-in/second" // where somebody shows their second factor
	factorPath = "/office/me/second"      // where they set it up

	signInCookie = "sign-in" // of whoever has shown their password
)

// ShowSecond asks whoever has just typed the right password for their second factor.
func (p *Pages) ShowSecond(c *gin.Context) error {
	page.Private(c)
	return p.showSecond(c, http.StatusOK, view.Second{Next: nextOf(c.Query("next"))})
}

func (p *Pages) showSecond(c *gin.Context, status int, data view.Second) error {
	staff, err := p.Store.SigningIn(c.Request.Context(), p.Cookie(c, signInCookie))
	if err != nil {
		return p.beginAgain(c, err)
	}
	factor, err := p.Store.SecondFactor(c.Request.Context(), staff.ID)
	if err != nil {
		return err
	}
	data.Demo, data.App, data.Passkeys = p.Demo, factor.App != nil, len(factor.Passkeys) > 0 && p.passkeySite(c).Possible()
	return page.Show(c, status, view.SecondPage(data))
}

// beginAgain leads to the sign-in page whoever has taken too long.
func (p *Pages) beginAgain(c *gin.Context, err error) error {
	if clinic.CodeOf(err) != clinic.Unauthorized {
		return err
	}
	p.SetCookie(c, signInCookie, "", -1)
	return page.GoTo(c, signInPath)
}

// SignInWithSecond starts a session for who shows a passkey, a code of their app, or a recovery code.
func (p *Pages) SignInWithSecond(c *gin.Context) error {
	page.Private(c)
	ctx, half, before := c.Request.Context(), p.Cookie(c, signInCookie), p.Cookie(c, page.SessionCookie)
	data := view.Second{Next: nextOf(c.PostForm("next"))}
	stay(c, secondPath)
	field := "code"
	if c.PostForm("code") == "" && c.PostForm("recovery") != "" {
		field, data.Recovery = "recovery", c.PostForm("recovery")
	}
	var token string
	var err error
	if c.Request.PostForm.Has(passkeyField) {
		token, err = p.Store.FinishWithPasskey(ctx, p.passkeySite(c), half, c.PostForm(passkeyField), page.Browser(c), before)
	} else {
		token, err = p.Store.FinishSignIn(ctx, half, c.PostForm(field), page.Browser(c), before)
	}
	var refused *clinic.Error
	switch {
	case err == nil:
		p.SetCookie(c, signInCookie, "", -1)
		p.SetCookie(c, page.SessionCookie, token, 0)
		return goOn(c, data.Next)
	case errors.As(err, &refused) && refused.Field == "code":
		data.Errors = clinic.Errors{{Code: refused.Code, Field: field, Message: refused.Message, Args: refused.Args}}
		return p.showSecond(c, page.Status(refused.Code), data)
	}
	if errs, ours := atPasskey(err); ours {
		data.Errors = errs
		return p.showSecond(c, page.Status(errs[0].Code), data)
	}
	return p.beginAgain(c, err)
}

// AskForSecondFactor leads whoever lacks the second factor that the clinic wants to where they set it up.
func (p *Pages) AskForSecondFactor(c *gin.Context) error {
	if c.Request.Method == http.MethodGet {
		return page.GoTo(c, factorPath)
	}
	return &clinic.Error{Code: clinic.Forbidden, Message: "error.second.needed"}
}

// ShowSecondFactor shows somebody what they have besides their password.
func (p *Pages) ShowSecondFactor(c *gin.Context) error {
	return p.showSecondFactor(c, http.StatusOK, view.SecondFactor{Done: c.Query("done")})
}

func (p *Pages) showSecondFactor(c *gin.Context, status int, data view.SecondFactor) error {
	data.Frame, data.Zone, data.Passkeys = p.bareFrame(c), p.anyZone(c), p.passkeySite(c).Possible()
	data.Wanted = web.ClinicOf(c.Request.Context()).SecondFactor
	data.Forced = data.Wanted && !page.Session(c).SecondFactor
	var err error
	if data.Factor, err = p.Store.SecondFactor(c.Request.Context(), data.Staff.ID); err != nil {
		return err
	}
	return page.Show(c, status, view.SecondFactorPage(data))
}

// bareFrame is the frame without the menu for whoever may open none of it yet.
func (p *Pages) bareFrame(c *gin.Context) view.Frame {
	if web.ClinicOf(c.Request.Context()).SecondFactor && !page.Session(c).SecondFactor {
		return view.Frame{Staff: page.Staff(c), Demo: p.Demo, Bare: true}
	}
	return p.frame(c, clinic.Branch{})
}

// BeginApp shows the secret that somebody puts into their app.
func (p *Pages) BeginApp(c *gin.Context) error { return p.showApp(c, http.StatusOK, nil) }

func (p *Pages) showApp(c *gin.Context, status int, errs clinic.Errors) error {
	stay(c, factorPath)
	secret, err := p.Store.BeginApp(c.Request.Context(), page.Actor(c))
	if clinic.CodeOf(err) == clinic.Conflict { // it has been set up, in another tab
		return page.GoTo(c, factorPath)
	}
	if err != nil {
		return err
	}
	name := web.ClinicOf(c.Request.Context()).Name
	return p.showSecondFactor(c, status, view.SecondFactor{Address: clinic.TOTPAddress(name, page.Staff(c).Email, secret), Secret: clinic.TOTPText(secret), Errors: errs})
}

// ConfirmApp makes an app the second factor of whoever types a code of it, and shows them their recovery codes.
func (p *Pages) ConfirmApp(c *gin.Context) error {
	token, codes, err := p.Store.ConfirmApp(c.Request.Context(), page.Actor(c), c.PostForm("code"), page.Browser(c))
	if errs, ours := atField(err); ours {
		return p.showApp(c, page.Status(clinic.CodeOf(err)), errs)
	}
	if err != nil {
		return err
	}
	return p.haveSecond(c, token, codes, "app")
}

// showRecovery shows recovery codes, this once.
func (p *Pages) showRecovery(c *gin.Context, codes []string) error {
	stay(c, factorPath)
	return page.Show(c, http.StatusOK, view.RecoveryPage(view.Recovery{Frame: p.frame(c, clinic.Branch{}), Codes: codes}))
}

// NewRecovery gives somebody other recovery codes.
func (p *Pages) NewRecovery(c *gin.Context) error {
	codes, err := p.Store.NewRecovery(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	return p.showRecovery(c, codes)
}

// RemoveApp takes somebody's app away.
func (p *Pages) RemoveApp(c *gin.Context) error {
	if err := p.Store.RemoveApp(c.Request.Context(), page.Actor(c)); err != nil {
		return err
	}
	return page.GoTo(c, factorPath+"?"+url.Values{"done": {"removed"}}.Encode())
}
