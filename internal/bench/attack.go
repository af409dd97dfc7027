package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
)

// What attackers do, as must-be-shown 6 of the issue about abuse counts it.
const (
	slowConnections = 2000
	slowNetworks    = 50
	hugeBody        = 11 << 20
	manyFields      = 10_000
	manySignIns     = 600
	floodAddresses  = 500
	atOnce          = 16 // attackers who wait for an answer
	signInsAtOnce   = 64 // more than the server lets wait
)

var attacks = map[string]func(context.Context, target){
	"2,000 slow connections":          slowly,
	"bodies of 11 MB":                 hugely,
	"10,000 fields":                   manifold,
	"600 sign-ins":                    guess,
	"bookings from 500 addresses":     flood,
	"proven bookings of 500 networks": floodProven,
}

// beOthers is what a process of others does: attackers of a kind, or those who look at calendars.
func beOthers(ctx context.Context, kind string) error {
	switch kind {
	case lookers:
		return lookOn(ctx)
	case bookers:
		return bookOn(ctx)
	}
	return attack(ctx, kind)
}

func attackKinds() []string { return slices.Sorted(maps.Keys(attacks)) }

// reached counts what an attack has done: answers it got, or connections it opened.
var reached atomic.Int64

// attack attacks until it is done or its time is over, and prints how much it has done. What it is answered does not matter.
func attack(ctx context.Context, kind string) error {
	var t target
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		return err
	}
	do, ok := attacks[kind]
	if !ok {
		return fmt.Errorf("there is no attack %q", kind)
	}
	ctx, cancel := context.WithTimeout(ctx, attackFor)
	defer cancel()
	do(ctx, t)
	return json.NewEncoder(os.Stdout).Encode(reached.Load())
}

// slowly opens connections from many networks and says one letter of a request after the other.
func slowly(ctx context.Context, t target) {
	host := strings.TrimPrefix(t.Base, "http://")
	var all sync.WaitGroup
	for n := range slowConnections {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n%slowNetworks))}}
		all.Go(func() {
			conn, err := dialer.DialContext(ctx, "tcp", host)
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }() // the server may have done so
			reached.Add(1)
			letter := time.NewTicker(time.Second / 2)
			defer letter.Stop()
			for _, b := range []byte("GET / HTTP/1.1\r\nHost: " + host + "\r\nX-Slow: " + strings.Repeat("a", 100)) {
				if _, err := conn.Write([]byte{b}); err != nil {
					return
				}
				select {
				case <-letter.C:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	all.Wait()
}

func hugely(ctx context.Context, t target) {
	body := strings.Repeat("a", hugeBody)
	for ctx.Err() == nil {
		each(ctx, atOnce, atOnce, func(n int) { send(ctx, t, n, "/book", "family_name="+body) })
	}
}

func manifold(ctx context.Context, t target) {
	var form strings.Builder
	for n := range manyFields {
		fmt.Fprintf(&form, "field%d=1&", n)
	}
	for ctx.Err() == nil {
		each(ctx, atOnce, atOnce, func(n int) { send(ctx, t, n, "/book", form.String()) })
	}
}

func guess(ctx context.Context, t target) {
	each(ctx, manySignIns, signInsAtOnce, func(n int) {
		send(ctx, t, n, "/office/sign-in", url.Values{"email": {[]string{"admin", "reception", "doctor", "nobody"}[n%4] + "@example.jp"}, "password": {"guess" + strconv.Itoa(n)}}.Encode())
	})
}

// flood books as programs do that do not know of puzzles.
func flood(ctx context.Context, t target) { floodWith(ctx, t, false) }

// floodProven books as programs do that solve them.
func floodProven(ctx context.Context, t target) { floodWith(ctx, t, true) }

func floodWith(ctx context.Context, t target, proven bool) {
	each(ctx, floodAddresses, atOnce, func(n int) {
		slot := t.Slots[n%len(t.Slots)]
		v := newStranger(t.Base, address(n))
		_, page, err := v.do(ctx, http.MethodPost, "/hold", url.Values{"slot": {slot}})
		if err != nil {
			return
		}
		form := bookingForm(slot, "flood"+strconv.Itoa(n), page)
		if !proven {
			form.Del("guard-proof")
		}
		_, _, _ = v.do(ctx, http.MethodPost, "/book", form) // whatever it is answered
	})
}

// address is that of the n-th attacker.
func address(n int) string { return fmt.Sprintf("198.18.%d.%d", n/250, n%250+1) }

// each does n things, so many of them at a time.
func each(ctx context.Context, n, atOnce int, do func(i int)) {
	next := make(chan int)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	defer all.Wait()
	defer close(next)
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			return
		}
	}
}

// send posts whatever, from the n-th address.
func send(ctx context.Context, t target, n int, path, body string) {
	v := newStranger(t.Base, address(n))
	_, _, _ = v.post(ctx, path, body) // whatever it is answered
}

func (v *stranger) do(ctx context.Context, method, path string, form url.Values) (status int, page string, err error) {
	if method == http.MethodPost {
		return v.post(ctx, path, form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	return v.ask(r)
}

func (v *stranger) post(ctx context.Context, path, body string) (status int, page string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.ask(r)
}

func (v *stranger) ask(r *http.Request) (status int, page string, err error) {
	r.Header.Set("X-Forwarded-For", v.from)
	answer, err := v.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	reached.Add(1)
	text, err := io.ReadAll(answer.Body)
	v.at = answer.Request.URL.Path
	return answer.StatusCode, string(text), err
}

// bookingForm is the form of a page filled in by somebody of a name of their own.
func bookingForm(slot, name, page string) url.Values {
	number := fnv.New32a()
	_, _ = number.Write([]byte(name)) // it never fails
	digits := fmt.Sprintf("%06d", number.Sum32()%1_000_000)
	form := url.Values{
		"slot": {slot}, "family_name": {"試験"}, "given_name": {inLetters(digits, "一二三四五六七八九十")}, "family_kana": {"シケン"},
		"given_kana": {inLetters(digits, "アイウエオカキクケコ")}, "sex": {"f"}, "birth_year": {"1990"}, "birth_month": {"4"}, "birth_day": {"1"},
		"phone": {fmt.Sprintf("090%08d", number.Sum32()%100_000_000)}, "email": {fmt.Sprintf("p%d@example.jp", number.Sum32())},
	}
	for id, values := range typical().Details.Answers {
		form[id] = values
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		return form
	}
	for _, hidden := range []string{"key", "guard-puzzle"} {
		form.Set(hidden, doc.Find("input[name="+hidden+"]").AttrOr("value", ""))
	}
	if p, ok := clinic.ParsePuzzle(form.Get("guard-puzzle")); ok {
		form.Set("guard-proof", p.Solve())
	}
	return form
}

// inLetters writes digits in ten letters.
func inLetters(digits, letters string) string {
	ten := []rune(letters)
	return strings.Map(func(d rune) rune { return ten[d-'0'] }, digits)
}
