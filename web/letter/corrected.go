package letter

// corrected says that the contact was corrected, and all that the confirmation says: who reads it has perhaps never had one.
func (p *page) corrected(w words) {
	p.confirmation(w)
	p.Subject, p.Title = w.T("letter.corrected.subject", "Branch", p.Sign, "When", w.When), w.T("letter.corrected.title")
	p.Lead = w.T("letter.corrected.lead")
	p.Foot = append([]string{w.T("letter.corrected.links")}, p.Foot...)
}
