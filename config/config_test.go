package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/config"
	"madoguchi/internal/clinic"
)

// environment is a getenv over a few variables, named without MADOGUCHI_.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[strings.TrimPrefix(name, "MADOGUCHI_")] }
}

func load(t *testing.T, variables map[string]string) config.Config {
	t.Helper()
	c, err := config.Load("", environment(variables))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLoad_Defaults(t *testing.T) {
	c := load(t, nil)
	got := map[string]string{
		"addr": c.Addr, "base_url": c.BaseURL.String(), "database": string(c.Database.DSN), "engine": string(c.Database.Engine),
		"path": c.Database.Path(), "keys": c.Keys, "mail": c.Mail.String(), "from": c.MailFrom,
		"limits": fmt.Sprint(c.Limits), "connections": fmt.Sprint(c.Connections), "puzzles": fmt.Sprint(c.Puzzles), "metrics": c.Metrics, "proxies": fmt.Sprint(c.TrustedProxies), "ja": c.Clinic.Name, "en": c.Clinic.NameEn, "second": fmt.Sprint(c.Clinic.SecondFactor),
	}
	want := map[string]string{
		"addr": "127.0.0.1:8080", "base_url": "http://localhost:8080", "database": "sqlite:data/madoguchi.db", "engine": "sqlite",
		"path": "data/madoguchi.db", "keys": "data/madoguchi.db.keys", "mail": "dir:data/letters",
		"from": "noreply@madoguchi.example", "limits": "true", "puzzles": "true", "metrics": "", "connections": "256", "proxies": "[]",
		"ja": "見本クリニック", "en": "Mihon Clinic", "second": "true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoad_FileThenEnvironment(t *testing.T) {
	file := settingsFile(t, "addr: 127.0.0.1:9000\nlimits: \"off\"\nclinic_name: 架空クリニック\nkeys:\n")
	c, err := config.Load(file, environment(map[string]string{"CLINIC_NAME": "例示クリニック", "ADDR": ""}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:9000" || c.Limits || c.Clinic.Name != "例示クリニック" || c.Keys != "data/madoguchi.db.keys" {
		t.Errorf("%+v", c)
	}
}

func TestLoad_Good(t *testing.T) {
	for name, c := range map[string]struct {
		variable, value string
		got             func(config.Config) any
		want            any
	}{
		"base url":         {"BASE_URL", "https://yoyaku.example/", func(c config.Config) any { return c.BaseURL.JoinPath("/b").String() }, "https://yoyaku.example/b"},
		"Japanese name":    {"BASE_URL", "https://予約.example:8443", func(c config.Config) any { return c.BaseURL.String() }, "https://xn--0kq264i.example:8443"},
		"odd name":         {"BASE_URL", "http://my_host:8080", func(c config.Config) any { return c.BaseURL.String() }, "http://my_host:8080"},
		"number":           {"BASE_URL", "http://[2001:db8::1]:8080", func(c config.Config) any { return c.BaseURL.String() }, "http://[2001:db8::1]:8080"},
		"keys":             {"KEYS", "/run/keys", func(c config.Config) any { return c.Keys }, "/run/keys"},
		"keys of postgres": {"DATABASE", "postgres://localhost/m", func(c config.Config) any { return c.Keys }, "madoguchi.keys"},
		"postgresql":       {"DATABASE", "postgresql:///m?host=/run/postgresql", func(c config.Config) any { return c.Database.Engine }, config.Postgres},
		"absolute sqlite":  {"DATABASE", "sqlite:/var/lib/m.db", func(c config.Config) any { return c.Database.Path() + " " + c.Keys }, "/var/lib/m.db /var/lib/m.db.keys"},
		"proxies":          {"TRUSTED_PROXIES", " 10.1.2.3/8, 192.0.2.1,::1 ", func(c config.Config) any { return fmt.Sprint(c.TrustedProxies) }, "[10.0.0.0/8 192.0.2.1/32 ::1/128]"},
		"backups":          {"BACKUP", "/mnt/backups", func(c config.Config) any { return c.Backup }, config.Backup{Folder: "/mnt/backups", Every: 24 * time.Hour, Keep: 30}},
		"a move":           {"MOVE_TO", "postgres://u:hunter2@h/n", func(c config.Config) any { return c.MoveTo.String() }, "postgres://u:xxxxx@h/n"},
		"rate":             {"MAIL_RATE", "30", func(c config.Config) any { return c.MailRates }, clinic.Rates{All: 30, Domain: 60}},
		"no domain's rate": {"MAIL_DOMAIN_RATE", "0", func(c config.Config) any { return c.MailRates }, clinic.Rates{}},
		"audit":            {"AUDIT_YEARS", "10", func(c config.Config) any { return c.AuditYears }, 10},
		"limits":           {"LIMITS", "off", func(c config.Config) any { return c.Limits || c.Connections > 0 }, false},
		"puzzles":          {"PUZZLES", "off", func(c config.Config) any { return c.Puzzles }, false},
		"metrics":          {"METRICS", "127.0.0.1:9090", func(c config.Config) any { return c.Metrics }, "127.0.0.1:9090"},
		"connections":      {"CONNECTIONS", "0", func(c config.Config) any { return c.Connections }, 0},
		"plain sender":     {"MAIL_FROM", "<a@b.example>", func(c config.Config) any { return c.MailFrom }, "a@b.example"},
		"return path":      {"MAIL_RETURN", "modori@b.example", func(c config.Config) any { return c.MailReturn }, "modori@b.example"},
		"mbox":             {"MAIL_BOUNCES", "mbox:/var/mail/modori", func(c config.Config) any { return c.MailBounces }, config.Mailbox{Format: "mbox", Path: "/var/mail/modori"}},
		"maildir":          {"MAIL_BOUNCES", "maildir:C:/modori", func(c config.Config) any { return c.MailBounces }, config.Mailbox{Format: "maildir", Path: "C:/modori"}},
		"greeting":         {"MAIL", "smtp://h.example?ehlo=yoyaku.b.example", func(c config.Config) any { return c.Mail.Ehlo }, "yoyaku.b.example"},
		"greeting by IP":   {"MAIL", "smtp://h.example?ehlo=[IPv6:2001:db8::1]", func(c config.Config) any { return c.Mail.Ehlo }, "[IPv6:2001:db8::1]"},
		"dir":              {"MAIL", "dir:letters of today", func(c config.Config) any { return c.Mail }, config.Mail{Kind: config.Dir, Path: "letters of today"}},
		"smtp": {
			"MAIL", "smtp://u%40x:p%40%3Aw@mail.example", func(c config.Config) any { return c.Mail },
			config.Mail{Kind: config.SMTP, Host: "mail.example", Port: 587, User: "u@x", Password: "p@:w", Auth: config.AuthAuto, TLS: config.StartTLS},
		},
		"smtp implicit": {
			"MAIL", "smtp://u:p@mail.example/?tls=implicit&auth=xoauth2", func(c config.Config) any { return c.Mail },
			config.Mail{Kind: config.SMTP, Host: "mail.example", Port: 465, User: "u", Password: "p", Auth: config.AuthXOAuth2, TLS: config.ImplicitTLS},
		},
		"smtp open": {
			"MAIL", "smtp://mail.example?tls=none", func(c config.Config) any { return c.Mail },
			config.Mail{Kind: config.SMTP, Host: "mail.example", Port: 25, TLS: config.NoTLS},
		},
		"smtp on this machine": {
			"MAIL", "smtp://u:p@[::1]:2525?tls=none&auth=plain", func(c config.Config) any { return c.Mail },
			config.Mail{Kind: config.SMTP, Host: "::1", Port: 2525, User: "u", Password: "p", Auth: config.AuthPlain, TLS: config.NoTLS},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got(load(t, map[string]string{c.variable: c.value}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every value holds "hunter2" where a password may stand; no message may repeat it.
func TestLoad_WrongSettings(t *testing.T) {
	for variable, values := range map[string][]string{
		"CONNECTIONS": {"many", "-1", "1.5", "99999999"},
		"ADDR":        {"8080", "localhost", ":http", ":70000", ":-1", "::1:80"},
		"BASE_URL":    {"localhost:8080", "ftp://x.example", "https://", "https://:443", "https://x.example/app", "https://x.example?a", "https://x.example?", "https://x.example#a", "https://u:hunter2@x.example", "https://x.example:", "http:x", "https://x y", "https://x.example:a"},
		"DATABASE":    {"data/m.db", "sqlite:", "sqlite::memory:", "sqlite:a?mode=ro", "sqlite:a#b", "sqlite:a%20b", "mysql://u:hunter2@h/n", "postgres://u:hunter2%@h/n", "postgres://u:hunter2@h:x/n", "host=h password=hunter2"},
		"MAIL": {
			"smtp:", "smtp://", "dir:", "letters", "smtps://u:hunter2@h", "smtp://u:hunter2@", "smtp://u:hunter2@h:0", "smtp://u:hunter2@h:70000", "smtp://u:hunter2@h:x",
			"smtp://u:hunter2@h?auth=cram", "smtp://u:hunter2@h?tls=maybe", "smtp://u:hunter2@h?tls=none", "smtp://u:hunter2@h?foo=bar", "smtp://u:hunter2@h?tls=none&tls=implicit",
			"smtp://u:hunter2@h?%zz", "smtp://u:hunter2@h/path", "smtp://u:hunter2@h#x", "smtp://u@h", "smtp://:hunter2@h", "smtp://h?auth=plain", "smtp://u:hun%ter2@h", "smtp://u:hunter2 @h",
			"smtp://h?ehlo=", "smtp://h?ehlo=a%20b", "smtp://h?ehlo=a%0d%0aRSET", "smtp://h?ehlo=-a", "smtp://h?ehlo=a..b", "smtp://h?ehlo=院", "smtp://h?ehlo=a&ehlo=b", "smtp://h?ehlo=[",
		},
		"MAIL_FROM": {
			"まどぐち", "まどぐち <a@b.example>", "a@b.example, c@d.example", "a b@c.example", "<>", "x <a@b.example", "a@b.example\r\nBcc: c@d.example",
			// What the letter writer refuses, too, and which would therefore send nothing.
			`"a b"@c.example`, "a@localhost", "a@[192.0.2.1]", "院@b.example", "a@院.example", "a@b..example", "a@-b.example", strings.Repeat("a", 65) + "@b.example",
		},
		"MAIL_RETURN":        {"modori", "<>", "戻り <a@b.example>", "a@localhost", `"a b"@c.example`},
		"MAIL_RATE":          {"-1", "fast", "1.5", "100001"},
		"MAIL_DOMAIN_RATE":   {"-1", "fast", "1.5", "100001"},
		"MAIL_TOKEN":         {"exec:", "exec: ", "http://h/hunter2", "https://", "https://u:hunter2@h/token", "/bin/token"},
		"MAIL_TOKEN_CLIENT":  {"client"},
		"MAIL_TOKEN_SECRET":  {"hunter2"},
		"MAIL_TOKEN_REFRESH": {"hunter2"},
		"MAIL_BOUNCES":       {"/var/mail/modori", "mbox:", "maildir:", "imap://h", "MBOX:/x"},
		"BACKUP_EVERY":       {"24", "often", "1s", "1000h", "-24h"},
		"BACKUP_KEEP":        {"0", "-1", "all", "1.5"},
		"MOVE_TO":            {"sqlite:a.db", "postgres://u:hunter2%@h/n", "host=h password=hunter2"},
		"LIMITS":             {"true", "1", "ON", "no"},
		"TRUSTED_PROXIES":    {"proxy", "10.0.0.0/33", "10.0.0.1/8/8", "fe80::1%eth0", "0.0.0.0/0", "::/0", "10.0.0.0/8,192.0.2.1/0"},
		"CLINIC_NAME":        {" ", "a\nb", strings.Repeat("院", 41)},
		"CLINIC_NAME_EN":     {"\t", "a\x00b", strings.Repeat("a", 61)},
	} {
		for _, value := range values {
			_, err := config.Load("", environment(map[string]string{variable: value}))
			switch {
			case err == nil:
				t.Errorf("MADOGUCHI_%s=%q is accepted", variable, value)
			case !strings.Contains(err.Error(), "(MADOGUCHI_"+variable+") is wrong: "):
				t.Errorf("MADOGUCHI_%s=%q: the setting is not named: %v", variable, value, err)
			case strings.Contains(err.Error(), "unter2") || strings.Contains(err.Error(), "\n"):
				t.Errorf("MADOGUCHI_%s=%q: the message shows the password or is no one line: %v", variable, value, err)
			}
		}
	}
}

// TestCheckSender: a mail server is given no sender to whom nothing can be sent, and a folder takes any.
func TestCheckSender(t *testing.T) {
	for _, c := range []struct{ from, back, wrong string }{
		{"yoyaku@example.jp", "", ""},
		{"yoyaku@example.jp", "modori@example.jp", ""},
		{"", "", "(MADOGUCHI_MAIL_FROM)"}, // the default
		{"", "modori@example.jp", "(MADOGUCHI_MAIL_FROM)"},
		{"a@127.0.0.1", "", "(MADOGUCHI_MAIL_FROM)"},
		{"a@foo.local", "", "(MADOGUCHI_MAIL_FROM)"},
		{"yoyaku@example.jp", "a@127.0.0.1", "(MADOGUCHI_MAIL_RETURN)"},
		{"yoyaku@example.jp", "a@foo.local", "(MADOGUCHI_MAIL_RETURN)"},
	} {
		variables := map[string]string{"MAIL": "smtp://mail.example.jp", "MAIL_FROM": c.from, "MAIL_RETURN": c.back}
		if err := load(t, variables).CheckSender(); (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("from %q and back to %q: %v", c.from, c.back, err)
		}
		variables["MAIL"] = "dir:letters"
		if err := load(t, variables).CheckSender(); err != nil {
			t.Errorf("from %q and back to %q into a folder: %v", c.from, c.back, err)
		}
	}
}

func TestLoad_WrongFile(t *testing.T) {
	for text, want := range map[string]string{
		"colour: x":                         `"colour", which is no setting`,
		"mail:\n  password: hunter2":        `"mail.password", which is no setting`,
		"trusted_proxies: [10.0.0.0/8]":     "trusted_proxies",
		"limits: true":                      "MADOGUCHI_LIMITS",
		"smtp://u:hunter2@h":                "no valid YAML",
		"mail: \"hunter2":                   "no valid YAML",
		"mail: a\nmail: hunter2":            "no valid YAML line",
		"mail: smtp://u:hunter2@h?auth=foo": "MADOGUCHI_MAIL",
	} {
		_, err := config.Load(settingsFile(t, text), environment(nil))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := config.Load(settingsFile(t, "# nothing\n"), environment(nil)); err != nil {
		t.Errorf("a file that sets nothing: %v", err)
	}
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), environment(nil)); err == nil {
		t.Error("a file that is not there is accepted")
	}
}

func TestConfig_NeverPrintsPasswords(t *testing.T) {
	c := load(t, map[string]string{
		"DATABASE": "postgres://u:hunter2@db.example/m?sslpassword=hunter2", "MAIL": "smtp://u:hunter2@mail.example",
	})
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", c, "database", c.Database, "mail", c.Mail)
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c, "database", c.Database, "mail", c.Mail)
	printed := fmt.Sprintf("%v %+v %#v %s %s %q %s %s", c, c, c, c.Database, c.Mail, c.Mail.Password, encoded, log.String())
	if strings.Contains(printed, "hunter2") {
		t.Error(printed)
	}
	if got := c.Database.String(); got != "postgres://u:xxxxx@db.example/m" {
		t.Errorf("database %s", got)
	}
	if string(c.Mail.Password) != "hunter2" {
		t.Error("the password is lost")
	}
}

// TestPlainPublic: whoever reads what is typed on the way must be on this machine or in a private network.
func TestPlainPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"https://yoyaku.example.jp": false, "http://yoyaku.example.jp": true, "http://YOYAKU.example.jp:8080": true, "http://yoyaku.example.jp.": true,
		"http://localhost:8080": false, "http://LOCALHOST.": false, "http://madoguchi.localhost": false, "http://127.0.0.1:8080": false, "http://[::1]:8080": false,
		"http://192.168.1.5": false, "http://10.1.2.3": false, "http://[fd00::1]": false, "http://169.254.1.1": false, "http://madoguchi": false,
		"http://203.0.113.5": true, "http://[2001:db8::1]": true, "http://localhost.example.jp": true, "http://127.0.0.1.example.jp": true, "http://[::ffff:203.0.113.5]": true,
	} {
		if got := load(t, map[string]string{"BASE_URL": address}).PlainPublic(); got != want {
			t.Errorf("%s: %t, want %t", address, got, want)
		}
	}
}

// TestCompose_TrustsItsProxy: as it is shipped, the visitors behind the proxy are not all one address.
func TestCompose_TrustsItsProxy(t *testing.T) {
	compose, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`MADOGUCHI_TRUSTED_PROXIES: \$\{MADOGUCHI_TRUSTED_PROXIES:-(\S+)\}`).FindSubmatch(compose)
	if found == nil {
		t.Fatal("compose.yaml trusts nobody")
	}
	trusted := load(t, map[string]string{"TRUSTED_PROXIES": string(found[1])}).TrustedProxies
	for address, want := range map[string]bool{"172.18.0.1": true, "192.168.32.1": true, "10.89.0.1": true, "203.0.113.7": false, "127.0.0.1": false} {
		if got := slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(netip.MustParseAddr(address)) }); got != want {
			t.Errorf("%s is trusted: %t", address, got)
		}
	}
	if !bytes.Contains(compose, []byte(`"127.0.0.1:8080-8089:8080"`)) {
		t.Error("whoever reaches the port from elsewhere could choose their address")
	}
}

// TestImage_GivesLittle: the image runs as nobody of the machine, says whether it is alive, and is reached from its network; as it is composed, it changes nothing
// but its volumes and has no rights.
func TestImage_GivesLittle(t *testing.T) {
	for file, lines := range map[string][]string{
		"../Dockerfile":   {"USER 10001", "HEALTHCHECK", "MADOGUCHI_ADDR=0.0.0.0:8080", `VOLUME ["/var/lib/madoguchi", "/var/lib/madoguchi-keys"]`},
		"../compose.yaml": {"read_only: true", "cap_drop: [ALL]", `security_opt: ["no-new-privileges:true"]`, "tmpfs: [/tmp]"},
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !bytes.Contains(text, []byte(line)) {
				t.Errorf("%s does not say %s", file, line)
			}
		}
	}
}

// TestPackage_Settings: what the package brings as settings are settings, and are for a proxy on the same machine.
func TestPackage_Settings(t *testing.T) {
	c, err := config.Load("../packaging/madoguchi.yaml", environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || len(c.TrustedProxies) != 2 || c.Database.Path() != "/var/lib/madoguchi/madoguchi.db" || c.Keys != "/var/lib/madoguchi-keys/madoguchi.keys" {
		t.Errorf("%s, %v, %s, %s", c.Addr, c.TrustedProxies, c.Database, c.Keys)
	}
}

// TestLoad_BackupsAreOfSQLite: a folder for backups that would never come is refused.
func TestLoad_BackupsAreOfSQLite(t *testing.T) {
	_, err := config.Load("", environment(map[string]string{"BACKUP": "/mnt/backups", "DATABASE": "postgres://localhost/m"}))
	if err == nil || !strings.Contains(err.Error(), "MADOGUCHI_BACKUP") || !strings.Contains(err.Error(), "docs/recovery.md") {
		t.Errorf("it says %v", err)
	}
}
