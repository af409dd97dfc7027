package office

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// backField is the field in which a form of the desk says to which page of ours it leads back.
const backField = "back"

// cameFrom is the page to which a form leads back; the fallback where it names none of the office.
func cameFrom(c *gin.Context, fallback string) *url.URL {
	back := page.OwnPath(c.PostForm(backField))
	if !strings.HasPrefix(back, "/office/") {
		back = fallback
	}
	u, err := url.Parse(back)
	if err != nil {
		u = &url.URL{Path: fallback}
	}
	return u
}

// goBack leads to the page from which something was done, and tells it what that was.
func goBack(c *gin.Context, fallback string, did view.Did) error {
	u := cameFrom(c, fallback)
	query := u.Query()
	for name := range (view.Did{}).Values() {
		query.Del(name)
	}
	for name, values := range did.Values() {
		if len(values) > 0 {
			query[name] = values
		}
	}
	u.RawQuery = query.Encode()
	return page.GoTo(c, u.String())
}

// stamp writes an instant so that it can be compared with what is stored.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func readStamp(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// StepBooking has a booking come to the next status, or another one, of its way.
func (p *Pages) StepBooking(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	path := "/office/bookings/" + id
	from, to := clinic.Status(c.PostForm("from")), clinic.Status(c.PostForm("to"))
	if !slices.Contains(clinic.Walk, to) && to != clinic.NoShow {
		if _, err := p.Store.Appointment(ctx, page.Actor(c), id); err != nil {
			return err
		}
		return page.UnreadableForm()
	}
	err := p.Store.Step(ctx, page.Actor(c), id, from, to)
	var refusal *clinic.Error
	switch {
	case err == nil:
		a, err := p.Store.Appointment(ctx, page.Actor(c), id)
		if err != nil {
			return err
		}
		did := view.Did{What: view.DidStep, IDs: []string{id}, Was: string(from)}
		if a.Booking.StatusAt != nil {
			did.At = stamp(*a.Booking.StatusAt)
		}
		return goBack(c, path, did)
	case clinic.IsOutrun(err):
		return p.showOutrun(c, to)
	case errors.As(err, &refusal) && refusal.Code == clinic.Conflict:
		stay(c, path)
		return p.showBooking(c, page.Status(refusal.Code), view.ContactForm{}, refusal)
	}
	return err
}

// showOutrun shows a booking that somebody else has changed first, who that was, and the way to what was wanted all the same.
func (p *Pages) showOutrun(c *gin.Context, wanted clinic.Status) error {
	data, err := p.booking(c, view.ContactForm{})
	if err != nil {
		return err
	}
	b := data.Appointment.Booking
	if b.Status == wanted && b.StatusBy == page.Staff(c).ID { // the same click, twice
		return page.GoTo(c, cameFrom(c, "/office/bookings/"+b.ID).String())
	}
	stay(c, "/office/bookings/"+b.ID)
	data.Back = cameFrom(c, "/office/bookings/"+b.ID).String()
	data.Outrun = &view.Outrun{Wanted: wanted, By: data.Names[b.StatusBy], May: slices.Contains(data.Steps, wanted)}
	return page.Show(c, http.StatusConflict, view.BookingPage(data))
}

// CancelBooking ends a booking.
func (p *Pages) CancelBooking(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	path := "/office/bookings/" + id
	before, err := p.Store.Appointment(ctx, page.Actor(c), id)
	if err != nil {
		return err
	}
	how := clinic.Cancelling{Reason: clinic.CancelReason(c.PostForm("reason")), Tell: c.PostForm("asked") == "" || c.PostForm("tell") != ""}
	err = p.Store.CancelFor(ctx, page.Actor(c), id, how)
	if clinic.CodeOf(err) == clinic.Invalid {
		var refusal *clinic.Error
		errors.As(err, &refusal)
		stay(c, path)
		return p.showBooking(c, page.Status(clinic.Invalid), view.ContactForm{}, refusal)
	}
	if err != nil {
		return p.afterChange(c, err, view.BookingEnded)
	}
	after, err := p.Store.Appointment(ctx, page.Actor(c), id)
	if err != nil || after.Booking.CancelledAt == nil {
		return page.GoTo(c, path)
	}
	told := "told"
	if !how.Tell || after.Patient.Email == "" {
		told = ""
	}
	return goBack(c, path, view.Did{What: view.DidCancel, IDs: []string{id}, Was: string(before.Booking.Status), At: stamp(*after.Booking.CancelledAt), More: told})
}

// refuseAtDesk shows the page from which something was asked for, and why it was not done.
func (p *Pages) refuseAtDesk(c *gin.Context, refusal *clinic.Error, unchanged ...string) error {
	back := cameFrom(c, "/office/day")
	id, ofBooking := strings.CutPrefix(back.Path, "/office/bookings/")
	stay(c, back.String())
	if ofBooking && id != "" && !strings.Contains(id, "/") {
		c.Params = append(slices.DeleteFunc(c.Params, func(p gin.Param) bool { return p.Key == "id" }), gin.Param{Key: "id", Value: id})
		return p.showBooking(c, page.Status(refusal.Code), view.ContactForm{}, refusal)
	}
	c.Request.URL.RawQuery = withoutDid(back).Encode()
	why := refused{status: page.Status(refusal.Code), problem: refusal, stay: unchanged}
	switch back.Path {
	case "/office/week":
		return p.showWeek(c, why)
	case "/office/month":
		return p.showMonth(c, why)
	}
	return p.showDay(c, why)
}
