package main_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// The name in the settings file is the clinic's first one. From then on the database has it, and what was changed there is
// not overwritten by a start, nor by a command.
func TestServe_TakesTheClinicsNameOnce(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			s["MADOGUCHI_CLINIC_NAME"] = "架空クリニック"
			called := func(want string) {
				t.Helper()
				p := serve(t, s)
				if title := newVisitor(t, p).get("/").expect(t, http.StatusOK, "/").page(t).Find("title").Text(); !strings.HasSuffix(title, " | "+want) {
					t.Errorf("the first page is titled %q, want the name %q", title, want)
				}
				p.stop(t)
			}
			called("架空クリニック")
			s["MADOGUCHI_CLINIC_NAME"] = "例示クリニック"
			called("架空クリニック")
			withStore(t, s, func(st *store.Store) {
				must(t, st.ChangeSettings(t.Context(), storetest.Owner, func(now clinic.Settings) clinic.Settings {
					now.Name = "試験クリニック"
					return now
				}))
			})
			addStaff(t, s, "admin", "admin@example.jp", "管理 見本", "")
			called("試験クリニック")
		})
	}
}

// The demo is called what it is called, whatever the settings file says.
func TestDemo_HasItsOwnName(t *testing.T) {
	s := newSettings(t, "sqlite")
	s["MADOGUCHI_CLINIC_NAME"] = "架空クリニック"
	if _, stderr, code := run(t, s, "demo"); code != 0 {
		t.Fatalf("the demo ended with %d: %s", code, stderr)
	}
	withStore(t, s, func(st *store.Store) {
		settings, err := st.Settings(t.Context())
		must(t, err)
		branches, err := st.Branches(t.Context())
		must(t, err)
		if settings.Name != "見本クリニック" || !settings.Logo.IsZero() {
			t.Errorf("the demo is called %q, with a logo of %d × %d", settings.Name, settings.Logo.Width, settings.Logo.Height)
		}
		for _, b := range branches {
			if !strings.HasPrefix(b.Name, settings.Name) || b.Settings.PhoneHours == "" || b.Settings.PhoneHoursEn == "" {
				t.Errorf("the branch %s answers the telephone %q, %q", b.Name, b.Settings.PhoneHours, b.Settings.PhoneHoursEn)
			}
		}
	})
}
