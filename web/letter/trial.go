package letter

// trial says to a person of the clinic that letters arrive, and whose they will be.
func (p *page) trial(w words) {
	p.Subject, p.Title = w.T("letter.trial.subject", "Clinic", p.Sign), w.T("letter.trial.title")
	p.Lead = w.T("letter.trial.lead")
	p.Heading = w.T("letter.trial.facts")
	p.Facts = []fact{
		{Label: w.T("letter.trial.sign"), Value: p.Sign},
		{Label: w.T("letter.trial.to"), Value: w.Content.To},
		{Label: w.T("letter.trial.at"), Value: w.Stamp(w.Content.WrittenAt, w.Zone)},
	}
	p.Sections = []section{{
		Heading: w.T("letter.trial.look"), Items: []string{w.T("letter.trial.look.sender"), w.T("letter.trial.look.junk")},
		Link: w.T("letter.trial.link"), URL: w.link("/office/setup"),
	}}
	p.Foot = []string{w.T("letter.trial.foot")}
}
