package letter

// change says that the booking has another time, and that all else about it stays.
func (p *page) change(w words) {
	p.Subject, p.Title = w.T("letter.change.subject", "Branch", p.Sign, "When", w.When), w.T("letter.change.title")
	p.Lead = w.T("letter.change.lead")
	p.Heading = w.T("letter.change.facts")
	p.Sections = []section{
		{
			Heading: w.T("letter.change.stays.title"), Paragraphs: []string{w.T("letter.change.stays.text")},
			Link: w.T("letter.change.stays.link"), URL: w.link("booking", w.Content.Token), Main: true,
		},
		{
			Heading:    w.T("letter.change.wrong.title"),
			Paragraphs: []string{w.T("letter.change.wrong.text"), w.T("letter.change.wrong.phone", "Phone", w.phone())},
		},
	}
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread"), w.T("letter.confirmation.stranger")}
}
