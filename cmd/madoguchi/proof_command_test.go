package main_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store/storetest"
)

// refused calls a command that must not work, and returns the one sentence with which it says why.
func refused(t *testing.T, s settings, args ...string) string {
	t.Helper()
	stdout, stderr, code := run(t, s, args...)
	sentence, ok := strings.CutPrefix(stderr, "madoguchi: ")
	if code != 1 || !ok || stdout != "" || strings.Count(strings.TrimSpace(sentence), "\n") > 0 || strings.Contains(sentence, "goroutine") {
		t.Errorf("%v ended with %d and said:\n%s%s", args, code, stdout, stderr)
	}
	return sentence
}

// TestServe_RefusesWrongSettings: one clear sentence that names the setting, and never a password.
func TestServe_RefusesWrongSettings(t *testing.T) {
	taken := mailtest.Start(t, mailtest.Script{}) // a port on which somebody else listens
	for _, c := range []struct{ name, value, says string }{
		{"MADOGUCHI_ADDR", "8080", "host:port"},
		{"MADOGUCHI_ADDR", ":99999", "host:port"},
		{"MADOGUCHI_ADDR", taken.Addr(), "address already in use"},
		{"MADOGUCHI_ADDR", "192.0.2.1:0", "cannot assign"},
		{"MADOGUCHI_BASE_URL", "yoyaku.example.jp", "http"},
		{"MADOGUCHI_BASE_URL", "https://yoyaku.example.jp/path", "nothing may follow"},
		{"MADOGUCHI_BASE_URL", "ftp://yoyaku.example.jp", "http"},
		{"MADOGUCHI_DATABASE", "mysql://user:hunter2@host/db", "sqlite:PATH or postgres://"},
		{"MADOGUCHI_DATABASE", "sqlite:", "path of a file"},
		{"MADOGUCHI_DATABASE", "postgres://user:hunter2@%zz/db", "sqlite:PATH or postgres://"},
		{"MADOGUCHI_MAIL", "smtp://user:hunter2@mail.example:port", "smtp://"},
		{"MADOGUCHI_MAIL", "smtp://user@mail.example", "together"},
		{"MADOGUCHI_MAIL", "smtp://user:hunter2@mail.example?tls=none", "tls=none"},
		{"MADOGUCHI_MAIL", "smtp://mail.example?auth=rot13", "auth=plain"},
		{"MADOGUCHI_MAIL", "pigeon:loft", "dir:PATH or smtp://"},
		{"MADOGUCHI_MAIL", "dir:/dev/null/letters", "folder"},
		{"MADOGUCHI_MAIL_FROM", "nobody", "address"},
		{"MADOGUCHI_MAIL_FROM", "a@example.jp\r\nBcc: b@example.jp", "address"},
		{"MADOGUCHI_MAIL_FROM", "見本クリニック <a@example.jp>", "without a name"},
		{"MADOGUCHI_MAIL_FROM", `"a b"@example.jp`, "plain address"},
		{"MADOGUCHI_MAIL_FROM", "madoguchi@localhost", "plain address"},
		{"MADOGUCHI_MAIL_RETURN", "root@localhost", "plain address"},
		{"MADOGUCHI_MAIL", "smtp://mail.example?ehlo=a%0d%0ab", "ehlo=NAME"},
		{"MADOGUCHI_MAIL_BOUNCES", "imap://mail.example", "mbox:FILE"},
		{"MADOGUCHI_MAIL_BOUNCES", "maildir:/dev/null/modori", "mailbox"},
		{"MADOGUCHI_LIMITS", "perhaps", "on or off"},
		{"MADOGUCHI_TRUSTED_PROXIES", "everybody", "network"},
		{"MADOGUCHI_CLINIC_NAME", strings.Repeat("院", 1000), "characters"},
	} {
		t.Run(fmt.Sprintf("%s=%.40s", c.name, c.value), func(t *testing.T) {
			s := newSettings(t, "sqlite")
			s[c.name] = c.value
			said := refused(t, s, "serve")
			if !strings.Contains(said, c.name) || !strings.Contains(said, c.says) || strings.Contains(said, "hunter2") {
				t.Errorf("it said: %s", said)
			}
		})
	}
	for name, sender := range map[string][2]string{
		"MADOGUCHI_MAIL_FROM": {"", ""}, "MADOGUCHI_MAIL_RETURN": {"yoyaku@example.jp", "modori@clinic.local"},
	} {
		t.Run("to a mail server with a wrong "+name, func(t *testing.T) {
			s := newSettings(t, "sqlite")
			s["MADOGUCHI_MAIL"], s["MADOGUCHI_MAIL_FROM"], s["MADOGUCHI_MAIL_RETURN"] = "smtp://mail.example.jp", sender[0], sender[1]
			if said := refused(t, s, "serve"); !strings.Contains(said, name) || !strings.Contains(said, "to which mail can be sent") {
				t.Errorf("it said: %s", said)
			}
		})
	}
	t.Run("what cannot be reached", func(t *testing.T) {
		s := newSettings(t, "sqlite")
		s["MADOGUCHI_DATABASE"] = "postgres://user:hunter2@127.0.0.1:1/db?connect_timeout=5"
		if said := refused(t, s, "serve"); !strings.Contains(said, "MADOGUCHI_DATABASE") || !strings.Contains(said, "connection refused") || strings.Contains(said, "hunter2") {
			t.Errorf("it said: %s", said)
		}
		s["MADOGUCHI_DATABASE"] = "sqlite:/dev/null/data/madoguchi.db"
		if said := refused(t, s, "serve"); !strings.Contains(said, "MADOGUCHI_DATABASE") || !strings.Contains(said, "/dev/null/data") {
			t.Errorf("it said: %s", said)
		}
	})
	t.Run("a settings file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "madoguchi.yaml")
		must(t, os.WriteFile(file, []byte("limitz: on\n"), 0o600))
		if said := refused(t, newSettings(t, "sqlite"), "--config", file, "serve"); !strings.Contains(said, "limitz") {
			t.Errorf("it said: %s", said)
		}
		if said := refused(t, newSettings(t, "sqlite"), "--config", file+".missing", "serve"); !strings.Contains(said, file) {
			t.Errorf("it said: %s", said)
		}
	})
}

