package main_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

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
	if err != nil {
		r.t.Error(err)
	}
	return &person{run: r, n: n, rng: rng, cookies: jar}
}

// manyTries is how often somebody tries until the test gives up on them.
const manyTries = 30_000

// send asks a server, and another one after each that gave no answer. It says whether there was one.
func (p *person) send(method, path string, form url.Values) (a answer, answered bool) {
	r := p.run
	address := r.servers[(p.n+p.tries)%len(r.servers)].address.Load()
	if address == nil { // nobody is there: the next one, a little later
		p.tries++
		time.Sleep(tick) // as long as people are patient does not matter
		return a, false
	}
	v := &visitor{t: r.t, base: *address, http: http.Client{Jar: p.cookies, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	kind := ""
	if method == http.MethodPost {
		kind = "application/x-www-form-urlencoded"
	}
	a, err := v.do(method, path, kind, form.Encode(), nil)
	if err == nil && a.Status < http.StatusInternalServerError {
		return a, true
	}
	if err == nil && a.Status != http.StatusServiceUnavailable {
		r.t.Errorf("%s %s answers %d: %s", method, path, a.Status, a.Body)
	}
	p.tries++
	if method == http.MethodPost {
		r.world.all.doubtful.Add(1)
	}
	time.Sleep(tick)
	return a, false
}

// look reads a page.
func (p *person) look(path string) answer {
	for range manyTries {
		if a, answered := p.send(http.MethodGet, path, nil); answered {
			return a
		}
	}
	p.run.t.Errorf("%s does not answer", path)
	return answer{}
}

// do looks, sends what it finds, and does both again until that is answered. prepare returns no path where there is nothing to do; then the answer is
// the page that says so. Whether an earlier try may have had its effect is said as well.
func (p *person) do(prepare func() (path string, form url.Values, found answer)) (a answer, sent, doubtful bool) {
	for range manyTries {
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
	p.run.t.Error("nothing answers any more")
	return a, true, doubtful
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
			p.run.t.Errorf("booking answers %d: %s", a.Status, a.Body)
			return
		}
	}
	p.run.t.Errorf("person %d found no free time among six", p.n)
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
	// The page of one's own time leads back to the booking.
	switch {
	case a.Status == http.StatusSeeOther && (sent || doubtful):
		p.slot = to
		p.run.world.all.moved.Add(1)
	case a.Status != http.StatusConflict:
		p.run.t.Errorf("moving answers %d (sent %v, doubtful %v): %s", a.Status, sent, doubtful, a.Body)
	}
}

func (p *person) answer() {
	questions, err := config.Questionnaire()
	if err != nil {
		p.run.t.Error(err)
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
		p.run.t.Errorf("answering answers %d: %s", a.Status, a.Body)
		return
	}
	p.answered = true
	p.run.world.all.answered.Add(1)
}

func (p *person) cancel() {
	path := "/booking/" + p.token + "/cancel"
	a, _, _ := p.do(func() (string, url.Values, answer) { return path, fields(p.look(path), "main form"), answer{} })
	if a.Status != http.StatusSeeOther {
		p.run.t.Errorf("cancelling answers %d: %s", a.Status, a.Body)
		return
	}
	p.cancelled = true
}

// sign is what a doctor does.
func (p *person) sign() {
	path := "/office/charts/" + p.run.world.booking + "/note"
	a, _, _ := p.do(func() (string, url.Values, answer) {
		page := p.look(path)
		for page.Status == http.StatusUnauthorized { // the session of the clinic that is kept has ended since
			p.send(http.MethodPost, "/office/sign-in", p.run.world.signInForm())
			page = p.look(path)
		}
		form := fields(page, "form#note")
		form.Set("proposal", "運動を週2回。")
		form.Set("do", "sure")
		return path, form, page
	})
	if a.Status != http.StatusSeeOther {
		p.run.t.Errorf("signing answers %d: %s", a.Status, a.Body)
	}
}
