package letter

// offerOver says that a time is no longer kept, and that the reader still stands in line.
func (p *page) offerOver(w words) {
	p.Subject, p.Title = w.T("letter.offer_over.subject", "Branch", p.Sign), w.T("letter.offer_over.title")
	p.Lead = w.T("letter.offer_over.lead")
	p.Heading = w.T("letter.offer_over.facts")
	p.Sections = []section{
		{
			Heading: w.T("letter.offer_over.line.title"), Paragraphs: []string{w.T("letter.offer_over.line.text")},
			Link: w.T("letter.offer_over.line.link"), URL: w.link("waiting", w.Content.Token),
		},
		{Heading: w.T("letter.offer.stop.title"), Paragraphs: []string{w.T("letter.offer.stop.text"), w.T("letter.offer.phone", "Phone", w.phone())}},
	}
	p.Foot = []string{w.T("letter.unread"), w.T("letter.offer.stranger")}
}
