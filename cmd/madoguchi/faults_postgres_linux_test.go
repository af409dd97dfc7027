package main_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// proxy stands between one program and PostgreSQL, hands on what they say, and strikes when the program has said something so many times.
type proxy struct {
	t           *testing.T
	dir, server string // the folder of its socket, and the socket of PostgreSQL
	connections sync.WaitGroup
	mu          sync.Mutex
	said        int64
	blow        blow
}

// socketName is how PostgreSQL's programs call their socket in its folder.
const socketName = ".s.PGSQL.5432"

func newProxy(t *testing.T, address string) *proxy {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	dir, err := os.MkdirTemp("", "proxy") // the path of a socket must be short
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	p := &proxy{t: t, dir: dir, server: filepath.Join(u.Query().Get("host"), socketName)}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, socketName))
	must(t, err)
	accepting := make(chan struct{})
	t.Cleanup(func() {
		must(t, listener.Close())
		<-accepting
		p.connections.Wait()
	})
	go func() {
		defer close(accepting)
		for {
			accepted, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			program, ok := accepted.(*net.UnixConn)
			if !ok {
				return // which a listener of this kind never does
			}
			if who, err := peer(program); err == nil && int(who) == os.Getpid() {
				_ = program.Close() // quiet asks who is before it
				continue
			}
			p.connections.Go(func() { p.hand(program) })
		}
	}()
	return p
}

func (p *proxy) settings(s settings) settings {
	u, err := url.Parse(s["MADOGUCHI_DATABASE"])
	must(p.t, err)
	query := u.Query()
	query.Set("host", p.dir)
	u.RawQuery = query.Encode()
	return s.database(u.String())
}

func (p *proxy) arm(b blow) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said, p.blow = 0, b
}

func (p *proxy) reached() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said
}

// quiet waits for those connections that the program has left in the queue as well: one of the tests' own is behind them.
func (p *proxy) quiet() {
	last, err := new(net.Dialer).DialContext(p.t.Context(), "unix", filepath.Join(p.dir, socketName))
	must(p.t, err)
	_, _ = last.Read(make([]byte, 1)) // until it is closed
	_ = last.Close()
	p.connections.Wait()
}

// next counts a message, and says what happens at it.
func (p *proxy) next(message []byte) strike {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.blow.commits && !bytes.Contains(message, []byte("commit\x00")) {
		return nothing
	}
	p.said++
	last := p.blow.at
	if p.blow.what == fail || p.blow.what == failHalfway {
		last += p.blow.times - 1
	}
	if p.blow.at == 0 || p.said < p.blow.at || p.said > last {
		return nothing
	}
	return p.blow.what
}

// hand hands on what is said on one connection until PostgreSQL has ended it, which it does when it has finished what it was told.
func (p *proxy) hand(program *net.UnixConn) {
	defer func() { _ = program.Close() }()
	dialed, err := new(net.Dialer).DialContext(context.Background(), "unix", p.server)
	server, ok := dialed.(*net.UnixConn)
	if err != nil || !ok {
		return // the program hears that there is no server
	}
	defer func() { _ = server.Close() }()
	var listening sync.WaitGroup
	listening.Go(func() {
		_, _ = io.Copy(program, server)
		_ = program.Close()
		_, _ = io.Copy(io.Discard, server) // to nobody any more
	})
	p.speak(program, server)
	_ = server.CloseWrite()
	listening.Wait()
}

// speak hands on what the program says until it ends, or is struck.
func (p *proxy) speak(program, server *net.UnixConn) {
	message := make([]byte, 1<<20)
	for {
		n, err := program.Read(message)
		if err != nil {
			return
		}
		what := p.next(message[:n])
		switch what {
		case die, dieHalfway:
			p.signal(program, syscall.SIGKILL)
		case fail, failHalfway:
			_ = program.Close()
		case freeze:
			p.signal(program, syscall.SIGSTOP)
		case nothing, hangUp: // the latter comes by another way
		}
		if what == die || what == fail {
			return
		}
		if _, err := server.Write(message[:n]); err != nil || what == dieHalfway || what == failHalfway {
			return
		}
	}
}

// signal reaches the program at the other end of a connection, unless it has ended.
func (p *proxy) signal(program *net.UnixConn, signal syscall.Signal) {
	who, err := peer(program)
	if err == nil {
		err = syscall.Kill(int(who), signal)
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		p.t.Errorf("signal the program: %v", err)
	}
}

// peer is the process at the other end of a connection.
func peer(c *net.UnixConn) (pid int32, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var who *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		who, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err = errors.Join(err, failed); err != nil {
		return 0, err
	}
	return who.Pid, nil
}
