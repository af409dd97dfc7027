package server

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
)

// cleanLink leads from a patient's link that was copied with something behind it, such as a full stop, a bracket or a slash, or was
// written in capitals, to the link itself. Only what is then a token is led anywhere.
func cleanLink(c *gin.Context) {
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return
	}
	for _, before := range []string{"/booking/", "/intake/"} {
		typed, found := strings.CutPrefix(c.Request.URL.Path, before)
		token := strings.ToLower(strings.TrimRightFunc(typed, notInToken))
		if !found || token == typed || !clinic.IsToken(token) {
			continue
		}
		address := *c.Request.URL
		address.Path, address.RawPath = before+token, ""
		page.Private(c)
		c.Redirect(http.StatusSeeOther, address.RequestURI())
		c.Abort()
		return
	}
}

// notInToken reports a sign that may stand behind a link. What cannot be read (showablePath) belongs to no link.
func notInToken(r rune) bool {
	return r != utf8.RuneError && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
}
