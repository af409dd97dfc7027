package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// checkHost refuses a request for another host than the site's (421): it was led here by somebody else's name, as by a page that rebinds
// its own name to this machine, or by a cache that is to be poisoned. No link is ever made from a request's host, so that this is the second
// lock and not the first. Only the Host itself is looked at; what X-Forwarded-Host says is nobody's to say. Whoever watches the
// machine may ask under any name, and the page that is shown here needs its styles.
func (s *Server) checkHost(c *gin.Context) {
	if isPlain(c) || isHostOf(c.Request.Host, s.BaseURL.Hostname()) {
		return
	}
	c.Abort()
	if isAPI(c) {
		s.showStatus(c, http.StatusMisdirectedRequest, nil)
		return
	}
	if page.Show(c, http.StatusMisdirectedRequest, view.ProblemPage(view.Problem{Status: http.StatusMisdirectedRequest})) != nil {
		c.String(http.StatusMisdirectedRequest, "%s\n", http.StatusText(http.StatusMisdirectedRequest))
	}
}

// isHostOf reports whether a Host is the site's name, or one of the machine itself, under which a proxy or a person on it asks and which
// no page of somebody else can have. The port is not compared: proxies take it away or have one of their own.
func isHostOf(host, site string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.TrimSuffix(strings.Trim(name, "[]"), ".")
	if strings.EqualFold(name, strings.TrimSuffix(site, ".")) || strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}
