package office

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// slotActs are the buttons of a day's cells. Each bears the ids of the slots it is for.
const (
	actHold    = "hold"    // keep it for a caller
	actRelease = "release" // let go of it
	actClose   = "close"
	actOpen    = "open"
	actStaff   = "staff"  // staff only
	actPublic  = "public" // everybody
)

// ChangeSlots closes, opens, offers, holds or releases slots of a day: the one whose button was pressed, those that were chosen, or
// those of a doctor, or of the branch, within a span of the day.
func (p *Pages) ChangeSlots(c *gin.Context) error {
	branch, err := p.Store.Branch(c.Request.Context(), c.PostForm("branch"))
	if err != nil {
		return err
	}
	act, ids, err := p.wantedSlots(c, branch)
	var did view.Did
	if err == nil && len(ids) == 0 {
		err = &clinic.Error{Code: clinic.Conflict, Message: "error.desk.none"}
	}
	if err == nil {
		did, err = p.changeSlots(c, branch, act, ids)
	}
	var refusal *clinic.Error
	switch {
	case err == nil:
		return goBack(c, "/office/day", did)
	case errors.As(err, &refusal) && refusal.Code != clinic.NotFound && refusal.Code != clinic.Forbidden && page.Status(refusal.Code) < 500:
		if act == actHold {
			if refusal, err = p.sayHolder(c, branch, ids[0], refusal); err != nil {
				return err
			}
		}
		return p.refuseAtDesk(c, refusal, did.Stay...)
	}
	return err
}

// sayHolder is the refusal of a slot that somebody has: where that is a colleague who holds it, it says who, and until when.
func (p *Pages) sayHolder(c *gin.Context, branch clinic.Branch, slotID string, refusal *clinic.Error) (*clinic.Error, error) {
	if refusal.Code != clinic.SlotTaken {
		return refusal, nil
	}
	ctx := c.Request.Context()
	id, until, err := p.Store.HolderAtDesk(ctx, page.Actor(c), slotID)
	if err != nil || id == "" {
		return refusal, err
	}
	names, err := p.Store.StaffNames(ctx, id)
	return clinic.HeldError(names[id], web.LocaleOf(ctx).Clock(until, branch.Location())), err
}

// wantedSlots are what is to be done, and with which slots.
func (p *Pages) wantedSlots(c *gin.Context, branch clinic.Branch) (act string, ids []string, err error) {
	for _, act := range []string{actHold, actRelease, actClose, actOpen, actStaff, actPublic} {
		if id := c.PostForm(act); id != "" {
			return act, strings.Split(id, " "), nil
		}
	}
	if act := c.PostForm("chosen"); act != "" {
		return act, strings.Fields(strings.Join(c.PostFormArray("slot"), " ")), nil
	}
	for _, act := range []string{actOpen, actClose} { // what the form does of itself comes last
		if of := c.PostForm(act + "-all"); of != "" { // a doctor's id, or "branch"
			ids, err := p.slotsWithin(c, branch, of, act)
			return act, ids, err
		}
	}
	return "", nil, page.UnreadableForm()
}

// slotsWithin are the slots of a doctor, or of all of them, that lie in the span of a day that was typed; an end that was not typed is
// that of the day.
func (p *Pages) slotsWithin(c *gin.Context, branch clinic.Branch, of, act string) (ids []string, err error) {
	date, ok := clinic.ParseDate(c.PostForm("date"))
	if !ok {
		return nil, &clinic.Error{Code: clinic.Invalid, Message: "error.date"}
	}
	from, until, problem := clinic.DaySpan(date, c.PostForm("from-"+of), c.PostForm("until-"+of), branch.Location())
	if problem != nil {
		return nil, problem
	}
	entries, _, err := p.Store.Day(c.Request.Context(), page.Actor(c), branch, date)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if (of == "branch" || e.Slot.DoctorID == of) && !e.Slot.StartsAt.Before(from) && !e.Slot.EndsAt.After(until) && e.Slot.StartsAt.After(p.Now()) && wants(act, e) {
			ids = append(ids, e.Slot.ID)
		}
	}
	return ids, nil
}

func wants(act string, e store.SlotEntry) bool { return (e.Slot.ClosedAt == nil) == (act == actClose) }

func (p *Pages) changeSlots(c *gin.Context, branch clinic.Branch, act string, ids []string) (did view.Did, err error) {
	ctx, actor, now := c.Request.Context(), page.Actor(c), p.Now()
	var done, stay []clinic.Slot
	var at time.Time
	switch act {
	case actHold:
		_, err = p.Store.HoldAtDesk(ctx, actor, ids[0])
		return view.Did{What: view.DidHold, IDs: ids[:1], At: stamp(now)}, err
	case actRelease:
		err = p.Store.ReleaseSlot(ctx, actor, branch.ID, ids[0])
		return view.Did{What: view.DidUndo, Was: string(view.DidHold), IDs: ids[:1]}, err
	case actClose:
		did.What = view.DidClose
		done, stay, at, err = p.Store.CloseSlots(ctx, actor, branch.ID, ids)
	case actOpen:
		did.What = view.DidOpen
		done, stay, err = p.Store.OpenSlots(ctx, actor, branch.ID, ids, time.Time{})
	case actStaff, actPublic:
		did.What, did.Was = view.DidOffer, string(clinic.Public)
		to := clinic.StaffOnly
		if act == actPublic {
			did.Was, to = string(clinic.StaffOnly), clinic.Public
		}
		done, err = p.Store.OfferSlots(ctx, actor, branch.ID, ids, to)
	default:
		return did, page.UnreadableForm()
	}
	if err != nil {
		return did, err
	}
	for _, slot := range stay {
		did.Stay = append(did.Stay, slot.ID)
	}
	if len(done) == 0 {
		message := "error.desk.none"
		if len(stay) > 0 && act == actClose {
			message = "error.slot.used"
		}
		return did, &clinic.Error{Code: clinic.Conflict, Message: message}
	}
	if at.IsZero() {
		at = now
	}
	did.At = stamp(at)
	for _, slot := range done {
		did.IDs = append(did.IDs, slot.ID)
	}
	if len(stay) > 0 {
		did.More = strconv.Itoa(len(stay))
	}
	return did, nil
}
