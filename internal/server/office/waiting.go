package office

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

const waitingPath = "/office/waiting"

// waitingSlots is how many free slots are shown to offer by hand.
const waitingSlots = 12

// ShowInLine lists those who wait at a branch, who came first first.
func (p *Pages) ShowInLine(c *gin.Context) error {
	return p.showInLine(c, http.StatusOK, c.Query("branch"), nil)
}

func (p *Pages) showInLine(c *gin.Context, status int, branchID string, refusal *clinic.Error) error {
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, branchID)
	if err != nil {
		return err
	}
	data := view.InLine{Frame: p.frame(c, branch), Now: p.Now(), Done: c.Query("done"), Problem: refusal}
	if branch.ID == "" {
		return page.Show(c, status, view.InLinePage(data))
	}
	ctx := c.Request.Context()
	if data.All, err = p.Store.InLine(ctx, page.Actor(c), branch.ID); err != nil {
		return err
	}
	page.Saw(c, clinic.SawWaiting, clinic.Subject{Branch: branch.ID})
	page.SawEach(c, clinic.SawWaiting, data.All, aboutWaiting)
	if data.Doctors, err = p.Store.Doctors(ctx); err != nil {
		return err
	}
	data.May = page.Actor(c).May(clinic.ChangeBooking, branch.ID)
	page.Private(c)
	return page.Show(c, status, view.InLinePage(data))
}

// ShowOffer is the choice of a slot to offer to somebody who waits.
func (p *Pages) ShowOffer(c *gin.Context) error { return p.showOffer(c, http.StatusOK, nil, nil) }

func (p *Pages) showOffer(c *gin.Context, status int, refusal *clinic.Error, errs clinic.Errors) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	w, err := p.Store.WaitingFor(ctx, actor, c.Param("id"))
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawWaiting, aboutWaiting(w))
	branch, err := p.Store.Branch(ctx, w.BranchID)
	if err != nil {
		return err
	}
	data := view.OfferByHand{
		Frame: p.frame(c, branch), Waiting: w, Problem: refusal, Errors: errs, Chosen: c.PostForm("slot"),
		Quiet: branch.Settings.Waiting.Quiet(p.Now(), branch.Location()), All: c.Query("all") != "" || c.PostForm("all") != "",
	}
	if data.Doctors, err = p.Store.Doctors(ctx); err != nil {
		return err
	}
	free, err := p.freeToOffer(ctx, actor, branch)
	if err != nil {
		return err
	}
	for _, s := range free {
		fits := w.Fits(s, doctorOfID(data.Doctors, s.DoctorID), branch)
		if (fits || data.All) && len(data.Slots) < waitingSlots {
			data.Slots = append(data.Slots, view.OfferedSlot{Slot: s, Doctor: doctorOfID(data.Doctors, s.DoctorID), Fits: fits})
		}
	}
	stay(c, waitingPath+"/"+w.ID)
	page.Private(c)
	return page.Show(c, status, view.OfferByHandPage(data))
}

// freeToOffer are the free slots of a branch that patients could book online as well.
func (p *Pages) freeToOffer(ctx context.Context, actor clinic.Actor, branch clinic.Branch) ([]clinic.Slot, error) {
	last := branch.Horizon(clinic.Visitor("", ""), p.Now()).Last
	return p.freeSlots(ctx, actor, branch, p.Now(), last.AddDays(1).In(branch.Location()))
}

func (p *Pages) freeSlots(ctx context.Context, actor clinic.Actor, branch clinic.Branch, from, until time.Time) ([]clinic.Slot, error) {
	free, err := p.Store.Slots(ctx, store.SlotQuery{BranchID: branch.ID, From: from, Until: until, FreeOnly: true, For: actor})
	out := make([]clinic.Slot, len(free))
	for i, s := range free {
		out[i] = s.Slot
	}
	return out, err
}

func doctorOfID(doctors []clinic.Doctor, id string) clinic.Doctor {
	i := slices.IndexFunc(doctors, func(d clinic.Doctor) bool { return d.ID == id })
	if i < 0 {
		return clinic.Doctor{}
	}
	return doctors[i]
}

