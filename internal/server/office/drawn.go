package office

import (
	"context"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// drawn keeps the calendars that were drawn last, because many look at the same one, and all of them ask again whenever something
// changes. One is true as long as the version of its branch, that of the settings and the minute are the ones for which it was drawn:
// within a minute times become past and holds end.
type drawn struct {
	mu   sync.Mutex
	all  map[string]drawing
	busy map[string]chan struct{} // closed when a calendar that somebody draws is drawn
}

type drawing struct {
	of        drawnOf
	html      string
	counts    []view.DeskCount
	cancelled int
	month     []view.MiniWeek // of the small month beside it, which is kept by itself
	live      *livePart       // what a calendar that is open asks for; nil where nothing is kept
}

// livePart is the part of a page that a calendar which is open asks for again, packed for whoever asks first and sent to all of them: to
// pack it takes longer than all the rest of the answer.
type livePart struct {
	mu     sync.Mutex
	packed []byte
}

// get is the packed part, or what pack makes of it where nobody has asked before. Who asks meanwhile waits.
func (l *livePart) get(pack func() ([]byte, error)) (packed []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.packed == nil {
		l.packed, err = pack()
	}
	return l.packed, err
}

// keptCalendar is a calendar as it was drawn.
type keptCalendar struct {
	templ.Component
	live *livePart
}

// drawnOf is of what a calendar was drawn.
type drawnOf struct {
	version  [2]uint64
	settings int64
	minute   int64
}

// mostDrawn is how many calendars are kept at most. They are all given up together when there are more, which costs one drawing each.
const mostDrawn = 256

// draw fills in what a view of a branch's calendar shows: as made draws it, or as it drew it before where nothing has changed since. made
// sets the desk's counts and how many bookings are cancelled. All of that may depend on the filter of the desk, the language and on what
// the person may do, and on nothing else of the request.
func (p *Pages) draw(c *gin.Context, f view.Frame, d *view.Desk, made func() (templ.Component, error)) error {
	key := strings.Join([]string{d.DrawnAs(f.Branch.ID), page.Lang(c), string(f.Staff.Role)}, " ")
	have, err := p.once(c, f.Branch.ID, key, func() (drawing, error) {
		calendar, err := made()
		if err != nil {
			return drawing{}, err
		}
		var html strings.Builder
		html.Grow(p.drawn.size(key))
		err = calendar.Render(c.Request.Context(), &html)
		return drawing{html: html.String(), counts: d.Counts, cancelled: d.Cancelled, live: &livePart{}}, err
	})
	d.Calendar, d.Counts, d.Cancelled = keptCalendar{templ.Raw(have.html), have.live}, have.counts, have.cancelled
	return err
}

// once is what is kept of a branch under a key, or what made makes of it where something has changed since.
func (p *Pages) once(c *gin.Context, branchID, key string, made func() (drawing, error)) (drawing, error) {
	of, known, err := p.drawnNow(c, branchID)
	if err != nil {
		return drawing{}, err
	}
	if !known {
		return made()
	}
	have, ok, done, err := p.drawn.turn(c.Request.Context(), key, of)
	if err != nil || ok {
		return have, err
	}
	defer done()
	if have, err = made(); err == nil {
		have.of = of
		p.drawn.keep(key, have)
	}
	return have, err
}

// drawnNow is of what a calendar of a branch would be drawn now; known is false where that cannot be told.
func (p *Pages) drawnNow(c *gin.Context, branchID string) (of drawnOf, known bool, err error) {
	version, known := p.Store.Version(c.Request.Context(), branchID)
	settings, err := p.Store.SettingsVersion(c.Request.Context())
	return drawnOf{version, settings, p.Now().Unix() / 60}, known, err
}

// turn is the drawing where there is one, or the turn to make it: of many who ask for one at once, as all do that are open when something
// changes, one draws and the others wait until done is called.
func (d *drawn) turn(ctx context.Context, key string, of drawnOf) (have drawing, ok bool, done func(), err error) {
	for {
		d.mu.Lock()
		if have, ok = d.all[key]; ok && have.of == of {
			d.mu.Unlock()
			return have, true, nil, nil
		}
		others := d.busy[key]
		if others == nil {
			if d.busy == nil {
				d.busy = map[string]chan struct{}{}
			}
			mine := make(chan struct{})
			d.busy[key] = mine
			d.mu.Unlock()
			return drawing{}, false, func() {
				d.mu.Lock()
				delete(d.busy, key)
				d.mu.Unlock()
				close(mine)
			}, nil
		}
		d.mu.Unlock()
		select {
		case <-others:
		case <-ctx.Done():
			return drawing{}, false, nil, ctx.Err()
		}
	}
}

// size is how long the calendar was that was drawn last under a key: the next one is nearly as long.
func (d *drawn) size(key string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.all[key].html)
}

func (d *drawn) keep(key string, made drawing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil || len(d.all) >= mostDrawn {
		d.all = map[string]drawing{}
	}
	d.all[key] = made
}
