package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

func (c *Config) setAddr(v string) error {
	c.Addr = v
	return checkAddr(v)
}

// checkAddr checks where to listen.
func checkAddr(v string) error {
	_, port, err := net.SplitHostPort(v)
	if n, numErr := strconv.Atoi(port); err != nil || numErr != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q is not host:port, such as :8080", v)
	}
	return nil
}

func (c *Config) setBaseURL(v string) error {
	u, err := url.Parse(strings.TrimSuffix(v, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || u.User != nil {
		return errors.New("it must be http:// or https:// and a host, such as https://yoyaku.example")
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return errors.New("nothing may follow the host")
	}
	// Browsers and certificates write a Japanese name in this way, and requests are compared with it.
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil && strings.ContainsFunc(u.Hostname(), func(r rune) bool { return r > unicode.MaxASCII }) {
		return errors.New("the host is no name that can be asked for")
	}
	if err == nil && net.ParseIP(u.Hostname()) == nil {
		if port := u.Port(); port != "" {
			host = net.JoinHostPort(host, port)
		}
		u.Host = host
	}
	c.BaseURL = u
	return nil
}

// PlainPublic reports whether BaseURL is plain http and leads elsewhere than to this machine or a private network, by its name.
func (c Config) PlainPublic() bool {
	host := strings.ToLower(strings.TrimSuffix(c.BaseURL.Hostname(), "."))
	if c.BaseURL.Scheme != "http" || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return strings.Contains(host, ".") // a name without a dot is one of a private network
	}
	addr = addr.Unmap()
	return !addr.IsLoopback() && !addr.IsPrivate() && !addr.IsLinkLocalUnicast()
}

func (c *Config) setTrustedProxies(v string) error {
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			addr, addrErr := netip.ParseAddr(part)
			if addrErr != nil || addr.Zone() != "" {
				return fmt.Errorf("%q is no network such as 10.0.0.0/8", part)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if prefix.Bits() == 0 {
			return fmt.Errorf("%q is everybody, who could then choose their address and get past the limits: name your proxies or their network", part)
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix.Masked())
	}
	return nil
}
