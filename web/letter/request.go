package letter

import (
	"net/url"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// request says that the booking waits for the clinic's approval, and that a letter follows.
func (p *page) request(l web.Locale, c clinic.LetterContent, when string, base *url.URL) {
	p.Subject, p.Title = l.T("letter.request.subject", "Branch", p.Sign, "When", when), l.T("letter.request.title")
	p.Lead = l.T("letter.request.lead")
	p.Sections = []section{
		{
			Heading: l.T("letter.confirmation.intake.title"), Paragraphs: []string{l.T("letter.confirmation.intake.text")},
			Link: l.T("letter.confirmation.intake.link"), URL: base.JoinPath("intake", c.Token).String(), Main: true,
		},
		{
			Heading: l.T("letter.confirmation.change.title"),
			Paragraphs: []string{
				l.T("letter.confirmation.change.text"), l.T("letter.confirmation.change.page"), l.T("letter.confirmation.change.phone", "Phone", phone(l, c)),
			},
			Link: l.T("letter.confirmation.change.link"), URL: base.JoinPath("booking", c.Token).String(),
		},
	}
	p.Foot = []string{l.T("letter.confirmation.private"), l.T("letter.unread"), l.T("letter.confirmation.stranger")}
}
