package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestProof_RotationUnderLoad: while bookings come in, at two servers on PostgreSQL, keys are rotated by a process that is killed ten times,
// at other places each time. In the end there is one key of each kind, which opens everything; everybody who was told that they have a booking
// is found once; and no server has failed at anything.
func TestProof_RotationUnderLoad(t *testing.T) {
	for engine, servers := range map[string]int{"sqlite": 1, "postgres": 2} {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			s["MADOGUCHI_LIMITS"] = "off"
			c := openClinic(t, s, 1200)
			begun := keyFileOf(t, s)
			var processes []*process
			for range servers {
				processes = append(processes, serve(t, s))
			}
			eventually(t, "all servers have said which keys they have", func() bool {
				return strings.Count(strings.Join(storetest.Read(t, s["MADOGUCHI_DATABASE"])["workers"], "\n"), "keys="+begun.State()) == servers
			})
			booked := newLoad(t, c, processes)
			for kill := range 10 {
				killRotation(t, s, 1+kill%5)
			}
			for keyFileOf(t, s).Phase() != seal.Resting || keyFileOf(t, s).State() == begun.State() {
				if out, said, code := run(t, s, "keys", "rotate", "--now"); code != 0 {
					t.Fatalf("the rotation ended with %d: %s%s", code, out, said)
				}
			}
			n := booked.stop()
			for _, p := range processes {
				p.stop(t)
				if log := p.Log.String(); strings.Contains(log, "level=ERROR") {
					t.Errorf("a server failed at something:\n%s", log)
				}
			}
			if n < 2*servers {
				t.Errorf("only %d bookings were made meanwhile", n)
			}
			wantRotated(t, s, n)
			old := filepath.Join(t.TempDir(), "keys")
			text, err := begun.Text()
			must(t, err)
			must(t, os.WriteFile(old, text, 0o600))
			s["MADOGUCHI_KEYS"] = old
			refused(t, s, "serve")
		})
	}
}

func keyFileOf(t *testing.T, s settings) seal.File {
	t.Helper()
	file, err := seal.Load(t.Context(), s["MADOGUCHI_KEYS"])
	must(t, err)
	return file
}

// killRotation kills a rotation when it has said something for the n-th time, or lets it end.
func killRotation(t *testing.T, s settings, n int) {
	t.Helper()
	rotating := command(t, s, "keys", "rotate", "--now")
	said, err := rotating.StderrPipe()
	must(t, err)
	must(t, rotating.Start())
	lines := bufio.NewScanner(said)
	for i := 0; i < n && lines.Scan(); i++ {
		t.Logf("line %d, killed at %d: %s", i+1, n, lines.Text())
	}
	_ = rotating.Process.Kill() // or it has ended
	_ = rotating.Wait()
}

// wantRotated expects that everything is sealed with the one key of each kind in the key file, that the first n who booked are found, and
// that nothing but the keys of before was left beside it.
func wantRotated(t *testing.T, s settings, n int) {
	t.Helper()
	file := keyFileOf(t, s)
	if len(file.Keys()) != 3 {
		t.Errorf("there are %d keys", len(file.Keys()))
	}
	withStore(t, s, func(st *store.Store) {
		rows, err := st.KeyRows(t.Context())
		must(t, err)
		for keyset, of := range rows {
			for id, rows := range of {
				if id != file.Primary(keyset) {
					t.Errorf("%d rows of another key for %s", rows, keyset)
				}
			}
		}
		for i := range n {
			found, err := st.SearchPatients(t.Context(), storetest.Owner, fmt.Sprintf("0900000%04d", i), 5)
			must(t, err)
			if len(found.Patients) != 1 {
				t.Errorf("%d patients are found for booking %d", len(found.Patients), i)
			}
		}
	})
	if facts := storetest.Read(t, s["MADOGUCHI_DATABASE"]); len(facts["bookings"]) != n || len(facts["patients"]) != n {
		t.Errorf("there are %d bookings of %d patients, want %d", len(facts["bookings"]), len(facts["patients"]), n)
	}
	files, err := os.ReadDir(filepath.Dir(s["MADOGUCHI_KEYS"]))
	must(t, err)
	for _, f := range files {
		info, err := f.Info()
		must(t, err)
		kept := strings.Contains(f.Name(), ".keys.before-")
		if f.Name() != "madoguchi.keys" && !kept || info.Mode().Perm() != 0o600 {
			t.Errorf("%s was left with mode %v", f.Name(), info.Mode())
		}
	}
}

// load is somebody at each server who books one slot after another.
type load struct {
	done    chan struct{}
	working sync.WaitGroup
	mu      sync.Mutex
	n       int
}

