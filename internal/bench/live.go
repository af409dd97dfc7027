package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
)

// A front desk at work: so many calendars are open, and so often something changes.
const (
	liveCalendars = 200
	liveChanges   = 5 // a second
	liveRounds    = 3
	liveBookings  = 100 // in a round, with calendars and without
)

// measureLive books at an even pace while nobody looks, and again while many calendars of the same day are open, each of which asks anew
// whenever it hears of a change, as the pages do. It compares the slowest bookings of both. It does so in turns, so that what else the
// machine does is the same for both.
func measureLive(ctx context.Context, dir string) (out []figure, err error) {
	d, err := newDesk(ctx, filepath.Join(dir, "live.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.store.Close()) }()
	address, stop, err := serveSite(ctx, d.store)
	if err != nil {
		return nil, err
	}
	defer stop()
	slots, err := d.freeSlots(ctx)
	if err != nil {
		return nil, err
	}
	var alone, watched []float64
	for round := range liveRounds {
		before := 2 * round * liveBookings
		took, err := d.bookEvenly(ctx, slots[before:before+liveBookings], before)
		if err != nil {
			return nil, err
		}
		alone = append(alone, took...)
		if took, err = d.bookWatched(ctx, address, slots[before+liveBookings:before+2*liveBookings], before+liveBookings); err != nil {
			return nil, err
		}
		watched = append(watched, took...)
	}
	return []figure{
		{"slowest bookings with 200 live calendars", slowest(watched) / slowest(alone), "of those with none (99th percentile)", "≤ 1.5"},
		{"slowest bookings with 200 live calendars, time", 1000 * slowest(watched), "ms", ""},
	}, nil
}

// slowest is the 99th percentile.
func slowest(took []float64) float64 {
	slices.Sort(took)
	return took[len(took)*99/100]
}

// bookWatched is bookEvenly while many calendars are open.
func (d *desk) bookWatched(ctx context.Context, address string, slots []string, before int) ([]float64, error) {
	looking, leave := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer leave()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: liveCalendars, DialContext: (&net.Dialer{}).DialContext}}
	open := make(chan error, liveCalendars)
	for range liveCalendars {
		all.Go(func() { d.look(looking, client, address, open) })
	}
	var failed error
	for range liveCalendars {
		failed = errors.Join(failed, <-open)
	}
	if failed != nil {
		return nil, failed
	}
	return d.bookEvenly(ctx, slots, before)
}

// bookEvenly books slots at an even pace and returns how long each took, in seconds.
func (d *desk) bookEvenly(ctx context.Context, slots []string, before int) (took []float64, err error) {
	pace := time.NewTicker(time.Second / liveChanges)
	defer pace.Stop()
	for i, id := range slots {
		<-pace.C
		began := time.Now()
		if _, err := d.store.Book(ctx, bench, request(id, 100_000+before+i)); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	return took, nil
}

// freeSlots are the slots of the full branch that nobody has, those of the day that is looked at first.
func (d *desk) freeSlots(ctx context.Context) (ids []string, err error) {
	for day := d.day; len(ids) < 2*liveRounds*liveBookings; day = day.AddDays(1) {
		entries, _, err := d.store.Day(ctx, bench, d.full, day)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Slot.State == clinic.SlotFree {
				ids = append(ids, e.Slot.ID)
			}
		}
	}
	return ids, nil
}

// look is an open week: it listens, and asks for the calendar whenever something has changed. It tells open when it listens.
func (d *desk) look(ctx context.Context, client *http.Client, address string, open chan<- error) {
	get := func(path, header, value string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		r.Header.Set(header, value)
		r.Header.Set("Accept-Encoding", "gzip")                               // as browsers do, which unpack it on machines of their own
		r.AddCookie(&http.Cookie{Name: page.SessionCookie, Value: d.session}) //nolint:gosec // what a browser sends back
		return client.Do(r)
	}
	last := d.day.AddDays(6).String()
	stream, err := get("/office/changes?branch="+d.full.ID+"&first="+d.day.String()+"&last="+last, "Accept", page.EventStream)
	if err == nil && stream.StatusCode != http.StatusOK {
		err = errors.New("the stream answered " + stream.Status)
	}
	open <- err
	if err != nil {
		return
	}
	defer func() { _ = stream.Body.Close() }() // whoever leaves closes the window
	lines := bufio.NewScanner(stream.Body)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "event: changed") {
			continue
		}
		answer, err := get("/office/week?branch="+d.full.ID+"&date="+d.day.String(), page.LiveHeader, "1")
		if err != nil {
			return
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if errors.Join(err, answer.Body.Close()) != nil {
			return
		}
	}
}
