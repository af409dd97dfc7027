package letter

// reminder says on the day before when and where, what is still to be answered, and what to bring.
func (p *page) reminder(w words) {
	p.Subject, p.Title = w.T("letter.reminder.subject", "Branch", p.Sign, "When", w.When), w.T("letter.reminder.title")
	p.Lead = w.T("letter.reminder.lead")
	if w.Content.Asks {
		p.Sections = append(p.Sections, answering(w))
	}
	p.Sections = append(p.Sections, bringing(w), beingLate(w), own(w))
	p.Foot = []string{w.T("letter.confirmation.private"), w.T("letter.unread"), w.T("letter.confirmation.stranger")}
}

// beingLate says whom to call on the way.
func beingLate(w words) section {
	return section{
		Heading:    w.T("letter.reminder.late.title"),
		Paragraphs: []string{w.T("letter.reminder.late.text"), w.T("letter.reminder.late.phone", "Phone", w.phone())},
	}
}

// own leads to the booking's page, and says until when it can be changed there.
func own(w words) section {
	text := w.T("letter.reminder.own.over")
	if until := w.Content.ChangesUntil; until.After(w.Content.WrittenAt) {
		text = w.T("letter.reminder.own.until", "Until", w.DayAndTime(until, w.Zone, ""))
	}
	return section{
		Heading: w.T("letter.reminder.own.title"), Paragraphs: []string{text},
		Link: w.T("letter.reminder.own.link"), URL: w.link("booking", w.Content.Token),
	}
}
