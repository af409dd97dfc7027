package server

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// forwarding are the headers by which proxies say for whom they ask. Of them X-Forwarded-For is read.
var forwarding = []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"}

// untrustedNote is what is said when a proxy seems to stand in front that is not trusted.
const untrustedNote = "requests come with X-Forwarded-For from a peer that is not trusted: if that is your proxy, all its visitors count as one " +
	"until MADOGUCHI_TRUSTED_PROXIES names it"

// silentNote is what is said when a proxy that is trusted does not say for whom it asks.
const silentNote = "requests come from a peer that is named in MADOGUCHI_TRUSTED_PROXIES and do not say in X-Forwarded-For for whom it asks: if that is " +
	"your proxy, all its visitors count as one until it sends that header"

// noticeProxies notices, each once, two signs that the limits of one address are those of all visitors together: somebody who is not
// trusted says for whom they ask, which may be a visitor who made it up or a proxy that nobody named; and a trusted proxy does
// not say it in a way that is read. Its own questions whether we are well are asked for nobody.
func (s *Server) noticeProxies(trusted []netip.Prefix) gin.HandlerFunc {
	return func(c *gin.Context) {
		path := c.Request.URL.Path
		switch {
		case !isTrusted(c.Request.RemoteAddr, trusted):
			if saysForWhom(c) && s.untrusted.CompareAndSwap(false, true) {
				s.Log.Warn(untrustedNote)
			}
		case path != "/healthz" && path != "/readyz" && c.ClientIP() == c.RemoteIP() && s.silent.CompareAndSwap(false, true):
			s.Log.Warn(silentNote)
		}
	}
}

func saysForWhom(c *gin.Context) bool {
	return slices.ContainsFunc(forwarding, func(name string) bool { return c.Request.Header.Get(name) != "" })
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
