package letter

import (
	"net/url"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// page is everything a letter says, in reading order. text and html show the same page.
type page struct {
	Lang     string
	Subject  string
	Title    string
	Greeting string
	Lead     string
	Heading  string // over the facts
	Facts    []fact
	Colon    string // between a fact's label and its value, in text
	Item     string // before an item of a list, in text
	Sections []section
	Sign     string
	Foot     []string
}

// fact is one line of the booking, such as 日時.
type fact struct{ Label, Value, URL string }

// section is a short paragraph with a heading, and perhaps a list or a link under it.
type section struct {
	Heading    string
	Paragraphs []string
	Items      []string
	Link, URL  string
	Main       bool // the one thing we ask the reader to do
}

func compose(l clinic.Letter, base *url.URL, loc *time.Location) page {
	c, w := l.Content, speak(l.Content.Lang)
	when := fill{"When": When(c.StartsAt, c.EndsAt, loc, w.lang)}
	p := page{
		Lang: w.lang, Greeting: w.say("letter.greeting", fill{"Name": c.ToName}), Heading: w.say("letter.facts.title", nil),
		Facts: facts(w, c, when["When"]), Sign: c.BranchName,
		Colon: w.say("letter.facts.colon", nil), Item: w.say("letter.facts.item", nil),
	}
	if l.Kind == clinic.Cancellation {
		p.Subject, p.Title = w.say("letter.cancellation.subject", when), w.say("letter.cancellation.title", nil)
		p.Lead = w.say("letter.cancellation.lead", nil)
		p.Sections = []section{{
			Heading:    w.say("letter.again.title", nil),
			Paragraphs: []string{w.say("letter.again.text", fill{"Phone": c.BranchPhone})},
			Link:       w.say("letter.again.link", nil), URL: base.JoinPath("/").String(),
		}}
		p.Foot = []string{w.say("letter.foot.unread", nil)}
		return p
	}
	p.Subject, p.Title = w.say("letter.confirmation.subject", when), w.say("letter.confirmation.title", nil)
	p.Lead = w.say("letter.confirmation.lead", nil)
	p.Sections = []section{
		{
			Heading: w.say("letter.intake.title", nil), Paragraphs: []string{w.say("letter.intake.text", nil)},
			Link: w.say("letter.intake.link", nil), URL: base.JoinPath("intake", c.Token).String(), Main: true,
		},
		{Heading: w.say("letter.bring.title", nil), Items: []string{
			w.say("letter.bring.identity", nil), w.say("letter.bring.medicine", nil), w.say("letter.bring.reference", nil),
		}},
		{Heading: w.say("letter.calm.title", nil), Paragraphs: []string{w.say("letter.calm.text", nil)}},
		{
			Heading:    w.say("letter.change.title", nil),
			Paragraphs: []string{w.say("letter.change.text", fill{"Phone": c.BranchPhone}), w.say("letter.change.page", nil)},
			Link:       w.say("letter.change.link", nil), URL: base.JoinPath("booking", c.Token).String(),
		},
	}
	p.Foot = []string{w.say("letter.foot.private", nil), w.say("letter.foot.unread", nil), w.say("letter.foot.stranger", nil)}
	return p
}

func facts(w words, c clinic.LetterContent, when string) []fact {
	all := []fact{
		{Label: w.say("letter.facts.reference", nil), Value: c.Reference},
		{Label: w.say("letter.facts.when", nil), Value: when},
		{Label: w.say("letter.facts.branch", nil), Value: c.BranchName},
		{Label: w.say("letter.facts.address", nil), Value: c.BranchAddress},
		{Label: w.say("letter.facts.access", nil), Value: c.BranchAccess},
		{Label: w.say("letter.facts.doctor", nil), Value: c.DoctorName},
		{Label: w.say("letter.facts.phone", nil), Value: c.BranchPhone, URL: "tel:" + digits(c.BranchPhone)},
	}
	known := all[:0]
	for _, f := range all {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}

// text is the page for readers of plain text.
func (p page) text() string {
	var b strings.Builder
	say := func(parts ...string) {
		for _, s := range parts {
			b.WriteString(s)
		}
		b.WriteByte('\n')
	}
	say(p.Greeting)
	say()
	say(p.Lead)
	say()
	say("■ ", p.Heading)
	for _, f := range p.Facts {
		say(f.Label, p.Colon, f.Value)
	}
	for _, s := range p.Sections {
		say()
		say("■ ", s.Heading)
		for _, paragraph := range s.Paragraphs {
			say(paragraph)
		}
		for _, item := range s.Items {
			say(p.Item, item)
		}
		if s.URL != "" {
			say(s.URL)
		}
	}
	say()
	say(p.Sign)
	say("----------------------------------------")
	for _, line := range p.Foot {
		say(line)
	}
	return b.String()
}