// TestServe_RefusesOtherKeys: a server that could not read what is stored, or would store what nobody can read, does not
// start, and no key file is made in the lost one's place.
func TestServe_RefusesOtherKeys(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			c := openClinic(t, s, 1)
			p := serve(t, s)
			newVisitor(t, p).mustBook(c.slots[0], 1)
			p.stop(t)
			before := storetest.Read(t, s["MADOGUCHI_DATABASE"])

			other := newSettings(t, engine)
			serve(t, other).stop(t) // makes other keys
			mine := s["MADOGUCHI_KEYS"]
			for what, file := range map[string]string{
				"missing": filepath.Join(t.TempDir(), "nowhere.keys"), "another": other["MADOGUCHI_KEYS"], "empty": write(t, ""), "damaged": write(t, `{"contact":{}}`),
			} {
				s["MADOGUCHI_KEYS"] = file
				said := refused(t, s, "serve")
				if !strings.Contains(said, file) || (what == "missing" || what == "another") && !strings.Contains(said, "MADOGUCHI_KEYS") {
					t.Errorf("%s: it said: %s", what, said)
				}
				if _, err := os.Stat(file); what == "missing" && err == nil {
					t.Error("a key file was made")
				}
			}
			if changed := storetest.Read(t, s["MADOGUCHI_DATABASE"]).Changed(before); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
			s["MADOGUCHI_KEYS"] = mine
			serve(t, s).stop(t)
			info, err := os.Stat(mine)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("the key file has mode %v", info.Mode())
			}
		})
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

