package patient

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	"madoguchi/web/letter"
	view "madoguchi/web/patient"
)

func bookingPath(token, more string) string { return "/booking/" + token + more }

// patientOf is whoever has the link in the path.
func patientOf(c *gin.Context) clinic.Actor {
	return clinic.PatientAt(c.Param("token"), page.ClientAddress(c))
}

// ShowMyBooking is the patient's own page: that it is booked, when and where, how to change it, and the way to the questionnaire.
func (p *Pages) ShowMyBooking(c *gin.Context) error {
	return p.showMyBooking(c, http.StatusOK, saying{})
}

// saying is what the patient's page has to say beside the booking.
type saying struct {
	refused *clinic.Error // why something was not done
	email   *clinic.Error // why the address was not corrected
	proof   *clinic.Error // why the browser was not given a pass
}

func (p *Pages) showMyBooking(c *gin.Context, status int, say saying) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	a, now := chart.Appointment, p.Now()
	proof, err := p.proofFor(c, chart, say.proof)
	if err != nil {
		return err
	}
	done, total := chart.questions.Progress(chart.Intake, chart.facts)
	least, most := chart.questions.Minutes(chart.Intake, chart.facts)
	ctx := c.Request.Context()
	l := web.LocaleOf(ctx)
	data := view.MyBooking{
		Token: c.Param("token"), Reference: a.Booking.Reference, Name: a.Patient.Name(), Cancelled: !a.Booking.Status.Live(), ByPatient: a.Booking.CancelledBy == clinic.ActorPatient, Told: a.Patient.Email != "",
		Again: c.Query("again") != "", Fresh: chart.pass.Kind == clinic.PassBooked && chart.pass.Knows(now) && done < total,
		Moved: c.Query("done") == "moved", Spoken: c.Query("done") == "language",
		Over: a.Over(now), Began: !now.Before(a.Slot.StartsAt) || a.Booking.Status != clinic.Pending && a.Booking.Status != clinic.Booked,
		Day: p.dayWord(a), Refused: say.refused,
		Time: p.appointmentTime(c, a), Branch: a.Branch, Pending: a.Booking.Status == clinic.Pending, Changes: a.CheckOwn(now) == nil, Until: a.ChangesUntil(),
		Lang: web.Find(a.Booking.Lang).Lang(), Minor: chart.facts.Age < clinic.AdultAge, Answered: done, Sections: total,
		Remaining: view.Minutes{Least: least, Most: most}, Progress: chart.progress(), Closed: a.CheckAnswers(now) != nil, Locked: !chart.opens(now), Proof: proof,
		Google: view.GoogleURL(l, a, web.ClinicOf(ctx).Name),
	}
	if a.Booking.CancelledAt != nil {
		data.CancelledAt = *a.Booking.CancelledAt
	}
	if data.Letter, err = p.myLetter(c, chart, say.email); err != nil {
		return err
	}
	return page.Show(c, status, view.MyBookingPage(data))
}

// dayWord is the day of a counseling that is near.
func (p *Pages) dayWord(a clinic.Appointment) view.NearDay {
	switch today, day := p.today(a.Branch), clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()); day {
	case today:
		return view.Today
	case today.AddDays(1):
		return view.Tomorrow
	}
	return ""
}

// myLetter is how the patient is reached, as far as the browser may see it.
func (p *Pages) myLetter(c *gin.Context, chart openChart, problem *clinic.Error) (view.MyLetter, error) {
	held, err := p.Store.LetterHeld(c.Request.Context(), patientOf(c))
	who := chart.Appointment.Patient
	v := view.MyLetter{
		Known: chart.pass.Knows(p.Now()), Email: who.Email, Phone: clinic.FormatPhone(who.Phone), Sender: p.Sender, Held: held, Mended: c.Query("done") == "email",
		Typed: c.PostForm("email"), Problem: problem, Next: clinic.NewToken(),
	}
	if !v.Known {
		v.Email, v.Phone = clinic.MaskedEmail(v.Email), clinic.MaskedPhone(v.Phone)
	}
	return v, err
}

// refuseOwn shows the patient's page with the reason why something was not done.
func (p *Pages) refuseOwn(c *gin.Context, refusal *clinic.Error) error {
	if clinic.IsOutrun(refusal) {
		refusal = &clinic.Error{Code: clinic.Conflict, Message: "error.own.changed"}
	}
	return p.showMyBooking(c, page.Status(refusal.Code), saying{refused: refusal})
}

// ShowCancel asks whether the booking is to be cancelled. One that is cancelled already leads to the page that says so.
func (p *Pages) ShowCancel(c *gin.Context) error {
	return p.showCancel(c, http.StatusOK, nil)
}

func (p *Pages) showCancel(c *gin.Context, status int, problem *clinic.Error) error {
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	return page.Show(c, status, view.CancelPage(view.Cancel{
		Token: c.Param("token"), Time: p.appointmentTime(c, a), Branch: a.Branch, Reason: clinic.CancelReason(c.PostForm("cancel-reason")), Problem: problem,
	}))
}

