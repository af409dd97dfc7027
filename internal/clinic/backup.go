package clinic

import "time"

// Backups is how the backups (バックアップ) of the database are, where the program makes them.
type Backups struct {
	Every  time.Duration // how often one is due; zero where the program makes none
	Since  time.Time     // from when on the server has been able to make one
	Last   time.Time     // when the newest was made; zero where there is none
	Failed bool          // the latest try brought none
}

// backupRetry is how soon it is tried again after a failure.
const backupRetry = 10 * time.Minute

// Due is when the next backup is to be made. tried is when one was last tried; zero where none was.
func (b Backups) Due(tried time.Time) time.Time {
	switch {
	case b.Failed:
		return tried.Add(min(backupRetry, b.Every))
	case b.Last.IsZero():
		return time.Time{}
	}
	return b.Last.Add(b.Every)
}

// BackupTrouble is what staff have to know about the backups.
type BackupTrouble string

// The troubles.
const (
	BackupsFine   BackupTrouble = ""
	BackupsFailed BackupTrouble = "failed" // the latest try brought none
	BackupsOld    BackupTrouble = "old"    // the newest is older than it should ever be
)

// Trouble says whether staff have to know something. A backup takes its time, and one is tried as soon as a server begins, so that the newest is too
// old only once the next but one was due as well while a server ran.
func (b Backups) Trouble(now time.Time) BackupTrouble {
	newest := b.Last
	if newest.Before(b.Since) {
		newest = b.Since
	}
	switch {
	case b.Every == 0:
		return BackupsFine
	case b.Failed:
		return BackupsFailed
	case now.Sub(newest) > 2*b.Every:
		return BackupsOld
	}
	return BackupsFine
}