// TestServe_AloneOnSQLite: a second server on one file is refused while the first runs, on whatever way it comes to the
// file, and when the first has died its last booking is there, although it is only in the log beside the file.
func TestServe_AloneOnSQLite(t *testing.T) {
	s := newSettings(t, "sqlite")
	d := openClinic(t, s, 1)
	first := serve(t, s)
	newVisitor(t, first).mustBook(d.slots[0], 1)
	path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
	symbolic, hard := filepath.Join(t.TempDir(), "symbolic.db"), filepath.Join(t.TempDir(), "hard.db")
	folder := filepath.Join(t.TempDir(), "folder")
	must(t, os.Symlink(path, symbolic))
	must(t, os.Symlink(filepath.Dir(path), folder))
	through := func(name string) settings { return s.database("sqlite:" + name) }
	for _, name := range []string{path, symbolic, filepath.Join(folder, filepath.Base(path))} {
		if said := refused(t, through(name), "serve"); !strings.Contains(said, "another server") || !strings.Contains(said, "PostgreSQL") {
			t.Errorf("through %s it said: %s", name, said)
		}
	}

	must(t, os.Link(path, hard))
	for _, args := range [][]string{{"serve"}, {"migrate"}, {"staff", "add", "--role", "admin", "--email", "a@example.jp", "--name", "見本"}} {
		if said := refused(t, through(hard), args...); !strings.Contains(said, "hard links") {
			t.Errorf("through a hard link, %v said: %s", args, said)
		}
	}
	must(t, os.Remove(hard))
	newVisitor(t, first).get("/readyz").expect(t, http.StatusOK, "/readyz")
	first.kill(t)
	if log, err := os.Stat(path + "-wal"); err != nil || log.Size() == 0 {
		t.Errorf("the log that the killed server leaves: %v, %v", log, err)
	}
	serve(t, through(symbolic)).stop(t)
	if n := len(storetest.Read(t, s["MADOGUCHI_DATABASE"])["bookings"]); n != 1 {
		t.Errorf("there are %d bookings", n)
	}
}

// TestServe_KeepsFilesToTheirOwner: whatever the umask, nobody else can read the database, its log or the keys. What has been
// opened to others, by a copy or by hand, is closed again and said once.
func TestServe_KeepsFilesToTheirOwner(t *testing.T) {
	for _, umask := range []string{"0000", "0777"} {
		t.Run("umask "+umask, func(t *testing.T) {
			s := newSettings(t, "sqlite").database("sqlite:" + filepath.Join(t.TempDir(), "new", "madoguchi.db"))
			path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
			must(t, os.Mkdir(filepath.Dir(path), 0o700))
			must(t, os.MkdirAll(strings.TrimPrefix(s["MADOGUCHI_MAIL"], "dir:"), 0o700))
			closed := func(files ...string) {
				t.Helper()
				for _, file := range files {
					info, err := os.Stat(file)
					if err != nil || info.Mode().Perm() != 0o600 {
						t.Errorf("%s: %v, %v", file, info, err)
					}
				}
			}
			serving := command(t, s, "serve")
			serving.Path, serving.Args = "/bin/sh", []string{"sh", "-c", `umask "$1" && exec "$2" serve`, "sh", umask, serving.Path}
			p := start(t, serving)
			closed(path, path+"-wal", path+"-shm", s["MADOGUCHI_KEYS"])
			if strings.Contains(p.Log.String(), "open to others") {
				t.Errorf("a new clinic was told:\n%s", p.Log)
			}
			p.kill(t)

			opened := []string{path, path + "-wal", path + "-shm", s["MADOGUCHI_KEYS"]}
			for _, file := range opened {
				must(t, os.Chmod(file, 0o644))
			}
			p = serve(t, s)
			closed(opened...)
			for _, file := range opened {
				if n := strings.Count(p.Log.String(), "NOTICE: "+file+" was open to others"); n != 1 {
					t.Errorf("%s was named %d times:\n%s", file, n, p.Log)
				}
			}
			p.stop(t)
			p = serve(t, s)
			if strings.Contains(p.Log.String(), "NOTICE") {
				t.Errorf("and again:\n%s", p.Log)
			}
			p.stop(t)
		})
	}
}

// TestServe_RefusesKeysOpenToOthers: a key file that others can read, and that cannot be closed to them.
func TestServe_RefusesKeysOpenToOthers(t *testing.T) {
	s := newSettings(t, "sqlite")
	s["MADOGUCHI_KEYS"] = "/proc/self/status" // whose mode the kernel lets nobody change
	if said := refused(t, s, "serve"); !strings.Contains(said, "MADOGUCHI_KEYS") || !strings.Contains(said, "open to others") {
		t.Errorf("it said: %s", said)
	}
}

