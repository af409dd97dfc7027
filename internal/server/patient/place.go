package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

func placePath(token, more string) string { return "/waiting/" + token + more }

// ShowPlace is somebody's place in line: what they wait for, what is offered to them, and how to leave.
func (p *Pages) ShowPlace(c *gin.Context) error { return p.showPlace(c, http.StatusOK, nil) }

// showPlace shows it with the reason why something was not done.
func (p *Pages) showPlace(c *gin.Context, status int, refused *clinic.Error) error {
	w, err := p.placeOf(c)
	if err != nil || c.IsAborted() {
		return err
	}
	ctx := c.Request.Context()
	branch, err := p.Store.Branch(ctx, w.BranchID)
	if err != nil {
		return err
	}
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return err
	}
	data := view.Place{Token: c.Param("token"), Waiting: w, Branch: branch, Doctors: doctors, Done: c.Query("done"), Refused: refused}
	if w.Has != nil {
		data.Old = p.appointmentTime(c, *w.Has)
	}
	if w.Offered != nil {
		data.Time = p.appointmentTime(c, *w.Offered)
	}
	if w.Offer.Live(p.Now()) {
		data.Live, data.Left = true, w.Offer.ExpiresAt.Sub(p.Now())
	}
	return page.Show(c, status, view.PlacePage(data))
}

// placeOf is the place in line that the token in the path opens. Where it opens none, that is said, and the request is at its end.
func (p *Pages) placeOf(c *gin.Context) (clinic.Waiting, error) {
	page.Private(c)
	w, err := p.Store.Place(c.Request.Context(), c.Param("token"))
	if clinic.CodeOf(err) != clinic.NotFound {
		return w, err
	}
	branches, err := p.Store.Branches(c.Request.Context())
	if err == nil {
		err = page.Show(c, http.StatusNotFound, view.ProblemPage(view.Problem{Status: http.StatusNotFound, Link: clinic.LinkUnknown, Branches: branches}))
	}
	c.Abort()
	return w, err
}

// refusePlace shows the place with the reason why something was not done there. Whoever comes too late is told so, and that they are still in
// line.
func (p *Pages) refusePlace(c *gin.Context, err error) error {
	refusal := refusalOf(err)
	switch {
	case refusal == nil:
		return err
	case refusal.Code == clinic.NotFound:
		return p.showPlace(c, http.StatusNotFound, nil)
	case refusal.Code == clinic.SlotTaken || refusal.Code == clinic.SlotPast || refusal.Field == "slot_id":
		refusal = refusalOf(clinic.OfferOverError())
	}
	return p.showPlace(c, page.Status(refusal.Code), refusal)
}

// LeaveLine takes somebody out of line.
func (p *Pages) LeaveLine(c *gin.Context) error {
	if err := p.Store.Leave(c.Request.Context(), c.Param("token")); err != nil {
		return p.refusePlace(c, err)
	}
	return page.GoTo(c, placePath(c.Param("token"), ""))
}

// DeclineOffer says that what is offered does not suit.
func (p *Pages) DeclineOffer(c *gin.Context) error {
	if err := p.Store.DeclineOffer(c.Request.Context(), c.Param("token"), c.PostForm("wait-offer")); err != nil {
		return p.refusePlace(c, err)
	}
	return page.GoTo(c, placePath(c.Param("token"), "?done=declined"))
}

// AcceptMove moves the booking with which somebody waits to the time that is offered.
func (p *Pages) AcceptMove(c *gin.Context) error {
	booked, err := p.Store.AcceptMove(c.Request.Context(), c.Param("token"), page.ClientAddress(c), c.PostForm("wait-offer"))
	if err != nil {
		return p.refusePlace(c, err)
	}
	return page.GoTo(c, bookingPath(booked, "?done=moved"))
}

// offeredTo is the place in line whose offer can be accepted now; ok is false where there is none, which the place itself says.
func (p *Pages) offeredTo(c *gin.Context) (w clinic.Waiting, ok bool, err error) {
	w, err = p.placeOf(c)
	return w, err == nil && !c.IsAborted() && w.BookingID == "" && w.Offer.Live(p.Now()), err
}

// ShowOfferForm is the form on which somebody books what is offered to them, with what is known of them filled in.
func (p *Pages) ShowOfferForm(c *gin.Context) error {
	w, ok, err := p.offeredTo(c)
	if err != nil || c.IsAborted() {
		return err
	}
	if !ok {
		return page.GoTo(c, placePath(c.Param("token"), ""))
	}
	q, err := p.Store.CurrentQuestionnaire(c.Request.Context())
	if err != nil {
		return err
	}
	who := w.Patient
	return p.showBookingForm(c, http.StatusOK, booking{
		questions: q, slotID: w.Offer.SlotID, key: clinic.NewToken(), fresh: true, offered: &w,
		input: clinic.PatientInput{
			FamilyName: who.FamilyName, GivenName: who.GivenName, FamilyKana: who.FamilyKana, GivenKana: who.GivenKana, Lang: page.Lang(c),
		},
	})
}

// BookOffer books what is offered. Whoever comes too late is told so.
func (p *Pages) BookOffer(c *gin.Context) error {
	b, err := p.readBooking(c)
	if err != nil {
		return err
	}
	w, ok, err := p.offeredTo(c)
	switch {
	case err != nil || c.IsAborted():
		return err
	case w.Status == clinic.WaitAccepted:
		return page.GoTo(c, placePath(c.Param("token"), ""))
	case !ok || w.Offer.SlotID != b.slotID:
		return p.refusePlace(c, clinic.OfferOverError())
	}
	b.offered = &w
	visitor := p.NewVisitor(c)
	full := b // with what they have said already, which no page shows to whoever has the letter
	if full.input.Phone == "" {
		full.input.Phone = w.Patient.Phone
	}
	if full.input.Email == "" {
		full.input.Email, full.emailAsked = w.Patient.Email, w.Patient.Email
	}
	request, errs := p.check(full, w.Offered.Slot, w.Offered.Branch)
	if len(errs) > 0 {
		b.errs, b.emailAsked = errs, b.input.Email
		return p.showBookingForm(c, http.StatusUnprocessableEntity, b)
	}
	request.Lang, request.Own, request.WaitingToken = page.Lang(c), p.OwnKey(c, b.slotID), c.Param("token")
	receipt, err := p.Store.Book(c.Request.Context(), visitor, request)
	if refusal := refusalOf(err); refusal != nil {
		if clinic.IsOfferOver(refusal) || refusal.Field == "slot_id" || refusal.Code == clinic.NotFound {
			return p.refusePlace(c, err)
		}
		return p.refuse(c, b, refusal)
	}
	if err != nil {
		return err
	}
	return p.goToBooking(c, receipt, "")
}
