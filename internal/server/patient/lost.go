package patient

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// ShowLost asks whoever has lost the link of their booking what they know of it.
func (p *Pages) ShowLost(c *gin.Context) error {
	return p.showLost(c, http.StatusOK, view.Lost{})
}

func (p *Pages) showLost(c *gin.Context, status int, v view.Lost) error {
	var err error
	v.Branches, err = p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, status, view.LostPage(v))
}

// AskForLink takes the request down. What comes of it is decided later, so that neither the answer nor its time says whether there is such
// a booking.
func (p *Pages) AskForLink(c *gin.Context) error {
	typed := clinic.LostInput{
		ByEmail: c.PostForm("lost-by") == "email", Reference: c.PostForm("booking-reference"),
		BirthEra: c.PostForm("birth-era"), BirthYear: c.PostForm("birth_year"), BirthMonth: c.PostForm("birth_month"), BirthDay: c.PostForm("birth_day"),
		Email: c.PostForm("email"),
	}
	v := view.Lost{Typed: typed}
	lost, errs := clinic.ReadLost(typed)
	if question := clinic.AskEmail(lost.Email, c.PostForm("email-asked")); len(errs) == 0 && question != nil {
		v.EmailAsked, errs = typed.Email, clinic.Errors{question}
	}
	if len(errs) > 0 {
		v.Errors = errs
		return p.showLost(c, http.StatusUnprocessableEntity, v)
	}
	err := p.Store.AskForLink(c.Request.Context(), clinic.Visitor("", page.ClientAddress(c)), lost)
	if errors.As(err, &v.Refused) && v.Refused.Code == clinic.TooMany {
		return p.showLost(c, page.Status(v.Refused.Code), v)
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, "/lost/sent")
}

// ShowLostSent says what comes of a request, whether anything does or not.
func (p *Pages) ShowLostSent(c *gin.Context) error {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, http.StatusOK, view.LostSentPage(branches, p.Sender))
}
