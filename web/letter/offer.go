package letter

import "strconv"

// offer says that a time has come free, for how long it is kept, and where to answer.
func (p *page) offer(w words) {
	p.Subject, p.Title = w.T("letter.offer.subject", "Branch", p.Sign, "When", w.When), w.T("letter.offer.title")
	p.Lead = w.T("letter.offer.lead")
	p.Heading = w.T("letter.offer.facts")
	p.Sections = []section{
		{
			Heading: w.T("letter.offer.answer.title"), Paragraphs: []string{w.T("letter.offer.answer.text", "Time", keeps(w)), w.T("letter.offer.answer.pass")},
			Link: w.T("letter.offer.answer.link"), URL: w.link("waiting", w.Content.Token), Main: true,
		},
		{Heading: w.T("letter.offer.stop.title"), Paragraphs: []string{w.T("letter.offer.stop.text"), w.T("letter.offer.phone", "Phone", w.phone())}},
	}
	p.Foot = []string{w.T("letter.unread"), w.T("letter.offer.stranger")}
}

// keeps is for how long a slot is kept, in whole hours where that is what it is.
func keeps(w words) string {
	if m := w.Content.KeepMinutes; m%60 == 0 {
		return w.N("letter.offer.hours", m/60)
	}
	return w.T("letter.offer.minutes", "N", strconv.Itoa(w.Content.KeepMinutes))
}
