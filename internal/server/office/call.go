package office

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
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

// holdCall holds the time that was chosen, and lets go of the one before. One that is held stays so.
func (p *Pages) holdCall(c *gin.Context, v *view.Call) (status int, err error) {
	ctx, actor := c.Request.Context(), onCall(c, *v)
	hold, err := p.Store.HoldOf(ctx, actor)
	if err != nil && clinic.CodeOf(err) != clinic.NotFound {
		return 0, err
	}
	switch {
	case hold.Slot.ID == v.Slot:
		return http.StatusOK, nil
	case v.Slot == "":
		return http.StatusOK, p.Store.Release(ctx, actor)
	}
	_, err = p.Store.HoldForCaller(ctx, actor, v.Slot)
	return p.gone(c, v, err)
}

// gone keeps the form when the time that was chosen can no longer be had: what is near it is offered.
func (p *Pages) gone(c *gin.Context, v *view.Call, err error) (status int, other error) {
	var refusal *clinic.Error
	switch {
	case err == nil:
		return http.StatusOK, nil
	case errors.As(err, &refusal) && refusal.Field == "slot_id":
		branch, _, err := p.branchOf(c, clinic.ChangeBooking, c.PostForm("branch"))
		if err != nil {
			return 0, err
		}
		v.Gone, v.Slot = v.Slot, ""
		v.Problem, err = p.sayHolder(c, branch, v.Gone, refusal)
		return page.Status(refusal.Code), err
	}
	return 0, err
}

// bookCall books, or shows what is wrong at its field.
func (p *Pages) bookCall(c *gin.Context, v view.Call, branchID string) error {
	ctx, actor := c.Request.Context(), onCall(c, v)
	branch, _, err := p.branchOf(c, clinic.ChangeBooking, branchID)
	if err != nil {
		return err
	}
	if branchID != "" && branch.ID != branchID { // there is none of that name
		return store.NotFound()
	}
	request, errs, err := p.callRequest(c, v, branch)
	if err != nil {
		return err
	}
	memo, wrong := clinic.CheckMemo(v.Memo)
	if errs = append(append(wrongSigns(v), errs...), wrong...); len(errs) > 0 {
		v.Errors = errs
		return p.showCall(c, http.StatusUnprocessableEntity, v, branchID)
	}
	receipt, err := p.Store.Book(ctx, actor, request)
	if err != nil {
		return p.refuseCall(c, v, branchID, err)
	}
	if memo != "" {
		err := p.Store.SaveBookingMemo(ctx, actor, receipt.BookingID, 0, memo)
		if err != nil && !clinic.IsStale(err) { // sent twice, it was written down the first time
			return err
		}
	}
	return page.GoTo(c, callPath+"?booked="+receipt.BookingID)
}

// refuseCall shows the form again with the reason why nothing was booked.
func (p *Pages) refuseCall(c *gin.Context, v view.Call, branchID string, err error) error {
	status, other := p.gone(c, &v, err)
	if other == nil {
		return p.showCall(c, status, v, branchID)
	}
	var refusal *clinic.Error
	if !errors.As(err, &refusal) || refusal.Code != clinic.Conflict && refusal.Code != clinic.Invalid && refusal.Code != clinic.KeyReused {
		return err
	}
	switch {
	case clinic.IsStale(err): // what is stored is filled in anew
		v.Filled, v.Problem = "", &clinic.Error{Code: clinic.Conflict, Message: "error.call.stale"}
	case refusal.Code == clinic.KeyReused: // this form has booked something else already, so that another press books this
		v.ID, v.Problem = clinic.NewToken(), refusal
	case slices.Contains([]string{"from", "room", "doctor", "date"}, refusal.Field):
		v.Errors = clinic.Errors{refusal}
	default:
		v.Problem = refusal
	}
	return p.showCall(c, page.Status(refusal.Code), v, branchID)
}

// callRequest turns the form into a request, or names every wrong field.
func (p *Pages) callRequest(c *gin.Context, v view.Call, branch clinic.Branch) (clinic.Request, clinic.Errors, error) {
	ctx := c.Request.Context()
	request := clinic.Request{SlotID: v.Slot, Lang: "ja", Key: "call " + v.ID, NoLetter: !v.Letter}
	var errs clinic.Errors
	if v.Outside {
		slot, wrong := p.outside(v, branch)
		if errs = wrong; len(wrong) == 0 {
			request.New, request.SlotID = &slot, ""
		}
	} else if v.Slot == "" {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "slot", Message: "error.call.time"})
	}
	doctors, err := p.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return request, nil, err
	}
	if v.Doctor != "" && !slices.ContainsFunc(doctors, func(d clinic.Doctor) bool { return d.ID == v.Doctor }) {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "doctor", Message: "error.slot.doctor"})
	}
	typed, wrong := clinic.NewCaller(v.Input, clinic.DateOf(p.Now(), branch.Location()))
	errs = append(errs, wrong...)
	if question := clinic.AskEmail(typed.Email, v.EmailAsked); question != nil && typed.Email != "" {
		errs = append(errs, question)
	}
	request.Patient = typed
	if v.Known() && len(errs) == 0 {
		known, err := p.Store.Patient(ctx, page.Actor(c), v.Chosen)
		if err != nil {
			return request, nil, err
		}
		request.PatientID, request.Patient = known.Patient.ID, known.Patient.Known(typed)
		if revision, err := strconv.Atoi(v.FilledRevision); err == nil && v.Filled == v.Chosen {
			request.PatientRevision = &revision
		}
		if request.Lang, err = p.langOf(ctx, page.Actor(c), known.Patient.ID); err != nil {
			return request, nil, err
		}
	}
	q, err := p.Store.CurrentQuestionnaire(ctx)
	if err == nil {
		request.QuestionnaireVersion = q.Version
	} else if clinic.CodeOf(err) == clinic.NotFound {
		err = nil
	}
	return request, errs, err
}

// langOf is the language in which a patient booked last.
func (p *Pages) langOf(ctx context.Context, actor clinic.Actor, patientID string) (string, error) {
	all, _, err := p.Store.BookingsOf(ctx, actor, patientID)
	if err != nil || len(all) == 0 {
		return "ja", err
	}
	return all[0].Booking.Lang, nil
}

// outside is the slot that is made outside the opening hours.
func (p *Pages) outside(v view.Call, branch clinic.Branch) (clinic.Slot, clinic.Errors) {
	slots, errs := v.Day.Slots(branch, v.Doctor, p.Now())
	if v.Doctor == "" {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "doctor", Message: "error.choose"})
	}
	if len(errs) > 0 {
		return clinic.Slot{}, errs
	}
	slots[0].Room = clinic.TidyRoom(v.Room)
	return slots[0], nil
}
