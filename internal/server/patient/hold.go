package patient

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// HoldSlot keeps the chosen time for the visitor and goes on to the form, also where it cannot be kept: the form says so. Somebody
// who was quicker sends them back to the grid, where the free times nearest to it come first. A time that they have booked themselves
// leads to their booking.
func (p *Pages) HoldSlot(c *gin.Context) error {
	sent := c.Request.PostForm
	slotID := sent.Get("slot")
	hold, err := p.Store.Hold(c.Request.Context(), p.NewVisitor(c), slotID)
	if clinic.CodeOf(err) == clinic.SlotTaken {
		if own, ownErr := p.ownBooking(c, p.OwnKey(c, slotID)); ownErr != nil || own.BookingID != "" {
			return p.goToOwn(c, own, ownErr)
		}
	}
	if refusal := refusalOf(err); refusal != nil {
		status, refusal := statusOf(refusal)
		return p.showSlots(c, status, sent, refusal)
	}
	if err != nil {
		return err
	}
	from, err := p.attribution(c, sent)
	if err != nil {
		return err
	}
	branch, err := p.Store.Branch(c.Request.Context(), hold.Slot.BranchID)
	if err != nil {
		return err
	}
	p.countStep(c, branch, clinic.StepHeld, from.Attribution)
	return page.GoTo(c, bookURL(from, slotID, wishOf(sent.Get("doctor"), sent.Get("sex")), p.Travelling(c)))
}

// bookURL is the form for a slot, with what the visitor wished for and the token that travels, if any.
func bookURL(from view.Attribution, slotID string, wish view.Wish, travelling string) string {
	query := url.Values{"slot": {slotID}}
	for name, value := range map[string]string{"doctor": wish.DoctorID, "women": wish.Sex(), "hold": travelling} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return "/book?" + attributionQuery(from, query).Encode()
}

// wishOf is what a visitor wished for when they chose a time.
func wishOf(doctorID, sex string) view.Wish {
	return view.Wish{DoctorID: doctorID, Female: sex == string(clinic.Female)}
}

// SayTyped takes note that the visitor has begun to fill in the form: the browser says so once.
func (p *Pages) SayTyped(c *gin.Context) error {
	if err := p.Store.Typed(c.Request.Context(), p.Visitor(c)); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// left is how long a hold still lasts.
func (p *Pages) left(hold clinic.Hold) time.Duration { return hold.ExpiresAt.Sub(p.Now()) }
