package main_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"madoguchi/internal/mail/mailtest"
)

// outbound are the remote ends of a process's own connections, and of what it sends without one, as the kernel lists them, but for connections
// that others have opened to the ports at which it listens.
func outbound(t *testing.T, pid int) (ends []string) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d", pid)
	own := map[string]bool{}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return nil // it has ended
	}
	for _, f := range files {
		if to, err := os.Readlink(filepath.Join(proc, "fd", f.Name())); err == nil && strings.HasPrefix(to, "socket:[") {
			own[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
		}
	}
	type line struct{ local, remote string }
	var lines []line
	listening := map[string]bool{}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile(filepath.Join(proc, "net", table))
		if err != nil {
			continue // there is no such protocol on this machine
		}
		for _, l := range strings.Split(string(text), "\n")[1:] {
			f := strings.Fields(l) // sl local remote state queues timer retransmits uid timeout inode
			if len(f) < 10 || !own[f[9]] {
				continue
			}
			_, port, _ := strings.Cut(f[1], ":")
			if strings.HasSuffix(f[2], ":0000") {
				listening[port] = listening[port] || strings.HasPrefix(table, "tcp")
				if strings.HasPrefix(table, "udp") { // a socket that is bound to nobody can send to anybody
					ends = append(ends, table+" to anybody")
				}
				continue
			}
			lines = append(lines, line{port, f[2]})
		}
	}
	for _, l := range lines {
		if !listening[l.local] {
			ends = append(ends, l.remote)
		}
	}
	return ends
}

// kernelAddress is an address of IPv4 as the kernel's lists have it.
func kernelAddress(t *testing.T, address net.Addr) string {
	t.Helper()
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		t.Fatalf("%s is no TCP address", address)
	}
	b := tcp.IP.To4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", b[3], b[2], b[1], b[0], tcp.Port) // in the order of this kind of machine
}

// TestProof_SpeaksToNobodyElse: while people book, answer, are written to and read, the program opens connections to its mail server and to nobody else.
// Which code may open any is a rule of the architecture (TestArchitecture).
func TestProof_SpeaksToNobodyElse(t *testing.T) {
	// The kernel's list shows what is looked for.
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, listener.Close()) })
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	if seen := outbound(t, os.Getpid()); !slices.Contains(seen, kernelAddress(t, listener.Addr())) {
		t.Fatalf("a connection to %s is not seen: this test would notice nothing: %v", kernelAddress(t, listener.Addr()), seen)
	}

	mails := mailtest.Start(t, mailtest.Script{})
	s := newSettings(t, "sqlite").mailTo(mails, "")
	c := openClinic(t, s, 3)
	password := addStaff(t, s, "admin", "kanri@example.jp", "管理 見本", "")
	p := serve(t, s)
	address, err := net.ResolveTCPAddr("tcp", mails.Addr())
	must(t, err)
	allowed, others := kernelAddress(t, address), map[string]bool{}
	ctx, stop := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	looks := 0
	looking.Go(func() {
		for ctx.Err() == nil {
			looks++
			for _, end := range outbound(t, p.cmd.Process.Pid) {
				if end != allowed {
					others[end] = true
				}
			}
		}
	})

	v := newVisitor(t, p)
	for _, path := range []string{"/", "/privacy", "/slots", "/lost", "/waiting", "/robots.txt", "/readyz", "/api/openapi.json", "/api/v1/branches"} {
		v.get(path)
	}
	v.mustBook(c.slots[0], 1)
	booked := v.post("/book", goodForm(c.slots[1])).expect(t, http.StatusOK, "/booking/")
	v.get(booked.URL.Path + "/calendar.ics")
	v.get(strings.Replace(booked.URL.Path, "/booking/", "/intake/", 1))
	arrive(t, mails, 2)
	v.post("/office/sign-in", map[string][]string{"email": {"kanri@example.jp"}, "password": {password}}).expect(t, http.StatusOK, "/office")
	for _, path := range []string{"/office", "/office/day", "/office/week", "/office/month", "/office/letters", "/office/numbers", "/office/clinic", "/office/questionnaire", "/office/import", "/office/setup", "/office/search"} {
		v.get(path)
	}
	stop()
	looking.Wait()
	if looks == 0 || len(others) > 0 {
		t.Errorf("looked %d times; it speaks to %v", looks, others)
	}
	p.stop(t)
}
