package letter

import (
	"net/url"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// confirmation says that the booking is made, and what to do before the day.
func (p *page) confirmation(l web.Locale, c clinic.LetterContent, when string, base *url.URL) {
	p.Subject, p.Title = l.T("letter.confirmation.subject", "Branch", p.Sign, "When", when), l.T("letter.confirmation.title")
	p.Lead = l.T("letter.confirmation.lead")
	p.Sections = []section{
		{
			Heading: l.T("letter.confirmation.intake.title"), Paragraphs: []string{l.T("letter.confirmation.intake.text")},
			Link: l.T("letter.confirmation.intake.link"), URL: base.JoinPath("intake", c.Token).String(), Main: true,
		},
		{Heading: l.T("letter.confirmation.bring.title"), Items: []string{
			l.T("letter.confirmation.bring.identity"), l.T("letter.confirmation.bring.medicine"), l.T("letter.confirmation.bring.reference"),
		}},
		{Heading: l.T("letter.confirmation.calm.title"), Paragraphs: []string{l.T("letter.confirmation.calm.text")}},
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
