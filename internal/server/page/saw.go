package page

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// seenKey is where a request keeps whom its answer shows.
const seenKey = "seen"

// siteKey is where a request of somebody who has signed in keeps the site.
const siteKey = "site"

// Attend lets what somebody is shown be written down, who has signed in.
func (s *Site) Attend(c *gin.Context) { c.Set(siteKey, s) }

// Saw says whom, or what, the answer shows. It is written into the audit log before the answer is sent, and not at all where another answer takes its
// place that shows nobody, such as the way to another page.
func Saw(c *gin.Context, action clinic.AuditAction, of ...clinic.Subject) {
	seen, _ := c.Value(seenKey).([]store.Seen)
	for _, subject := range of {
		next := store.Seen{Action: action, Of: subject, Live: IsLive(c)}
		known := false
		for _, have := range seen {
			known = known || have == next
		}
		if !known {
			seen = append(seen, next)
		}
	}
	c.Set(seenKey, seen)
}

// SawNothing takes back what Saw said, because an answer follows that shows nobody.
func SawNothing(c *gin.Context) { c.Set(seenKey, []store.Seen(nil)) }

// SawEach is Saw for several of a kind.
func SawEach[T any](c *gin.Context, action clinic.AuditAction, all []T, about func(T) clinic.Subject) {
	for _, one := range all {
		Saw(c, action, about(one))
	}
}

// NoteSeen writes down whom the answer shows. Show does so; whoever sends an answer otherwise calls it first. An answer to HEAD shows nobody.
//
// While nothing can be written, because the disk is full, the answer is sent all the same, and what would have been written is said in the log: a
// doctor must be able to read what is there. The log holds ids and no names.
func NoteSeen(c *gin.Context) error { return noteSeen(c)() }

// noteSeen begins NoteSeen, which goes on while the answer is drawn, because the disk takes about as long. What it returns waits for the end and must
// be called before anything is sent. Where the answer cannot be drawn after all, the log says that somebody was about to be shown it.
func noteSeen(c *gin.Context) (noted func() error) {
	seen, _ := c.Value(seenKey).([]store.Seen)
	SawNothing(c)
	site, _ := c.Value(siteKey).(*Site)
	if len(seen) == 0 || site == nil || c.Request.Method == http.MethodHead {
		return func() error { return nil }
	}
	ctx, actor, staff := c.Request.Context(), Actor(c), Staff(c) // c is used for another request once this one is over, and it may be before the log is
	return Beside(func() error {
		err := site.Store.NoteSeen(ctx, actor, seen...)
		if clinic.CodeOf(err) != clinic.Unavailable || ctx.Err() != nil {
			return err
		}
		for _, s := range seen {
			site.Log.LogAttrs(ctx, slog.LevelError, "not in the audit log", slog.String("staff", staff.ID), slog.String("action", string(s.Action)),
				slog.String("branch", s.Of.Branch), slog.String("booking", s.Of.Booking), slog.String("patient", s.Of.Patient), slog.String("cause", err.Error()))
		}
		return nil
	})
}
