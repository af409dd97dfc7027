package office

import (
	"crypto/rand"
	"io"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
)

// pace is how long a stream waits after it has told of a change before it tells of the next: a calendar of a busy clinic asks again
// twice a second at most, and still shows what happens within one.
const pace = 400 * time.Millisecond

// spread is the longest that a stream waits before it tells of a change that comes after a pause. Each has its own wait, so that the
// calendars that are open do not all ask at one instant, when whoever books next would have to wait for them.
const spread = 400 * time.Millisecond

// beat is how often a stream says that it is there. A page that hears nothing for twice as long says so.
const beat = 10 * time.Second

// StreamChanges tells an open calendar, as a stream of events, that something on its days has changed: ?branch=ID&first=DAY&last=DAY.
// An event says that the page is to ask again, so that nothing is wrong when one is lost or comes twice; and, for people, who did what. The stream begins with
// one, because of what changed while the page was on its way. It ends with the session or the right to see the calendar, before anything more
// is told, and when the server stops.
func (p *Pages) StreamChanges(c *gin.Context) error {
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	first, begins := clinic.ParseDate(c.Query("first"))
	last, ends := clinic.ParseDate(c.Query("last"))
	if branch.ID == "" || branch.ID != c.Query("branch") || !begins || !ends {
		return &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
	}
	horizon := clinic.Horizon{First: first, Last: last}
	return p.stream(c, func(e store.Event) (telling, bool) {
		if e != (store.Event{}) && (e.BranchID != branch.ID || !horizon.Holds(e.Day)) {
			return telling{}, false
		}
		sentence, booked := p.newsOf(c, branch, e.News, first != last)
		return telling{sentence, booked}, true
	}, func(staff clinic.Staff) bool { return clinic.StaffActor(staff).May(clinic.SeeCalendar, branch.ID) })
}

// telling is what a stream says of an event to people, and whether it was a booking.
type telling struct {
	sentence string
	booked   bool
}

// stream tells an open page of the events that concern it, as long as whoever listens is signed in and may.
//
// Of too many streams the newest is refused: an old one that was ended would only ask again, and two would end each other for ever.
func (p *Pages) stream(c *gin.Context, concerns func(store.Event) (telling, bool), may func(clinic.Staff) bool) error {
	leave, ok := p.streams.enter(p.Cookie(c, page.SessionCookie))
	if !ok {
		page.Busy(c)
		return &clinic.Error{Code: clinic.Busy, Message: "error.busy"}
	}
	defer leave()
	ctx := c.Request.Context()
	events, err := p.Store.Watch(ctx)
	if err != nil {
		return err
	}
	pieces, err := page.SendPieces(c.Writer)
	if err != nil {
		return err
	}
	defer pieces.Close()
	c.Header("Content-Type", page.EventStream)
	c.Header("X-Accel-Buffering", "no") // nginx would keep events until it has many
	var news heard
	say := func(event string) bool {
		pieces.Resume()
		defer pieces.Rest()
		data := "data:\n\n"
		if event == "changed" {
			data = news.data()
		}
		_, err := io.WriteString(c.Writer, "event: "+event+"\n"+data)
		return err == nil && pieces.Sent() == nil
	}
	if _, err := io.WriteString(c.Writer, "retry: 2000\n"); err != nil || !say("changed") {
		return nil //nolint:nilerr // whoever listened has gone
	}
	ticks := time.NewTicker(beat)
	defer ticks.Stop()
	wait := ownWait()
	var resting <-chan time.Time // until something may be told; nil while nothing is to be told
	missed := false              // something has changed meanwhile
	for {
		event := "beat"
		select {
		case <-ctx.Done():
			return nil
		case <-p.Stopping:
			return nil
		case e, ok := <-events:
			if !ok {
				return nil
			}
			say, ours := concerns(e)
			if !ours {
				continue
			}
			news.add(say.sentence, say.booked)
			missed = true
			if resting == nil {
				resting = time.After(wait)
			}
			continue
		case <-resting:
			resting = nil
			if !missed {
				continue
			}
			event, missed = "changed", false
		case <-ticks.C:
		}
		if !p.mayStillListen(c, may) {
			event = "ended"
		}
		if !say(event) || event == "ended" {
			return nil
		}
		if event == "changed" {
			resting = time.After(pace)
		}
	}
}

// ownWait is a part of spread that differs from stream to stream.
func ownWait() time.Duration {
	var drawn [1]byte
	_, _ = rand.Read(drawn[:]) // it never fails
	return spread * time.Duration(drawn[0]) / 256
}

// mayStillListen reports whether whoever listens is still signed in and may still see what they listen to. While the database does not
// answer, nobody is sent away.
func (p *Pages) mayStillListen(c *gin.Context, may func(clinic.Staff) bool) bool {
	staff, _, err := p.Store.StillSignedIn(c.Request.Context(), p.Cookie(c, page.SessionCookie))
	return err == nil && may(staff) || err != nil && clinic.CodeOf(err) != clinic.Unauthorized
}
