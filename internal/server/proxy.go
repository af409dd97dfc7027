package server

import (
	"net"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"
)

// forwarding are the headers by which proxies say for whom they ask. Of them X-Forwarded-For is read.
var forwarding = []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"}

// untrustedNote is what is said when a proxy seems to stand in front that is not trusted.
const untrustedNote = "requests come with X-Forwarded-For from a peer that is not trusted: if that is your proxy, all its visitors count as one " +
	"until MADOGUCHI_TRUSTED_PROXIES names it"

// noticeProxies notices, once, when somebody who is not trusted says for whom they ask. It may be a visitor who made it up, or a
// proxy that nobody named, behind which the limits of one address are those of all visitors together.
func (s *Server) noticeProxies(trusted []netip.Prefix) gin.HandlerFunc {
	return func(c *gin.Context) {
		if s.untrusted.Load() {
			return
		}
		for _, name := range forwarding {
			if c.Request.Header.Get(name) != "" && !isTrusted(c.Request.RemoteAddr, trusted) {
				if s.untrusted.CompareAndSwap(false, true) {
					s.Log.Warn(untrustedNote)
				}
				return
			}
		}
	}
}

func isTrusted(remote string, trusted []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// plainForwarded takes the ports away that some proxies write behind the addresses in X-Forwarded-For, and the brackets around
// them: gin would not know the addresses then, and count all visitors as the proxy.
func plainForwarded(c *gin.Context) {
	lines := c.Request.Header.Values("X-Forwarded-For")
	for i, line := range lines {
		hops := strings.Split(line, ",")
		for j, hop := range hops {
			hop = strings.TrimSpace(hop)
			if host, _, err := net.SplitHostPort(hop); err == nil {
				hop = host
			}
			hops[j] = strings.TrimSuffix(strings.TrimPrefix(hop, "["), "]")
		}
		lines[i] = strings.Join(hops, ", ")
	}
}
