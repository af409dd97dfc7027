package config

import (
	"errors"
	"strconv"
	"time"
)

// Backup says where the server puts backups of an SQLite database.
type Backup struct {
	Folder     string // empty: none is made
	Recipients string // public keys of age; package seal reads them
	Every      time.Duration
	Keep       int
}

func (c *Config) setBackup(v string) error {
	if v != "" && c.Database.Engine != SQLite {
		return errors.New("it is for SQLite: PostgreSQL is backed up by its own tools, as docs/recovery.md says")
	}
	c.Backup.Folder = v
	return nil
}

// The ends are those between which a backup makes sense: one in a minute would do nothing else, and one in a month is none.
const (
	minBackupEvery = time.Minute
	maxBackupEvery = 7 * 24 * time.Hour
)

func (c *Config) setBackupEvery(v string) (err error) {
	if c.Backup.Every, err = time.ParseDuration(v); err != nil || c.Backup.Every < minBackupEvery || c.Backup.Every > maxBackupEvery {
		return errors.New("it must be a time from 1m to 168h, such as 24h")
	}
	return nil
}

func (c *Config) setBackupKeep(v string) (err error) {
	if c.Backup.Keep, err = strconv.Atoi(v); err != nil || c.Backup.Keep < 1 || c.Backup.Keep > 10_000 {
		return errors.New("it must be a number from 1 to 10000")
	}
	return nil
}

func (c *Config) setMoveTo(v string) error {
	if v == "" {
		return nil
	}
	var to Config
	if err := to.setDatabase(v); err != nil || to.Database.Engine != Postgres {
		return errors.New("it must be postgres://USER:PASSWORD@HOST/NAME, with special signs percent-encoded")
	}
	c.MoveTo = to.Database
	return nil
}
