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

// ShowBookingForm is the form, with the slot that is kept for the visitor. Where somebody else has it by now, it offers the free
// times nearest to it, and where the visitor has booked it, it goes to their booking.
func (p *Pages) ShowBookingForm(c *gin.Context) error {
	query := c.Request.URL.Query()
	slotID := query.Get("slot")
	if own, err := p.ownBooking(c, p.OwnKey(c, slotID)); err != nil || own.BookingID != "" { // as after the back button
		return p.goToOwn(c, own, err)
	}
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
	wish := wishOf(query.Get("doctor"), query.Get("women"))
	if query.Get("hold") != "" && p.Travelling(c) == "" { // the browser keeps cookies, so the token has served
		return page.GoTo(c, bookURL(from, slotID, wish, ""))
	}
	b := booking{questions: q, attribution: from, wish: wish, slotID: slotID, answers: url.Values{}, key: clinic.NewToken(), fresh: true}
	if area := from.Attribution.Area; area != "" {
		b.answers.Set(q.Uses.Areas, area)
	}
	return p.showBookingForm(c, http.StatusOK, b)
}

// booking is the form as it was typed.
type booking struct {
	questions   *intake.Questionnaire // the version of the form
	attribution view.Attribution
	wish        view.Wish
	slotID      string
	input       clinic.PatientInput
	answers     url.Values // by the ids of section B's questions
	emailAsked  string     // the address as it was typed when the visitor was asked whether it is meant
	key         string
	fresh       bool

	errs    clinic.Errors
	problem *clinic.Error   // why the time is gone
	another bool            // the visitor wants another booking beside the one that they have
	ask     bool            // the visitor is asked whether they do
	offered *clinic.Waiting // who waits and takes what was offered to them; nil for anybody else
	guard   view.Guard      // what the form asks for beside its fields
	before  string          // the slot of the form before the visitor chose another time; "" where they have not
}

// maxKey is the longest idempotency key that is taken from a form.
const maxKey = 64

// keyFor is the idempotency key of the form for a slot: with another time, it is another request.
func (b booking) keyFor(slotID string) string { return "form:" + b.key + ":" + slotID }

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
		questions: q, attribution: attributionOf(q, sent), wish: wishOf(sent.Get("doctor"), sent.Get("women")),
		slotID: sent.Get("slot"), key: sent.Get("key"), answers: url.Values{}, another: sent.Get("another") == "yes",
		input: clinic.PatientInput{
			FamilyName: sent.Get("family_name"), GivenName: sent.Get("given_name"),
			FamilyKana: sent.Get("family_kana"), GivenKana: sent.Get("given_kana"),
			BirthEra: sent.Get("birth-era"), BirthYear: sent.Get("birth_year"), BirthMonth: sent.Get("birth_month"), BirthDay: sent.Get("birth_day"),
			Sex: sent.Get("sex"), Phone: sent.Get("phone"), Email: sent.Get("email"), Lang: page.Lang(c),
		},
		emailAsked: sent.Get("email-asked"),
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
	if !b.fresh && b.offered == nil {
		// The form comes back all the same when this cannot be written.
		if err := p.Store.Typed(ctx, p.Visitor(c)); err != nil && clinic.CodeOf(err) != clinic.Unavailable {
			return err
		}
	}
	doctors, err := p.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return err
	}
	data := view.Booking{
		Attribution: b.attribution, Wish: b.wish, Travelling: p.Travelling(c), Branch: branch,
		Time: p.time(c, slot, branch, doctorOf(doctors, slot.DoctorID)), Problem: b.problem, Ask: b.ask,
		Fresh: b.fresh, Input: b.input, EmailAsked: b.emailAsked, Errors: b.errs, Key: b.key, Version: b.questions.Version,
	}
	hold := clinic.Hold{Slot: slot}
	if b.offered != nil {
		data.Place, hold.ExpiresAt = c.Param("token"), b.offered.Offer.ExpiresAt
		data.KnownPhone, data.KnownEmail = clinic.MaskedPhone(clinic.FormatPhone(b.offered.Patient.Phone)), clinic.MaskedEmail(b.offered.Patient.Email)
	} else if hold, err = p.holdOf(c, slot); err != nil {
		return err
	}
	data.Left, data.Until = p.left(hold), hold.ExpiresAt
	if !hold.Kept() && data.Problem == nil {
		if data.Problem, err = p.gone(c, slot, branch); err != nil {
			return err
		}
		if data.Problem != nil && status == http.StatusOK {
			status = page.Status(data.Problem.Code)
		}
	}
	data.Problem = p.told(c, data.Problem)
	if data.Problem != nil {
		if data.Offers, err = p.nextTimes(c, view.Slots{Branch: branch, Doctors: doctors, Wish: b.wish, Gone: slot.StartsAt}); err != nil {
			return err
		}
	}
	if data.Before, err = p.timeBefore(c, b.before, branch); err != nil {
		return err
	}
	if data.Questions, err = bookingQuestions(b, p.facts(b, slot, branch)); err != nil {
		return err
	}
	if data.Guard = b.guard; b.offered == nil { // whoever was offered a time is known already
		guard, err := p.newGuard(c, guarded{key: b.key, about: slot.ID, again: !b.fresh})
		if err != nil {
			return err
		}
		data.Guard.Puzzle = guard.Puzzle
	}
	page.Private(c)
	return page.Show(c, status, view.BookingPage(data))
}

// timeBefore is the time of a form before its visitor chose another; nil where they have not. Its doctor is asked for alone: they may
// work at the branch no more.
func (p *Pages) timeBefore(c *gin.Context, slotID string, branch clinic.Branch) (*view.Time, error) {
	if slotID == "" {
		return nil, nil //nolint:nilnil // the page shows nothing
	}
	ctx := c.Request.Context()
	slot, err := p.Store.Slot(ctx, slotID)
	if clinic.CodeOf(err) == clinic.NotFound { // nobody has ever seen such a time
		return nil, nil //nolint:nilnil // the page shows nothing
	}
	if err != nil {
		return nil, err
	}
	doctor, _, err := p.Store.Doctor(ctx, slot.DoctorID)
	if err != nil {
		return nil, err
	}
	t := p.time(c, slot, branch, doctor)
	return &t, nil
}

// slotOf is the slot of the form, closed or not, and its branch. A form that was filled in for a slot that never was keeps all that
// was typed: it gets the first branch, of which other times are offered.
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
