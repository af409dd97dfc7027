package letter

// request says that the booking waits for the clinic's approval, and that a letter follows.
func (p *page) request(w words) {
	p.Subject, p.Title = w.T("letter.request.subject", "Branch", p.Sign, "When", w.When), w.T("letter.request.title")
	p.Lead = w.T("letter.request.lead")
	p.Sections = []section{answering(w), changing(w)}
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread"), w.T("letter.confirmation.stranger")}
}
