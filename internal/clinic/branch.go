package clinic

import (
	"slices"
	"sync"
	"time"
)

// DefaultZone is the zone of a branch for which none was chosen.
const DefaultZone = "Asia/Tokyo"

// Branch (院) is one location of the clinic. FHIR Location. Texts for patients come in Japanese and, where given, in
// English.
type Branch struct {
	ID        string
	Name      string // 見本クリニック 中央院
	NameEn    string
	Address   string
	AddressEn string
	Access    string // how to get there: 中央駅 東口より徒歩3分
	AccessEn  string
	Phone     string // as people read it, with the hyphens of FormatPhone; in any form where it was stored before it was checked
	Zone      string // IANA name; decides the branch's days and what people read
	Settings  BranchSettings
	Photo     string // the hash of its picture; empty for none
	Revision  int    // how often it was saved
	Position  int    // order in lists, smallest first
	CreatedAt time.Time
}

// Location is the branch's time zone. A zone the system does not know falls back to UTC, so that a wrong setting shows
// as a wrong hour and never as a crash; CheckBranch refuses such a zone before it is stored.
func (b Branch) Location() *time.Location {
	if loc, ok := zones.Load(b.Zone); ok {
		return loc.(*time.Location) //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	loc, err := time.LoadLocation(b.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(b.Zone, loc)
	return loc
}

// zones are the zones that were loaded, by their names: loading one reads and parses a file.
var zones sync.Map

// In returns the branch with its texts in the given language, English where there is one and Japanese otherwise.
func (b Branch) In(lang string) Branch {
	b.Name = inLanguage(lang, b.Name, b.NameEn)
	b.Address = inLanguage(lang, b.Address, b.AddressEn)
	b.Access = inLanguage(lang, b.Access, b.AccessEn)
	b.Settings = b.Settings.In(lang)
	return b
}

// Horizon is the days of the branch that an actor may look at and take.
func (b Branch) Horizon(actor Actor, now time.Time) Horizon {
	today := DateOf(now, b.Location())
	h := actor.Horizon(today)
	if actor.Limited() && b.Settings.OpenDays > 0 {
		if last := today.AddDays(b.Settings.OpenDays - 1); last.Before(h.Last) {
			h.Last = last
		}
	}
	return h
}

// Opens is the instant after which a counseling at the branch must begin for an actor to book it now: for whoever books online its
// deadline is still ahead.
func (b Branch) Opens(actor Actor, now time.Time) time.Time {
	if !actor.Limited() {
		return now
	}
	if b.Settings.Stopped {
		return now.AddDate(100, 0, 0)
	}
	return b.Settings.Closes.After(now, b.Location())
}

// CheckBranch tidies a branch as an administrator typed it and names every field that is wrong.
func CheckBranch(b Branch) (Branch, Errors) {
	var errs Errors
	b.Name, b.NameEn = Tidy(b.Name), Tidy(b.NameEn)
	b.Address, b.AddressEn = Tidy(b.Address), Tidy(b.AddressEn)
	b.Access, b.AccessEn = Tidy(b.Access), Tidy(b.AccessEn)
	b.Zone = Tidy(b.Zone)
	if b.Zone == "" {
		b.Zone = DefaultZone
	}
	errs = checkTitle(errs, "name", b.Name, true, 80)
	errs = checkTitle(errs, "name_en", b.NameEn, false, 80)
	errs = checkLine(errs, "address", b.Address, true, 200)
	errs = checkLine(errs, "address_en", b.AddressEn, false, 200)
	errs = checkLine(errs, "access", b.Access, false, 200)
	errs = checkLine(errs, "access_en", b.AccessEn, false, 200)
	if number, problem := ParsePhone(b.Phone); problem != "" {
		errs = append(errs, invalid("phone", problem))
	} else {
		b.Phone = FormatPhone(number)
	}
	settings, wrong := CheckBranchSettings(b.Settings)
	b.Settings, errs = settings, append(errs, wrong...)
	if _, err := time.LoadLocation(b.Zone); err != nil || b.Zone == "Local" {
		errs = append(errs, invalid("zone", "error.zone.unknown"))
	}
	return b, errs
}

func inLanguage(lang, japanese, english string) string {
	if lang == "en" && english != "" {
		return english
	}
	return japanese
}

// Moved is a list of ids in which one has moved a place up, or down; at the end of the list it stays. ok is false where it is not there.
func Moved(ids []string, id string, up bool) (moved []string, ok bool) {
	i := slices.Index(ids, id)
	if i < 0 {
		return ids, false
	}
	to := i + 1
	if up {
		to = i - 1
	}
	moved = slices.Clone(ids)
	if to >= 0 && to < len(moved) {
		moved[i], moved[to] = moved[to], moved[i]
	}
	return moved, true
}
