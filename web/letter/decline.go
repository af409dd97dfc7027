package letter

import (
	"net/url"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// decline says that the clinic could not take the booking that was asked for, and how to ask for another. It gives no reason: it is read by
// others as well.
func (p *page) decline(l web.Locale, c clinic.LetterContent, when string, base *url.URL) {
	p.Subject, p.Title = l.T("letter.decline.subject", "Branch", p.Sign, "When", when), l.T("letter.decline.title")
	p.Lead = l.T("letter.decline.lead")
	p.Heading = l.T("letter.decline.facts")
	p.Sections = []section{{
		Heading:    l.T("letter.decline.again.title"),
		Paragraphs: []string{l.T("letter.decline.again.text"), l.T("letter.decline.again.phone", "Phone", phone(l, c))},
		Link:       l.T("letter.decline.again.link"), URL: base.JoinPath("/").String(),
	}}
	p.Foot = []string{l.T("letter.unread")}
}
