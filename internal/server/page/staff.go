package page

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
)

// SessionCookie is the cookie of a signed-in member of staff.
const SessionCookie = "session"

const (
	staffKey   = "staff"
	sessionKey = "session"
)

// LiveHeader is sent by a page that brings itself up to date. Such a request does not keep the session going.
const LiveHeader = "Live"

// IsLive reports whether a request comes from a page by itself: its own refreshing, or the stream that it listens to, to whose
// request a browser adds no header.
func IsLive(c *gin.Context) bool {
	return c.GetHeader(LiveHeader) != "" || c.GetHeader("Accept") == EventStream
}

// EventStream is the type of a stream of events (WHATWG HTML, 9.2).
const EventStream = "text/event-stream"

// SignedIn is the member of staff who asks, or Unauthorized.
func (s *Site) SignedIn(c *gin.Context) (clinic.Staff, error) {
	ask := s.Store.SignedIn
	if IsLive(c) {
		ask = s.Store.StillSignedIn
	}
	staff, session, err := ask(c.Request.Context(), s.Cookie(c, SessionCookie))
	if err == nil {
		c.Set(staffKey, staff)
		c.Set(sessionKey, session)
	}
	return staff, err
}

// Staff is the member of staff for whom a route was opened. It is for handlers of routes that need one.
func Staff(c *gin.Context) clinic.Staff {
	staff, ok := c.MustGet(staffKey).(clinic.Staff)
	if !ok {
		panic("the route is not for staff") // only SignedIn sets it, so the list of routes is wrong
	}
	return staff
}

// Session is the session of the member of staff for whom a route was opened. It is for handlers of routes that need one.
func Session(c *gin.Context) clinic.Session {
	session, ok := c.MustGet(sessionKey).(clinic.Session)
	if !ok {
		panic("the route is not for staff")
	}
	return session
}

// Browser is what the browser that asks says of itself, and where it is.
func Browser(c *gin.Context) clinic.Browser {
	agent := []rune(clinic.Tidy(clinic.Showable(c.Request.UserAgent())))
	return clinic.Browser{Agent: string(agent[:min(len(agent), clinic.MaxAgent)]), Network: c.ClientIP()}
}

// Actor is Staff as the one who acts.
func Actor(c *gin.Context) clinic.Actor { return clinic.StaffActor(Staff(c)) }

// StaffOf is the member of staff who asks, if it is already known that one does.
func StaffOf(c *gin.Context) (clinic.Staff, bool) {
	staff, ok := c.Value(staffKey).(clinic.Staff)
	return staff, ok
}
