package patient

import (
	"net/http"
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
