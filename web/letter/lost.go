package letter

// lost brings another link to whoever asked for one.
func (p *page) lost(w words) {
	p.Subject, p.Title = w.T("letter.lost.subject", "Branch", p.Sign, "When", w.When), w.T("letter.lost.title")
	p.Lead = w.T("letter.lost.lead")
	p.Sections = []section{
		{
			Heading: w.T("letter.lost.open.title"), Paragraphs: []string{w.T("letter.lost.open.text")},
			Link: w.T("letter.lost.open.link"), URL: w.link("booking", w.Content.Token), Main: true,
		},
		{Heading: w.T("letter.lost.stranger.title"), Paragraphs: []string{w.T("letter.lost.stranger.text"), w.T("letter.lost.stranger.phone", "Phone", w.phone())}},
	}
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread")}
}
