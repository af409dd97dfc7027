package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/config"
	"madoguchi/internal/server/servertest"
)

// person does one thing after another, and knows what they were told.
type person struct {
	run     *faultRun
	n       int
	rng     *rand.Rand
	cookies http.CookieJar
	tries   int

	token, slot         string // of the booking
	answered, cancelled bool
}

func newPerson(r *faultRun, n int, rng *rand.Rand) *person {
	jar, err := cookiejar.New(nil)
	must(r.t, err)
	return &person{run: r, n: n, rng: rng, cookies: jar}
}

// wrong says what a person finds wrong, unless the run is over, after which nobody is answered.
func (p *person) wrong(format string, args ...any) {
	if p.run.ctx.Err() == nil {
		p.run.problem("person %d: %s", p.n, fmt.Sprintf(format, args...))
	}
}

// manyTries is how often somebody tries one thing until they say that it does not go. Each try without an answer was met by a fault.
const manyTries = 3000

// send asks a server, and another one after each that gave no answer. It says whether there was one.
func (p *person) send(method, path string, form url.Values) (a answer, answered bool) {
	s, address := p.run.somewhere(p.n + p.tries)
	if s == nil {
		return a, false
	}
	ctx, cancel := context.WithTimeout(p.run.ctx, patience)
	defer cancel()
	v := &visitor{base: address, http: http.Client{Jar: p.cookies, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	kind := ""
	if method == http.MethodPost {
		kind = "application/x-www-form-urlencoded"
	}
	a, err := v.ask(ctx, method, path, kind, form.Encode(), nil)
	switch {
	case err == nil && a.Status < http.StatusInternalServerError:
		return a, true
	case errors.Is(err, context.DeadlineExceeded):
		p.wrong("%s %s is never answered", method, path)
	case err != nil:
		p.run.gone(s, address)
	case a.Status != http.StatusServiceUnavailable:
		p.wrong("%s %s answers %d: %s", method, path, a.Status, a.Body)
	}
	p.tries++
	if method == http.MethodPost {
		p.run.world.all.add("requests without an answer", 1)
	}
	return a, false
}

// look reads a page.
func (p *person) look(path string) answer {
	for n := 0; n < manyTries && p.run.ctx.Err() == nil; n++ {
		if a, answered := p.send(http.MethodGet, path, nil); answered {
			return a
		}
	}
	p.wrong("%s does not answer", path)
	return answer{}
}

// do looks, sends what it finds, and does both again until that is answered. prepare returns no path where there is nothing to do; then the answer is
// the page that says so. Whether an earlier try may have had its effect is said as well.
func (p *person) do(prepare func() (path string, form url.Values, found answer)) (a answer, sent, doubtful bool) {
	for n := 0; n < manyTries && p.run.ctx.Err() == nil; n++ {
		path, form, found := prepare()
		if path == "" {
			return found, false, doubtful
		}
		a, answered := p.send(http.MethodPost, path, form)
		if answered {
			return a, true, doubtful
		}
		doubtful = true
	}
	p.wrong("nothing answers any more")
	return answer{}, true, doubtful
}

// live is what a person does: a booking, and then whatever comes to their mind.
func (p *person) live() {
	if p.book(); p.token == "" {
		return
	}
	for range 1 + p.rng.IntN(4) {
		switch p.rng.IntN(5) {
		case 0, 1:
			p.move()
		case 2, 3:
			p.answer()
		case 4:
			p.cancel()
			return
		}
	}
}

func (p *person) book() {
	slots := p.run.world.clinic.slots
	for _, i := range p.rng.Perm(len(slots)) {
		form := servertest.BookingForm(slots[i])
		form.Set("key", fmt.Sprintf("key-%d-%d", p.n, i))
		form.Set("birth_year", fmt.Sprint(1960+p.n))
		form.Set("phone", fmt.Sprintf("090-1111-%04d", p.n))
		form.Set("email", fmt.Sprintf("person%d@example.jp", p.n))
		a, _, _ := p.do(func() (string, url.Values, answer) { return "/book", form, answer{} })
		if token, ok := strings.CutPrefix(a.Header.Get("Location"), "/booking/"); ok && a.Status == http.StatusSeeOther {
			p.token, p.slot = token, slots[i]
			return
		}
		if a.Status != http.StatusConflict {
			p.wrong("booking answers %d: %s", a.Status, a.Body)
			return
		}
	}
	p.wrong("there is no free time among six")
}

// fields are those of a page's form that nobody types; none where the page has no such form.
func fields(a answer, of string) url.Values {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(a.Body)))
	if err != nil {
		return nil
	}
	form := url.Values{}
	doc.Find(of + " input[type=hidden]").Each(func(_ int, e *goquery.Selection) { form.Set(e.AttrOr("name", ""), e.AttrOr("value", "")) })
	return form
}

