package patient

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// ShowBookingForm is the form, with the slot that is kept for the visitor. Opened after the hold has run out, it offers
// the next free times and keeps what was typed.
func (p *Pages) ShowBookingForm(c *gin.Context) error {
	query := c.Request.URL.Query()
	slotID := query.Get("slot")
	if slotID == "" {
		if hold, err := p.Store.HoldOf(c.Request.Context(), p.Visitor(c)); err == nil {
			slotID = hold.Slot.ID
		} else if clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
	}
	q, err := p.Store.CurrentQuestionnaire(c.Request.Context())
	if err != nil {
		return err
	}
	from := attributionOf(q, query)
	if slotID == "" {
		return page.GoTo(c, "/slots?"+attributionQuery(from, url.Values{}).Encode())
	}
	b := booking{questions: q, attribution: from, slotID: slotID, answers: url.Values{}, key: clinic.NewToken(), fresh: true}
	if area := from.Attribution.Area; area != "" {
		b.answers.Set(q.Uses.Areas, area)
	}
	return p.showBookingForm(c, http.StatusOK, b)
}

// booking is the form as it was typed.
type booking struct {
	questions   *intake.Questionnaire // the version of the form
	attribution view.Attribution
	slotID      string
	input       clinic.PatientInput
	answers     url.Values // by the ids of section B's questions
	key         string
	fresh       bool

	errs    clinic.Errors
	problem *clinic.Error // why the time is gone
}

// maxKey is the longest idempotency key that is taken from a form.
const maxKey = 64

// readBooking reads the form. It is checked by the version that its page asked, also when another has been published since:
// whoever has filled it in is asked nothing new.
func (p *Pages) readBooking(c *gin.Context) (booking, error) {
	sent := c.Request.PostForm
	q, err := p.QuestionnaireOf(c.Request.Context(), sent.Get("version"))
	if clinic.CodeOf(err) == clinic.NotFound {
		q, err = p.Store.CurrentQuestionnaire(c.Request.Context())
	}
	if err != nil {
		return booking{}, err
	}
	b := booking{
		questions: q, attribution: attributionOf(q, sent), slotID: sent.Get("slot"), key: sent.Get("key"), answers: url.Values{},
		input: clinic.PatientInput{
			FamilyName: sent.Get("family_name"), GivenName: sent.Get("given_name"),
			FamilyKana: sent.Get("family_kana"), GivenKana: sent.Get("given_kana"),
			BirthYear: sent.Get("birth_year"), BirthMonth: sent.Get("birth_month"), BirthDay: sent.Get("birth_day"),
			Sex: sent.Get("sex"), Phone: sent.Get("phone"), Email: sent.Get("email"),
		},
	}
	for _, question := range q.Booking.Questions {
		b.answers[question.ID] = sent[question.ID]
	}
	switch {
	case b.key == "":
		b.key = clinic.NewToken()
	case len(b.key) > maxKey: // under another key the same form sent twice would book twice
		return booking{}, page.UnreadableForm()
	}
	return b, nil
}