// TestServe_RefusesADamagedFile: bytes are flipped where they hurt. The server says what to do and leaves the file as it is.
func TestServe_RefusesADamagedFile(t *testing.T) {
	for what, damage := range map[string]func(file []byte, page int) []byte{
		"the header": func(file []byte, _ int) []byte { copy(file, "This is no database"); return file },
		"a page that nobody reads at the start": func(file []byte, page int) []byte {
			copy(file[page*4096:], make([]byte, 64))
			return file
		},
		"pages in the middle": func(file []byte, _ int) []byte {
			for page := len(file) / 4096 / 2; page < len(file)/4096; page++ {
				for i := range 64 {
					file[page*4096+i] ^= 0xff
				}
			}
			return file
		},
		"the end cut off": func(file []byte, _ int) []byte { return file[:len(file)/2] },
	} {
		t.Run(what, func(t *testing.T) {
			s := newSettings(t, "sqlite")
			c := openClinic(t, s, 20)
			p := serve(t, s)
			for n, slot := range c.slots {
				newVisitor(t, p).mustBook(slot, n)
			}
			p.stop(t)
			path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
			file, err := os.ReadFile(path)
			must(t, err)
			db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&immutable=1")
			must(t, err)
			var root int
			must(t, db.QueryRowContext(t.Context(), "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'bookings' AND name LIKE 'sqlite_autoindex_%' ORDER BY name LIMIT 1").Scan(&root))
			must(t, db.Close())
			file = damage(file, root-1)
			must(t, os.WriteFile(path, file, 0o600))
			for _, args := range [][]string{{"serve"}, {"migrate"}} {
				if said := refused(t, s, args...); !strings.Contains(said, path) || !strings.Contains(said, "damaged") || !strings.Contains(said, "restore your latest backup") {
					t.Errorf("%v said: %s", args, said)
				}
			}
			after, err := os.ReadFile(path)
			must(t, err)
			if string(after) != string(file) {
				t.Error("the file was written to")
			}
		})
	}
}

// TestServe_RefusesAFileThatIsHeld: another program writes into the file and does not end, or has it to itself. The server waits for a while and says what to do.
func TestServe_RefusesAFileThatIsHeld(t *testing.T) {
	for what, with := range map[string]string{"writes": "", "alone": "&_locking_mode=EXCLUSIVE"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel() // each waits for ten seconds
			s := newSettings(t, "sqlite")
			if _, stderr, code := run(t, s, "migrate"); code != 0 {
				t.Fatal(stderr)
			}
			path := strings.TrimPrefix(s["MADOGUCHI_DATABASE"], "sqlite:")
			db, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate"+with)
			must(t, err)
			defer func() { must(t, db.Close()) }()
			tx, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			defer func() { must(t, tx.Rollback()) }()
			if said := refused(t, s, "serve"); !strings.Contains(said, path) || !strings.Contains(said, "held by another program") || !strings.Contains(said, "start again") {
				t.Errorf("it said: %s", said)
			}
		})
	}
}

// TestMigrate_FiveAtOnce: five processes on a fresh database, and one has done the work for all.
func TestMigrate_FiveAtOnce(t *testing.T) {
	for engine, address := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "new", "madoguchi.db"), "postgres": emptyPostgres(t)} {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, "sqlite")
			s["MADOGUCHI_DATABASE"] = address
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					if stdout, stderr, code := run(t, s, "migrate"); code != 0 || !strings.Contains(stdout, "up to date") {
						t.Errorf("migrate ended with %d: %s%s", code, stdout, stderr)
					}
				})
			}
			all.Wait()
			p := serve(t, s)
			newVisitor(t, p).get("/readyz").expect(t, http.StatusOK, "/readyz")
			p.stop(t)
		})
	}
}

// emptyPostgres is a database without any table.
func emptyPostgres(t *testing.T) string {
	t.Helper()
	address := storetest.PostgresURL(t)
	storetest.Exec(t, address, "DROP SCHEMA public CASCADE")
	storetest.Exec(t, address, "CREATE SCHEMA public")
	return address
}

