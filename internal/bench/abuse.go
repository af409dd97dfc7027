package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/PuerkitoBio/goquery"
)

const (
	calmFor     = 3 * time.Second  // before an attack, and after it
	attackFor   = 15 * time.Second // at the most; it may be over before
	endsFor     = 2 * time.Second  // how long attackers may take to end
	readers     = 4                // others, who read the free times meanwhile
	readsEvery  = 40 * time.Millisecond
	honestOnes  = 3 // bookings of honest people during each attack
	startsUpFor = 30 * time.Second
)

// measureAbuse starts the built program with the demo clinic and lets attackers at it, one kind after the other. Each is a process of its own that
// gives way to others, because what attackers compute they compute on machines of their own. Meanwhile others read the free times, and honest people
// book: their waiting is what is measured.
func measureAbuse(ctx context.Context, dir string) (out []figure, err error) {
	p, err := startProgram(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if len(p.target.Slots) < (len(attacks)+1)*honestOnes+1 {
		return nil, fmt.Errorf("the demo clinic has only %d free times", len(p.target.Slots))
	}
	honest := p.target.Slots[:len(attacks)*honestOnes]
	p.target.Slots = p.target.Slots[len(honest):]
	for i, kind := range attackKinds() {
		before, err := p.read(ctx, calmFor)
		if err != nil {
			return nil, err
		}
		meanwhile, waited, done, err := p.attacked(ctx, kind, honest[i*honestOnes:(i+1)*honestOnes])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		after, err := p.read(ctx, calmFor)
		if err != nil {
			return nil, err
		}
		peak, err := p.peak()
		if err != nil {
			return nil, err
		}
		usual := slices.Concat(before, after)
		out = append(out,
			figure{kind + ": others meanwhile", quantile(meanwhile, 0.5) / quantile(usual, 0.5), "of their usual time (median)", "≤ 2"},
			figure{kind + ": slow ones of others", quantile(meanwhile, 0.95) / quantile(usual, 0.95), "of their usual time (95th percentile)", ""},
			figure{kind + ": an honest booking", slices.Max(waited), "seconds of waiting in all (the longest)", "< 2"},
			figure{kind + ": memory", peak, "MB at the most", "< 512"},
			figure{kind + ": so much of it", done, "answers or connections", ""})
	}
	return out, nil
}

// quantile is the value below which such a part of the values lies.
func quantile(values []float64, part float64) float64 {
	slices.Sort(values)
	return values[int(part*float64(len(values)-1))]
}

// read has others read the free times for a while, and returns how long each reading took, in seconds.
func (p *program) read(ctx context.Context, lasts time.Duration) (took []float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	return p.readUntil(ctx)
}

// readUntil is read until ctx is done.
func (p *program) readUntil(ctx context.Context) (took []float64, err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for n := range readers {
		all.Go(func() {
			next := time.NewTicker(readsEvery)
			defer next.Stop()
			for i := n; ctx.Err() == nil; i += readers {
				v := newStranger(p.target.Base, fmt.Sprintf("203.0.113.%d", i%250+1)) // so that nobody asks too often
				began := time.Now()
				status, _, failed := v.do(context.WithoutCancel(ctx), http.MethodGet, "/", nil)
				if failed == nil && status != http.StatusOK {
					failed = fmt.Errorf("whoever reads the free times is answered %d", status)
				}
				mu.Lock()
				took = append(took, time.Since(began).Seconds())
				if failed != nil {
					err = failed
					cancel()
				}
				mu.Unlock()
				select {
				case <-next.C:
				case <-ctx.Done():
				}
			}
		})
	}
	all.Wait()
	return took, err
}

// attacked lets one kind of attackers at the program until they are done or the time is over. It returns how long others waited for the free times
// meanwhile, and honest people for all of their booking, in seconds, and how much the attackers have done.
func (p *program) attacked(ctx context.Context, kind string, slots []string) (meanwhile, waited []float64, done float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, 0, err
	}
	known, err := json.Marshal(p.target)
	if err != nil {
		return nil, nil, 0, err
	}
	var counted bytes.Buffer
	ends, end := context.WithTimeout(ctx, attackFor+endsFor)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, attackFor)
	defer cancel()
	attackers := exec.CommandContext(ends, "nice", "-n", "19", self, "-be", kind)
	attackers.Stdin, attackers.Stdout, attackers.Stderr = bytes.NewReader(known), &counted, os.Stderr
	if err := attackers.Start(); err != nil {
		return nil, nil, 0, err
	}
	var all sync.WaitGroup
	var failed, dishonest error
	all.Go(func() { meanwhile, failed = p.readUntil(ctx) })
	all.Go(func() {
		pace := time.NewTicker(attackFor / (honestOnes + 1))
		defer pace.Stop()
		for n, slot := range slots {
			<-pace.C
			took, err := p.bookHonestly(context.WithoutCancel(ctx), kind, n, slot)
			waited, dishonest = append(waited, took.Seconds()), errors.Join(dishonest, err)
		}
	})
	err = attackers.Wait()
	if err == nil {
		err = json.Unmarshal(counted.Bytes(), &done)
	}
	cancel()
	all.Wait()
	return meanwhile, waited, done, errors.Join(err, failed, dishonest)
}

// bookHonestly books a time as a browser does, and returns how long somebody waited for answers. The puzzle is solved while they type.
func (p *program) bookHonestly(ctx context.Context, kind string, n int, slot string) (waited time.Duration, err error) {
	v := newStranger(p.target.Base, fmt.Sprintf("198.51.100.%d", 10*slices.Index(attackKinds(), kind)+n+1))
	wait := func(method, path string, form url.Values) (page string, at string) {
		if err != nil {
			return "", ""
		}
		began := time.Now()
		var status int
		if status, page, err = v.do(ctx, method, path, form); err == nil && status != http.StatusOK {
			err = fmt.Errorf("an honest person who asks for %s is answered %d: %s", path, status, said(page))
		}
		waited += time.Since(began)
		return page, v.at
	}
	wait(http.MethodGet, "/", nil)
	form, _ := wait(http.MethodPost, "/hold", url.Values{"slot": {slot}})
	if err != nil {
		return waited, err
	}
	filled := bookingForm(slot, kind+strconv.Itoa(n), form)
	if _, at := wait(http.MethodPost, "/book", filled); err == nil && !strings.HasPrefix(at, "/booking/") {
		err = fmt.Errorf("an honest person who books is led to %s", at)
	}
	return waited, err
}

// said is what a page says first.
func said(page string) string {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
}

// stranger is somebody with a browser, whose address a proxy tells.
type stranger struct {
	base, from string
	client     *http.Client
	at         string // the path of the page that was answered last
}

func newStranger(base, from string) *stranger {
	jar, _ := cookiejar.New(nil) // it never fails
	return &stranger{base: base, from: from, client: &http.Client{Jar: jar, Transport: transport}}
}

var transport = &http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{}).DialContext}