// changeable is the appointment behind the link, if its patient may change it now. Otherwise the patient's page is shown, which says why
// not, and the request is at its end.
func (p *Pages) changeable(c *gin.Context) (clinic.Appointment, error) {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return clinic.Appointment{}, err
	}
	a := chart.Appointment
	if refusal := refusalOf(a.CheckOwn(p.Now())); refusal != nil {
		if a.Booking.Status.Live() && !a.Over(p.Now()) {
			err = p.refuseOwn(c, refusal)
		} else {
			err = page.GoTo(c, bookingPath(c.Param("token"), ""))
		}
		c.Abort()
	}
	return a, err
}

// CancelOwn cancels the booking. Sent once more, it leads to the same page, which says that it is done.
func (p *Pages) CancelOwn(c *gin.Context) error {
	page.Private(c)
	err := p.Store.CancelOwn(c.Request.Context(), patientOf(c), clinic.CancelReason(c.PostForm("cancel-reason")))
	refusal := refusalOf(err)
	switch {
	case err == nil:
		return page.GoTo(c, bookingPath(c.Param("token"), ""))
	case refusal == nil:
		return err
	case refusal.Code == clinic.Invalid:
		return p.showCancel(c, page.Status(refusal.Code), refusal)
	}
	return p.afterRefusal(c, refusal)
}

// afterRefusal answers what was not done because the booking is no longer what the page showed. One that is cancelled leads to the page
// that says so, whoever has done it.
func (p *Pages) afterRefusal(c *gin.Context, refusal *clinic.Error) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	if a := chart.Appointment; !a.Booking.Status.Live() || a.Over(p.Now()) {
		return page.GoTo(c, bookingPath(c.Param("token"), ""))
	}
	return p.refuseOwn(c, refusal)
}

// SpeakTo changes the language of the letters.
func (p *Pages) SpeakTo(c *gin.Context) error {
	page.Private(c)
	err := p.Store.SpeakTo(c.Request.Context(), patientOf(c), web.Find(c.PostForm("letter-lang")).Lang())
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.showMyBooking(c, http.StatusGone, saying{}) // which says that the link has ended
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, bookingPath(c.Param("token"), "?done=language#contact"))
}

// CorrectEmail corrects the address that the letter goes to, and leads to the page under the new link. The page carries that link's
// token, so that whoever sends the form twice, by a double click or from the page before, is led there as well: their old link
// opens nothing any more. Only the patient's own browser may: who has nothing but the link could otherwise lead the letters to themselves.
func (p *Pages) CorrectEmail(c *gin.Context) error {
	page.Private(c)
	ctx, typed, next := c.Request.Context(), c.PostForm("email"), c.PostForm("next")
	if !clinic.IsToken(next) || next == c.Param("token") {
		next = clinic.NewToken()
	}
	patient := patientOf(c)
	known, err := p.knowsBehind(c)
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.showMyBooking(c, http.StatusNotFound, saying{})
	}
	if err != nil {
		return err
	}
	address, _ := clinic.ParseRecipient(typed) // the store says what is wrong with one that cannot be read
	question := clinic.AskEmail(address, c.PostForm("email-asked"))
	if !known || question != nil {
		chart, err := p.chart(c)
		if err != nil || c.IsAborted() {
			return err
		}
		if err := chart.Appointment.CheckCorrect(patient, p.Now()); err != nil {
			return p.refuseEmail(c, refusalOf(err))
		}
		if !known {
			refusal := &clinic.Error{Code: clinic.Forbidden, Message: "error.pass.first"}
			return p.showMyBooking(c, http.StatusForbidden, saying{refused: refusal})
		}
		return p.refuseEmail(c, question)
	}
	err = p.Store.CorrectEmail(ctx, patient, typed, next)
	if clinic.IsStale(err) { // the token is one that has ended: the page was kept from before another correction
		next = clinic.NewToken()
		err = p.Store.CorrectEmail(ctx, patient, typed, next)
	}
	if err == nil {
		return page.GoTo(c, bookingPath(next, "?done=email#letter"))
	}
	if clinic.CodeOf(err) == clinic.NotFound {
		if chart, repeated := p.Store.Intake(ctx, clinic.PatientByLink(next)); repeated == nil && chart.Appointment.Patient.Email == address {
			return page.GoTo(c, bookingPath(next, "?done=email#letter"))
		}
		return p.showMyBooking(c, http.StatusGone, saying{}) // which says that the link has ended
	}
	if problem := emailProblem(err); problem != nil {
		return p.refuseEmail(c, problem)
	}
	return err
}

func (p *Pages) refuseEmail(c *gin.Context, problem *clinic.Error) error {
	return p.showMyBooking(c, page.Status(problem.Code), saying{email: problem})
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
