package clinic

import (
	"strings"
	"testing"
	"time"
)

// TestPuzzle_KnownProof is the vector that the browser's solver is held to as well (web/browser/puzzle.test.ts).
func TestPuzzle_KnownProof(t *testing.T) {
	p, ok := ParsePuzzle("1796000000.8.0.sign")
	if !ok || p.Solve() != knownProof || !p.SolvedBy(knownProof) {
		t.Errorf("%v, solved by %s", ok, p.Solve())
	}
}

const knownProof = "371,217,67,199,763,233,139,234,330,103,366,809,6,413,121,593"

func TestPuzzle_SolvedBy(t *testing.T) {
	p := Puzzle{At: time.Unix(1796000000, 0), Bits: 8, Sign: "sign"}
	proof := p.Solve()
	other, again := p, p
	other.Sign, again.Again = "other", true
	first, rest, _ := strings.Cut(proof, ",")
	for name, wrong := range map[string]bool{
		"another's":      other.SolvedBy(proof),
		"another flag":   again.SolvedBy(proof),
		"harder":         Puzzle{At: p.At, Bits: 30, Sign: p.Sign}.SolvedBy(proof),
		"a part less":    p.SolvedBy(proof[:strings.LastIndex(proof, ",")]),
		"a part more":    p.SolvedBy(proof + ",1"),
		"in other order": p.SolvedBy(rest + "," + first),
		"nothing":        p.SolvedBy(""),
		"words":          p.SolvedBy(strings.Repeat("x,", PuzzleParts-1) + "x"),
		"very long":      p.SolvedBy(strings.Repeat("0", 300) + proof),
	} {
		if wrong {
			t.Errorf("a proof that is %s is taken", name)
		}
	}
}

func TestPuzzle_Parse(t *testing.T) {
	for _, again := range []bool{true, false} {
		p := Puzzle{At: time.Unix(1796000000, 0).UTC(), Bits: 12, Again: again, Sign: "abc"}
		if got, ok := ParsePuzzle(p.String()); !ok || got != p {
			t.Errorf("%q became %+v", p, got)
		}
	}
	for _, text := range []string{"", "1.2.3", "x.12.0.s", "1.x.0.s", "1.12.2.s", "01.12.0.s", "1.12.0.s.t", "1.12.0." + strings.Repeat("s", 200)} {
		if _, ok := ParsePuzzle(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}

func TestPuzzle_Time(t *testing.T) {
	at := time.Unix(1796000000, 0)
	p, again := Puzzle{At: at}, Puzzle{At: at, Again: true}
	if p.Fresh(at.Add(-time.Second)) || !p.Fresh(at) || !p.Fresh(at.Add(PuzzleFor-1)) || p.Fresh(at.Add(PuzzleFor)) {
		t.Error("the time of a puzzle is wrong")
	}
	if !p.HastyAt(at.Add(Hasty-1)) || p.HastyAt(at.Add(Hasty)) || again.HastyAt(at) {
		t.Error("who is hasty is wrong")
	}
}
