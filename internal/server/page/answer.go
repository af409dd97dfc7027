package page

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// Handler answers a request, or returns why it cannot: an *clinic.Error or clinic.Errors becomes a page with the status
// of its code, anything else a page with a request id and a line in the log.
type Handler func(c *gin.Context) error

// usualPage is how large a page usually is, in bytes: one that is larger takes a little longer.
const usualPage = 96 << 10

// Show renders a page completely before the first byte is sent, so that a failure is never half a page.
func Show(c *gin.Context, status int, component templ.Component) error {
	noted := noteSeen(c)
	var b bytes.Buffer
	b.Grow(usualPage)
	if err := component.Render(c.Request.Context(), &b); err != nil {
		return err
	}
	if err := noted(); err != nil {
		return err
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// GoTo sends the browser on with GET to a path of our own.
func GoTo(c *gin.Context, path string) error {
	c.Redirect(http.StatusSeeOther, path)
	return nil
}

// OwnPath keeps a redirect within the site: a path beginning with one slash, and nothing a browser could read as a host
// (//host, /\host) or a header cannot hold. Anything else becomes the first page.
func OwnPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") || clinic.HasControl(path) {
		return "/"
	}
	return path
}

// Status is the one table from a refusal's code to the HTTP status.
func Status(code clinic.Code) int {
	switch code {
	case clinic.Invalid, clinic.KeyReused:
		return http.StatusUnprocessableEntity
	case clinic.SlotTaken, clinic.SlotPast, clinic.SlotEarly, clinic.AlreadyBooked, clinic.Conflict:
		return http.StatusConflict
	case clinic.NotFound:
		return http.StatusNotFound
	case clinic.Unauthorized:
		return http.StatusUnauthorized
	case clinic.Forbidden:
		return http.StatusForbidden
	case clinic.TooMany:
		return http.StatusTooManyRequests
	case clinic.Unavailable, clinic.Busy:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Lang is the language of the request.
func Lang(c *gin.Context) string { return web.LocaleOf(c.Request.Context()).Lang() }

// Private marks an answer that holds personal data, so that no cache and no other person at the same device keeps it. Every answer is
// marked so until its handler says otherwise; one that holds such data says it itself.
func Private(c *gin.Context) { c.Header("Cache-Control", "no-store") }

// Public marks a page that is the same for everybody, so that a browser may keep it and goes back to it without asking.
func (s *Site) Public(c *gin.Context) {
	if c.Query(travelling) == "" && s.Travelling(c) == "" { // the page would hand the token on
		c.Header("Cache-Control", "no-cache")
	}
}

const busyKey = "busy"

// Busy marks an answer that refuses one of too many requests at once, so that they do not fill the log.
func Busy(c *gin.Context) { c.Set(busyKey, true) }

// IsBusy reports whether Busy has marked the answer.
func IsBusy(c *gin.Context) bool { return c.GetBool(busyKey) }
