package letter

// confirmation says that the booking is made, and what to do before the day.
func (p *page) confirmation(w words) {
	p.Subject, p.Title = w.T("letter.confirmation.subject", "Branch", p.Sign, "When", w.When), w.T("letter.confirmation.title")
	p.Lead = w.T("letter.confirmation.lead")
	p.Sections = []section{
		answering(w),
		bringing(w),
		{Heading: w.T("letter.confirmation.calm.title"), Paragraphs: []string{w.T("letter.confirmation.calm.text")}},
		changing(w),
	}
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread"), w.T("letter.confirmation.stranger")}
}

// answering asks for the questionnaire.
func answering(w words) section {
	return section{
		Heading: w.T("letter.confirmation.intake.title"), Paragraphs: []string{w.T("letter.confirmation.intake.text")},
		Link: w.T("letter.confirmation.intake.link"), URL: w.link("intake", w.Content.Token), Main: true,
	}
}

// bringing says what to bring.
func bringing(w words) section {
	return section{Heading: w.T("letter.confirmation.bring.title"), Items: []string{
		w.T("letter.confirmation.bring.identity"), w.T("letter.confirmation.bring.medicine"), w.T("letter.confirmation.bring.reference"),
	}}
}

// changing says how the booking is changed and cancelled.
func changing(w words) section {
	return section{
		Heading: w.T("letter.confirmation.change.title"),
		Paragraphs: []string{
			w.T("letter.confirmation.change.text"), w.T("letter.confirmation.change.page"), w.T("letter.confirmation.change.phone", "Phone", w.phone()),
		},
		Link: w.T("letter.confirmation.change.link"), URL: w.link("booking", w.Content.Token),
	}
}
