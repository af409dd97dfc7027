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

// travelling is the field, of a form or an address, in which the token of a browser travels that sends no cookie.
const travelling = "hold"

// Visitor is the browser that asks, by the random token in its cookie or, where it sends none, by the one that travels in the
// form; without a token when it has none yet.
func (s *Site) Visitor(c *gin.Context) clinic.Actor {
	token := s.visitorToken(c)
	if token == "" {
		token = s.Travelling(c)
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
		c.Set(travelling, v.Token) // until it is known that the browser keeps cookies
	}
	return v
}

// Travelling is the token that the next form or address carries because the browser has sent no cookie; "" where it has. Anybody
// can be given an address with a token in it, so it names a hold and nothing else, and never becomes a cookie.
func (s *Site) Travelling(c *gin.Context) string {
	if s.visitorToken(c) != "" {
		return ""
	}
	for _, token := range []string{c.GetString(travelling), c.PostForm(travelling), c.Query(travelling)} {
		if len(token) == tokenLength {
			return token
		}
	}
	return ""
}

// OwnKey is the key by which a visitor's booking of a slot is found again, see clinic.Request; "" for a browser that sends no
// cookie.
func (s *Site) OwnKey(c *gin.Context, slotID string) string {
	token := s.visitorToken(c)
	if token == "" {
		return ""
	}
	return "visitor:" + token + ":" + slotID
}

// visitorToken is the token of the cookie; "" where there is none of ours.
func (s *Site) visitorToken(c *gin.Context) string {
	if token := s.Cookie(c, visitorCookie); len(token) == tokenLength {
		return token
	}
	return ""
}

// SetCookie sets a cookie that scripts cannot read and other sites cannot use to post. maxAge is in seconds; 0 ends with
// the browser's session.
func (s *Site) SetCookie(c *gin.Context, name, value string, maxAge int) {
	Private(c)
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

// ClientAddress is the network address that limits are counted by.
func ClientAddress(c *gin.Context) string { return Network(c.ClientIP()) }

// Network is the part of an address that belongs to one customer: an IPv6 customer has a whole /64, so that counts as one.
func Network(ip string) string {
	if addr, err := netip.ParseAddr(ip); err == nil && addr.Is6() && !addr.Is4In6() {
		if prefix, err := addr.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip
}
