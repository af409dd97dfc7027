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
