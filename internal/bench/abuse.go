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
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
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

// target is what attackers know of the program.
type target struct {
	Base  string
	Slots []string
}

// program is Madoguchi as it is built, with the demo clinic.
type program struct {
	target  target
	command *exec.Cmd
}

var printedKey = regexp.MustCompile(`(?m)^demo api key: (\S+)$`)

func startProgram(ctx context.Context, dir string) (p *program, err error) {
	binary, err := filepath.Abs(filepath.Join("bin", "madoguchi"))
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := listener.Addr().String() // free a moment later
	if err := listener.Close(); err != nil {
		return nil, err
	}
	p = &program{target: target{Base: "http://" + addr}}
	// The addresses of visitors come from the one trusted proxy; whoever connects from elsewhere on loopback is a visitor.
	settings := append(os.Environ(), "MADOGUCHI_DATABASE=sqlite:"+filepath.Join(dir, "abuse.db"), "MADOGUCHI_KEYS="+filepath.Join(dir, "abuse.keys"),
		"MADOGUCHI_MAIL=dir:"+filepath.Join(dir, "letters"), "MADOGUCHI_ADDR="+addr, "MADOGUCHI_BASE_URL="+p.target.Base, "MADOGUCHI_TRUSTED_PROXIES=127.0.0.1")
	demo := exec.CommandContext(ctx, binary, "demo")
	demo.Env = settings
	said, err := demo.CombinedOutput()
	key := printedKey.FindSubmatch(said)
	if err != nil || key == nil {
		return nil, fmt.Errorf("the demo clinic (make build makes the program): %w\n%s", err, said)
	}
	p.command = exec.CommandContext(ctx, binary, "serve")
	p.command.Env, p.command.Dir = settings, dir
	log, err := os.Create(filepath.Join(dir, "abuse.log"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if err := errors.Join(p.waitUntilReady(ctx), p.learnSlots(ctx, string(key[1]))); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *program) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.command.Wait()
}

func (p *program) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startsUpFor)
	defer cancel()
	ask := time.NewTicker(50 * time.Millisecond)
	defer ask.Stop()
	for {
		if _, err := get(ctx, p.target.Base+"/readyz"); err == nil {
			return nil
		}
		select {
		case <-ask.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// learnSlots asks for the free times of the first branch, the latest first, so that nobody comes too late for one.
func (p *program) learnSlots(ctx context.Context, key string) error {
	ask := func(path string, to any) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.target.Base+path, http.NoBody)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		return errors.Join(json.NewDecoder(answer.Body).Decode(to), answer.Body.Close())
	}
	var branches []struct{ ID string }
	if err := ask("/api/v1/branches", &branches); err != nil || len(branches) == 0 {
		return errors.Join(errors.New("there is no branch"), err)
	}
	var free struct{ Slots []struct{ ID string } }
	if err := ask("/api/v1/slots?days=28&branch="+branches[0].ID, &free); err != nil {
		return err
	}
	for _, s := range slices.Backward(free.Slots) {
		p.target.Slots = append(p.target.Slots, s.ID)
	}
	return nil
}

// peak is the most memory that the program has had since it was asked last, in millions of bytes.
func (p *program) peak() (float64, error) {
	process := fmt.Sprintf("/proc/%d/", p.command.Process.Pid)
	status, err := os.ReadFile(process + "status")
	if err != nil {
		return 0, err
	}
	const reset = "5" // of clear_refs: proc_pid_clear_refs(5)
	if err := os.WriteFile(process+"clear_refs", []byte(reset), 0); err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.Atoi(strings.Fields(value)[0])
			return float64(kilobytes) * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process has had")
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
