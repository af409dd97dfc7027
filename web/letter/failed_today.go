package letter

import "strconv"

// failedToday says to staff how many letters have not reached their patients. Whose they are stands behind the link only.
func (p *page) failedToday(w words) {
	c := w.Content
	p.Subject, p.Title = w.T("letter.failed_today.subject", "Branch", p.Sign), w.T("letter.failed_today.title")
	p.Greeting, p.Lead = w.T("letter.failed_today.greeting"), w.T("letter.failed_today.lead")
	p.Heading = w.T("letter.failed_today.facts")
	p.Facts = []fact{
		{Label: w.T("letter.facts.branch"), Value: p.Sign},
		{Label: w.T("letter.failed_today.count"), Value: strconv.Itoa(c.Count)},
		{Label: w.T("letter.failed_today.at"), Value: w.Stamp(c.WrittenAt, w.Zone)},
	}
	p.Sections = []section{{
		Heading: w.T("letter.failed_today.open.title"), Paragraphs: []string{w.T("letter.failed_today.open.text")},
		Link: w.T("letter.failed_today.open.link"), URL: w.link("office", "letters"), Main: true,
	}}
	p.Foot = []string{w.T("letter.failed_today.foot")}
}
