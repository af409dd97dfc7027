package office

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// Undo takes back what the front desk has just done.
func (p *Pages) Undo(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	did := view.ReadDid(c.Request.PostForm)
	branchID := c.PostForm("branch")
	id := ""
	if len(did.IDs) > 0 {
		id = did.IDs[0]
	}
	at := readStamp(did.At)
	undone := view.Did{What: view.DidUndo, Was: string(did.What), IDs: did.IDs}
	var err error
	switch did.What {
	case view.DidStep:
		err = p.Store.StepBack(ctx, actor, id, clinic.Status(did.Was), at)
	case view.DidCancel:
		err = p.Store.Restore(ctx, actor, id, clinic.Status(did.Was), at)
	case view.DidMove:
		var sequence int
		sequence, err = strconv.Atoi(did.More)
		if err == nil && p.Now().Sub(at) > clinic.UndoFor {
			err = clinic.UndoneError()
		}
		if err == nil {
			err = p.Store.MoveBack(ctx, actor, id, did.Was, sequence, did.Told)
		} else if clinic.CodeOf(err) == "" {
			err = page.UnreadableForm()
		}
	case view.DidClose, view.DidOpen, view.DidOffer, view.DidHold:
		undone, err = p.undoSlots(c, branchID, did, at)
	case view.DidUndo:
		err = page.UnreadableForm()
	default:
		err = page.UnreadableForm()
	}
	if err == nil {
		return goBack(c, "/office/day", undone)
	}
	var refusal *clinic.Error
	if errors.As(err, &refusal) && (refusal.Code == clinic.Conflict || refusal.Code == clinic.SlotTaken || refusal.Code == clinic.SlotPast) {
		return p.refuseAtDesk(c, refusal)
	}
	return err
}

// undoSlots takes back what was done with slots of a branch. Those of which it is not possible any more are counted.
func (p *Pages) undoSlots(c *gin.Context, branchID string, did view.Did, at time.Time) (view.Did, error) {
	ctx, actor := c.Request.Context(), page.Actor(c)
	undone := view.Did{What: view.DidUndo, Was: string(did.What)}
	if p.Now().Sub(at) > clinic.UndoFor {
		return undone, clinic.UndoneError()
	}
	var done []clinic.Slot
	var err error
	switch did.What {
	case view.DidClose:
		done, _, err = p.Store.OpenSlots(ctx, actor, branchID, did.IDs, at)
	case view.DidOpen:
		done, _, _, err = p.Store.CloseSlots(ctx, actor, branchID, did.IDs)
	case view.DidOffer:
		to := clinic.Public
		if clinic.Audience(did.Was) == clinic.StaffOnly {
			to = clinic.StaffOnly
		}
		done, err = p.Store.OfferSlots(ctx, actor, branchID, did.IDs, to)
	case view.DidHold:
		err = p.Store.ReleaseSlot(ctx, actor, branchID, strings.Join(did.IDs, ""))
		done = make([]clinic.Slot, 1)
	case view.DidStep, view.DidCancel, view.DidMove, view.DidUndo:
	}
	for _, slot := range done {
		undone.IDs = append(undone.IDs, slot.ID)
	}
	if stay := len(did.IDs) - len(done); stay > 0 {
		undone.More = strconv.Itoa(stay)
	}
	if err == nil && len(done) == 0 {
		err = &clinic.Error{Code: clinic.Conflict, Message: "error.undo.changed"}
	}
	return undone, err
}

func withoutDid(u *url.URL) url.Values {
	query := u.Query()
	for name := range (view.Did{}).Values() {
		query.Del(name)
	}
	return query
}

// undo is what the address of a page says was just done, in a sentence, and whether it can be taken back.
func (p *Pages) undo(c *gin.Context, branch clinic.Branch) (*view.Undo, error) {
	did := view.ReadDid(c.Request.URL.Query())
	if did.What == "" || len(did.IDs) == 0 {
		return nil, nil //nolint:nilnil // nothing was done
	}
	ctx, actor, l, now := c.Request.Context(), page.Actor(c), web.LocaleOf(c.Request.Context()), p.Now()
	u := &view.Undo{Did: did, Branch: branch.ID, Back: c.Request.URL.Path + "?" + withoutDid(c.Request.URL).Encode(), Can: true}
	at := readStamp(did.At)
	switch did.What {
	case view.DidStep, view.DidCancel, view.DidMove:
		a, err := p.Store.Appointment(ctx, actor, did.IDs[0])
		if clinic.CodeOf(err) == clinic.NotFound {
			return nil, nil //nolint:nilnil // it says nothing of what they may not see
		}
		if err != nil {
			return nil, err
		}
		var refusal error
		switch did.What {
		case view.DidStep:
			refusal = a.CheckStepBack(clinic.Status(did.Was), at, actor, now)
		case view.DidCancel:
			refusal = a.CheckRestore(at, actor, now)
		default:
			if strconv.Itoa(a.Booking.Sequence) != did.More {
				refusal = &clinic.Error{Code: clinic.Conflict, Message: "error.undo.changed"}
			} else if now.Sub(at) > clinic.UndoFor {
				refusal = clinic.UndoneError()
			}
		}
		u.Sentence = view.DidSentence(l, did, a)
		if refusal != nil {
			u.Can = false
			if clinic.Status(did.Was) != clinic.Pending || did.What == view.DidMove {
				errors.As(refusal, &u.Why)
			}
		}
	case view.DidClose, view.DidOpen, view.DidOffer, view.DidHold:
		u.Sentence = view.DidSlotsSentence(l, did)
		if now.Sub(at) > clinic.UndoFor {
			u.Can = false
			errors.As(clinic.UndoneError(), &u.Why)
		}
	case view.DidUndo:
		u.Sentence, u.Can = view.UndoneSentence(l, did), false
	default:
		return nil, nil //nolint:nilnil // no word of ours
	}
	return u, nil
}
