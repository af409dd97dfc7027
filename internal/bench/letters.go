package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"madoguchi/config"
	"madoguchi/internal/mail"
	"madoguchi/internal/store"
	"madoguchi/internal/worker"
)

// What a mail server that was away for long finds: so many letters, each of which takes it so long.
const (
	queuedLetters   = 10_000
	letterTakes     = 50 * time.Millisecond
	mailConnections = 4
	besideBookings  = 400
)

// measureLetters sends many queued letters through a slow mail server while bookings are made at an even pace, and compares the slowest of those
// with the slowest while nothing is sent. It takes minutes, so it is measured only where it is asked for.
func measureLetters(ctx context.Context, dir string) (out []figure, err error) {
	s, err := newStore(ctx, filepath.Join(dir, "letters.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	slots, err := openSlots(ctx, s, queuedLetters+2*besideBookings)
	if err != nil {
		return nil, err
	}
	queued, beside := slots[:queuedLetters], slots[queuedLetters:]
	if _, err := perSecond(64, queuedLetters, func(i int) error {
		_, err := s.Book(ctx, bench, request(queued[i], i))
		return err
	}); err != nil {
		return nil, err
	}
	bookings := &desk{store: s}
	before, err := bookings.bookEvenly(ctx, beside[:besideBookings/2], 0)
	if err != nil {
		return nil, err
	}
	server, err := startSlowMail(ctx)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	began := time.Now()
	stop := sendFrom(ctx, s, server)
	defer stop()
	while, err := bookings.bookEvenly(ctx, beside[besideBookings/2:besideBookings*3/2], besideBookings/2)
	if err != nil {
		return nil, err
	}
	for server.taken() < queuedLetters+besideBookings*3/2 {
		select {
		case <-time.After(letterTakes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	took := time.Since(began)
	// The machine may have become quicker or slower meanwhile, so what is compared with lies on both sides.
	after, err := bookings.bookEvenly(ctx, beside[besideBookings*3/2:2*besideBookings], besideBookings*3/2)
	if err != nil {
		return nil, err
	}
	alone := slowest(slices.Concat(before, after))
	if most := server.atOnce(); most > mailConnections {
		return nil, fmt.Errorf("there were %d connections to the mail server at once", most)
	}
	return []figure{
		{fmt.Sprintf("%d queued letters, 50 ms each, %d connections", queuedLetters, server.atOnce()), took.Minutes(), "minutes", "≤ 15"},
		{"slowest bookings meanwhile", slowest(while) / alone, "of those without (99th percentile)", "≤ 1.5"},
		{"slowest bookings meanwhile, time", 1000 * slowest(while), "ms", ""},
	}, nil
}

// sendFrom runs a worker until stop.
func sendFrom(ctx context.Context, s *store.Store, to *slowMail) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ticks := time.NewTicker(worker.Interval)
	sender := &mail.Connections{SMTP: mail.SMTP{Host: to.host, Port: to.port, TLS: mail.NoTLS}}
	w := &worker.Worker{
		Store: s, Sender: sender, Now: time.Now, Ticks: ticks.C, Grace: worker.Grace, Holiday: config.IsHoliday, Log: slog.New(slog.DiscardHandler),
		Options: mail.Options{BaseURL: &url.URL{Scheme: "https", Host: "yoyaku.example.jp"}, From: "yoyaku@clinic.example.jp"},
	}
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
		sender.Close()
		ticks.Stop()
	}
}

// slowMail is a mail server that takes every letter, after a while.
type slowMail struct {
	host string
	port int
	stop func()

	mu         sync.Mutex
	letters    map[string]bool // by Message-ID
	open, most int
}

func startSlowMail(ctx context.Context) (*slowMail, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &slowMail{host: "127.0.0.1", letters: map[string]bool{}}
	if _, err := fmt.Sscanf(listener.Addr().String(), m.host+":%d", &m.port); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			m.count(1)
			all.Go(func() {
				defer m.count(-1)
				m.talk(conn)
			})
		}
	})
	m.stop = func() {
		_ = listener.Close() // whoever is connected has said goodbye
		all.Wait()
	}
	return m, nil
}

func (m *slowMail) count(change int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open += change
	m.most = max(m.most, m.open)
}

func (m *slowMail) taken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters)
}

// atOnce is how many connections there were at the most.
func (m *slowMail) atOnce() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.most
}

func (m *slowMail) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }() // the client has gone
	in := textproto.NewReader(bufio.NewReader(conn))
	say := func(reply string) { _, _ = conn.Write([]byte(reply + "\r\n")) } // a client that has gone is seen at the next line
	say("220 slow.example")
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
		case "DATA":
			say("354 go on")
			lines, err := in.ReadDotLines()
			if err != nil {
				return
			}
			time.Sleep(letterTakes)
			m.keep(lines)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 go on")
		}
	}
}

func (m *slowMail) keep(lines []string) {
	for _, line := range lines {
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.letters[id] = true
			return
		}
	}
}
