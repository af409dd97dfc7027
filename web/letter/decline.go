package letter

// decline says that the clinic could not take the booking that was asked for, and how to ask for another. It gives no reason: it is read by
// others as well.
func (p *page) decline(w words) {
	p.Subject, p.Title = w.T("letter.decline.subject", "Branch", p.Sign, "When", w.When), w.T("letter.decline.title")
	p.Lead = w.T("letter.decline.lead")
	p.Heading = w.T("letter.decline.facts")
	p.Sections = []section{{
		Heading:    w.T("letter.decline.again.title"),
		Paragraphs: []string{w.T("letter.decline.again.text"), w.T("letter.decline.again.phone", "Phone", w.phone())},
		Link:       w.T("letter.decline.again.link"), URL: w.link("/"),
	}}
	p.Foot = []string{w.T("letter.unread")}
}
