package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

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
	read := &settings{}
	var err error
	if read.counter, err = settingsCount(db); err != nil {
		return known, asUnavailable(err)
	}
	if read.counter == known.counter {
		return known, nil
	}
	if read.clinic, err = clinicSettings(db); err != nil && clinic.CodeOf(err) != clinic.NotFound {
		return known, err
	}
	var rows []branchRow
	if err := db.Order("position, created_at, id").Find(&rows).Error; err != nil {
		return known, asUnavailable(err)
	}
	for _, r := range rows {
		read.branches = append(read.branches, r.branch())
	}
	if read.doctors, read.worksAt, err = allDoctors(db); err != nil {
		return known, err
	}
	if read.worded, err = textsInOwnWords(db); err != nil {
		return known, err
	}
	s.settings.Store(read)
	return read, nil
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
	return c.settingsAt(counter)
}

// settingsAt is settings for a change that has read how often they have been changed.
func (c *change) settingsAt(counter int64) (clinic.Settings, error) {
	c.settingsSeen = &counter
	if known := c.store.settings.Load(); known != nil && known.counter == counter {
		return known.clinic, nil
	}
	read, err := clinicSettings(c.DB)
	if clinic.CodeOf(err) == clinic.NotFound {
		err = nil
	}
	return read, err
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

// SeedSettings stores the first settings of a clinic. Where there are some already, it leaves them alone.
func (s *Store) SeedSettings(ctx context.Context, first clinic.Settings) error {
	var n int64
	if err := s.reader(ctx).Model(&settingRow{}).Where("name = ?", clinicSetting).Count(&n).Error; err != nil || n > 0 {
		return wrap("SeedSettings", err)
	}
	return s.change(ctx, "SeedSettings", clinic.Job("start"), func(tx *change) error {
		value, err := json.Marshal(storeClinic(first))
		if err != nil {
			return err
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&settingRow{clinicSetting, value, 1}).Error; err != nil {
			return err
		}
		return tx.settingsChanged()
	})
}

// ChangeSettings lets edit change the settings of the clinic as they are now, and stores what it makes of them, which it
// has checked. What it makes bears the revision it was made from, which is that of now unless a person has taken their time over
// it; any other answers clinic.StaleError. It is for who manages every branch. edit may be called more than once.
func (s *Store) ChangeSettings(ctx context.Context, actor clinic.Actor, edit func(now clinic.Settings) clinic.Settings) error {
	if !actor.MayEverywhere(clinic.ManageClinic) {
		return &clinic.Error{Code: clinic.Forbidden, Message: "error.forbidden"}
	}
	return s.change(ctx, "ChangeSettings", actor, func(tx *change) error {
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		now, err := clinicSettings(tx.DB)
		if err != nil {
			return err
		}
		next := edit(now)
		value, err := json.Marshal(storeClinic(next))
		if err != nil {
			return err
		}
		return mustFollow(tx.Model(&settingRow{}).Where("name = ?", clinicSetting), next.Revision, func(row *gorm.DB) *gorm.DB {
			return row.Updates(settingRow{Value: value, Revision: next.Revision + 1})
		})
	})
}

// Settings are stored as JSON of the structs below. Their names in JSON are written out, so that renaming a field of the
// rules leaves what is stored as it is. testdata/settings holds what every format looks like, and all of them must open.
//
// A setting that is added later is empty in what was stored before; where that means something else than empty, open gives
// it its default. One that changes its meaning raises newestSettingsFormat.

// settingsFormat is the version of the structs below, one for all of them.
type settingsFormat int

const newestSettingsFormat settingsFormat = 3

// UnmarshalJSON refuses a format of a later program.
func (f *settingsFormat) UnmarshalJSON(text []byte) error {
	n, err := readFormat(text, "a setting", int(newestSettingsFormat))
	*f = settingsFormat(n)
	return err
}

// storedClinic is clinic.Settings.
type storedClinic struct {
	Format settingsFormat `json:"format"`
	Name   string         `json:"name"`
	NameEn string         `json:"name_en"`
	Logo   *storedLogo    `json:"logo,omitempty"`

	Operator     string `json:"operator"`
	OperatorEn   string `json:"operator_en"`
	Address      string `json:"address"`
	AddressEn    string `json:"address_en"`
	Contact      string `json:"contact"`
	ContactEn    string `json:"contact_en"`
	Processors   string `json:"processors"`
	ProcessorsEn string `json:"processors_en"`

	SecondFactor bool `json:"second_factor"`
}

type storedLogo struct {
	PNG    []byte `json:"png"`
	Hash   string `json:"hash"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func storeClinic(s clinic.Settings) storedClinic {
	out := storedClinic{
		Format: newestSettingsFormat, Name: s.Name, NameEn: s.NameEn, Operator: s.Operator, OperatorEn: s.OperatorEn,
		Address: s.Address, AddressEn: s.AddressEn, Contact: s.Contact, ContactEn: s.ContactEn,
		Processors: s.Processors, ProcessorsEn: s.ProcessorsEn, SecondFactor: s.SecondFactor,
	}
	if !s.Logo.IsZero() {
		out.Logo = &storedLogo{PNG: s.Logo.PNG, Hash: s.Logo.Hash, Width: s.Logo.Width, Height: s.Logo.Height}
	}
	return out
}

func (s storedClinic) open() clinic.Settings {
	out := clinic.Settings{
		Name: s.Name, NameEn: s.NameEn, Operator: s.Operator, OperatorEn: s.OperatorEn, Address: s.Address, AddressEn: s.AddressEn,
		Contact: s.Contact, ContactEn: s.ContactEn, Processors: s.Processors, ProcessorsEn: s.ProcessorsEn, SecondFactor: s.SecondFactor,
	}
	if s.Logo != nil {
		out.Logo = clinic.Logo{PNG: s.Logo.PNG, Hash: s.Logo.Hash, Width: s.Logo.Width, Height: s.Logo.Height}
	}
	return out
}

func openClinic(value []byte) (clinic.Settings, error) {
	var stored storedClinic
	err := json.Unmarshal(value, &stored)
	return stored.open(), err
}

// storedBranch is clinic.BranchSettings, as it stands in a column of the branch.
type storedBranch struct {
	Format       settingsFormat `json:"format"`
	PhoneHours   string         `json:"phone_hours"`
	PhoneHoursEn string         `json:"phone_hours_en"`
	LiveBookings int            `json:"live_bookings"`

	OpenDays     int            `json:"open_days"`
	Closes       storedDeadline `json:"closes"`
	Changes      storedDeadline `json:"changes"`
	ApproveFirst bool           `json:"approve_first"`
	NoShows      int            `json:"no_shows"`
	Stopped      bool           `json:"stopped"`

	HolidaysOpen   bool     `json:"holidays_open"`
	HolidaysDiffer []string `json:"holidays_differ"` // ISO 8601 days

	WaitingOff   bool `json:"waiting_off"`
	OfferMinutes int  `json:"offer_minutes"`
	QuietFrom    int  `json:"quiet_from"` // minutes since midnight
	QuietUntil   int  `json:"quiet_until"`

	Letters *storedLetterTimes `json:"letters,omitempty"`
	Notices string             `json:"notices"`

	KeepAnswers int `json:"keep_answers"` // days
	KeepDrafts  int `json:"keep_drafts"`
}

// storedLetterTimes is clinic.LetterTimes.
type storedLetterTimes struct {
	Unfinished storedLetterTime `json:"unfinished"`
	Reminder   storedLetterTime `json:"reminder"`
	Morning    storedLetterTime `json:"morning"`
	Thanks     storedLetterTime `json:"thanks"`
}

// storedLetterTime is clinic.LetterTime.
type storedLetterTime struct {
	On bool `json:"on"`
	At int  `json:"at"` // minutes since midnight
}

func storeLetterTimes(t *clinic.LetterTimes) *storedLetterTimes {
	if t == nil {
		return nil
	}
	store := func(t clinic.LetterTime) storedLetterTime { return storedLetterTime{t.On, int(t.At)} }
	return &storedLetterTimes{store(t.Unfinished), store(t.Reminder), store(t.Morning), store(t.Thanks)}
}

func (s *storedLetterTimes) open() *clinic.LetterTimes {
	if s == nil {
		return nil
	}
	open := func(t storedLetterTime) clinic.LetterTime { return clinic.LetterTime{On: t.On, At: clinic.Clock(t.At)} }
	return &clinic.LetterTimes{Unfinished: open(s.Unfinished), Reminder: open(s.Reminder), Morning: open(s.Morning), Thanks: open(s.Thanks)}
}

// storedDeadline is clinic.Deadline.
type storedDeadline struct {
	Hours int `json:"hours"`
	Days  int `json:"days"`
	At    int `json:"at"` // minutes since midnight
}

func storeDeadline(d clinic.Deadline) storedDeadline {
	return storedDeadline{d.Hours, d.Days, int(d.At)}
}

func (d storedDeadline) open() clinic.Deadline {
	return clinic.Deadline{Hours: d.Hours, Days: d.Days, At: clinic.Clock(d.At)}
}

func storeBranch(s clinic.BranchSettings) storedBranch {
	return storedBranch{
		Format: newestSettingsFormat, PhoneHours: s.PhoneHours, PhoneHoursEn: s.PhoneHoursEn, LiveBookings: s.LiveBookings,
		OpenDays: s.OpenDays, Closes: storeDeadline(s.Closes), Changes: storeDeadline(s.Changes), ApproveFirst: s.ApproveFirst, NoShows: s.NoShows, Stopped: s.Stopped,
		HolidaysOpen: s.Holidays.Open, HolidaysDiffer: s.Holidays.Differ.Texts(),
		WaitingOff: s.Waiting.Off, OfferMinutes: s.Waiting.Minutes, QuietFrom: int(s.Waiting.QuietFrom), QuietUntil: int(s.Waiting.QuietUntil),
		Letters: storeLetterTimes(s.Letters), Notices: s.Notices, KeepAnswers: s.Keep.Answers, KeepDrafts: s.Keep.Drafts,
	}
}

func (s storedBranch) open() clinic.BranchSettings {
	out := clinic.BranchSettings{
		PhoneHours: s.PhoneHours, PhoneHoursEn: s.PhoneHoursEn, LiveBookings: s.LiveBookings,
		OpenDays: s.OpenDays, Closes: s.Closes.open(), Changes: s.Changes.open(), ApproveFirst: s.ApproveFirst, NoShows: s.NoShows, Stopped: s.Stopped,
		Letters: s.Letters.open(), Notices: s.Notices,
	}
	out.Holidays = clinic.HolidayRule{Open: s.HolidaysOpen, Differ: clinic.Dates(strings.Join(s.HolidaysDiffer, " "))}
	out.Waiting = clinic.WaitingRule{Off: s.WaitingOff, Minutes: s.OfferMinutes, QuietFrom: clinic.Clock(s.QuietFrom), QuietUntil: clinic.Clock(s.QuietUntil)}
	out.Keep = clinic.KeepRule{Answers: s.KeepAnswers, Drafts: s.KeepDrafts}.Or()
	if out.Waiting.Minutes == 0 {
		out.Waiting.Minutes = clinic.DefaultOfferMinutes
	}
	if out.Waiting.QuietFrom == 0 && out.Waiting.QuietUntil == 0 {
		out.Waiting.QuietFrom, out.Waiting.QuietUntil = clinic.DefaultQuietFrom, clinic.DefaultQuietUntil
	}
	if out.LiveBookings == 0 {
		out.LiveBookings = clinic.DefaultLiveBookings
	}
	if out.OpenDays == 0 {
		out.OpenDays = clinic.DefaultOpenDays
	}
	return out
}

// Value is the column's text.
func (s storedBranch) Value() (driver.Value, error) {
	text, err := json.Marshal(s)
	return string(text), err
}

// Scan reads the column.
func (s *storedBranch) Scan(column any) error {
	switch text := column.(type) {
	case string:
		return json.Unmarshal([]byte(text), s)
	case []byte:
		return json.Unmarshal(text, s)
	}
	return errors.New("the settings of a branch are no text")
}
