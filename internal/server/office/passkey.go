package office

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const (
	passkeyPath  = "/office/me/second/passkey"
	passkeyField = "passkey" // in which a browser sends what a passkey has answered

	passkeyCookie = "passkey" // of a browser that was asked for a passkey by the sign-in page
)

// passkeySite is what passkeys are made for: the address from the settings, whatever a browser says that it has asked.
func (p *Pages) passkeySite(c *gin.Context) passkey.Site {
	return passkey.SiteAt(p.BaseURL, web.ClinicOf(c.Request.Context()).Name)
}

// asked gives a browser's script what it needs to ask for a passkey.
func asked(c *gin.Context, options []byte, err error) error {
	if err != nil {
		return err
	}
	page.Private(c)
	c.Data(http.StatusOK, "application/json; charset=utf-8", options)
	return nil
}

// atPasskey is the sentence about a passkey that was refused.
func atPasskey(err error) (clinic.Errors, bool) {
	var refused *clinic.Error
	if errors.As(err, &refused) && refused.Field == passkeyField {
		return clinic.Errors{refused}, true
	}
	return nil, false
}

// AskForPasskey asks the browser of somebody who signs in for a passkey and nothing else.
func (p *Pages) AskForPasskey(c *gin.Context) error {
	site := p.passkeySite(c)
	if !site.Possible() {
		return store.NotFound()
	}
	holder := clinic.NewToken()
	options, err := p.Store.AskForPasskey(c.Request.Context(), p.Visitor(c), site, holder)
	if err == nil {
		p.SetCookie(c, passkeyCookie, holder, int(clinic.PasskeyLife.Seconds()))
	}
	return asked(c, options, err)
}

// SignInWithPasskey starts a session for who shows a passkey.
func (p *Pages) SignInWithPasskey(c *gin.Context) error {
	page.Private(c)
	data := view.SignIn{Demo: p.Demo, Next: nextOf(c.PostForm("next")), Passkeys: p.passkeySite(c).Possible()}
	stay(c, signInPath)
	holder := p.Cookie(c, passkeyCookie)
	p.SetCookie(c, passkeyCookie, "", -1)
	token, err := p.Store.SignInWithPasskey(c.Request.Context(), p.Visitor(c), p.passkeySite(c), holder, c.PostForm(passkeyField), page.Browser(c), p.Cookie(c, page.SessionCookie))
	if errs, ours := atPasskey(err); ours {
		status := page.Status(errs[0].Code)
		if data.Many = errs[0].Code == clinic.TooMany; !data.Many {
			data.Errors = errs
		}
		return page.Show(c, status, view.SignInPage(data))
	}
	if err != nil {
		return err
	}
	p.SetCookie(c, page.SessionCookie, token, 0)
	return goOn(c, data.Next)
}

// AskForSecond asks the browser of whoever has typed the right password for a passkey of theirs.
func (p *Pages) AskForSecond(c *gin.Context) error {
	options, err := p.Store.AskForSecond(c.Request.Context(), p.passkeySite(c), p.Cookie(c, signInCookie))
	return asked(c, options, err)
}

// AskForProof asks the browser of whoever is signed in for a passkey of theirs.
func (p *Pages) AskForProof(c *gin.Context) error {
	options, err := p.Store.AskForProof(c.Request.Context(), page.Actor(c), p.passkeySite(c), p.Cookie(c, page.SessionCookie))
	return asked(c, options, err)
}

// provesByPasskey reports whether whoever is signed in can show who they are by a passkey.
func (p *Pages) provesByPasskey(c *gin.Context) bool {
	if !p.passkeySite(c).Possible() {
		return false
	}
	f, err := p.Store.SecondFactor(c.Request.Context(), page.Staff(c).ID)
	return err == nil && len(f.Passkeys) > 0 // the password is asked for in any case
}

// ShowNewPasskey shows the form by which somebody adds a passkey.
func (p *Pages) ShowNewPasskey(c *gin.Context) error {
	if !p.passkeySite(c).Possible() {
		return store.NotFound()
	}
	return p.showNewPasskey(c, http.StatusOK, view.NewPasskey{})
}

