package office

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

const provePath = "/office/prove"

// proofFields is what the names of the fields begin with by which somebody shows who they are, so that they never meet those of a form.
const proofFields = "proof-"

// Proved reports whether whoever asks has shown a moment ago who they are. If not, it has answered: a page is asked for again once they
// have, and a form travels along out of sight, so that nothing of what was typed is lost.
func (p *Pages) Proved(c *gin.Context) (bool, error) {
	if page.Session(c).Proved(p.Now()) {
		return true, nil
	}
	if c.Request.Method != http.MethodPost {
		return false, page.GoTo(c, ui.Link(provePath, "next", c.Request.URL.RequestURI()))
	}
	data := view.Prove{Frame: p.bareFrame(c), Path: c.Request.URL.RequestURI(), Sent: withoutProof(c.Request.PostForm), Passkeys: p.provesByPasskey(c)}
	stay(c, "/office")
	if !c.Request.PostForm.Has(proofFields+"password") && !c.Request.PostForm.Has(proofFields+passkeyField) {
		return false, page.Show(c, http.StatusForbidden, view.ProvePage(data))
	}
	refused, err := p.prove(c)
	if err != nil {
		return false, err
	}
	if refused != nil {
		data.Errors = clinic.Errors{refused}
		return false, page.Show(c, passwordStatus(c, refused), view.ProvePage(data))
	}
	c.Request.PostForm = data.Sent
	return true, nil
}

// withoutProof is a form without the fields by which somebody shows who they are.
func withoutProof(form url.Values) url.Values {
	out := url.Values{}
	for name, values := range form {
		if !strings.HasPrefix(name, proofFields) {
			out[name] = values
		}
	}
	return out
}

// prove notes that whoever asks has shown who they are, if what they sent shows it.
func (p *Pages) prove(c *gin.Context) (refused *clinic.Error, err error) {
	if c.Request.PostForm.Has(proofFields + passkeyField) {
		err := p.Store.ProveWithPasskey(c.Request.Context(), page.Actor(c), p.passkeySite(c), p.Cookie(c, page.SessionCookie), c.PostForm(proofFields+passkeyField))
		if errs, ours := atPasskey(err); ours {
			return errs[0], nil
		}
		return nil, err
	}
	refused, err = p.tryOwnPassword(c, proofFields+"password")
	if refused != nil || err != nil {
		return refused, err
	}
	return nil, p.Store.ProveSession(c.Request.Context(), page.Actor(c), p.Cookie(c, page.SessionCookie))
}

// tryOwnPassword looks whether a field holds the password of whoever asks.
func (p *Pages) tryOwnPassword(c *gin.Context, field string) (refused *clinic.Error, err error) {
	password := c.PostForm(field)
	if password == "" {
		return &clinic.Error{Code: clinic.Invalid, Field: field, Message: "error.empty"}, nil
	}
	_, refused, err = p.tryPassword(c, page.Staff(c).Email, password)
	if refused != nil && refused.Code == clinic.Invalid {
		refused = &clinic.Error{Code: clinic.Invalid, Field: field, Message: "error.password.wrong"}
	}
	return refused, err
}

// ShowProve asks whoever has signed in a while ago to show who they are.
func (p *Pages) ShowProve(c *gin.Context) error {
	next := nextOf(c.Query("next"))
	data := view.Prove{Frame: p.bareFrame(c), Next: next, Passkeys: p.provesByPasskey(c)}
	if page.Session(c).Proved(p.Now()) {
		if path, _, _ := strings.Cut(next, "?"); !strings.HasSuffix(path, ".csv") && !strings.HasSuffix(path, ".json") {
			return goOn(c, next)
		}
		data.File = true // a browser stays where it is while it gets a file
	}
	return page.Show(c, http.StatusOK, view.ProvePage(data))
}

// Prove takes the proof of whoever wants to open a page.
func (p *Pages) Prove(c *gin.Context) error {
	next := nextOf(c.PostForm("next"))
	refused, err := p.prove(c)
	if err != nil {
		return err
	}
	if refused == nil {
		return page.GoTo(c, ui.Link(provePath, "next", next))
	}
	stay(c, ui.Link(provePath, "next", next))
	return page.Show(c, passwordStatus(c, refused), view.ProvePage(view.Prove{Frame: p.bareFrame(c), Next: next, Passkeys: p.provesByPasskey(c), Errors: clinic.Errors{refused}}))
}
