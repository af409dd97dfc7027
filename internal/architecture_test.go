// Package internal_test holds no code of Madoguchi, only the rules of its architecture: which packages there are, who may
// import whom, and what is done nowhere. Each rule carries its reason, which is what a failure prints.
package internal_test

import (
	"os"
	"testing"
)

const module = "madoguchi/"

// rule says what the code of a directory, with everything below it, may import besides the standard library and itself.
// Tests may import what they like.
type rule struct {
	dir       string
	packages  []string // of our own
	libraries []string
	why       string
}

var (
	anything = []string{""} // a prefix of everything
	none     []string
)

var rules = []rule{
	{"internal/clinic", none, []string{"github.com/nyaruka/phonenumbers", "golang.org/x/text/unicode/norm"}, "the rules are read, tested and trusted without a database, a page or a library"},
	{"internal/intake", []string{"internal/clinic"}, none, "the questionnaire is as pure as the rules"},
	{"internal/fhir", []string{"internal/clinic", "internal/intake"}, none, "what is exchanged with other systems is converted without a database or a page"},
	{"internal/seal", none, []string{"github.com/tink-crypto/tink-go/", "filippo.io/age"}, "what seals is small enough to be audited, and knows neither the clinic nor a database"},
	{"internal/passkey", none, []string{"github.com/go-webauthn/webauthn/"}, "what checks a passkey is small enough to be audited, and knows neither the clinic nor a database"},
	{"internal/store", []string{"internal/clinic", "internal/intake", "internal/passkey", "internal/seal", "migrations"}, anything, "facts are stored without knowing who asks for them"},
	{"internal/mail", []string{"internal/clinic", "web"}, anything, "a letter is rendered and sent from its content alone; the worker brings it and records the outcome"},
	{"internal/server", []string{"internal/clinic", "internal/fhir", "internal/intake", "internal/passkey", "internal/store", "web"}, anything, "a page never sends a letter itself: the booking's transaction writes it and the worker sends it"},
	{"internal/worker", []string{"internal/clinic", "internal/intake", "internal/store", "internal/mail"}, anything, "the clock moves work between store and mail and shows no pages"},
	{"web", []string{"internal/clinic", "internal/intake"}, anything, "a page shows what it was given and fetches nothing"},
	{"config", []string{"internal/clinic", "internal/intake"}, anything, "settings and the clinic's data are read before anything else exists"},
	{"migrations", []string{"internal/clinic", "internal/intake"}, anything, "the schema is data"},
	{"cmd", anything, anything, "main wires everything"},
	{"packaging", none, none, "a package is made of the program, not of its code"},

	{"internal/bench", anything, anything, "it measures the whole"},
	{"internal/store/storetest", anything, anything, "it gives tests a database"},
	{"internal/server/servertest", anything, anything, "it gives tests a whole site"},
	{"internal/passkey/passkeytest", anything, anything, "it gives tests an authenticator"},
	{"internal/mail/mailtest", anything, anything, "it gives tests a mail server"},
	{"internal/browsertest", anything, anything, "it gives tests a browser"},
}

// forTests are the packages that only tests and measurements use.
var forTests = []string{"internal/bench", "internal/store/storetest", "internal/server/servertest", "internal/mail/mailtest", "internal/passkey/passkeytest", "internal/browsertest"}

// owner says which packages of ours alone import a library.
type owner struct {
	library  string
	packages []string
	why      string
}

