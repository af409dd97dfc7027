package letter

import "madoguchi/internal/clinic"

// inLine says that the reader waits, what happens when something comes free, and how to leave.
func (p *page) inLine(w words) {
	p.Subject, p.Title = w.T("letter.in_line.subject", "Branch", p.Sign), w.T("letter.in_line.title")
	p.Lead = w.T("letter.in_line.lead")
	p.Heading = w.T("letter.in_line.facts")
	p.Facts = []fact{
		{Label: w.T("letter.facts.branch"), Value: p.Sign},
		{Label: w.T("letter.facts.phone"), Value: w.phone(), URL: clinic.PhoneURL(w.Content.BranchPhone)},
	}
	p.Sections = []section{
		{
			Heading: w.T("letter.in_line.next.title"), Paragraphs: []string{w.T("letter.in_line.next.text"), w.T("letter.in_line.next.booked")},
			Link: w.T("letter.offer_over.line.link"), URL: w.link("waiting", w.Content.Token), Main: true,
		},
		{Heading: w.T("letter.offer.stop.title"), Paragraphs: []string{w.T("letter.offer.stop.text"), w.T("letter.offer.phone", "Phone", w.phone())}},
	}
	p.Foot = []string{w.T("letter.unread"), w.T("letter.in_line.stranger")}
}
