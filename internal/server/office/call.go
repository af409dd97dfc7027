package office

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

const (
	callPath = "/office/phone"

	// callHits and callTimes are how many people and free times a call shows.
	callHits  = 5
	callTimes = 5

	// callNear is how many times are offered where the one that was chosen is gone.
	callNear = 2

	// callDays is how far free times are looked for, from the first day that was wished for, so many days at a time.
	callDays, callWindow = 120, 14
)

// ShowCall shows the form of a telephone booking: ?branch=ID&slot=ID&date=YYYY-MM-DD&patient=ID, each of which may be left out; or what has
// just been booked: ?booked=ID. To htmx it answers the form alone.
func (p *Pages) ShowCall(c *gin.Context) error {
	if id := c.Query("booked"); id != "" {
		return p.showCallBooked(c, id)
	}
	v := view.Call{ID: clinic.NewToken(), Fresh: true, Slot: c.Query("slot"), Letter: true}
	v.Outside, v.Chosen = c.Query("outside") != "", c.Query("patient")
	branchID := c.Query("branch")
	if v.Slot != "" {
		slot, err := p.Store.Slot(c.Request.Context(), v.Slot)
		switch {
		case clinic.CodeOf(err) == clinic.NotFound:
			v.Slot = ""
		case err != nil:
			return err
		default:
			branchID = slot.BranchID
		}
	}
	if id := c.Query("waiting"); id != "" {
		w, err := p.Store.WaitingFor(c.Request.Context(), page.Actor(c), id)
		if err != nil && clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
		if err == nil {
			page.Saw(c, clinic.SawWaiting, aboutWaiting(w))
			branchID, v.Input, v.Text = w.BranchID, w.Patient.Caller(), clinic.FormatPhone(w.Patient.Phone)
			v.Chosen, v.Filled = view.NewCaller, view.NewCaller
		}
	}
	if date, ok := clinic.ParseDate(c.Query("date")); ok && v.Slot == "" {
		v.Wish = strconv.Itoa(int(date.Month)) + "/" + strconv.Itoa(date.Day)
	}
	return p.showCall(c, http.StatusOK, v, branchID)
}

// showCallBooked shows the number of what was booked, to be read aloud.
func (p *Pages) showCallBooked(c *gin.Context, id string) error {
	ctx := c.Request.Context()
	a, err := p.Store.Appointment(ctx, page.Actor(c), id)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawBooking, clinic.AboutBooking(a))
	letters, err := p.Store.Letters(ctx, page.Actor(c), id)
	if err != nil {
		return err
	}
	data := view.CallBooked{
		Frame: p.frame(c, a.Branch), Appointment: a, Lettered: len(letters) > 0, Holiday: p.HolidayName(clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()), page.Lang(c)),
	}
	page.Private(c)
	c.Header("Vary", "HX-Request")
	if asksForPart(c) {
		return page.Show(c, http.StatusOK, view.CallBookedPart(data))
	}
	return page.Show(c, http.StatusOK, view.CallBookedPage(data))
}

// asksForPart reports a request of htmx, which wants the part of the page that it replaces.
func asksForPart(c *gin.Context) bool { return c.GetHeader("HX-Request") == "true" }

// readCall is the form as it was sent.
func readCall(form url.Values) view.Call {
	return view.Call{
		ID: form.Get("call"), Text: form.Get("q"), Chosen: form.Get("patient"), Filled: form.Get("filled"), FilledRevision: form.Get("filled-revision"), Wish: form.Get("wish"), Women: form.Get("women") != "",
		After: form.Get("after"), Slot: form.Get("slot"), Outside: form.Get("outside") != "", Doctor: form.Get("doctor"), Room: form.Get("room"),
		Day: clinic.DaySlots{Date: form.Get("date"), From: form.Get("from"), Minutes: form.Get("minutes")},
		Input: clinic.CallerInput{
			Kana: form.Get("kana"), Name: form.Get("name"), Phone: form.Get("phone"), Email: form.Get("email"), Birth: form.Get("birth"),
		},
		Memo: form.Get("memo"), Letter: form.Get("letter") != "" || form.Get("letter-shown") == "", EmailAsked: form.Get("email-asked"),
	}
}

// Call takes what was typed during a call: it looks for people and for times, holds the time that was chosen, and books.
func (p *Pages) Call(c *gin.Context) error {
	form := c.Request.PostForm
	v := readCall(form)
	if v.ID == "" {
		return page.UnreadableForm()
	}
	if id := form.Get("branch"); id != "" && !page.Actor(c).May(clinic.ChangeBooking, id) {
		return store.NotFound()
	}
	stay(c, callPath)
	switch form.Get("do") {
	case "book":
		return p.bookCall(c, v, form.Get("branch"))
	case "wait":
		return p.waitCall(c, v, form.Get("branch"))
	case "outside":
		v.Outside, v.Slot = true, ""
	case "inside":
		v.Outside = false
	case "later":
		v.After = form.Get("last")
	case "first":
		v.After = ""
	}
	if v.Errors = wrongSigns(v); len(v.Errors) > 0 {
		return p.showCall(c, http.StatusUnprocessableEntity, v, form.Get("branch"))
	}
	status, err := p.holdCall(c, &v)
	if err != nil {
		return err
	}
	return p.showCall(c, status, v, form.Get("branch"))
}

// wrongSigns are the signs in what is looked for that no text has.
func wrongSigns(v view.Call) (errs clinic.Errors) {
	for _, f := range []struct{ name, text string }{{"q", v.Text}, {"wish", v.Wish}, {"room", v.Room}} {
		if f.name == "room" && !v.Outside {
			continue
		}
		if problem := clinic.BadSign(f.name, clinic.Tidy(f.text)); problem != nil {
			errs = append(errs, problem)
		}
	}
	return errs
}

// onCall is whoever is signed in while they are on the telephone.
func onCall(c *gin.Context, v view.Call) clinic.Actor { return clinic.OnCall(page.Actor(c), v.ID) }
