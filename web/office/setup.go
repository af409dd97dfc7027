package office

import (
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// Setup leads from an empty clinic to its first bookable week.
type Setup struct {
	Frame
	Manages    []clinic.Branch // the branches that the person manages
	Edited     clinic.Branch   // the one that the page is about, new while it has no ID
	Today      clinic.Date     // there
	Everywhere bool            // they manage the clinic as a whole
	Import     bool            // there is a page that takes bookings over
	State      clinic.Setup
	Step       clinic.SetupStep
	Errors     clinic.Errors
	Conflict   bool   // somebody else has saved what the form changes
	Drawn      string // the id of what the form makes, so that the form sent twice makes one

	Rows      []SetupDoctor // new doctors, as typed
	Elsewhere []clinic.Doctor
	Ticked    []string // of these, who shall work here

	Rule           clinic.HolidayRule
	BranchRevision int
	YearEnd        *clinic.Exception // offered where there is none
	CloseYearEnd   bool
	HolidayName    func(day clinic.Date) string

	Trial  *BookingLetter // the latest to whoever is looking; nil for none
	Sender string         // the address that letters come from

	Week     clinic.TypedFirstWeek
	Who      []SetupWho // works at the branch
	Plan     clinic.Plan
	Proposed bool // Bookable counts what the form would lay

	Bookable []clinic.Slot // what patients can book, in order of start
	Last     clinic.Date   // the last day on which they can
}

// SetupDoctor is a new doctor as typed.
type SetupDoctor struct {
	clinic.Doctor

	Drawn string // their id, so that the form sent twice makes one
}

// SetupWho is a doctor of the branch with what the form says of them.
type SetupWho struct {
	clinic.Doctor

	Account  bool // they can sign in
	Ticked   bool
	Room     string
	Slots    int // of the week that they have
	Revision int
}

// AllSetUp reports whether nothing is left for any branch, by what is known of each.
func AllSetUp(setups map[string]clinic.Setup) bool {
	for id, s := range setups {
		if id != "" && len(s.Left()) > 0 {
			return false
		}
	}
	return len(setups) > 1
}

// FreeRoom is the first of the rooms 室1, 室2, … that no hours of the branch have and no doctor of the form.
func (v Setup) FreeRoom(hours []clinic.OpeningHours) string {
	for n := 1; ; n++ {
		room := "室" + strconv.Itoa(n)
		if !slices.ContainsFunc(hours, func(h clinic.OpeningHours) bool { return h.Pattern.Room == room }) &&
			!slices.ContainsFunc(v.Who, func(w SetupWho) bool { return w.Room == room }) {
			return room
		}
	}
}

// setupTexts are the texts of a step: its name, what stands over it and what that means, and that it is done, or what there is to do.
type setupTexts struct{ name, title, help, has, left string }

var setupSaid = map[clinic.SetupStep]setupTexts{
	clinic.SetupBranch: {
		"office.setup.branch", "office.setup.branch.title", "office.setup.branch.help", "office.setup.branch.has", "office.setup.branch.left",
	},
	clinic.SetupDoctors: {
		"office.setup.doctors", "office.setup.doctors.title", "office.setup.doctors.help", "office.setup.doctors.has", "office.setup.doctors.left",
	},
	clinic.SetupHolidays: {
		"office.setup.holidays", "office.setup.holidays.title", "office.setup.holidays.help", "office.setup.holidays.has", "office.setup.holidays.left",
	},
	clinic.SetupMail: {
		"office.setup.mail", "office.setup.mail.title", "office.setup.mail.help", "office.setup.mail.has", "office.setup.mail.left",
	},
	clinic.SetupHours: {
		"office.setup.hours", "office.setup.hours.title", "office.setup.hours.help", "office.setup.hours.has", "office.setup.hours.left",
	},
	clinic.SetupDone: {
		"office.setup.done", "office.setup.done.title", "office.setup.done.help", "office.setup.done.has", "office.setup.done.left",
	},
}

func (v Setup) title(l web.Locale, step clinic.SetupStep) string { return l.T(setupSaid[step].name) }

// number is the place of the step, from 1.
func (v Setup) number(step clinic.SetupStep) string {
	return strconv.Itoa(slices.Index(clinic.SetupSteps, step) + 1)
}

// about says in words how far a step is.
func (v Setup) about(l web.Locale, step clinic.SetupStep) string {
	switch step {
	case clinic.SetupBranch:
		if v.State.Branch {
			return v.Edited.In(l.Lang()).Name + l.T("office.setup.dot") + v.Edited.Phone
		}
	case clinic.SetupDoctors:
		var names []string
		for _, who := range v.Who {
			names = append(names, who.Name(l.Lang()))
		}
		if len(names) > 0 {
			return l.List(names)
		}
	case clinic.SetupHolidays:
		if v.YearEnd != nil && !v.State.Holidays && v.Edited.ID != "" {
			return l.T("office.setup.holidays.open", "Days", l.Days(v.YearEnd.First, v.YearEnd.Last))
		}
	case clinic.SetupMail:
		if v.Trial != nil && !v.State.Mail && v.Trial.Sentence != "" {
			return v.Trial.Sentence
		}
	case clinic.SetupHours:
		if v.State.Slots && !v.Proposed {
			return l.N("office.setup.hours.slots", len(v.Bookable))
		}
	case clinic.SetupDone:
	}
	if v.State.Has(step) {
		return l.T(setupSaid[step].has)
	}
	return l.T(setupSaid[step].left)
}

// missing names the steps that are left, but for the one that is open.
func (v Setup) missing(l web.Locale) (names []string) {
	for _, step := range v.State.Left() {
		if step != v.Step {
			names = append(names, v.title(l, step))
		}
	}
	return names
}

// withoutAccount are the doctors of the branch who cannot sign in.
func (v Setup) withoutAccount(l web.Locale) (names []string) {
	for _, who := range v.Who {
		if !who.Account {
			names = append(names, who.Name(l.Lang()))
		}
	}
	return names
}

// withoutPhoto are the doctors of the branch of whom there is none.
func (v Setup) withoutPhoto(l web.Locale) (names []string) {
	for _, who := range v.Who {
		if who.Photo == "" {
			names = append(names, who.Name(l.Lang()))
		}
	}
	return names
}

// labels are the labels of the fields, for the summary of errors.
func (v Setup) labels(l web.Locale) map[string]string {
	labels := map[string]string{
		"shape": l.T("office.setup.shape"), "from": l.T("office.slot.from"), "until": l.T("office.slot.until"), "lunch_from": l.T("office.setup.lunch_from"),
		"lunch_until": l.T("office.setup.lunch_until"), "minutes": l.T("office.hours.minutes"), "pause": l.T("office.hours.pause"),
		"valid_from": l.T("office.hours.valid_from"), "doctor": l.T("office.setup.who"),
	}
	if v.Step == clinic.SetupBranch {
		return branchLabels(l)
	}
	for i := range v.Rows {
		for field, label := range doctorLabels(l) {
			labels[field+"-"+strconv.Itoa(i)] = l.T("office.setup.nth", "N", strconv.Itoa(i+1), "Field", label)
		}
	}
	for _, who := range v.Who {
		labels["from-"+who.ID] = doctorName(l, who.Doctor)
		labels["room-"+who.ID] = l.T("office.setup.room", "Doctor", doctorName(l, who.Doctor))
	}
	return labels
}

// proofHour is a row of the week as patients see it: whether something begins in that hour of each day.
type proofHour struct {
	hour int
	free [7]bool
}

// proof is the first week that can be booked.
func (v Setup) proof() (days [7]clinic.Date, hours []proofHour, slots int) {
	if len(v.Bookable) == 0 {
		return days, nil, 0
	}
	loc := v.Edited.Location()
	first := clinic.DateOf(v.Bookable[0].StartsAt, loc)
	for i := range days {
		days[i] = first.AddDays(i)
	}
	for _, s := range v.Bookable {
		i := slices.Index(days[:], clinic.DateOf(s.StartsAt, loc))
		if i < 0 {
			continue
		}
		slots++
		hour := s.StartsAt.In(loc).Hour()
		row := slices.IndexFunc(hours, func(h proofHour) bool { return h.hour == hour })
		if row < 0 {
			row = len(hours)
			hours = append(hours, proofHour{hour: hour})
		}
		hours[row].free[i] = true
	}
	slices.SortFunc(hours, func(a, b proofHour) int { return a.hour - b.hour })
	return days, hours, slots
}

// nextHolidays are the next public holidays.
func (v Setup) nextHolidays(l web.Locale) (words []string) {
	for day := v.Today; len(words) < 4 && day.Before(v.Today.AddDays(365)); day = day.AddDays(1) {
		if name := v.HolidayName(day); name != "" {
			words = append(words, l.ShortDay(day, "")+" "+name)
		}
	}
	return words
}