// TestServe_Drains: asked to end, the server finishes the request and the letter that are on their way, and takes no more.
func TestServe_Drains(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			reached, goOn := make(chan struct{}), make(chan struct{})
			mails := mailtest.Start(t, mailtest.Script{Data: first(func() error { close(reached); <-goOn; return nil })})
			s := newSettings(t, engine).mailTo(mails, "")
			c := openClinic(t, s, 3)
			cmd := command(t, s, "serve")
			var err error
			cmd.Path, err = hasty()
			must(t, err)
			p := start(t, cmd)
			v := newVisitor(t, p)
			v.mustBook(c.slots[0], 1)
			<-reached

			finish := beginBooking(t, p, c.slots[1])
			p.signal(t, syscall.SIGTERM)
			eventually(t, "the server takes no more", func() bool {
				_, err := v.do(http.MethodGet, "/healthz", "", "", http.Header{"Connection": {"close"}})
				return err != nil
			})
			if status := finish(); status != http.StatusCreated {
				t.Errorf("the booking on its way was answered with %d", status)
			}
			close(goOn)
			p.waitEnd(t)
			if code := p.cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("it ended with %d:\n%s", code, p.Log)
			}
			facts := storetest.Read(t, s["MADOGUCHI_DATABASE"])
			sent, left := 0, 0
			for _, letter := range facts["letters"] {
				if strings.Contains(letter, "status=sent") {
					sent++
				} else if strings.Contains(letter, "status=waiting") {
					left++
				}
			}
			// The second letter may still have gone out, or waits for the next start; none is in between.
			if len(facts["bookings"]) != 2 || sent < 1 || sent+left != 2 || len(mails.Messages()) != sent {
				t.Errorf("%d bookings, %d letters sent, %d left, %d arrived", len(facts["bookings"]), sent, left, len(mails.Messages()))
			}
		})
	}
}

// beginBooking sends a booking's header, waits until the server asks for the rest (RFC 9110, 10.1.1), and returns what
// sends it and waits for the status.
func beginBooking(t *testing.T, p *process, slotID string) (finish func() int) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.URL, "http://"))
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	body, answers := bookingBody(slotID, 7), bufio.NewReader(conn)
	_, err = fmt.Fprintf(conn, "POST /api/v1/bookings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", p.key, len(body))
	must(t, err)
	asks, err := answers.ReadString('\n')
	if err != nil || !strings.Contains(asks, "100 Continue") {
		t.Fatalf("the server does not ask for the body: %q, %v", asks, err)
	}
	_, err = answers.ReadString('\n') // the empty line after it
	must(t, err)
	return func() int {
		_, err := io.WriteString(conn, body)
		must(t, err)
		response, err := http.ReadResponse(answers, nil)
		must(t, err)
		must(t, response.Body.Close())
		return response.StatusCode
	}
}

// TestStaffAdd: for each role the printed password opens the office, and nothing else does. What is wrong is said in a
// sentence, and nobody is added.
func TestStaffAdd(t *testing.T) {
	s := newSettings(t, "sqlite")
	c := openClinic(t, s, 1)
	p := serve(t, s) // people are added while it runs
	for role, page := range map[string]string{"admin": "/office/day", "reception": "/office/day", "doctor": "/office/doctor"} {
		doctorID := ""
		if role == "doctor" {
			doctorID = c.doctor.ID
		}
		email := role + "@example.jp"
		password := addStaff(t, s, role, email, "職員 見本", doctorID)
		if len(password) < clinic.MinPassword {
			t.Errorf("the password is %q", password)
		}
		v := newVisitor(t, p)
		v.post("/office/sign-in", url.Values{"email": {email}, "password": {password + "x"}}).expect(t, http.StatusUnprocessableEntity, "/office/sign-in")
		v.post("/office/sign-in", url.Values{"email": {email}, "password": {password}}).expect(t, http.StatusOK, page)
	}
	before := storetest.Read(t, s["MADOGUCHI_DATABASE"])
	for says, args := range map[string][]string{
		"role:":      {"--role", "king", "--email", "a@example.jp", "--name", "見本"},
		"email:":     {"--role", "admin", "--email", "a@b@example.jp", "--name", "見本"},
		"already":    {"--role", "admin", "--email", "Reception@Example.jp", "--name", "見本"},
		"name:":      {"--role", "admin", "--email", "a@example.jp", "--name", " "},
		"doctor_id:": {"--role", "doctor", "--email", "a@example.jp", "--name", "見本"},
		"which doct": {"--role", "doctor", "--email", "a@example.jp", "--name", "見本", "--doctor", clinic.NewID()},
		"branches:":  {"--role", "reception", "--email", "a@example.jp", "--name", "見本", "--branch", clinic.NewID()},
		"--name":     {"--role", "admin", "--email", "a@example.jp"},
	} {
		if said := refused(t, s, append([]string{"staff", "add"}, args...)...); !strings.Contains(said, says) {
			t.Errorf("%v: it said: %s", args, said)
		}
	}
	if changed := storetest.Read(t, s["MADOGUCHI_DATABASE"]).Changed(before); len(changed) > 0 {
		t.Errorf("rows were written in %v", changed)
	}
}

