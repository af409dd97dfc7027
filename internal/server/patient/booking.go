package patient

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
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

// CreateBooking books. A wrong field shows the form again with 422, a lost time with 409 and the free times nearest to it, and
// whoever has a booking already is asked whether they want another; what was typed stays in all of them. A form that has made its
// booking leads to that.
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
	if was, err := p.trapped(c, branch); was || err != nil {
		return err
	}
	request, errs := p.check(b, slot, branch)
	if len(errs) > 0 {
		p.NewVisitor(c)
		b.errs, b.emailAsked = errs, b.input.Email
		return p.showBookingForm(c, http.StatusUnprocessableEntity, b)
	}
	if over, err := p.overBefore(c, b, slot, branch); over || err != nil {
		return err
	}
	proved, asks, refusal, err := p.proved(c, guarded{key: b.key, about: slot.ID, branch: branch, email: request.Patient.Email})
	if err != nil {
		return err
	}
	visitor := p.NewVisitor(c) // after the puzzle, which belongs to the visitor who was there when the form was shown
	if !proved {
		b.guard, b.emailAsked = asks, b.input.Email
		status := http.StatusUnprocessableEntity
		if refusal != nil {
			b.errs, status = clinic.Errors{refusal}, page.Status(refusal.Code)
		}
		return p.showBookingForm(c, status, b)
	}
	request.Lang, request.Own = page.Lang(c), p.OwnKey(c, slot.ID)
	receipt, err := p.Store.Book(ctx, visitor, request)
	if code := clinic.CodeOf(err); code == clinic.SlotTaken || code == clinic.KeyReused {
		if own, ownErr := p.ownBooking(c, request.Own, request.Key); ownErr != nil || own.BookingID != "" {
			return p.goToOwn(c, own, ownErr)
		}
	}
	if refusal := refusalOf(err); refusal != nil {
		b.guard = asks // a code that was right stands in the form, for whoever is asked about something else
		return p.refuse(c, b, refusal)
	}
	if err != nil {
		return err
	}
	return p.goToBooking(c, receipt, "")
}

// overBefore ends a form that has come without a proof of work where a code would help no more: it has made its booking, or its time is gone.
func (p *Pages) overBefore(c *gin.Context, b booking, slot clinic.Slot, branch clinic.Branch) (over bool, err error) {
	if !p.Puzzles || c.PostForm("guard-proof") != "" {
		return false, nil
	}
	if own, err := p.ownBooking(c, p.OwnKey(c, slot.ID), b.keyFor(slot.ID)); err != nil || own.BookingID != "" {
		return true, p.goToOwn(c, own, err)
	}
	hold, err := p.holdOf(c, slot)
	if err != nil || hold.Kept() {
		return false, err
	}
	gone, err := p.gone(c, slot, branch)
	if err != nil || gone == nil {
		return false, err
	}
	return true, p.refuse(c, b, gone)
}

// refuse shows the form again with the reason why nothing was booked.
func (p *Pages) refuse(c *gin.Context, b booking, refusal *clinic.Error) error {
	switch {
	case refusal.Code == clinic.AlreadyBooked:
		b.ask = true
	case refusal.Code == clinic.KeyReused: // what it booked was cancelled since, so the form may book again
		b.key, b.problem = clinic.NewToken(), refusal
	case refusal.Field == "": // a limit: no other time would help
		p.Store.CountForm(clinic.FormRefused)
		b.errs = clinic.Errors{refusal}
	default:
		b.problem = refusal
	}
	return p.showBookingForm(c, page.Status(refusal.Code), b)
}

// ownBooking is the live booking that was made under one of the keys; zero for none.
func (p *Pages) ownBooking(c *gin.Context, keys ...string) (clinic.Receipt, error) {
	for _, key := range keys {
		receipt, err := p.Store.BookedUnder(c.Request.Context(), key)
		if err == nil {
			return receipt, nil
		}
		if clinic.CodeOf(err) != clinic.NotFound {
			return clinic.Receipt{}, err
		}
	}
	return clinic.Receipt{}, nil
}

// goToOwn goes to a visitor's own booking, which says that it was there already.
func (p *Pages) goToOwn(c *gin.Context, own clinic.Receipt, err error) error {
	if err != nil {
		return err
	}
	return p.goToBooking(c, own, "?again=1")
}

