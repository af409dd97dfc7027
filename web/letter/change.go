package letter

import (
	"net/url"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// change says that the booking has another time, and that all else about it stays.
func (p *page) change(l web.Locale, c clinic.LetterContent, when string, base *url.URL) {
	p.Subject, p.Title = l.T("letter.change.subject", "Branch", p.Sign, "When", when), l.T("letter.change.title")
	p.Lead = l.T("letter.change.lead")
	p.Heading = l.T("letter.change.facts")
	p.Sections = []section{
		{
			Heading: l.T("letter.change.stays.title"), Paragraphs: []string{l.T("letter.change.stays.text")},
			Link: l.T("letter.change.stays.link"), URL: base.JoinPath("booking", c.Token).String(), Main: true,
		},
		{
			Heading:    l.T("letter.change.wrong.title"),
			Paragraphs: []string{l.T("letter.change.wrong.text"), l.T("letter.change.wrong.phone", "Phone", phone(l, c))},
		},
	}
	p.Foot = []string{l.T("letter.confirmation.private"), l.T("letter.unread"), l.T("letter.confirmation.stranger")}
}
