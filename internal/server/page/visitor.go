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

// Visitor is the browser that asks, by the random token in its cookie; without a token when it has none yet.
func (s *Site) Visitor(c *gin.Context) clinic.Actor {
	token := s.Cookie(c, visitorCookie)
	if len(token) != tokenLength {
		token = ""
	}
	return clinic.Visitor(token, ClientAddress(c))
}

// NewVisitor is Visitor, and gives the browser a token if it has none. The cookie ends with the browser's session and says
// nothing about the person.
func (s *Site) NewVisitor(c *gin.Context) clinic.Actor {
	v := s.Visitor(c)
	if v.Token == "" {
		v.Token = clinic.NewToken()
		s.SetCookie(c, visitorCookie, v.Token, 0)
	}
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
