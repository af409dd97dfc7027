package letter

// approval says that the clinic has approved the booking that was asked for, and what to do before the day.
func (p *page) approval(w words) {
	p.confirmation(w)
	p.Subject, p.Title = w.T("letter.approval.subject", "Branch", p.Sign, "When", w.When), w.T("letter.approval.title")
	p.Lead = w.T("letter.approval.lead")
}
