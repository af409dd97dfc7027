package office

import (
	"context"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
)

// names keeps the names of those of the staff who did something last, because every open calendar says them. After a minute they are
// read again.
type names struct {
	mu     sync.Mutex
	minute int64
	all    map[string]string // by id
}

// nameOf is the name of a member of staff.
func (p *Pages) nameOf(ctx context.Context, id string) (string, error) {
	p.names.mu.Lock()
	defer p.names.mu.Unlock()
	if minute := p.Now().Unix() / 60; p.names.all == nil || p.names.minute != minute {
		p.names.minute, p.names.all = minute, map[string]string{}
	}
	if name, known := p.names.all[id]; known {
		return name, nil
	}
	read, err := p.Store.StaffNames(ctx, id)
	if err == nil {
		p.names.all[id] = read[id]
	}
	return read[id], err
}

// newsOf says in a sentence what was done at a branch, by somebody else than whoever listens; "" where it is not worth a sentence. No patient
// is named. days is whether the calendar shows more than one, so that the day is said as well.
func (p *Pages) newsOf(c *gin.Context, branch clinic.Branch, news store.News, days bool) (sentence string, booked bool) {
	ctx, l, loc := c.Request.Context(), web.LocaleOf(c.Request.Context()), branch.Location()
	if news.By != "" && news.By == page.Staff(c).ID {
		return "", false
	}
	when := l.Clock(news.At, loc)
	if days {
		when = l.DayAndTime(news.At, loc, "")
	}
	if news.N > 1 {
		when = l.T("office.desk.news.several", "When", when, "N", strconv.Itoa(news.N))
	}
	now := l.Clock(p.Now(), loc)
	if news.Op == store.BookOp && news.By == "" {
		return l.T("office.desk.news.online", "Now", now, "When", when), true
	}
	if news.By == "" {
		return "", false
	}
	name, err := p.nameOf(ctx, news.By)
	if err != nil || name == "" { // it is not worth more than a sentence that is missing
		return "", news.Op == store.BookOp
	}
	say := func(key string) string { return l.T(key, "Now", now, "Name", name, "When", when) }
	switch news.Op {
	case store.BookOp:
		return say("office.desk.news.booked"), true
	case "CloseSlots", "CloseSlot":
		return say("office.desk.news.closed"), false
	case "OpenSlots", "AddSlots":
		return say("office.desk.news.opened"), false
	case "OfferSlots":
		return say("office.desk.news.offered"), false
	case "HoldAtDesk", "HoldForCaller":
		return say("office.desk.news.held"), false
	case "ReleaseSlot", "Release":
		return say("office.desk.news.released"), false
	case "Cancel", "CancelTogether":
		return say("office.desk.news.cancelled"), false
	case "Move", "MoveBack":
		at := l.Clock(news.At, loc) // of the two slots, the one before
		if days {
			at = l.DayAndTime(news.At, loc, "")
		}
		return l.T("office.desk.news.moved", "Now", now, "Name", name, "When", at), false
	case "Step", "StepBack", "Restore":
		return say("office.desk.news.stepped"), false
	}
	return "", false
}

// heard is what a stream has to tell with its next event.
type heard struct {
	sentence string
	booked   bool
}

// add keeps the news of a booking before all others, and otherwise the last.
func (h *heard) add(sentence string, booked bool) {
	if sentence != "" && (booked || !h.booked) {
		h.sentence = sentence
	}
	h.booked = h.booked || booked
}

// data is how an event tells it: whether something was booked, and the sentence.
func (h *heard) data() string {
	kind := ""
	if h.booked {
		kind = " booked"
	}
	out := "data:" + kind + "\ndata: " + h.sentence + "\n\n"
	*h = heard{}
	return out
}
