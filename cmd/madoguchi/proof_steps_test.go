package main_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/store/storetest"
)

// TestServe_KeepsStepsWhenItEnds: what visitors did in the minute before a server is stopped is written down.
func TestServe_KeepsStepsWhenItEnds(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			c := openClinic(t, s, 1)
			p := serve(t, s)
			for range 3 {
				a, err := newVisitor(t, p).do(http.MethodGet, "/slots?branch="+c.branch.ID+"&article=back-fat", "", "", http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}})
				must(t, err)
				a.expect(t, http.StatusOK, "/slots")
			}
			p.stop(t)
			rows := storetest.Read(t, s["MADOGUCHI_DATABASE"])["visitor_steps"]
			if len(rows) != 1 || !strings.Contains(rows[0], "back-fat") || !strings.Contains(rows[0], "times=3") {
				t.Errorf("kept are %v", rows)
			}
		})
	}
}
