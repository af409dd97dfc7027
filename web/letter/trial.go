package letter

import (
	"net/url"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// trial says to a person of the clinic that letters arrive, and whose they will be.
func (p *page) trial(l web.Locale, c clinic.LetterContent, loc *time.Location, base *url.URL) {
	p.Subject, p.Title = l.T("letter.trial.subject", "Clinic", p.Sign), l.T("letter.trial.title")
	p.Lead = l.T("letter.trial.lead")
	p.Heading = l.T("letter.trial.facts")
	p.Facts = []fact{
		{Label: l.T("letter.trial.sign"), Value: p.Sign},
		{Label: l.T("letter.trial.to"), Value: c.To},
		{Label: l.T("letter.trial.at"), Value: l.Stamp(c.WrittenAt, loc)},
	}
	p.Sections = []section{{
		Heading: l.T("letter.trial.look"), Items: []string{l.T("letter.trial.look.sender"), l.T("letter.trial.look.junk")},
		Link: l.T("letter.trial.link"), URL: base.JoinPath("/office/setup").String(),
	}}
	p.Foot = []string{l.T("letter.trial.foot")}
}
