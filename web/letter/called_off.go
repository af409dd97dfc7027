package letter

// calledOff says that the clinic cannot keep the booking, with an apology, and how to make another. It gives no reason: it is read by others
// as well.
func (p *page) calledOff(w words) {
	p.Subject, p.Title = w.T("letter.called_off.subject", "Branch", p.Sign, "When", w.When), w.T("letter.called_off.title")
	p.Lead = w.T("letter.called_off.lead")
	p.Heading = w.T("letter.called_off.facts")
	p.Sections = []section{{
		Heading:    w.T("letter.called_off.again.title"),
		Paragraphs: []string{w.T("letter.called_off.again.text"), w.T("letter.called_off.again.phone", "Phone", w.phone())},
		Link:       w.T("letter.called_off.again.link"), URL: w.link("/"), Main: true,
	}}
	p.Foot = []string{w.T("letter.unread")}
}
