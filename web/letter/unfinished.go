package letter

// unfinished asks for the questionnaire, which nobody has sent yet.
func (p *page) unfinished(w words) {
	p.Subject, p.Title = w.T("letter.unfinished.subject", "Branch", p.Sign, "When", w.When), w.T("letter.unfinished.title")
	p.Lead = w.T("letter.unfinished.lead")
	p.Sections = []section{answering(w), own(w)}
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread"), w.T("letter.confirmation.stranger")}
}
