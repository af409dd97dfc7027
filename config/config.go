// Package config is what can be set without changing the program: the settings (madoguchi.yaml), the questionnaire and
// the cautions. Everything is built in; README.md beside this file explains the data files.
package config

import (
	"embed"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"madoguchi/internal/clinic"
)

//go:embed madoguchi.yaml questionnaire.json cautions.txt sources.json personas.json explanations.txt
var files embed.FS

// Config holds the settings, checked and ready for use. madoguchi.yaml explains each.
type Config struct {
	Addr           string   // as net.Listen wants it
	BaseURL        *url.URL // scheme and host, nothing after
	TLS            TLS
	Database       Database
	Keys           string // path of the key file
	Backup         Backup
	MoveTo         Database // the zero value for none
	Mail           Mail
	MailToken      MailToken
	MailRates      clinic.Rates
	MailFrom       string  // an address
	MailReturn     string  // the address to which letters come back; empty: MailFrom
	MailBounces    Mailbox // where they then are
	Limits         bool
	Puzzles        bool   // visitors' forms want a proof of work
	Metrics        string // where figures are served, as net.Listen wants it; "" for nowhere
	Connections    int    // of one network address; 0: as many as it likes
	TrustedProxies []netip.Prefix
	AuditYears     int             // for how many years the audit log is kept
	Clinic         clinic.Settings // the first ones; from then on the database has them
}

// Secret is a text that never shows up in a log or an error. string(s) gives it to whoever needs it.
type Secret string

const hidden = "***"

// String hides the text from fmt.
func (Secret) String() string { return hidden }

// GoString hides the text from fmt's %#v.
func (Secret) GoString() string { return hidden }

// MarshalText hides the text from encoders, those of log/slog included.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Load reads the settings: the built-in defaults, then the file unless its name is empty, then the environment. The first
// wrong setting is named in one sentence, which holds no password.
func Load(file string, getenv func(string) string) (Config, error) {
	k, err := read(file, getenv)
	if err != nil {
		return Config{}, err
	}
	var c Config
	for _, s := range []struct {
		name  string
		parse func(*Config, string) error
	}{
		{"addr", (*Config).setAddr},
		{"base_url", (*Config).setBaseURL},
		{"database", (*Config).setDatabase},
		{"keys", (*Config).setKeys},
		{"tls_cert", (*Config).setCert},
		{"tls_key", (*Config).setCertKey},
		{"acme", (*Config).setACME},
		{"acme_mail", (*Config).setACMEMail},
		{"acme_folder", (*Config).setACMEFolder},
		{"plain_addr", (*Config).setPlainAddr},
		{"backup", (*Config).setBackup},
		{"backup_recipients", func(c *Config, v string) error { c.Backup.Recipients = v; return nil }},
		{"backup_every", (*Config).setBackupEvery},
		{"backup_keep", (*Config).setBackupKeep},
		{"move_to", (*Config).setMoveTo},
		{"mail_token", (*Config).setMailToken},
		{"mail_token_client", func(c *Config, v string) error { return c.setTokenPart(&c.MailToken.Client, v, true) }},
		{"mail_token_secret", func(c *Config, v string) error { return c.setTokenPart((*string)(&c.MailToken.Secret), v, false) }},
		{"mail_token_refresh", func(c *Config, v string) error { return c.setTokenPart((*string)(&c.MailToken.Refresh), v, true) }},
		{"mail", (*Config).setMail},
		{"mail_rate", func(c *Config, v string) error { return setRate(&c.MailRates.All, v) }},
		{"mail_domain_rate", func(c *Config, v string) error { return setRate(&c.MailRates.Domain, v) }},
		{"mail_from", (*Config).setMailFrom},
		{"mail_return", (*Config).setMailReturn},
		{"mail_bounces", (*Config).setMailBounces},
		{"limits", (*Config).setLimits},
		{"puzzles", (*Config).setPuzzles},
		{"metrics", (*Config).setMetrics},
		{"connections", (*Config).setConnections},
		{"trusted_proxies", (*Config).setTrustedProxies},
		{"audit_years", (*Config).setAuditYears},
		{"clinic_name", func(c *Config, v string) error { return setName(&c.Clinic.Name, v, clinic.MaxClinicName) }},
		{"clinic_name_en", func(c *Config, v string) error { return setName(&c.Clinic.NameEn, v, clinic.MaxClinicNameEn) }},
		{"second_factor", (*Config).setSecondFactor},
	} {
		if err := s.parse(&c, strings.TrimSpace(k.String(s.name))); err != nil {
			return Config{}, fmt.Errorf("the setting %s (%s) is wrong: %w", s.name, variable(s.name), err)
		}
	}
	return c, nil
}

