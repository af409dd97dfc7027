// Package page is what the patients' pages, the office's pages and the API share: the site they belong to, how a handler
// answers, who is asking, and which status a refusal has.
package page

import (
	"log/slog"
	"net/url"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
)

// Site is everything a handler works with. It is filled once at the start and never changed.
type Site struct {
	Store   *store.Store
	BaseURL *url.URL // the only source of links
	Holiday func(day clinic.Date, lang string) (name string, ok bool)
	Now     func() time.Time

	Explanations []intake.Explanation // what a doctor explains to patients with certain answers: boxes of their note

	Log      *slog.Logger
	Stopping <-chan struct{} // closed once the program is told to stop; nil where nobody tells it
	Limits   bool            // false only for measuring
	Puzzles  bool            // visitors' forms want a proof of work, or a code
	Demo     bool            // an invented clinic: pages say so
	Sender   string          // the address that letters come from, for whoever lets in only what they know
	Letters  string          // in a demo, the folder of letters that /dev/letters shows; empty otherwise
	Version  string

	Answered func(status int) // counts answers; nil where nobody does

	Backups func() clinic.Backups // how they are; nil where the program makes none

	Shipped intake.Publication // the questionnaire that the program brings
	Typical []intake.Typical   // the people by whom the length of a questionnaire is measured
}

// Secure reports whether the site is reached by https, so that cookies are sent over nothing else.
func (s *Site) Secure() bool { return s.BaseURL.Scheme == "https" }

// BackupState is how the backups are.
func (s *Site) BackupState() clinic.Backups {
	if s.Backups == nil {
		return clinic.Backups{}
	}
	return s.Backups()
}

// HolidayName is the name of a day in a language, empty for an ordinary one.
func (s *Site) HolidayName(day clinic.Date, lang string) string {
	name, _ := s.Holiday(day, lang)
	return name
}
