package clinic

import "strings"

// Settings are what the clinic as a whole has set. What differs from branch to branch is in BranchSettings.
type Settings struct {
	Name   string // 見本クリニック, as it stands over every page and letter
	NameEn string
	Logo   Logo

	// Who answers for the personal data, as the page about them says it. The Act on the Protection of Personal Information,
	// art. 32, wants the name, the address and where to ask where people can find them.
	Operator     string // the legal person: 医療法人社団見本会
	OperatorEn   string
	Address      string
	AddressEn    string
	Contact      string // 個人情報相談窓口 03-0000-0000（平日10:00–18:00）
	ContactEn    string
	Processors   string // to whom work on the data is entrusted and for what, one on a line
	ProcessorsEn string

	SecondFactor bool // nobody works in the office without a second factor

	Revision int // how often they were saved
}

// The longest name of a clinic, in characters. An English one takes more letters and less width.
const (
	MaxClinicName   = 40
	MaxClinicNameEn = 60
)

// MaxProcessors is the longest list of processors, in characters.
const MaxProcessors = 2000

// In returns the settings with their texts in the given language, English where there is one and Japanese otherwise.
func (s Settings) In(lang string) Settings {
	s.Name = inLanguage(lang, s.Name, s.NameEn)
	s.Operator = inLanguage(lang, s.Operator, s.OperatorEn)
	s.Address = inLanguage(lang, s.Address, s.AddressEn)
	s.Contact = inLanguage(lang, s.Contact, s.ContactEn)
	s.Processors = inLanguage(lang, s.Processors, s.ProcessorsEn)
	return s
}

// ProcessorLines are the lines of Processors.
func (s Settings) ProcessorLines() []string { return lines(s.Processors) }

// MissingPrivacy are the fields that the page about personal data needs and does not have, in the order of the form. The clinic can do
// without them, because it begins without; whoever manages it is told.
func (s Settings) MissingPrivacy() (fields []string) {
	for _, f := range []struct{ field, value string }{
		{"operator", s.Operator}, {"address", s.Address}, {"contact", s.Contact}, {"processors", s.Processors},
	} {
		if f.value == "" {
			fields = append(fields, f.field)
		}
	}
	return fields
}

// CheckSettings tidies the clinic's settings as an administrator typed them and names every field that is wrong. The logo
// has been checked by NewLogo.
func CheckSettings(s Settings) (Settings, Errors) {
	var errs Errors
	s.Name, s.NameEn = Tidy(s.Name), Tidy(s.NameEn)
	errs = checkTitle(errs, "name", s.Name, true, MaxClinicName)
	errs = checkTitle(errs, "name_en", s.NameEn, false, MaxClinicNameEn)
	for _, line := range []struct {
		field string
		value *string
	}{
		{"operator", &s.Operator},
		{"operator_en", &s.OperatorEn},
		{"address", &s.Address},
		{"address_en", &s.AddressEn},
		{"contact", &s.Contact},
		{"contact_en", &s.ContactEn},
	} {
		*line.value = Tidy(*line.value)
		errs = checkLine(errs, line.field, *line.value, false, 200)
	}
	s.Processors, s.ProcessorsEn = TidyText(s.Processors), TidyText(s.ProcessorsEn)
	errs = checkText(errs, "processors", s.Processors, MaxProcessors)
	errs = checkText(errs, "processors_en", s.ProcessorsEn, MaxProcessors)
	return s, errs
}

// DefaultOpenDays is how many days ahead people book where a branch has decided nothing, and the most that one can decide.
const DefaultOpenDays = publicDays

// MaxNoShows is the largest BranchSettings.NoShows.
const MaxNoShows = 9

// BranchSettings are what a branch decides for itself.
type BranchSettings struct {
	PhoneHours   string // when somebody answers the telephone: 平日 10:00–18:00
	PhoneHoursEn string
	LiveBookings int // how many bookings one person may have before them; 0 stands for DefaultLiveBookings

	// What counts for whoever books for themselves, online. Staff book when they like.
	OpenDays     int      // how many days ahead they book, today included; 0 stands for DefaultOpenDays
	Closes       Deadline // until when they book
	Changes      Deadline // until when a patient may change or cancel without being asked why
	ApproveFirst bool     // a booking waits for the clinic's approval (仮予約)
	NoShows      int      // after how many no-shows a person books by telephone only; 0 for never
	Stopped      bool     // nobody books online for the time being, as while a flood lasts

	Holidays HolidayRule
	Waiting  WaitingRule
	Keep     KeepRule

	Letters *LetterTimes // when the letters of the future go; nil stands for DefaultLetterTimes
	Notices string       // the address for letters to staff; "" where they want none
}

// In returns the settings with their texts in the given language, English where there is one and Japanese otherwise.
func (s BranchSettings) In(lang string) BranchSettings {
	s.PhoneHours = inLanguage(lang, s.PhoneHours, s.PhoneHoursEn)
	return s
}

// CheckBranchSettings tidies a branch's settings as an administrator typed them and names every field that is wrong. A
// telephone number never stands without its hours, so those are required.
func CheckBranchSettings(s BranchSettings) (BranchSettings, Errors) {
	var errs Errors
	s.PhoneHours, s.PhoneHoursEn = Tidy(s.PhoneHours), Tidy(s.PhoneHoursEn)
	errs = checkLine(errs, "phone_hours", s.PhoneHours, true, 80)
	errs = checkLine(errs, "phone_hours_en", s.PhoneHoursEn, false, 80)
	if s.LiveBookings == 0 {
		s.LiveBookings = DefaultLiveBookings
	}
	if s.LiveBookings < 1 || s.LiveBookings > MaxLiveBookings {
		errs = append(errs, invalid("live_bookings", "error.branch.live"))
	}
	if s.OpenDays == 0 {
		s.OpenDays = DefaultOpenDays
	}
	if s.OpenDays < 1 || s.OpenDays > DefaultOpenDays {
		errs = append(errs, invalid("open_days", "error.branch.open_days"))
	}
	errs = checkDeadline(errs, "closes", s.Closes)
	errs = checkDeadline(errs, "changes", s.Changes)
	if s.NoShows < 0 || s.NoShows > MaxNoShows {
		errs = append(errs, invalid("no_shows", "error.branch.no_shows"))
	}
	s.Waiting, errs = checkWaitingRule(errs, s.Waiting)
	s.Keep, errs = checkKeep(errs, s.Keep)
	errs = checkLetterTimes(errs, s.LetterTimes())
	if s.Notices = Tidy(s.Notices); s.Notices != "" {
		to, problem := ParseEmail(s.Notices)
		if problem != "" {
			errs = append(errs, invalid("notices", problem))
		} else {
			s.Notices = to
		}
	}
	return s, errs
}

// FullName is the name of a branch together with that of its clinic: 見本クリニック 中央院. Many a branch has its clinic's name
// in its own, where it is not said twice.
func FullName(clinicName, branchName string) string {
	if strings.Contains(branchName, clinicName) {
		return branchName
	}
	return strings.TrimSpace(clinicName + " " + branchName)
}
