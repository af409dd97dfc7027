package config

import (
	"errors"
	"net/url"
	"strings"
)

// Engine is a kind of database.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Database says where the facts are kept.
type Database struct {
	Engine Engine
	DSN    Secret // as it was written: sqlite:PATH or postgres://…
}

// Path is the file of an SQLite database.
func (d Database) Path() string { return strings.TrimPrefix(string(d.DSN), "sqlite:") }

// String is the address without its password, for the log.
func (d Database) String() string {
	if d.Engine == SQLite {
		return string(d.DSN)
	}
	u, err := url.Parse(string(d.DSN))
	if err != nil {
		return hidden
	}
	// libpq also takes a password from the query, so that is left out as a whole.
	u.RawQuery = ""
	return u.Redacted()
}

func (c *Config) setDatabase(v string) error {
	c.Database.DSN = Secret(v)
	if path, ok := strings.CutPrefix(v, "sqlite:"); ok {
		c.Database.Engine = SQLite
		if path == "" || strings.HasPrefix(path, ":") || strings.ContainsAny(path, "?#%\x00") {
			return errors.New("sqlite: wants the path of a file, such as sqlite:data/madoguchi.db, without ? # or %")
		}
		return nil
	}
	u, err := url.Parse(v) // the parser's own words may repeat the password
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("it must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, with special signs percent-encoded")
	}
	c.Database.Engine = Postgres
	return nil
}