// CreateBooking books. A wrong field shows the form again with 422, a lost time with 409 and the next free times; what
// was typed stays in both.
func (p *Pages) CreateBooking(c *gin.Context) error {
	b, err := p.readBooking(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if other := c.PostForm("change_slot"); other != "" {
		return p.changeSlot(c, b, other)
	}
	slot, err := p.Store.Slot(ctx, b.slotID)
	if clinic.CodeOf(err) == clinic.NotFound {
		var status int
		status, b.problem = statusOf(refusalOf(err))
		return p.showBookingForm(c, status, b)
	}
	if err != nil {
		return err
	}
	branch, err := p.Store.Branch(ctx, slot.BranchID)
	if err != nil {
		return err
	}
	request, errs := p.check(b, slot, branch)
	if len(errs) > 0 {
		b.errs = errs
		return p.showBookingForm(c, http.StatusUnprocessableEntity, b)
	}
	request.Lang = page.Lang(c)
	receipt, err := p.Store.Book(ctx, p.NewVisitor(c), request)
	if refusal := refusalOf(err); refusal != nil {
		if b.problem = refusal; refusal.Field == "" { // a limit: no other time would help
			b.problem, b.errs = nil, clinic.Errors{refusal}
		}
		if refusal.Code == clinic.KeyReused {
			// The page was sent once before and changed since, by the back button: it is a new booking.
			b.key = clinic.NewToken()
		}
		return p.showBookingForm(c, page.Status(refusal.Code), b)
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, "/booking/"+receipt.Token)
}

// check turns the form into a request, or names every wrong field in the order of the page.
func (p *Pages) check(b booking, slot clinic.Slot, branch clinic.Branch) (clinic.Request, clinic.Errors) {
	patient, errs := clinic.NewPatient(b.input, p.today(branch))
	answers, more := b.questions.CheckSection(b.questions.Booking, b.answers, nil, p.facts(b, slot, branch))
	details := clinic.Details{
		Answers: answers, Attribution: b.attribution.Attribution, Consents: b.questions.Consents(answers, view.TermsVersion, p.Now().UTC()),
	}
	return clinic.Request{SlotID: slot.ID, Patient: patient, Key: "form:" + b.key, Details: details, QuestionnaireVersion: b.questions.Version}, append(errs, more...)
}

// facts are what the form says about the patient, as far as it can be read.
func (p *Pages) facts(b booking, slot clinic.Slot, branch clinic.Branch) intake.Facts {
	patient, _ := clinic.NewPatient(b.input, p.today(branch)) // what is wrong in it stays empty
	return b.questions.FactsOf(patient, intake.Answers(b.answers), clinic.DateOf(slot.StartsAt, branch.Location()))
}

// changeSlot keeps another time for the visitor and shows the form again as it was typed.
func (p *Pages) changeSlot(c *gin.Context, b booking, slotID string) error {
	_, err := p.Store.Hold(c.Request.Context(), p.NewVisitor(c), slotID)
	status := http.StatusOK
	if refusal := refusalOf(err); refusal != nil {
		status, b.problem = statusOf(refusal)
	} else if err != nil {
		return err
	} else {
		b.slotID = slotID
	}
	return p.showBookingForm(c, status, b)
}

// showBookingForm shows the form as it was typed.
func (p *Pages) showBookingForm(c *gin.Context, status int, b booking) error {
	ctx := c.Request.Context()
	slot, branch, err := p.slotOf(c, b)
	if clinic.CodeOf(err) == clinic.NotFound {
		return page.GoTo(c, "/slots?"+attributionQuery(b.attribution, url.Values{}).Encode())
	}
	if err != nil {
		return err
	}
	doctors, err := p.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return err
	}
	data := view.Booking{
		Attribution: b.attribution, Branch: branch, Time: p.time(c, slot, branch, doctorOf(doctors, slot.DoctorID)), Problem: b.problem,
		Fresh: b.fresh, Input: b.input, Errors: b.errs, Key: b.key, Version: b.questions.Version,
	}
	switch hold, err := p.Store.HoldOf(ctx, p.Visitor(c)); {
	case err == nil && hold.Slot.ID == slot.ID:
		data.Left = p.left(hold)
	case err != nil && clinic.CodeOf(err) != clinic.NotFound:
		return err
	}
	if data.Left <= 0 || data.Problem != nil {
		if data.Offers, err = p.nextTimes(c, view.Slots{Branch: branch, Doctors: doctors}); err != nil {
			return err
		}
	}
	if data.Questions, err = bookingQuestions(b, p.facts(b, slot, branch)); err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, status, view.BookingPage(data))
}

// slotOf is the slot of the form and its branch. A form that was filled in for a slot that is no more keeps all that was
// typed: it gets the first branch, of which other times are offered.
func (p *Pages) slotOf(c *gin.Context, b booking) (clinic.Slot, clinic.Branch, error) {
	ctx := c.Request.Context()
	slot, err := p.Store.Slot(ctx, b.slotID)
	if err == nil {
		branch, err := p.Store.Branch(ctx, slot.BranchID)
		return slot, branch, err
	}
	if clinic.CodeOf(err) != clinic.NotFound || b.problem == nil {
		return slot, clinic.Branch{}, err
	}
	branches, listErr := p.Store.Branches(ctx)
	if listErr != nil || len(branches) == 0 {
		return slot, clinic.Branch{}, errors.Join(listErr, err)
	}
	return clinic.Slot{ID: b.slotID, StartsAt: p.Now(), EndsAt: p.Now()}, branches[0], nil
}

// bookingQuestions are section B. Whether a guardian is asked for depends on the birth date on the same page, so the
// browser decides by it and the server by what was sent.
func bookingQuestions(b booking, facts intake.Facts) ([]view.Question, error) {
	section := b.questions.Booking
	conditions := b.questions.ClientConditions(section, nil, intake.Facts{})
	visible := visible(b.questions, section, b.answers, nil, facts)
	out := make([]view.Question, 0, len(section.Questions))
	for _, q := range section.Questions {
		data, err := question(q, b.answers[q.ID], conditions[q.ID], !visible[q.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}
