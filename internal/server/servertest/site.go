// Package servertest opens whole sites for tests: a server on a port, with a database of its own on either engine, a
// clock that only the test moves, a small clinic, the accounts of its staff, and visitors who read the pages.
package servertest

import (
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store/storetest"
)

// Site is a site that is served, at storetest.Begin.
type Site struct {
	*page.Site
	storetest.Clinic
	URL         string // where it listens; its links begin with BaseURL
	Address     string // of the database
	Clock       *storetest.Clock
	Journal     *Journal
	Alive       atomic.Bool             // what the worker says
	Trusted     []netip.Prefix          // proxies whose X-Forwarded-For counts
	Connections int                     // that one network address may have; 0 for as many as it likes
	Staff       map[string]clinic.Staff // by mail address
	APIKey      string                  // with which visitors Call
}

// Each runs a test on both engines, each time with a new site. change may change it before it serves.
func Each(t *testing.T, test func(t *testing.T, s *Site), change ...func(*Site)) {
	t.Helper()
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { test(t, Open(t, engine, change...)) })
	}
}

// Open opens a site with a clinic and its staff on an engine. change may change it before it serves.
func Open(tb testing.TB, engine string, change ...func(*Site)) *Site {
	tb.Helper()
	s := prepare(tb, engine)
	s.Clinic = storetest.NewClinic(tb, s.Store)
	s.Employ(tb, clinic.Staff{Role: clinic.Admin, Name: "管理 見本", Email: Admin})
	s.Employ(tb, clinic.Staff{Role: clinic.FrontDesk, Name: "受付 見本", Email: FrontDesk})
	s.Employ(tb, clinic.Staff{Role: clinic.DoctorRole, Name: "見本 花", Email: Doctor, DoctorID: s.Doctors[0].ID})
	s.Employ(tb, clinic.Staff{Role: clinic.DoctorRole, Name: "見本 守", Email: Colleague, DoctorID: s.Doctors[1].ID})
	s.serve(tb, change)
	return s
}

// OpenNew opens the site of a clinic that has just been set up: it has an administrator and nothing else.
func OpenNew(tb testing.TB, engine string) *Site {
	tb.Helper()
	s := prepare(tb, engine)
	s.Employ(tb, clinic.Staff{Role: clinic.Admin, Name: "管理 見本", Email: Admin})
	s.serve(tb, nil)
	return s
}

func prepare(tb testing.TB, engine string) *Site {
	tb.Helper()
	s := &Site{Address: storetest.Engines[engine](tb), Clock: storetest.NewClock(), Journal: NewJournal(), Staff: map[string]clinic.Staff{}}
	s.Alive.Store(true)
	s.Site = &page.Site{
		Store:   storetest.Open(tb, s.Address, filepath.Join(tb.TempDir(), "madoguchi.keys"), s.Clock.Now),
		BaseURL: &url.URL{Scheme: "http", Host: "yoyaku.example.jp"},
		Holiday: config.Holiday, Now: s.Clock.Now,
		Log: slog.New(slog.NewTextHandler(s.Journal, nil)), Version: "test", Sender: "yoyaku@clinic.example.jp",
	}
	var err error
	s.Shipped, err = config.Publication()
	Must(tb, err)
	s.Typical, err = config.Typical()
	Must(tb, err)
	Must(tb, s.Store.SeedSettings(tb.Context(), storetest.Settings))
	s.Questions = storetest.PublishBuiltIn(tb, s.Store)
	s.Explanations, err = config.Explanations()
	Must(tb, err)
	return s
}

func (s *Site) serve(tb testing.TB, change []func(*Site)) {
	tb.Helper()
	for _, c := range change {
		c(s)
	}
	if !s.Limits {
		s.Store.LiftLimits()
	}
	var err error
	_, s.APIKey, err = s.Store.AddAPIKey(tb.Context(), storetest.Owner, "見本サイト")
	Must(tb, err)
	handler, err := server.New(s.Site, s.Trusted, s.Alive.Load)
	Must(tb, err)
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = server.NewHTTP(handler, s.Log)
	listening.Listener = server.LimitConnections(listening.Listener, s.Connections, s.Trusted, s.Now, s.Log)
	listening.Start()
	tb.Cleanup(listening.Close)
	s.URL = listening.URL
}

// Facts is every row of the site's database.
func (s *Site) Facts(tb testing.TB) storetest.Facts {
	tb.Helper()
	return storetest.Read(tb, s.Address)
}

// WantUnchanged fails the test when anything was written since.
func (s *Site) WantUnchanged(tb testing.TB, since storetest.Facts) {
	tb.Helper()
	if changed := s.Facts(tb).Changed(since); len(changed) > 0 {
		tb.Errorf("rows were written in %v", changed)
	}
}

// Must ends the test on an error.
func Must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
