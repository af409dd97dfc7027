package letter

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// page is everything a letter says, in reading order. text and html show the same page. What differs from kind to kind is
// in the file of the kind.
type page struct {
	Lang     string
	Subject  string
	Title    string
	Greeting string
	Lead     string // each of its lines is a paragraph
	Heading  string // over the facts
	Facts    []fact
	Colon    string // between a fact's label and its value, in text
	Item     string // before an item of a list, in text
	Sections []section
	Sign     string // whose letter it is: 見本クリニック 中央院
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

func compose(letter clinic.Letter, base *url.URL, loc *time.Location) page {
	c, l := letter.Content, web.Find(letter.Content.Lang)
	p := page{
		Lang: l.Lang(), Greeting: l.T("letter.greeting", "Name", c.ToName), Heading: l.T("letter.facts.title"),
		Facts: facts(l, c, When(c.StartsAt, c.EndsAt, loc, l.Lang())), Sign: SenderName(c),
		Colon: l.T("letter.facts.colon"), Item: l.T("letter.facts.item"),
	}
	w := words{Locale: l, Content: c, When: shortWhen(c.StartsAt, loc, l.Lang()), Zone: loc, base: base}
	kinds[letter.Kind].compose(&p, w)
	p.inOwnWords(w)
	if letter.IsTrial() && letter.Kind != clinic.Trial {
		p.Subject = l.T("letter.words.trial", "Subject", p.Subject)
		p.Foot = append([]string{l.T("letter.words.trial.foot")}, p.Foot...)
	}
	return p
}

// SenderName is whose letter it is, as people read it in the list of their mails: the clinic and the branch.
func SenderName(c clinic.LetterContent) string { return clinic.FullName(c.ClinicName, c.BranchName) }

// phone is the branch's telephone number with the hours at which somebody answers it.
func phone(l web.Locale, c clinic.LetterContent) string {
	if c.PhoneHours == "" {
		return c.BranchPhone
	}
	return l.T("letter.phone", "Phone", c.BranchPhone, "Hours", c.PhoneHours)
}

func facts(l web.Locale, c clinic.LetterContent, when string) []fact {
	all := []fact{
		{Label: l.T("letter.facts.reference"), Value: c.Reference},
		{Label: l.T("letter.facts.when"), Value: when},
		{Label: l.T("letter.facts.branch"), Value: SenderName(c)},
		{Label: l.T("letter.facts.address"), Value: c.BranchAddress},
		{Label: l.T("letter.facts.access"), Value: c.BranchAccess},
		{Label: l.T("letter.facts.doctor"), Value: c.DoctorName},
		{Label: l.T("letter.facts.phone"), Value: phone(l, c), URL: clinic.PhoneURL(c.BranchPhone)},
	}
	return known(all)
}

// known are the facts that there are.
func known(all []fact) []fact {
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
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
