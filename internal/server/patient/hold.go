package patient

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
)

// HoldSlot keeps the chosen time for the visitor and goes on to the form. Somebody who was quicker sends them back to
// the grid, where the next free times come first.
func (p *Pages) HoldSlot(c *gin.Context) error {
	sent := c.Request.PostForm
	slotID := sent.Get("slot")
	_, err := p.Store.Hold(c.Request.Context(), p.NewVisitor(c), slotID)
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
	return page.GoTo(c, "/book?"+attributionQuery(from, url.Values{"slot": {slotID}}).Encode())
}

// left is how long a hold still lasts.
func (p *Pages) left(hold clinic.Hold) time.Duration { return hold.ExpiresAt.Sub(p.Now()) }