func TestVersion(t *testing.T) {
	stdout, stderr, code := run(t, settings{"MADOGUCHI_DATABASE": "nonsense"}, "version") // which needs no settings
	if code != 0 || stdout != "madoguchi "+builtVersion+"\n" || stderr != "" {
		t.Errorf("version ended with %d: %s%s", code, stdout, stderr)
	}
}

var demoLogin = regexp.MustCompile(`(?m)^demo login: (\S+) (\S+) (\S+)$`)

// TestDemo fills an empty database once, prints logins that work, and alone shows its letters.
func TestDemo(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			stdout, stderr, code := run(t, s, "demo")
			logins := demoLogin.FindAllStringSubmatch(stdout, -1)
			if code != 0 || len(logins) != 4 || !strings.Contains(stderr, s["MADOGUCHI_KEYS"]) {
				t.Fatalf("demo ended with %d: %s%s", code, stdout, stderr)
			}
			key := demoKey.FindStringSubmatch(stdout)
			if key == nil {
				t.Fatalf("the demo prints no API key: %s", stdout)
			}
			before := storetest.Read(t, s["MADOGUCHI_DATABASE"])
			if said := refused(t, s, "demo"); !strings.Contains(said, "not empty") {
				t.Errorf("it said: %s", said)
			}
			after := storetest.Read(t, s["MADOGUCHI_DATABASE"])
			if changed := after.Changed(before); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
			if len(after["branches"]) != 2 || len(after["doctors"]) != 4 || len(after["bookings"]) == 0 || len(after["intakes"]) == 0 || len(after["slots"]) < 400 {
				t.Errorf("the demo has %v", after.Count("branches", "doctors", "bookings", "intakes", "slots"))
			}
			p := serve(t, s)
			for _, login := range logins {
				newVisitor(t, p).post("/office/sign-in", url.Values{"email": {login[2]}, "password": {login[3]}}).expect(t, http.StatusOK, "/office/d")
			}
			newVisitor(t, p).get("/dev/letters").expect(t, http.StatusOK, "/dev/letters")
			program := newVisitor(t, p)
			for token, status := range map[string]int{key[1]: http.StatusUnprocessableEntity, key[1] + "x": http.StatusUnauthorized} {
				program.key = token
				a, err := program.callBooking("no-such-slot", 1)
				must(t, err)
				a.expect(t, status, "/api/")
			}
			p.stop(t)

			// With real mail there is no box, whatever lies in the folder.
			s.mailTo(mailtest.Start(t, mailtest.Script{}), "")
			p = serve(t, s)
			newVisitor(t, p).get("/dev/letters").expect(t, http.StatusNotFound, "/dev/letters")
			p.stop(t)
		})
	}
}

// demoKey is what the demo says of its API key.
var demoKey = regexp.MustCompile(`(?m)^demo api key: (\S+)$`)

