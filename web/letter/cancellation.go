package letter

import (
	"net/url"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// cancellation says that the booking is no more, and how to make another.
func (p *page) cancellation(l web.Locale, c clinic.LetterContent, when string, base *url.URL) {
	p.Subject, p.Title = l.T("letter.cancellation.subject", "Branch", p.Sign, "When", when), l.T("letter.cancellation.title")
	p.Lead = l.T("letter.cancellation.lead")
	p.Sections = []section{{
		Heading:    l.T("letter.cancellation.again.title"),
		Paragraphs: []string{l.T("letter.cancellation.again.text"), l.T("letter.cancellation.again.phone", "Phone", phone(l, c))},
		Link:       l.T("letter.cancellation.again.link"), URL: base.JoinPath("/").String(),
	}}
	p.Foot = []string{l.T("letter.unread")}
}
