package server

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"madoguchi/internal/server/page"
)

// LimitConnections bounds how many connections one network address may have open, so that whoever opens thousands and says nothing takes
// their own and nobody else's. What is more is closed at once. Trusted proxies, who connect for everybody, are not bounded, and nobody
// is where most is 0.
func LimitConnections(listener net.Listener, most int, trusted []netip.Prefix, now func() time.Time, log *slog.Logger) net.Listener {
	if most <= 0 {
		return listener
	}
	return &limited{Listener: listener, most: most, trusted: trusted, now: now, log: log, open: map[string]int{}}
}

type limited struct {
	net.Listener
	most    int
	trusted []netip.Prefix
	now     func() time.Time
	log     *slog.Logger

	mu      sync.Mutex
	open    map[string]int // by the address as limits count it
	refused int            // since it was last said
	said    time.Time
}

// Accept waits for the next connection that is not one too many.
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || isTrusted(conn.RemoteAddr().String(), l.trusted) {
			return conn, err
		}
		client := clientOf(conn)
		if l.enter(client) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { l.leave(client) })}, nil
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // the kernel keeps nothing of it either
		}
		_ = conn.Close() // nobody is told more
	}
}

// enter counts a connection, or says, once a minute, how many were refused. Whose they are is in no log.
func (l *limited) enter(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client] < l.most {
		l.open[client]++
		return true
	}
	l.refused++
	if now := l.now(); now.Sub(l.said) >= refusedEvery {
		l.log.LogAttrs(context.Background(), slog.LevelWarn, "connections were closed because one network address had too many: "+
			"if that is your proxy, MADOGUCHI_TRUSTED_PROXIES must name it", slog.Int("count", l.refused))
		l.said, l.refused = now, 0
	}
	return false
}

func (l *limited) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client]--; l.open[client] == 0 {
		delete(l.open, client)
	}
}

// clientOf is whose connection it is.
func clientOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return ""
	}
	return page.Network(host)
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection and counts it no longer.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