// goToBooking goes to a booking, with a query. Where reception has replaced its link, it says that the booking stands and that the
// newest letter opens it.
func (p *Pages) goToBooking(c *gin.Context, booked clinic.Receipt, query string) error {
	if booked.Token != "" {
		// The birth date was typed in this browser a moment ago.
		if err := p.givePass(c, booked.BookingID, clinic.Pass{Kind: clinic.PassBooked, Ends: booked.EndsAt}); err != nil {
			return err
		}
		return page.GoTo(c, "/booking/"+booked.Token+query)
	}
	branch, err := p.Store.Branch(c.Request.Context(), booked.BranchID)
	if err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, http.StatusConflict, view.ProblemPage(view.Problem{Status: http.StatusConflict, Booked: true, Branches: []clinic.Branch{branch}}))
}

// check turns the form into a request, or names every wrong field in the order of the page.
func (p *Pages) check(b booking, slot clinic.Slot, branch clinic.Branch) (clinic.Request, clinic.Errors) {
	patient, errs := clinic.NewPatient(b.input, p.today(branch))
	if question := clinic.AskEmail(patient.Email, b.emailAsked); question != nil {
		errs = append(errs, question)
	}
	answers, more := b.questions.CheckSection(b.questions.Booking, b.answers, nil, p.facts(b, slot, branch))
	details := clinic.Details{
		Answers: answers, Attribution: b.attribution.Attribution, Consents: b.questions.Consents(answers, view.TermsVersion, p.Now().UTC()),
	}
	return clinic.Request{SlotID: slot.ID, Patient: patient, Key: b.keyFor(slot.ID), Another: b.another, Details: details, QuestionnaireVersion: b.questions.Version}, append(errs, more...)
}

// facts are what the form says about the patient, as far as it can be read.
func (p *Pages) facts(b booking, slot clinic.Slot, branch clinic.Branch) intake.Facts {
	patient, _ := clinic.NewPatient(b.input, p.today(branch)) // what is wrong in it stays empty
	return b.questions.FactsOf(patient, clinic.Details{Answers: b.answers, Attribution: b.attribution.Attribution}, clinic.DateOf(slot.StartsAt, branch.Location()))
}

// changeSlot keeps another time for the visitor and shows the form again as it was typed. The page says that the time is another. One
// that they, or this form, have booked leads to their booking.
func (p *Pages) changeSlot(c *gin.Context, b booking, slotID string) error {
	_, err := p.Store.HoldInstead(c.Request.Context(), p.NewVisitor(c), slotID)
	if clinic.CodeOf(err) == clinic.SlotTaken {
		if own, ownErr := p.ownBooking(c, p.OwnKey(c, slotID), b.keyFor(slotID)); ownErr != nil || own.BookingID != "" {
			return p.goToOwn(c, own, ownErr)
		}
	}
	status := http.StatusOK
	if refusal := refusalOf(err); refusal != nil {
		status, b.problem = statusOf(refusal)
	} else if err != nil {
		return err
	} else {
		b.before, b.slotID = b.slotID, slotID
		back := bookURL(b.attribution, slotID, b.wish, p.Travelling(c)) // the form is of this time from now on
		c.Request = c.Request.WithContext(web.WithPath(c.Request.Context(), back))
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

// holdOf is the visitor's hold of the slot; zero when it is not kept for them.
func (p *Pages) holdOf(c *gin.Context, slot clinic.Slot) (clinic.Hold, error) {
	hold, err := p.Store.HoldOf(c.Request.Context(), p.Visitor(c))
	if clinic.CodeOf(err) == clinic.NotFound || err == nil && hold.Slot.ID != slot.ID {
		return clinic.Hold{}, nil
	}
	return hold, err
}

// gone is why the visitor cannot book a slot that is not kept for them; nil while it is free.
func (p *Pages) gone(c *gin.Context, slot clinic.Slot, branch clinic.Branch) (*clinic.Error, error) {
	visitor := p.looking(c)
	if err := slot.CheckBookable(branch, visitor, p.Now()); err != nil {
		return refusalOf(err), nil
	}
	free, err := p.Store.Slots(c.Request.Context(), store.SlotQuery{
		BranchID: branch.ID, DoctorID: slot.DoctorID, From: slot.StartsAt, Until: slot.StartsAt.Add(time.Second), FreeOnly: true, For: visitor,
	})
	if err != nil || slices.ContainsFunc(free, func(s clinic.SlotWithState) bool { return s.ID == slot.ID }) {
		return nil, err
	}
	return refusalOf(clinic.TakenError()), nil
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
