package office

import (
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// ReleaseHold releases a treatment that a fact holds, or takes a release back, and leads back to the chart. What is wrong with the reason,
// and that the chart is another by now, is said on the chart, where what was typed stays. Another doctor's chart is not found.
func (p *Pages) ReleaseHold(c *gin.Context) error {
	ctx, form, id := c.Request.Context(), c.Request.PostForm, c.Param("id")
	typed := view.TypedRelease{Fact: form.Get("fact"), Treatment: intake.Treatment(form.Get("treatment")), Reason: form.Get("reason")}
	var err error
	if withdrawn := form.Get("withdraw"); withdrawn != "" {
		err = p.Store.WithdrawRelease(ctx, page.Actor(c), id, withdrawn)
	} else {
		seen, noAnswers := strconv.Atoi(form.Get("revision"))
		set, noSet := strconv.Atoi(form.Get("set"))
		if noAnswers != nil || noSet != nil {
			seen = -1 // who does not say what they were shown has seen nothing
		}
		_, err = p.Store.ReleaseHold(ctx, page.Actor(c), id, seen, set, typed.Fact, typed.Treatment, typed.Reason)
	}
	if err == nil {
		return page.GoTo(c, "/office/charts/"+id)
	}
	if clinic.CodeOf(err) == clinic.NotFound && typed.Reason != "" {
		return p.chartAway(c, view.AwayFromRelease(web.LocaleOf(ctx), typed.Reason))
	}
	status := page.Status(clinic.Invalid)
	if !errors.As(err, &typed.Errors) && (!errors.As(err, &typed.Refused) || typed.Refused.Code != clinic.Conflict) {
		return err
	}
	if typed.Refused != nil {
		status = page.Status(typed.Refused.Code)
	}
	stay(c, "/office/charts/"+id)
	data, err := p.chartPage(c)
	if err != nil {
		return err
	}
	data.Chart.Typed = &typed
	return page.Show(c, status, view.DoctorDayPage(data))
}