func (p *person) move() {
	to := p.run.world.clinic.slots[p.rng.IntN(len(p.run.world.clinic.slots))]
	if to == p.slot {
		return
	}
	path := "/booking/" + p.token + "/confirm"
	prepare := func() (string, url.Values, answer) {
		page := p.look(path + "?slot=" + to)
		if page.Status != http.StatusOK {
			return "", nil, page
		}
		return path, fields(page, "main form"), page
	}
	a, sent, doubtful := p.do(prepare)
	if sent && doubtful && a.Status == http.StatusConflict { // because an earlier try has been done meanwhile, or because it is taken
		_, _, a = prepare()
		sent = false
	}
	// The page of one's own time leads back to the booking. One that offers the time again says that nothing has moved: it was somebody's for a while.
	switch {
	case a.Status == http.StatusOK && !sent && doubtful:
	case a.Status == http.StatusSeeOther && (sent || doubtful):
		p.slot = to
		p.run.world.all.add("moved", 1)
	case a.Status != http.StatusConflict:
		p.wrong("moving answers %d (sent %v, doubtful %v): %s", a.Status, sent, doubtful, a.Body)
	}
}

func (p *person) answer() {
	questions, err := config.Questionnaire()
	if err != nil {
		p.wrong("%v", err)
		return
	}
	section := questions.Intake[0]
	path := "/intake/" + p.token + "/" + section.ID
	a, _, _ := p.do(func() (string, url.Values, answer) {
		page := p.look(path)
		form := servertest.SectionForm(section, servertest.Answers())
		return path, with(form, "seen-revision", fields(page, "main form").Get("seen-revision")), page
	})
	if a.Status != http.StatusSeeOther {
		p.wrong("answering answers %d: %s", a.Status, a.Body)
		return
	}
	p.answered = true
	p.run.world.all.add("answered", 1)
}

func (p *person) cancel() {
	path := "/booking/" + p.token + "/cancel"
	a, _, _ := p.do(func() (string, url.Values, answer) { return path, fields(p.look(path), "main form"), answer{} })
	if a.Status != http.StatusSeeOther {
		p.wrong("cancelling answers %d: %s", a.Status, a.Body)
		return
	}
	p.cancelled = true
}

// sign is what a doctor does.
func (p *person) sign() {
	path := "/office/charts/" + p.run.world.booking + "/note"
	a, _, _ := p.do(func() (string, url.Values, answer) {
		page := p.look(path)
		for n := 0; n < manyTries && page.Status == http.StatusSeeOther; n++ { // to the sign-in: the session of the clinic that is kept has ended since
			p.send(http.MethodPost, "/office/sign-in", p.run.world.signInForm())
			page = p.look(path)
		}
		form := fields(page, "form#note")
		form.Set("proposal", "運動を週2回。")
		form.Set("do", "sure")
		return path, form, page
	})
	if a.Status != http.StatusSeeOther {
		p.wrong("signing answers %d: %s", a.Status, a.Body)
	}
}
