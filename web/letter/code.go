package letter

// code brings the code that whoever books without scripts types into the form. The reader may be a stranger whose address somebody mistyped.
func (p *page) code(w words) {
	p.Subject, p.Title = w.T("letter.code.subject", "Branch", p.Sign, "Code", w.Content.Reference), w.T("letter.code.title")
	p.Greeting, p.Lead = p.Sign, w.T("letter.code.lead")
	p.Heading = w.T("letter.code.facts")
	p.Facts = []fact{{Label: w.T("letter.code.label"), Value: w.Content.Reference}}
	p.Sections = []section{
		{Heading: w.T("letter.code.not_yet.title"), Paragraphs: []string{w.T("letter.code.not_yet.text")}},
		{Heading: w.T("letter.code.stranger.title"), Paragraphs: []string{w.T("letter.code.stranger.text"), w.T("letter.code.stranger.phone", "Phone", w.phone())}},
	}
	p.Foot = []string{w.T("letter.unread")}
}