// maxAuditYears is far beyond any time for which somebody must keep a log.
const maxAuditYears = 100

func (c *Config) setAuditYears(value string) (err error) {
	if c.AuditYears, err = strconv.Atoi(value); err != nil || c.AuditYears < clinic.MinAuditYears || c.AuditYears > maxAuditYears {
		return fmt.Errorf("it must be a number of years from %d to %d", clinic.MinAuditYears, maxAuditYears)
	}
	return nil
}

// variable is the environment variable of a setting.
func variable(name string) string { return "MADOGUCHI_" + strings.ToUpper(name) }

// read lays file and environment over the defaults, which also say which settings there are.
func read(file string, getenv func(string) string) (*koanf.Koanf, error) {
	defaults, err := files.ReadFile("madoguchi.yaml")
	if err != nil {
		return nil, err
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(defaults), yaml.Parser()); err != nil {
		return nil, fmt.Errorf("the built-in settings: %w", err)
	}
	names := k.Keys()
	if file != "" {
		if err := readFile(k, file); err != nil {
			return nil, err
		}
	}
	for _, name := range k.Keys() {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("the settings file %s has %q, which is no setting", file, name)
		}
		switch k.Get(name).(type) {
		case string, int, bool, float64, nil:
		default:
			return nil, fmt.Errorf("the setting %s in %s must be one text", name, file)
		}
	}
	for _, name := range names {
		if value := getenv(variable(name)); value != "" {
			if err := k.Set(name, value); err != nil {
				return nil, fmt.Errorf("the setting %s: %w", variable(name), err)
			}
		}
	}
	return k, nil
}

// lineOf finds the line in a message of the YAML parser. Its other words may quote the file, passwords included.
var lineOf = regexp.MustCompile(`line \d+`)

func readFile(k *koanf.Koanf, file string) error {
	data, err := os.ReadFile(file) //nolint:gosec // The operator names the file on the command line.
	if err != nil {
		return fmt.Errorf("the settings file cannot be read: %w", err)
	}
	if err := k.Load(rawbytes.Provider(data), yaml.Parser()); err != nil {
		return errors.New(strings.TrimSpace("the settings file " + file + " is no valid YAML " + lineOf.FindString(err.Error())))
	}
	return nil
}

func (c *Config) setKeys(v string) error {
	switch {
	case v != "":
		c.Keys = v
		return checkKeys(v)
	case c.Database.Engine == SQLite:
		c.Keys = c.Database.Path() + ".keys"
	default:
		c.Keys = "madoguchi.keys"
	}
	return nil
}

// checkKeys says what is wrong with a source of keys that is no file.
func checkKeys(v string) error {
	if name, ok := strings.CutPrefix(v, "env:"); ok && (name == "" || strings.ContainsAny(name, "= ")) {
		return errors.New("env: wants the name of a variable, such as env:CLINIC_KEYS")
	}
	if command, ok := strings.CutPrefix(v, "exec:"); ok && len(strings.Fields(command)) == 0 {
		return errors.New("exec: wants a program, such as exec:/usr/local/bin/clinic-keys")
	}
	return nil
}

func (c *Config) setLimits(v string) error {
	if v != "on" && v != "off" {
		return fmt.Errorf("it must be on or off, not %q", v)
	}
	c.Limits = v == "on"
	return nil
}

func (c *Config) setPuzzles(v string) error {
	if v != "on" && v != "off" {
		return errors.New("it must be on or off")
	}
	c.Puzzles = v == "on"
	return nil
}

func (c *Config) setMetrics(v string) error {
	if c.Metrics = v; v == "" {
		return nil
	}
	return checkAddr(v)
}

func (c *Config) setConnections(v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1_000_000 {
		return fmt.Errorf("it must be a number such as 256, or 0 for no limit, not %q", v)
	}
	if c.Connections = n; !c.Limits {
		c.Connections = 0
	}
	return nil
}

func (c *Config) setSecondFactor(v string) error {
	if v != "on" && v != "off" {
		return fmt.Errorf("it must be on or off, not %q", v)
	}
	c.Clinic.SecondFactor = v == "on"
	return nil
}

func setName(name *string, v string, most int) error {
	if v = clinic.Tidy(v); v == "" || clinic.HasControl(v) || utf8.RuneCountInString(v) > most {
		return fmt.Errorf("it must be one line of 1 to %d characters", most)
	}
	*name = v
	return nil
}
