package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
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
	liveRounds    = 6
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
		seen, unseen := round*liveBookings, (liveRounds+round)*liveBookings
		took, err := d.bookEvenly(ctx, slots[unseen:unseen+liveBookings], unseen)
		if err != nil {
			return nil, err
		}
		alone = append(alone, took...)
		first := d.day.AddDays(seen / (deskDoctors*deskSlots - deskBookings)) // the day of the first of them
		if took, err = d.bookWatched(ctx, address, first, slots[seen:seen+liveBookings], seen); err != nil {
			return nil, err
		}
		watched = append(watched, took...)
	}
	return []figure{
		{"slowest bookings with 200 live calendars", slowest(watched) / slowest(alone), "of those with none (99th percentile)", "≤ 1.5"},
		{"slowest bookings with 200 live calendars, time", 1000 * slowest(watched), "ms", ""},
		{"slowest bookings with none, time", 1000 * slowest(alone), "ms", ""},
	}, nil
}

// slowest is the 99th percentile.
func slowest(took []float64) float64 {
	slices.Sort(took)
	return took[len(took)*99/100]
}

// desks is what those who look at calendars know: where the clinic is, what they look at, and their sessions, one for each.
type desks struct {
	Base, BranchID, First, Last string
	Sessions                    []string
}

// bookWatched is bookEvenly while many calendars of the week from a day on are open. They are in a process that gives way, because browsers are on machines of their own.
func (d *desk) bookWatched(ctx context.Context, address string, first clinic.Date, slots []string, before int) (took []float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	known := desks{Base: address, BranchID: d.full.ID, First: first.String(), Last: first.AddDays(6).String()}
	for range liveCalendars {
		session, err := d.store.StartSession(ctx, d.reception, clinic.Browser{}, false, "")
		if err != nil {
			return nil, err
		}
		known.Sessions = append(known.Sessions, session)
	}
	looking := exec.CommandContext(ctx, "nice", "-n", "19", self, "-be", lookers)
	looking.Stderr = os.Stderr
	said, err := looking.StdoutPipe()
	if err != nil {
		return nil, err
	}
	tell, err := looking.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := looking.Start(); err != nil {
		return nil, err
	}
	told := json.NewDecoder(said)
	var seen int64
	if err = errors.Join(json.NewEncoder(tell).Encode(known), told.Decode(&seen)); err == nil {
		took, err = d.bookEvenly(ctx, slots, before)
	}
	// They look until they hear nothing more.
	err = errors.Join(err, tell.Close(), told.Decode(&seen), looking.Wait())
	if err == nil && seen < liveCalendars*int64(len(slots))/4 {
		err = fmt.Errorf("%d calendars have asked only %d times: the figure would mean nothing", liveCalendars, seen)
	}
	return took, err
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

// lookers is the kind of others who look at calendars.
const lookers = "calendars"

// lookOn looks at the calendars that standard input names, until it ends. It prints a number once all of them are open, and at the end how often
// they have asked.
func lookOn(ctx context.Context) error {
	var known desks
	told := json.NewDecoder(os.Stdin)
	if err := told.Decode(&known); err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: len(known.Sessions), DialContext: (&net.Dialer{}).DialContext}}
	open := make(chan error, len(known.Sessions))
	var all sync.WaitGroup
	for _, session := range known.Sessions {
		all.Go(func() { known.look(ctx, client, session, open) })
	}
	var failed error
	for range known.Sessions {
		failed = errors.Join(failed, <-open)
	}
	if failed != nil {
		return failed
	}
	say := json.NewEncoder(os.Stdout)
	if err := say.Encode(reached.Load()); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, io.MultiReader(told.Buffered(), os.Stdin)); err != nil {
		return err
	}
	leave()
	all.Wait()
	return say.Encode(reached.Load())
}

// look is an open week: it listens, and asks for the calendar whenever something has changed. It tells open when it listens.
func (d desks) look(ctx context.Context, client *http.Client, session string, open chan<- error) {
	get := func(path, header, value string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Base+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		r.Header.Set(header, value)
		r.Header.Set("Accept-Encoding", "gzip")                             // as browsers do, which unpack it
		r.AddCookie(&http.Cookie{Name: page.SessionCookie, Value: session}) //nolint:gosec // what a browser sends back
		return client.Do(r)
	}
	stream, err := get("/office/changes?branch="+d.BranchID+"&first="+d.First+"&last="+d.Last, "Accept", page.EventStream)
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
		answer, err := get("/office/week?branch="+d.BranchID+"&date="+d.First, page.LiveHeader, "1")
		if err != nil {
			return
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if errors.Join(err, answer.Body.Close()) != nil {
			return
		}
		if answer.StatusCode == http.StatusOK {
			reached.Add(1)
		}
	}
}
