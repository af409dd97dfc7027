package letter

// bookingMade says to staff that somebody has booked. Whose booking it is stands behind the link only: mail is no place for patients' names.
func (p *page) bookingMade(w words) {
	c := w.Content
	p.Subject, p.Title = w.T("letter.new_booking.subject", "Branch", p.Sign, "When", w.When), w.T("letter.new_booking.title")
	p.Greeting, p.Lead = w.T("letter.new_booking.greeting"), w.T("letter.new_booking.lead")
	p.Heading = w.T("letter.new_booking.facts")
	p.Facts = known([]fact{
		{Label: w.T("letter.facts.when"), Value: When(c.StartsAt, c.EndsAt, w.Zone, w.Lang())},
		{Label: w.T("letter.facts.doctor"), Value: c.DoctorName},
		{Label: w.T("letter.facts.branch"), Value: p.Sign},
		{Label: w.T("letter.facts.reference"), Value: c.Reference},
	})
	p.Sections = []section{{
		Heading: w.T("letter.new_booking.open.title"), Paragraphs: []string{w.T("letter.new_booking.open.text")},
		Link: w.T("letter.new_booking.open.link"), URL: w.link("office", "bookings", c.BookingID), Main: true,
	}}
	p.Foot = []string{w.T("letter.new_booking.foot")}
}
