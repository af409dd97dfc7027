package clinic

import (
	"testing"
	"time"
)

func TestBackups(t *testing.T) {
	since := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
	hours := func(n float64) time.Time { return since.Add(time.Duration(n * float64(time.Hour))) }
	for what, c := range map[string]struct {
		backups Backups
		now     time.Time
		due     time.Time // when one was last tried two hours after the server began
		trouble BackupTrouble
	}{
		"none are made":                 {Backups{}, hours(1000), time.Time{}, BackupsFine},
		"the first is still to come":    {Backups{Every: 24 * time.Hour, Since: since}, hours(1), time.Time{}, BackupsFine},
		"the first never came":          {Backups{Every: 24 * time.Hour, Since: since}, hours(48.1), time.Time{}, BackupsOld},
		"one of today":                  {Backups{Every: 24 * time.Hour, Since: since, Last: hours(1)}, hours(48.9), hours(25), BackupsFine},
		"one that is too old":           {Backups{Every: 24 * time.Hour, Since: since, Last: hours(1)}, hours(49.1), hours(25), BackupsOld},
		"one from before a long break":  {Backups{Every: 24 * time.Hour, Since: since, Last: hours(-500)}, hours(0), hours(-476), BackupsFine},
		"one that failed":               {Backups{Every: 24 * time.Hour, Since: since, Last: hours(1), Failed: true}, hours(2), hours(2).Add(10 * time.Minute), BackupsFailed},
		"one that failed, every minute": {Backups{Every: time.Minute, Since: since, Failed: true}, hours(2), hours(2).Add(time.Minute), BackupsFailed},
	} {
		if got := c.backups.Trouble(c.now); got != c.trouble {
			t.Errorf("%s: the trouble is %q", what, got)
		}
		if got := c.backups.Due(hours(2)); !got.Equal(c.due) {
			t.Errorf("%s: the next is due at %s", what, got)
		}
	}
}
