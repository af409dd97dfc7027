package main_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store/storetest"
)

// somePoints is how many of a flow's points are tried unless all are.
const somePoints = 6

// effects are what is stored of a flow: how many rows there are, and in which states. What the worker does in its own time is left out.
func effects(t *testing.T, s settings) map[string]int {
	t.Helper()
	facts := storetest.Read(t, s["MADOGUCHI_DATABASE"])
	out := map[string]int{}
	for _, table := range []string{"bookings", "claims", "letters", "patients", "links", "intakes", "intake_versions", "notes", "note_versions"} {
		for _, row := range facts[table] {
			what := table
			for field := range strings.FieldsSeq(row) {
				if name, value, _ := strings.Cut(field, "="); name == "kind" || table == "bookings" && (name == "status" || name == "slot_id") {
					what += " " + value
				}
			}
			out[what]++
		}
	}
	return out
}

// TestFaults_KillPoints: wherever the program is killed while somebody books, moves, cancels, answers or signs, or while the worker sends, at each
// write to SQLite and in the middle of one, before and after each message to PostgreSQL: what was answered is there after the restart, what was not
// is there whole or not at all, and done once more it has one effect. The letter arrives, twice only under one Message-ID.
func TestFaults_KillPoints(t *testing.T) {
	all := newTally("points", "kills", "letters", "copies of them")
	t.Cleanup(func() { tell(t, "kill points: %s", all) })
	for engine := range storetest.Engines {
		for name := range flows {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				newFlowWorld(t, engine, name, mailtest.Script{}).killAtEachPoint(t, all)
				progress("%s/%s is done", engine, name)
			})
		}
	}
}

func (w *flowWorld) killAtEachPoint(t *testing.T, all *tally) {
	t.Helper()
	restore, points := storetest.Snapshot(t, w.settings["MADOGUCHI_DATABASE"]), newPoints(t, w.settings)
	none := effects(t, w.settings)
	begun := w.flow.request == nil // what the server does by itself begins with its start
	// do does the flow with a server that dies at a point, or later, and says whether it was answered and how many points there were.
	do := func(b blow) (answered bool, reached int64) {
		restore()
		points.arm(blow{})
		if begun {
			points.arm(b)
		}
		p, alive := startFragile(t, command(t, points.settings(w.settings), "serve"))
		if alive {
			answered = w.act(t, p, func() { points.arm(b) })
			if begun {
				w.waitSent(t, p)
			}
		}
		reached = points.reached()
		p.kill(t)
		points.quiet()
		return answered, reached
	}
	for _, commits := range []bool{true, false} {
		answered, last := do(blow{commits: commits})
		whole := effects(t, w.settings)
		if !answered || last == 0 || !begun && maps.Equal(none, whole) {
			t.Fatalf("undisturbed it answers %v after %d points, with %v", answered, last, whole)
		}
		all.add("points", int(last))
		step := int64(1)
		if !*everyPoint && !commits {
			step = max(1, last/somePoints)
		}
		for n := int64(1); n <= last; n += step {
			for _, what := range []strike{die, dieHalfway} {
				if !*everyPoint && what != die+strike(n/step%2) {
					continue
				}
				if interrupted().Err() != nil {
					t.Fatalf("interrupted at point %d of %d", n, last)
				}
				if n := all.add("kills", 1); n%50 == 0 {
					progress("%d kills", n)
				}
				sent := len(w.mails.Messages())
				answered, _ := do(blow{what: what, at: n, commits: commits})
				w.judge(t, all, fmt.Sprintf("killed at point %d of %d (commits alone: %v, halfway: %v)", n, last, commits, what == dieHalfway), answered, none, whole, sent)
			}
		}
	}
}

// judge looks at what is there after a kill, and does the same once more, which must end as it does where nobody is killed. sent is how many letters had arrived
// before.
func (w *flowWorld) judge(t *testing.T, all *tally, when string, answered bool, none, whole map[string]int, sent int) {
	t.Helper()
	begun := w.flow.request == nil
	now := effects(t, w.settings)
	if !maps.Equal(now, whole) && (answered && !begun || !maps.Equal(now, none)) {
		all.add("lost", 1)
		t.Errorf("%s, answered %v: there is %v", when, answered, now)
	}
	wholeDatabase(t, w.settings)
	makeDue(t, w.settings)
	p := serve(t, w.settings)
	if !w.actAgain(t, p) {
		t.Errorf("%s: it cannot be done once more", when)
	}
	w.waitSent(t, p)
	p.stop(t)
	if after := effects(t, w.settings); !maps.Equal(after, whole) {
		all.add("double", 1)
		t.Errorf("%s and done once more: there is %v instead of %v", when, after, whole)
	}
	ids := map[string]int{}
	for _, m := range w.mails.Messages()[sent:] {
		ids[messageID(t, m)]++
	}
	all.add("letters", len(ids))
	all.add("copies of them", len(w.mails.Messages())-sent-len(ids))
	if len(ids) > len(lettersOf(t, w.settings)) || slices.Max(append(slices.Collect(maps.Values(ids)), 1)) > 2 {
		t.Errorf("%s: the letters that arrived are %v", when, ids)
	}
}