func (p *Pages) showNewPasskey(c *gin.Context, status int, data view.NewPasskey) error {
	stay(c, passkeyPath)
	data.Frame = p.bareFrame(c)
	return page.Show(c, status, view.NewPasskeyPage(data))
}

// AskToAddPasskey asks somebody's browser to make a passkey, once it is clear how they call it.
func (p *Pages) AskToAddPasskey(c *gin.Context) error {
	site := p.passkeySite(c)
	if !site.Possible() {
		return store.NotFound()
	}
	name, errs := clinic.CheckPasskeyName(c.PostForm("name"))
	if len(errs) > 0 {
		return errs[0]
	}
	options, err := p.Store.AskToAddPasskey(c.Request.Context(), page.Actor(c), site, p.Cookie(c, page.SessionCookie), name)
	return asked(c, options, err)
}

// AddPasskey keeps a passkey that somebody's browser has made, and shows them recovery codes if they have none yet.
func (p *Pages) AddPasskey(c *gin.Context) error {
	if !p.passkeySite(c).Possible() {
		return store.NotFound()
	}
	data := view.NewPasskey{Name: c.PostForm("name")}
	name, errs := clinic.CheckPasskeyName(data.Name)
	if data.Errors = errs; len(errs) > 0 {
		return p.showNewPasskey(c, http.StatusUnprocessableEntity, data)
	}
	token, recovery, err := p.Store.AddPasskey(c.Request.Context(), page.Actor(c), p.passkeySite(c), p.Cookie(c, page.SessionCookie), name, c.PostForm(passkeyField), page.Browser(c))
	if errs, ours := atField(err); ours {
		data.Errors = errs
		return p.showNewPasskey(c, page.Status(errs[0].Code), data)
	}
	if err != nil {
		return err
	}
	return p.haveSecond(c, token, recovery, "passkey")
}

// haveSecond goes on with the session of somebody who has just set up a second factor: to their recovery codes if they got some.
func (p *Pages) haveSecond(c *gin.Context, token string, recovery []string, done string) error {
	p.SetCookie(c, page.SessionCookie, token, 0)
	if recovery == nil {
		return page.GoTo(c, factorPath+"?done="+done)
	}
	return p.showRecovery(c, recovery)
}

// RemovePasskey takes a passkey of somebody away.
func (p *Pages) RemovePasskey(c *gin.Context) error {
	if err := p.Store.RemovePasskey(c.Request.Context(), page.Actor(c), c.PostForm("id")); err != nil {
		return err
	}
	return page.GoTo(c, factorPath+"?done=passkey-removed")
}

// ShowPasskey shows the form by which somebody gives a passkey of theirs another name.
func (p *Pages) ShowPasskey(c *gin.Context) error {
	return p.showPasskey(c, http.StatusOK, view.OnePasskey{})
}

func (p *Pages) showPasskey(c *gin.Context, status int, data view.OnePasskey) error {
	factor, err := p.Store.SecondFactor(c.Request.Context(), page.Staff(c).ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(factor.Passkeys, func(k clinic.Passkey) bool { return k.ID == c.Param("id") })
	if at < 0 {
		return store.NotFound()
	}
	data.Passkey, data.Zone, data.Frame = factor.Passkeys[at], p.anyZone(c), p.frame(c, clinic.Branch{})
	if len(data.Errors) == 0 {
		data.Typed = data.Passkey.Name
	}
	return page.Show(c, status, view.PasskeyPage(data))
}

// RenamePasskey gives a passkey of somebody another name.
func (p *Pages) RenamePasskey(c *gin.Context) error {
	data := view.OnePasskey{Typed: c.PostForm("name")}
	name, errs := clinic.CheckPasskeyName(data.Typed)
	if len(errs) == 0 {
		err := p.Store.RenamePasskey(c.Request.Context(), page.Actor(c), c.Param("id"), name)
		if err == nil {
			return page.GoTo(c, factorPath+"?done=passkey-renamed")
		}
		var refused bool
		if errs, refused = atField(err); !refused {
			return err
		}
	}
	data.Errors = errs
	return p.showPasskey(c, page.Status(errs[0].Code), data)
}
