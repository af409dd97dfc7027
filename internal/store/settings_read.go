package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// settings are what the clinic and its branches have set, as they are kept in memory: every page is made of them, and they
// change a few times a year.
type settings struct {
	counter  int64 // how often they had been changed
	clinic   clinic.Settings
	branches []clinic.Branch     // in their order; never changed once they are here
	doctors  []clinic.Doctor     // in their order
	worksAt  map[string][]string // the ids of the branches at which a doctor works, by the doctor's
	worded   map[letterTextOf]bool
}

// settingsCounter counts the changes of the settings, of the branches, of the doctors and of what branches say in their own words. Every instance looks at it before it believes
// what it remembers, so that a change is seen everywhere from the next request on.
const settingsCounter = "settings"

// clinicSetting is the row of clinic.Settings.
const clinicSetting = "clinic"

// readSettings returns the settings as they are now. While the database does not answer it returns what was read last along
// with the error, so that even then a page can say whose it is and whom to call.
func (s *Store) readSettings(ctx context.Context) (*settings, error) {
	db := s.reader(ctx)
	known := s.settings.Load()
	if known == nil {
		known = &settings{counter: -1}
	}
	// The counter is read first: what is read after it may be newer than it says, in which case it is read once more, but
	// never older.
	counter, err := settingsCount(db)
	if err != nil {
		return known, asUnavailable(err)
	}
	if counter == known.counter {
		return known, nil
	}
	read, err := allSettings(db, counter)
	if err != nil {
		return known, err
	}
	s.settings.Store(read)
	return read, nil
}

// allSettings reads the settings from the database, where it is known how often they had been changed.
func allSettings(db *gorm.DB, counter int64) (*settings, error) {
	read := &settings{counter: counter}
	var err error
	if read.clinic, err = clinicSettings(db); err != nil && clinic.CodeOf(err) != clinic.NotFound {
		return nil, err
	}
	var rows []branchRow
	if err := db.Order("position, created_at, id").Find(&rows).Error; err != nil {
		return nil, asUnavailable(err)
	}
	for _, r := range rows {
		read.branches = append(read.branches, r.branch())
	}
	if read.doctors, read.worksAt, err = allDoctors(db); err != nil {
		return nil, err
	}
	if read.worded, err = textsInOwnWords(db); err != nil {
		return nil, err
	}
	return read, nil
}

// placeOf puts the branch and the doctor of an appointment's slot to it.
func (s *settings) placeOf(a *clinic.Appointment) error {
	branch := slices.IndexFunc(s.branches, func(b clinic.Branch) bool { return b.ID == a.Slot.BranchID })
	doctor := slices.IndexFunc(s.doctors, func(d clinic.Doctor) bool { return d.ID == a.Slot.DoctorID })
	if branch < 0 || doctor < 0 {
		return fmt.Errorf("the settings %d know no branch or no doctor of the slot %s", s.counter, a.Slot.ID)
	}
	a.Branch, a.Doctor = s.branches[branch], s.doctors[doctor]
	return nil
}

// settingsChanged makes every instance read the settings anew once this change is committed. Of two changes at once the
// second waits here for the first.
func (c *change) settingsChanged() error {
	return mustChange(c.Exec("UPDATE change_counters SET value = value + 1 WHERE name = ?", settingsCounter))
}

// Settings are the settings of the clinic. While the database does not answer, they are those that were read last, along
// with the error.
func (s *Store) Settings(ctx context.Context) (clinic.Settings, error) {
	read, err := s.readSettings(ctx)
	return read.clinic, wrap("Settings", err)
}

// SettingsVersion is another one once the clinic's settings, a branch, a doctor, or the order of either have been changed.
func (s *Store) SettingsVersion(ctx context.Context) (int64, error) {
	read, err := s.readSettings(ctx)
	return read.counter, wrap("SettingsVersion", err)
}

// settings are the settings of the clinic as this change sees them. What it reads is not remembered, because it may be of a
// change that is not committed.
func (c *change) settings() (clinic.Settings, error) {
	counter, err := settingsCount(c.DB)
	if err != nil {
		return clinic.Settings{}, err
	}
	read, err := c.settingsAt(counter)
	if err != nil {
		return clinic.Settings{}, err
	}
	return read.clinic, nil
}

// settingsAt are all settings, for a change that has read how often they have been changed.
func (c *change) settingsAt(counter int64) (*settings, error) {
	c.settingsSeen = &counter
	if known := c.store.settings.Load(); known != nil && known.counter == counter {
		return known, nil
	}
	return allSettings(c.DB, counter)
}

// settingsCount is how often the settings have been changed.
func settingsCount(db *gorm.DB) (n int64, err error) {
	err = db.Raw("SELECT value FROM change_counters WHERE name = ?", settingsCounter).Row().Scan(&n)
	return n, err
}

// clinicSettings reads the settings of the clinic, or answers that there are none yet.
func clinicSettings(db *gorm.DB) (clinic.Settings, error) {
	var row settingRow
	if err := one(db.Where("name = ?", clinicSetting), &row); err != nil {
		return clinic.Settings{}, err
	}
	read, err := openClinic(row.Value)
	read.Revision = row.Revision
	return read, err
}
