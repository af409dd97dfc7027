// Package main_test proves the program as a whole: it builds it, runs it in processes of its own as a clinic does, and
// looks at it from outside.
package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// programDir is where the program is built; it goes with the tests.
var programDir string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if programDir, err = os.MkdirTemp("", "madoguchi-program"); err != nil {
			panic(err)
		}
		defer func() {
			if err := os.RemoveAll(programDir); err != nil {
				panic(err)
			}
		}()
		return browsertest.Run(m)
	}())
}

const builtVersion = "v0.0.0-proof"

// program is the path of madoguchi, built once for all tests. Told to stop, it goes on until it is told once more, so that no
// test depends on how long it goes on otherwise. hasty is one that goes on for a moment.
var (
	program = built("1h")
	hasty   = built("1ms")
)

// built builds madoguchi with a notice, with the race detector when the tests have it.
func built(notice string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		path := filepath.Join(programDir, "madoguchi-"+notice)
		args := []string{"build", "-buildvcs=false", "-ldflags", "-X main.version=" + builtVersion + " -X main.notice=" + notice + " -X main.settle=1ms", "-o", path}
		if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
			args = append(args, "-race")
		}
		out, err := exec.CommandContext(context.Background(), "go", append(args, ".")...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("go build: %w\n%s", err, out)
		}
		return path, nil
	})
}

// patience is how long a test waits for what a healthy program does at once, on a machine that has much else to do.
const patience = 3 * time.Minute

// settings are the environment of a process, beside what every program needs.
type settings map[string]string

// newSettings are those of an empty, migrated database of its own on an engine ("sqlite" or "postgres"), whose letters go
// into a folder.
func newSettings(t *testing.T, engine string) settings {
	t.Helper()
	return settings{
		"MADOGUCHI_DATABASE": storetest.Engines[engine](t),
		"MADOGUCHI_KEYS":     filepath.Join(t.TempDir(), "madoguchi.keys"),
		"MADOGUCHI_ADDR":     "127.0.0.1:0",
		"MADOGUCHI_MAIL":     "dir:" + filepath.Join(t.TempDir(), "letters"),

		"MADOGUCHI_PUZZLES":       "off", // so that whoever sends a form by hand books; the walks of browsers turn it on
		"MADOGUCHI_SECOND_FACTOR": "off", // so that whoever signs in is at work; the walks of accounts turn it on
	}
}

// apiKey is among the settings of a clinic that has a key for the API. The program knows no such setting.
const apiKey = "TEST_API_KEY"

// variable is what a command has in its environment.
func variable(c *exec.Cmd, name string) string {
	for _, v := range c.Env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// database are the settings with another database.
func (s settings) database(address string) settings {
	other := maps.Clone(s)
	other["MADOGUCHI_DATABASE"] = address
	return other
}

// mailTo sends the letters to a mail server, over STARTTLS and with a sign-in where the server asks for one.
func (s settings) mailTo(server *mailtest.Server, signIn string) settings {
	if signIn != "" {
		signIn += "@"
	}
	s["MADOGUCHI_MAIL"] = "smtp://" + signIn + server.Addr() + "?tls=starttls"
	s["MADOGUCHI_MAIL_FROM"] = "yoyaku@clinic.example.jp"
	s["SSL_CERT_FILE"] = server.CA.File
	return s
}

// environ is the whole environment of a process: nothing of the tests' own settings reaches it.
func (s settings) environ() []string {
	// Without atexit_sleep_ms every process with the race detector would stay a second longer than it has to.
	env := []string{"GORACE=halt_on_error=1 exitcode=66 atexit_sleep_ms=10"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TZ"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	for name, value := range s {
		env = append(env, name+"="+value)
	}
	return env
}

// command is a call of the program, not yet started.
func command(t *testing.T, s settings, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = s.environ()
	cmd.Dir = t.TempDir()
	return cmd
}

// run calls a command and returns all it printed and its exit code.
func run(t *testing.T, s settings, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := command(t, s, args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

// process is a running `madoguchi serve`.
type process struct {
	key string // for its API, where the clinic has one
	URL string // where it really listens, without a path
	Log *servertest.Journal

	cmd   *exec.Cmd
	ended chan struct{} // closed when it has
}

var ready = regexp.MustCompile(`msg=ready .*\baddress=(\S+)`)

// serve starts the server and waits until it is ready. It is killed with the test, unless it has ended before.
func serve(t *testing.T, s settings) *process {
	t.Helper()
	return start(t, command(t, s, "serve"))
}

// start is serve for a command that is prepared in another way.
func start(t *testing.T, serving *exec.Cmd) *process {
	t.Helper()
	p, alive := startFragile(t, serving)
	if !alive {
		t.Fatalf("the server has ended; its log is:\n%s", p.Log)
	}
	return p
}

// startFragile is start for a server that may die before it is ready.
func startFragile(t *testing.T, serving *exec.Cmd) (p *process, alive bool) {
	t.Helper()
	p = launch(t, serving)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	address, err := p.Log.Wait(ctx, ready, p.ended)
	if err != nil {
		if ctx.Err() != nil {
			t.Fatalf("%v; the log is:\n%s", err, p.Log)
		}
		return p, false
	}
	p.URL = "http://" + address[1]
	return p, true
}

// launch is start for who does not wait.
func launch(t *testing.T, serving *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: serving, key: variable(serving, apiKey), Log: servertest.NewJournal(), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.Log, p.Log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}()
	t.Cleanup(func() { p.kill(t) })
	return p
}

// waitLog waits until the log has a line that matches, and returns the match with its groups.
func (p *process) waitLog(t *testing.T, line *regexp.Regexp) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	match, err := p.Log.Wait(ctx, line, p.ended)
	if err != nil {
		t.Fatalf("%v; the log is:\n%s", err, p.Log)
	}
	return match
}

// stop asks the process to end, as a person in a hurry does, and expects that it ends well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.signal(t, os.Interrupt)
	p.waitEnd(t)
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the server ended with %d; its log is:\n%s", code, p.Log)
	}
}

// kill ends the process as a power cut does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGKILL)
	p.waitEnd(t)
}

func (p *process) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal the server: %v", err)
	}
}

// hasEnded says whether it has, however it did.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) waitEnd(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("the server does not end; its log is:\n%s", p.Log)
	}
}