// TestAPIKey: a key is made, shown once, listed without its secret, and revoked, each by a command, and what is wrong is said.
func TestAPIKey(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			c := openClinic(t, s, 2)
			stdout, stderr, code := run(t, s, "api-key", "add", "記事サイト")
			made := regexp.MustCompile(`記事サイト.*: (mdg_\S+)\n`).FindStringSubmatch(stdout)
			if code != 0 || made == nil {
				t.Fatalf("it ended with %d: %s%s", code, stdout, stderr)
			}
			p := serve(t, s)
			v := newVisitor(t, p)
			v.key = made[1]
			v.mustBook(c.slots[0], 1)
			listed, _, _ := run(t, s, "api-key", "list")
			if !strings.Contains(listed, "記事サイト") || !strings.Contains(listed, "見本サイト") || strings.Contains(listed, "mdg_") {
				t.Errorf("the list:\n%s", listed)
			}
			for says, args := range map[string][]string{
				"already": {"add", "記事サイト"}, "name: ": {"add", " "}, "80 characters": {"add", strings.Repeat("x", 81)}, "no API key": {"revoke", "別のサイト"}, "expected": {"add"},
			} {
				if said := refused(t, s, append([]string{"api-key"}, args...)...); !strings.Contains(said, says) {
					t.Errorf("%v: it said: %s", args, said)
				}
			}
			if _, stderr, code := run(t, s, "api-key", "revoke", "記事サイト"); code != 0 {
				t.Fatalf("it ended with %d: %s", code, stderr)
			}
			a, err := v.callBooking(c.slots[1], 2)
			must(t, err)
			a.expect(t, http.StatusUnauthorized, "/api/")
			if strings.Contains(p.Log.String(), made[1]) {
				t.Error("the key is in the log")
			}
			p.stop(t)
		})
	}
}

// TestServe_WarnsOfWhatIsNotForPatients: without limits, or by plain http, a server says so when it starts.
func TestServe_WarnsOfWhatIsNotForPatients(t *testing.T) {
	for _, c := range []struct {
		name, value, says string
	}{
		{"MADOGUCHI_LIMITS", "off", "the limits are off"},
		{"MADOGUCHI_BASE_URL", "http://yoyaku.example.jp", "without https"},
		{"MADOGUCHI_BASE_URL", "https://yoyaku.example.jp", ""},
		{"MADOGUCHI_LIMITS", "on", ""},
	} {
		s := newSettings(t, "sqlite")
		s[c.name] = c.value
		p := serve(t, s)
		log := p.Log.String()
		for _, warning := range []string{"the limits are off", "without https"} {
			if strings.Contains(log, warning) != (warning == c.says) {
				t.Errorf("%s=%s: it said\n%s", c.name, c.value, log)
			}
		}
		p.stop(t)
	}
}

// TestServe_HasNoAccount: a server that begins with an empty database makes no account and no key by which anybody could come in.
func TestServe_HasNoAccount(t *testing.T) {
	s := newSettings(t, "sqlite")
	serve(t, s).stop(t)
	facts := storetest.Read(t, s["MADOGUCHI_DATABASE"])
	for _, table := range []string{"staff", "staff_links", "sessions", "api_keys"} {
		if rows, there := facts[table]; !there || len(rows) > 0 {
			t.Errorf("%s: there is %t, with %d rows", table, there, len(rows))
		}
	}
}

// TestServe_SaysThatTheDatabaseIsEmpty: keys without their bookings often mean another database than the one that was meant.
func TestServe_SaysThatTheDatabaseIsEmpty(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			for n, settings := range []settings{s, s, s.database(address(t)), s.database(address(t))} {
				_, said, code := run(t, settings, "api-key", "list")
				if empty := strings.Contains(said, "is empty, and the key file"); code != 0 || empty != (n >= 2) {
					t.Errorf("start %d: it ended with %d and said: %s", n, code, said)
				}
			}
		})
	}
}

// TestLetterBox_IsForDemosOnly: a clinic whose letters go into a folder, for want of a mail server, shows them to nobody.
func TestLetterBox_IsForDemosOnly(t *testing.T) {
	s := newSettings(t, "sqlite")
	c := openClinic(t, s, 1)
	p := serve(t, s)
	newVisitor(t, p).mustBook(c.slots[0], 1)
	folder := strings.TrimPrefix(s["MADOGUCHI_MAIL"], "dir:")
	var letter string
	eventually(t, "the letter is written", func() bool {
		files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
		must(t, err)
		if len(files) == 1 {
			letter = filepath.Base(files[0])
		}
		return letter != ""
	})
	for _, path := range []string{"/dev/letters", "/dev/letters/" + letter} {
		newVisitor(t, p).get(path).expect(t, http.StatusNotFound, path)
	}
	if said := refused(t, s, "demo"); !strings.Contains(said, "not empty") {
		t.Errorf("a demo in a clinic's database: %s", said)
	}
}
