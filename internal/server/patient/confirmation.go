package patient

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web/letter"
	view "madoguchi/web/patient"
)

// ShowConfirmation is the confirmation: reference, time, place, what to bring, and the way to the questionnaire.
func (p *Pages) ShowConfirmation(c *gin.Context) error {
	return p.showConfirmation(c, http.StatusOK, nil)
}

// showConfirmation shows the confirmation, with the reason why the address was not corrected, if it was to be.
func (p *Pages) showConfirmation(c *gin.Context, status int, problem *clinic.Error) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	a := chart.Appointment
	held, err := p.Store.LetterHeld(c.Request.Context(), clinic.PatientByLink(c.Param("token")))
	if err != nil {
		return err
	}
	done, total := chart.questions.Progress(chart.Intake, chart.facts)
	least, most := chart.questions.Minutes(chart.Intake, chart.facts)
	var until time.Time
	if changes := a.Branch.Settings.Changes; changes != (clinic.Deadline{}) {
		until = changes.Of(a.Slot.StartsAt, a.Branch.Location())
	}
	return page.Show(c, status, view.ConfirmationPage(view.Confirmation{
		Pending: a.Booking.Status == clinic.Pending, ChangesUntil: until, Token: c.Param("token"), Reference: a.Booking.Reference, Cancelled: !a.Booking.Status.Live(), Over: a.Over(p.Now()), Time: p.appointmentTime(c, a),
		Again: c.Query("again") != "", Branch: a.Branch, Email: a.Patient.Email, Minor: chart.facts.Age < clinic.AdultAge, Answered: done, Sections: total,
		Remaining: view.Minutes{Least: least, Most: most},
		Sender:    p.Sender, Held: held, Mended: c.Query("done") == "email", Typed: c.PostForm("email"), Problem: problem, Next: clinic.NewToken(),
	}))
}

// CorrectEmail corrects the address that the letter goes to, and leads to the page under the new link. The page carries that link's
// token, so that whoever sends the form twice, by a double click or from the page before, is led there as well: their old link
// opens nothing any more.
func (p *Pages) CorrectEmail(c *gin.Context) error {
	page.Private(c)
	ctx, typed, next := c.Request.Context(), c.PostForm("email"), c.PostForm("next")
	if !clinic.IsToken(next) || next == c.Param("token") {
		next = clinic.NewToken()
	}
	patient := clinic.PatientByLink(c.Param("token"))
	address, _ := clinic.ParseRecipient(typed) // the store says what is wrong with one that cannot be read
	if question := clinic.AskEmail(address, c.PostForm("email-asked")); question != nil {
		return p.refuseEmail(c, question)
	}
	err := p.Store.CorrectEmail(ctx, patient, typed, next)
	if clinic.IsStale(err) { // the token is one that has ended: the page was kept from before another correction
		next = clinic.NewToken()
		err = p.Store.CorrectEmail(ctx, patient, typed, next)
	}
	if err == nil {
		return page.GoTo(c, "/booking/"+next+"?done=email#letter")
	}
	if clinic.CodeOf(err) == clinic.NotFound {
		if chart, repeated := p.Store.Intake(ctx, clinic.PatientByLink(next)); repeated == nil && chart.Appointment.Patient.Email == address {
			return page.GoTo(c, "/booking/"+next+"?done=email#letter")
		}
		return p.showConfirmation(c, http.StatusGone, nil) // which says that the link has ended
	}
	if problem := emailProblem(err); problem != nil {
		return p.refuseEmail(c, problem)
	}
	return err
}

func (p *Pages) refuseEmail(c *gin.Context, problem *clinic.Error) error {
	return p.showConfirmation(c, page.Status(problem.Code), problem)
}

// emailProblem is why an address was not corrected, where that can be said at its field.
func emailProblem(err error) *clinic.Error {
	var errs clinic.Errors
	if errors.As(err, &errs) {
		return errs.For("email")
	}
	return refusalOf(err)
}

// ShowCalendar is the appointment as a calendar file (RFC 5545); of a cancelled one, a file that takes it away.
func (p *Pages) ShowCalendar(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	settings, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	file, err := letter.CalendarFile(clinic.LetterFor(settings, chart.Appointment, "", p.Now()))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="yoyaku.ics"`)
	c.Data(http.StatusOK, "text/calendar; charset=utf-8", file)
	return nil
}
