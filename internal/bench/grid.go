package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
)

// measureGrid asks for the week grid of a busy branch, which is read from the database and rendered each time, and
// compares with a page of the same bytes that is always the same, both over loopback on one connection.
func measureGrid(ctx context.Context, dir string) (out []figure, err error) {
	s, err := newStore(ctx, filepath.Join(dir, "grid.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	slots, err := openSlots(ctx, s, 5*18*90) // five doctors, ninety days
	if err != nil {
		return nil, err
	}
	for i, id := range slots[:len(slots)/3] {
		if i%2 == 0 {
			if _, err := s.Book(ctx, bench, request(id, i)); err != nil {
				return nil, err
			}
		}
	}
	branches, err := s.Branches(ctx)
	if err != nil {
		return nil, err
	}
	grid, stop, err := serveSite(ctx, s)
	if err != nil {
		return nil, err
	}
	defer stop()
	grid += "/slots?branch=" + branches[0].ID + "&week=" + clinic.DateOf(time.Now(), branches[0].Location()).AddDays(1).String()
	content, err := get(ctx, grid)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(content, []byte(`name="slot"`)) {
		return nil, errors.New("the page shows no free slot: the figure would mean nothing")
	}
	constant, stopConstant, err := serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(content) // the client notices when it gets less
	}))
	if err != nil {
		return nil, err
	}
	defer stopConstant()

	const perRound = 300
	var ratios, millis []float64
	for range rounds {
		var speed [2]float64
		for i, address := range []string{constant, grid} {
			if speed[i], err = perSecond(1, perRound, func(int) error {
				got, err := get(ctx, address)
				if err == nil && len(got) < len(content)/2 {
					err = fmt.Errorf("got only %d bytes", len(got))
				}
				return err
			}); err != nil {
				return nil, err
			}
		}
		ratios, millis = append(ratios, speed[1]/speed[0]), append(millis, 1000/speed[1])
	}
	return []figure{
		{"week grid, query and render", median(ratios), "of a constant page", "≥ 0.035"},
		{"week grid, time", median(millis), "ms", ""},
		{"week grid, size", float64(len(content)), "bytes", ""},
	}, nil
}

// serveSite serves the pages of a clinic on loopback until stop.
func serveSite(ctx context.Context, s *store.Store) (address string, stop func(), err error) {
	handler, err := server.New(&page.Site{
		Store: s, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Holiday: config.Holiday, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}, nil, func() bool { return true })
	if err != nil {
		return "", nil, err
	}
	return serve(ctx, handler)
}

// serve listens on loopback until stop.
func serve(ctx context.Context, handler http.Handler) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	h := server.NewHTTP(handler, slog.New(slog.DiscardHandler))
	go func() { _ = h.Serve(listener) }() // it ends by Close
	return "http://" + listener.Addr().String(), func() { _ = h.Close() }, nil
}

// get is a page as somebody gets it who sends some cookies.
func get(ctx context.Context, address string, cookies ...*http.Cookie) (content []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", "identity") // packing takes its own time, which is not what is measured
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", address, response.Status)
	}
	return io.ReadAll(response.Body)
}
