package page

import (
	"net/http"
	"net/netip"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
)

const visitorCookie = "visitor"

// tokenLength is the length of clinic.NewToken; a cookie of another length was not made by us.
const tokenLength = 26

// Visitor is the random name of the browser that asks, from its cookie; empty when it has none yet.
func (s *Site) Visitor(c *gin.Context) string {
	cookie, err := c.Request.Cookie(s.cookieName(visitorCookie))
	if err != nil || len(cookie.Value) != tokenLength {
		return ""
	}
	return cookie.Value
}

// NewVisitor gives the browser that asks a name, if it has none, and returns it. The cookie ends with the browser's
// session and says nothing about the person.
func (s *Site) NewVisitor(c *gin.Context) string {
	if v := s.Visitor(c); v != "" {
		return v
	}
	v := clinic.NewToken()
	s.SetCookie(c, visitorCookie, v, 0)
	return v
}

// SetCookie sets a cookie that scripts cannot read and other sites cannot use to post. maxAge is in seconds; 0 ends with
// the browser's session.
func (s *Site) SetCookie(c *gin.Context, name, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure wherever the site is reached by https
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.Secure(), SameSite: http.SameSiteLaxMode,
	})
}

// Cookie reads what SetCookie set; empty when there is none.
func (s *Site) Cookie(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// cookieName binds a cookie to this host by the __Host- prefix where https allows it.
func (s *Site) cookieName(name string) string {
	if s.Secure() {
		return "__Host-" + name
	}
	return name
}

// ClientAddress is the network address that limits are counted by. An IPv6 customer has a whole /64, so that counts as
// one.
func ClientAddress(c *gin.Context) string {
	ip := c.ClientIP()
	if addr, err := netip.ParseAddr(ip); err == nil && addr.Is6() && !addr.Is4In6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip
}
