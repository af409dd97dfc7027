package letter

// morning says on the day itself when and where, and whom to call on the way.
func (p *page) morning(w words) {
	p.Subject, p.Title = w.T("letter.morning.subject", "Branch", p.Sign, "When", w.When), w.T("letter.morning.title")
	p.Lead = w.T("letter.morning.lead")
	if w.Content.Asks {
		p.Sections = append(p.Sections, answering(w))
	}
	p.Sections = append(p.Sections, beingLate(w), own(w))
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread"), w.T("letter.confirmation.stranger")}
}
