package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/config"
)

// TestDemo_OnAnyDay: whoever tries the program on whatever day of the week, at whatever hour and around the New Year gets their demo. What is booked before
// the first free slots are shared out depends on all of these, and which of two doctors comes first in a slot is chance.
func TestDemo_OnAnyDay(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	var moments []time.Time
	for day := 0; day < 7; day += 2 {
		moments = append(moments, time.Date(2026, time.November, 23+day, 1+day*3, 40, 0, 0, tokyo))
	}
	moments = append(moments, time.Date(2026, time.December, 28, 12, 0, 0, 0, tokyo))
	for _, moment := range moments {
		t.Run(moment.Format("Monday 2006-01-02 15h"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			set := map[string]string{
				"MADOGUCHI_DATABASE": "sqlite:" + filepath.Join(dir, "madoguchi.db"), "MADOGUCHI_KEYS": filepath.Join(dir, "madoguchi.keys"),
				"MADOGUCHI_MAIL": "dir:" + filepath.Join(dir, "letters"),
			}
			settings, err := config.Load("", func(name string) string { return set[name] })
			if err != nil {
				t.Fatal(err)
			}
			var said, problems bytes.Buffer
			if err := (demo{}).Run(&program{
				ctx: t.Context(), config: settings, now: func() time.Time { return moment }, stdout: &said, stderr: &problems,
			}); err != nil {
				t.Fatal(err)
			}
			if strings.Count(said.String(), "demo login: ") != 4 {
				t.Errorf("it said %s%s", said.String(), problems.String())
			}
		})
	}
}