var owners = []owner{
	{"gorm.io/", []string{"internal/store"}, "one package knows how facts are stored"},
	{"database/sql", []string{"internal/store"}, "one package knows how facts are stored"},
	{"github.com/jackc/", []string{"internal/store"}, "one package knows PostgreSQL"},
	{"github.com/mattn/go-sqlite3", []string{"internal/store"}, "one package knows SQLite"},
	{"github.com/pressly/goose/", []string{"internal/store"}, "one package migrates"},
	{"github.com/gin-gonic/", []string{"internal/server"}, "one package knows the web framework"},
	{"github.com/danielgtaylor/huma/", []string{"internal/server"}, "one package knows the web framework"},
	{"golang.org/x/crypto/acme", []string{"internal/server"}, "one package asks for certificates"},
	{"github.com/wneessen/go-mail", []string{"internal/mail"}, "one package speaks SMTP"},
	{"github.com/emersion/go-sasl", []string{"internal/mail"}, "one package speaks SMTP"},
	{"github.com/nyaruka/phonenumbers", []string{"internal/clinic"}, "one package reads telephone numbers"},
	{"net/smtp", nil, "go-mail speaks SMTP"},
	{"github.com/tink-crypto/", []string{"internal/seal"}, "one package holds keys"},
	{"github.com/go-webauthn/", []string{"internal/passkey"}, "one package speaks WebAuthn"},
	{"filippo.io/age", []string{"internal/seal"}, "one package holds keys"},
	{"github.com/knadh/koanf/", []string{"config"}, "settings are read in one place and passed on as values"},
	{"github.com/alecthomas/kong", []string{"cmd"}, "commands belong to main"},
	{"github.com/chromedp/", forTests, "a browser is for tests"},
	{"github.com/emersion/go-smtp", forTests, "a mail server is for tests"},
	{"pgregory.net/rapid", forTests, "it is for tests"},
	{"testing", forTests, "it is for tests"},
	{"math/rand", []string{"internal/bench"}, "ids, tokens and delays are drawn from crypto/rand, so that none can be guessed"},
}

// reaches are the names by which the program could speak to somebody, or let another program do it, by the package they are in.
var reaches = map[string][]string{
	"net":        {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "DialIP", "Dialer", "Resolver", "LookupHost", "LookupIP", "LookupAddr", "LookupMX", "LookupTXT", "LookupSRV", "LookupCNAME", "LookupNS"},
	"net/http":   {"Get", "Head", "Post", "PostForm", "Client", "DefaultClient", "Transport", "DefaultTransport"},
	"crypto/tls": {"Dial", "DialWithDialer", "Dialer"},
	"os/exec":    {"Command", "CommandContext"},
}

// reachers are the files, all of them, that speak to somebody without having been asked: a clinic closes everything else outwards. Beside them only
// internal/store does, by the libraries that it alone has.
var reachers = map[string]string{
	"internal/mail/smtp.go":   "the mail server",
	"internal/mail/token.go":  "the token endpoint, or the program that prints tokens, where the settings name one",
	"internal/server/acme.go": "the authority of certificates, where the settings name one",
	"internal/seal/source.go": "the program that prints keys, where the settings name one",
	"cmd/madoguchi/notify.go": "the service manager of this machine",
}

// outside are the packages through which a rule of the clinic could reach out.
var outside = []string{"net", "net/http", "os", "os/exec", "log", "log/slog", "syscall", "unsafe", "C"}

var (
	meaningless   = []string{"util", "utils", "helper", "helpers", "common", "misc", "shared", "base", "model", "models", "service", "services", "types", "repository", "repositories", "dto"}
	suffixes      = []string{"Impl", "Manager", "DTO"}
	clockPackages = []string{"cmd", "internal/bench"}
	clockReads    = []string{"Now", "Since", "Until"}
)

// topLevel is all that stands at the top of the repository, beside files whose names begin with a dot and what is never committed.
var topLevel = []string{
	"cmd", "config", "docs", "internal", "migrations", "packaging", "web", "go.mod", "go.sum", "Makefile", "Dockerfile", "compose.yaml",
	"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE",
	"bin", "data", "tmp",
}

func TestArchitecture(t *testing.T) {
	problems, files := inspect(t, os.DirFS(".."))
	for _, p := range problems {
		t.Error(p)
	}
	for name := range reachers {
		if _, err := os.Stat("../" + name); err != nil {
			t.Errorf("the list of those who speak to somebody names a file that is none: %v", err)
		}
	}
	if files == 0 {
		t.Error("no Go file was found; what did this test look at?")
	}
}
