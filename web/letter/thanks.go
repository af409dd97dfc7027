package letter

// thanks is sent after the visit. It offers nothing: it would be advertising.
func (p *page) thanks(w words) {
	p.Subject, p.Title = w.T("letter.thanks.subject", "Branch", p.Sign, "When", w.When), w.T("letter.thanks.title")
	p.Lead = w.T("letter.thanks.lead")
	p.Heading = w.T("letter.thanks.facts")
	p.Sections = []section{{
		Heading:    w.T("letter.thanks.ask.title"),
		Paragraphs: []string{w.T("letter.thanks.ask.text"), w.T("letter.thanks.ask.phone", "Phone", w.phone())},
	}}
	p.Foot = []string{w.T("letter.unread")}
}