// ServeInLine does for somebody who waits what staff chose: offers a slot, takes an offer back, or takes them out of line.
func (p *Pages) ServeInLine(c *gin.Context) error {
	ctx, actor, id, sent := c.Request.Context(), page.Actor(c), c.Param("id"), c.Request.PostForm
	w, err := p.Store.WaitingFor(ctx, actor, id)
	if err != nil {
		return err
	}
	done := sent.Get("do")
	switch done {
	case "offer":
		if wrong := p.wrongOffer(c, w); wrong != nil {
			return p.showOffer(c, http.StatusUnprocessableEntity, nil, wrong)
		}
		err = p.Store.OfferByHand(ctx, actor, id, sent.Get("slot"))
	case "withdraw":
		err = p.Store.WithdrawOffer(ctx, actor, id)
	case "leave":
		err = p.Store.TakeOutOfLine(ctx, actor, id)
	default:
		return page.UnreadableForm()
	}
	var refusal *clinic.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code != clinic.NotFound && refusal.Code != clinic.Unavailable:
		if done == "offer" {
			return p.showOffer(c, page.Status(refusal.Code), refusal, nil)
		}
		return p.showInLine(c, page.Status(refusal.Code), w.BranchID, refusal)
	case err != nil:
		return err
	}
	return page.GoTo(c, waitingPath+"?branch="+w.BranchID+"&done="+done)
}

// wrongOffer names what is missing of an offer by hand: the slot, and at night that it is meant.
func (p *Pages) wrongOffer(c *gin.Context, w clinic.Waiting) (errs clinic.Errors) {
	branch, err := p.Store.Branch(c.Request.Context(), w.BranchID)
	if err == nil && branch.Settings.Waiting.Quiet(p.Now(), branch.Location()) && c.PostForm("quiet") == "" {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "quiet", Message: "error.choose"})
	}
	if c.PostForm("slot") == "" {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "slot", Message: "error.choose"})
	}
	return errs
}

// waitCall puts the caller in line with the wish that was typed.
func (p *Pages) waitCall(c *gin.Context, v view.Call, branchID string) error {
	ctx := c.Request.Context()
	branch, _, err := p.branchOf(c, clinic.ChangeBooking, branchID)
	if err != nil {
		return err
	}
	if branch.ID == "" || branchID != "" && branch.ID != branchID {
		return store.NotFound()
	}
	doctors, err := p.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return err
	}
	today := clinic.DateOf(p.Now(), branch.Location())
	wish := clinic.ParseWish(v.Wish, today, doctors)
	if v.Women {
		wish.Sex = clinic.Female
	}
	wish, problem := clinic.WaitingOfWish(wish, branch, p.Now())
	person, errs := clinic.NewCaller(v.Input, today)
	errs = append(wrongSigns(v), errs...)
	if question := clinic.AskEmail(person.Email, v.EmailAsked); question != nil && person.Email != "" {
		errs = append(errs, question)
	}
	if len(errs) > 0 || problem != nil {
		v.Errors, v.Problem = errs, problem
		return p.showCall(c, http.StatusUnprocessableEntity, v, branchID)
	}
	lang := "ja"
	if v.Known() {
		if lang, err = p.langOf(ctx, page.Actor(c), v.Chosen); err != nil {
			return err
		}
	}
	err = p.Store.GetInLine(ctx, page.Actor(c), clinic.WaitingRequest{BranchID: branch.ID, Wish: wish, Patient: person, Lang: lang, Token: v.ID})
	if err != nil {
		return err
	}
	if err := p.Store.Release(ctx, onCall(c, v)); err != nil {
		return err
	}
	to := waitingPath + "?branch=" + branch.ID + "&done=joined"
	if asksForPart(c) { // it is a whole page, and not what the form becomes
		c.Header("HX-Redirect", to)
		c.Status(http.StatusNoContent)
		return nil
	}
	return page.GoTo(c, to)
}
