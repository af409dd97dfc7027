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
	p.Sections = []section{answering(l, c, base), changing(l, c, base)}
	p.Foot = []string{l.T("letter.confirmation.private"), l.T("letter.unread"), l.T("letter.confirmation.stranger")}
}
