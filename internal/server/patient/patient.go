// Package patient answers the patients' pages: choose a time, say who you are, answer the questionnaire.
package patient

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/patient"
)

// Pages are the patients' pages of a site.
type Pages struct{ *page.Site }

// today is the day at a branch.
func (p *Pages) today(branch clinic.Branch) clinic.Date {
	return clinic.DateOf(p.Now(), branch.Location())
}

func doctorOf(doctors []clinic.Doctor, id string) clinic.Doctor {
	for _, d := range doctors {
		if d.ID == id {
			return d
		}
	}
	return clinic.Doctor{}
}

func branchOf(branches []clinic.Branch, id string) (clinic.Branch, bool) {
	for _, b := range branches {
		if b.ID == id {
			return b, true
		}
	}
	return clinic.Branch{}, false
}

// refusalOf is the refusal in an error that the page itself can show; nil when it is none, or when the database is unavailable.
func refusalOf(err error) *clinic.Error {
	var refusal *clinic.Error
	if errors.As(err, &refusal) && refusal.Code != clinic.Unavailable {
		return refusal
	}
	return nil
}

// statusOf is the status with which a form comes back. A slot that never was, or was withdrawn, is a wrong field and not a
// page that is missing.
func statusOf(refusal *clinic.Error) (int, *clinic.Error) {
	if refusal.Code == clinic.NotFound {
		refusal = &clinic.Error{Code: clinic.Invalid, Message: "error.slot.unknown"}
	}
	return page.Status(refusal.Code), refusal
}

// openChart is a patient's appointment and intake, and the version of the questionnaire that they are asked.
type openChart struct {
	store.Chart
	questions *intake.Questionnaire
	facts     intake.Facts
	pass      clinic.Pass // of the browser
}

// chart is what the link in the path opens. A link that opens nothing says why, but answers that were typed under it go on to the link
// that took its place, where the browser is the one that booked.
func (p *Pages) chart(c *gin.Context) (openChart, error) {
	page.Private(c)
	opened, err := p.Store.Intake(c.Request.Context(), clinic.PatientByLink(c.Param("token")))
	if clinic.CodeOf(err) == clinic.NotFound {
		if c.Request.Method == http.MethodPost && c.Param("section") != "" {
			err = p.sendAnswersOn(c)
		} else {
			err = p.showLinkEnd(c)
		}
		c.Abort()
	}
	if err != nil || c.IsAborted() {
		return openChart{}, err
	}
	q, err := p.QuestionnaireOf(c.Request.Context(), opened.Appointment.Booking.QuestionnaireVersion)
	if err != nil {
		return openChart{}, err
	}
	pass, err := p.passOf(c, opened.Appointment.Booking.ID)
	return openChart{opened, q, q.FactsFor(opened.Appointment), pass}, err
}

// sendAnswersOn sends a form of the questionnaire once more, as it is, to the visitor's live link of the same booking. Nobody is led
// on by the ended link alone: a stranger may have it.
func (p *Pages) sendAnswersOn(c *gin.Context) error {
	booking, err := p.Store.BehindLink(c.Request.Context(), clinic.PatientByLink(c.Param("token")))
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.showLinkEnd(c)
	}
	if err != nil {
		return err
	}
	own, err := p.ownBooking(c, p.OwnKey(c, booking.SlotID))
	if err != nil {
		return err
	}
	if own.BookingID != booking.ID || own.Token == "" || own.Token == c.Param("token") {
		return p.showLinkEnd(c)
	}
	to := intakePath(own.Token, c.Param("section"))
	if c.Query("edit") != "" {
		to += "?edit=1"
	}
	c.Redirect(http.StatusTemporaryRedirect, to)
	return nil
}

// showLinkEnd says why the link in the path opens nothing. Only of one that once did, it is said that it no longer does.
func (p *Pages) showLinkEnd(c *gin.Context) error {
	ctx := c.Request.Context()
	branches, err := p.Store.Branches(ctx)
	if err != nil {
		return err
	}
	end, err := p.Store.LinkEnd(ctx, clinic.PatientByLink(c.Param("token")))
	if err != nil {
		return err
	}
	status := http.StatusGone
	if end == clinic.LinkUnknown {
		status = http.StatusNotFound
	}
	return page.Show(c, status, view.ProblemPage(view.Problem{Status: status, Link: end, Branches: branches}))
}

// told is a refusal as a visitor is told it. Without a cookie nobody knows whether a booking is their own, so that it is not said to be
// somebody else's.
func (p *Pages) told(c *gin.Context, refusal *clinic.Error) *clinic.Error {
	if refusal == nil || refusal.Code != clinic.SlotTaken || p.OwnKey(c, "") != "" {
		return refusal
	}
	return &clinic.Error{Code: refusal.Code, Field: refusal.Field, Message: clinic.MaybeOwn}
}
