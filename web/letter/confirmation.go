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
		answering(l, c, base),
		{Heading: l.T("letter.confirmation.bring.title"), Items: []string{
			l.T("letter.confirmation.bring.identity"), l.T("letter.confirmation.bring.medicine"), l.T("letter.confirmation.bring.reference"),
		}},
		{Heading: l.T("letter.confirmation.calm.title"), Paragraphs: []string{l.T("letter.confirmation.calm.text")}},
		changing(l, c, base),
	}
	p.Foot = []string{l.T("letter.confirmation.private"), l.T("letter.unread"), l.T("letter.confirmation.stranger")}
}

// answering asks for the questionnaire.
func answering(l web.Locale, c clinic.LetterContent, base *url.URL) section {
	return section{
		Heading: l.T("letter.confirmation.intake.title"), Paragraphs: []string{l.T("letter.confirmation.intake.text")},
		Link: l.T("letter.confirmation.intake.link"), URL: base.JoinPath("intake", c.Token).String(), Main: true,
	}
}

// changing says how the booking is changed and cancelled.
func changing(l web.Locale, c clinic.LetterContent, base *url.URL) section {
	return section{
		Heading: l.T("letter.confirmation.change.title"),
		Paragraphs: []string{
			l.T("letter.confirmation.change.text"), l.T("letter.confirmation.change.page"), l.T("letter.confirmation.change.phone", "Phone", phone(l, c)),
		},
		Link: l.T("letter.confirmation.change.link"), URL: base.JoinPath("booking", c.Token).String(),
	}
}