func newLoad(t *testing.T, c smallClinic, processes []*process) *load {
	t.Helper()
	l := &load{done: make(chan struct{})}
	for _, p := range processes {
		v := newVisitor(t, p)
		l.working.Go(func() {
			for {
				select {
				case <-l.done:
					return
				default:
				}
				l.mu.Lock()
				n := l.n
				if n == len(c.slots) {
					l.mu.Unlock()
					return
				}
				l.n++
				l.mu.Unlock()
				for range 3 { // most people look around
					if a, err := v.do(http.MethodGet, "/", "", "", nil); err != nil || a.Status != http.StatusOK {
						t.Errorf("the first page answered %d, %v", a.Status, err)
					}
				}
				a, err := v.callBooking(c.slots[n], n)
				if err != nil || a.Status != http.StatusCreated {
					t.Errorf("booking %d answered %d, %v: %s", n, a.Status, err, a.Body)
				}
			}
		})
	}
	return l
}

// stop ends the load and returns how many have booked.
func (l *load) stop() int {
	close(l.done)
	l.working.Wait()
	return l.n
}

// TestKeys_FromASecretStore: keys come from a program or a variable, and a rotation prints what is to be put there, step by step, with servers
// started anew in between.
func TestKeys_FromASecretStore(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			stored := filepath.Join(t.TempDir(), "stored")
			put := func(text string) { must(t, os.WriteFile(stored, []byte(text), 0o600)) }
			text, said, code := run(t, s, "keys", "new")
			if code != 0 || said != "" {
				t.Fatalf("new keys: %d, %s", code, said)
			}
			put(text)
			s["MADOGUCHI_KEYS"] = "exec:/bin/cat " + stored
			c := openClinic(t, s, 8)
			n := 0
			for _, want := range []seal.Phase{seal.Announced, seal.Switched, seal.Resting} {
				p := serve(t, s)
				newVisitor(t, p).mustBook(c.slots[n], n)
				n++
				p.stop(t)
				text, said, code := run(t, s, "keys", "rotate", "--now")
				file, err := seal.ParseFile([]byte(text))
				if err != nil || code != 0 || file.Phase() != want || !strings.Contains(said, "the program /bin/cat") || strings.Contains(said, stored) {
					t.Fatalf("step to %d: %d, %v, phase %d: %s", want, code, err, file.Phase(), said)
				}
				put(text)
			}
			// The same keys from a variable.
			text2, err := os.ReadFile(stored)
			must(t, err)
			t.Setenv("CLINIC_KEYS", string(text2))
			s["CLINIC_KEYS"], s["MADOGUCHI_KEYS"] = string(text2), "env:CLINIC_KEYS"
			p := serve(t, s)
			newVisitor(t, p).mustBook(c.slots[n], n)
			p.stop(t)
			listed, said, code := run(t, s, "keys", "list")
			if code != 0 || strings.Count(listed, "seals and opens") != 3 || strings.Contains(listed, "missing") || strings.Contains(listed, "value") {
				t.Errorf("the list: %d, %s%s", code, listed, said)
			}

			for source, want := range map[string]string{
				"env:NOT_THERE":            "the variable NOT_THERE is not set",
				"env:":                     "env: wants the name of a variable",
				"exec:":                    "exec: wants a program",
				"exec:/bin/false --secret": "the program /bin/false gave no keys: exit status 1",
				"exec:/bin/echo --secret":  "the program /bin/echo: it is not a key file",
				"exec:/bin/cat /dev/zero":  "the program /bin/cat gave no keys: it printed more than",
			} {
				s["MADOGUCHI_KEYS"] = source
				if said := refused(t, s, "serve"); !strings.Contains(said, want) || strings.Contains(said, "--secret") {
					t.Errorf("%s: it said: %s", source, said)
				}
			}
		})
	}
}

// TestKeysRotate_OneAtATime: two rotations of one key file at once would each lose the other's keys.
func TestKeysRotate_OneAtATime(t *testing.T) {
	s := newSettings(t, "sqlite")
	openClinic(t, s, 1)
	held, err := seal.Hold(s["MADOGUCHI_KEYS"])
	must(t, err)
	before, err := os.ReadFile(s["MADOGUCHI_KEYS"])
	must(t, err)
	if said := refused(t, s, "keys", "rotate"); !strings.Contains(said, "another rotation of these keys is running") {
		t.Errorf("it said: %s", said)
	}
	must(t, held.Close())
	_, said, code := run(t, s, "keys", "rotate")
	if code != 0 || !strings.Contains(said, "Call madoguchi keys rotate once more after") {
		t.Errorf("it ended with %d: %s", code, said)
	}
	// Early it changes nothing more.
	between, err := os.ReadFile(s["MADOGUCHI_KEYS"])
	must(t, err)
	if _, said, code := run(t, s, "keys", "rotate"); code != 0 || !strings.Contains(said, "once more after") {
		t.Errorf("once more it ended with %d: %s", code, said)
	}
	after, err := os.ReadFile(s["MADOGUCHI_KEYS"])
	must(t, err)
	if bytes.Equal(before, between) || !bytes.Equal(between, after) {
		t.Error("the first rotation changed nothing, or the second did")
	}
}
