package office

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

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
