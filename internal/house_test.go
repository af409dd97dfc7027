// Package internal_test holds no code of Madoguchi, only the rules of the house: which rooms there are, who may import
// whom, and what is done nowhere. Each rule carries its reason, which is what a failure prints.
package internal_test

import (
	"os"
	"testing"
)

const module = "madoguchi/"

// room is a directory with everything below it, and what its code may import besides the standard library and itself.
// Tests may import what they like.
type room struct {
	dir       string
	rooms     []string
	libraries []string
	why       string
}

var (
	anything = []string{""} // a prefix of everything
	none     []string
)

var rooms = []room{
	{"internal/clinic", none, none, "the rules are read, tested and trusted without a database, a page or a library"},
	{"internal/intake", []string{"internal/clinic"}, none, "the questionnaire is as pure as the rules"},
	{"internal/seal", none, []string{"github.com/tink-crypto/tink-go/"}, "the safe is small enough to be audited, and knows neither the clinic nor a database"},
	{"internal/store", []string{"internal/clinic", "internal/intake", "internal/seal", "migrations"}, anything, "facts are stored without knowing who asks for them"},
	{"internal/mail", []string{"internal/clinic", "web"}, anything, "a letter is rendered and sent from its content alone; the worker brings it and records the outcome"},
	{"internal/server", []string{"internal/clinic", "internal/intake", "internal/store", "web"}, anything, "a page never sends a letter itself: the booking's transaction writes it and the worker sends it"},
	{"internal/worker", []string{"internal/clinic", "internal/intake", "internal/store", "internal/mail"}, anything, "the clock moves work between store and mail and shows no pages"},
	{"web", []string{"internal/clinic", "internal/intake"}, anything, "a page shows what it was given and fetches nothing"},
	{"config", []string{"internal/clinic", "internal/intake"}, anything, "settings and the clinic's data are read before anything else exists"},
	{"migrations", []string{"internal/clinic", "internal/intake"}, anything, "the schema is data"},
	{"cmd", anything, anything, "main wires everything"},

	{"internal/bench", anything, anything, "it measures the whole"},
	{"internal/store/storetest", anything, anything, "it gives tests a database"},
	{"internal/mail/mailtest", anything, anything, "it gives tests a mail server"},
	{"internal/browsertest", anything, anything, "it gives tests a browser"},
}

// workshop are the rooms that only tests and measurements use.
var workshop = []string{"internal/bench", "internal/store/storetest", "internal/mail/mailtest", "internal/browsertest"}

// home says which rooms alone know a package.
type home struct {
	library string
	rooms   []string
	why     string
}

var homes = []home{
	{"gorm.io/", []string{"internal/store"}, "one package knows how facts are stored"},
	{"database/sql", []string{"internal/store"}, "one package knows how facts are stored"},
	{"github.com/jackc/", []string{"internal/store"}, "one package knows PostgreSQL"},
	{"github.com/mattn/go-sqlite3", []string{"internal/store"}, "one package knows SQLite"},
	{"github.com/pressly/goose/", []string{"internal/store"}, "one package migrates"},
	{"github.com/gin-gonic/", []string{"internal/server"}, "one package knows the web framework"},
	{"github.com/danielgtaylor/huma/", []string{"internal/server"}, "one package knows the web framework"},
	{"github.com/wneessen/go-mail", []string{"internal/mail"}, "one package speaks SMTP"},
	{"github.com/emersion/go-sasl", []string{"internal/mail"}, "one package speaks SMTP"},
	{"net/smtp", nil, "go-mail speaks SMTP"},
	{"github.com/tink-crypto/", []string{"internal/seal"}, "one package holds keys"},
	{"github.com/knadh/koanf/", []string{"config"}, "settings are read in one place and passed on as values"},
	{"github.com/alecthomas/kong", []string{"cmd"}, "commands belong to main"},
	{"github.com/chromedp/", workshop, "a browser is for tests"},
	{"github.com/emersion/go-smtp", workshop, "a mail server is for tests"},
	{"pgregory.net/rapid", workshop, "it is for tests"},
	{"testing", workshop, "it is for tests"},
	{"math/rand", []string{"internal/bench"}, "ids, tokens and delays are drawn from crypto/rand, so that none can be guessed"},
}

// outside are the packages through which a rule could reach out of its room.
var outside = []string{"net", "net/http", "os", "os/exec", "log", "log/slog", "syscall", "unsafe", "C"}

var (
	meaningless = []string{"util", "utils", "helper", "helpers", "common", "misc", "shared", "base", "model", "models", "service", "services", "types", "repository", "repositories", "dto"}
	suffixes    = []string{"Impl", "Manager", "DTO"}
	clockRooms  = []string{"cmd", "internal/bench"}
	clockReads  = []string{"Now", "Since", "Until"}
)

// topLevel is all that a visitor finds at the door, beside files whose names begin with a dot and what is never committed.
var topLevel = []string{
	"cmd", "config", "docs", "internal", "migrations", "web", "go.mod", "go.sum", "Makefile", "Dockerfile", "compose.yaml",
	"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
	"bin", "data", "tmp",
}

func TestHouse(t *testing.T) {
	problems, files := inspect(t, os.DirFS(".."))
	for _, p := range problems {
		t.Error(p)
	}
	if files == 0 {
		t.Error("no Go file was found; what did this test look at?")
	}
}
