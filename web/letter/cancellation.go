package letter

// cancellation says that the booking is no more, and how to make another.
func (p *page) cancellation(w words) {
	p.Subject, p.Title = w.T("letter.cancellation.subject", "Branch", p.Sign, "When", w.When), w.T("letter.cancellation.title")
	p.Lead = w.T("letter.cancellation.lead")
	p.Sections = []section{{
		Heading:    w.T("letter.cancellation.again.title"),
		Paragraphs: []string{w.T("letter.cancellation.again.text"), w.T("letter.cancellation.again.phone", "Phone", w.phone())},
		Link:       w.T("letter.cancellation.again.link"), URL: w.link("/"),
	}}
	p.Foot = []string{w.T("letter.unread")}
}
