package intake

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const someSources = `[{"code": "S1", "ja": "資料", "en": "Source"}]`

func cautionsOf(rules string) Cautions { return Cautions{[]byte(rules), []byte(someSources)} }

func TestDelivers(t *testing.T) {
	old, now := cautionsOf("# edition 2\nall | note | age<18 | S1\n"), cautionsOf("# edition 3\nall | doctor | age<18 | S1\n")
	for what, c := range map[string]struct {
		last, shipped Cautions
		want          bool
	}{
		"newer":                     {old, now, true},
		"an older program":          {now, old, false},
		"the same":                  {now, now, false},
		"without an edition, older": {now, cautionsOf("all | note | age<18 | S1"), false},
		"the first with an edition": {cautionsOf("all | note | age<18 | S1"), old, true},
		"without any edition":       {cautionsOf("all | note | age<18 | S1"), cautionsOf("all | note | age<19 | S1"), true},
		"other sources":             {now, Cautions{now.Rules, []byte("[]")}, true},
		"ten is more than nine":     {cautionsOf("# edition 9"), cautionsOf("# edition 10"), true},
	} {
		if got := Delivers(c.last, c.shipped); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	for text, want := range map[string]int{"# edition 12": 12, "#edition 1": 1, "#\tedition 4 \r\n": 4, "x # edition 4": 0, "# edition four": 0, "# edition 4 of 5": 0, "": 0} {
		if got := cautionsOf(text).Edition(); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestDraft_Stem(t *testing.T) {
	own := cautionsOf("")
	for what, c := range map[string]struct {
		d    Draft
		want string
	}{
		"of the version that is asked":       {Draft{Base: "2"}, "3"},
		"from outside, with the cautions":    {Draft{}, "3"},
		"of the program's, with its own":     {Draft{Base: "4", Cautions: &own}, "4"},
		"from outside, with cautions of its": {Draft{Cautions: &own}, ""},
		"of the clinic's, with others":       {Draft{Base: "3.1", Cautions: &own}, ""},
	} {
		if got := c.d.Stem("3"); got != c.want {
			t.Errorf("%s: %q", what, got)
		}
	}
}

func TestFitting_NamesWhatIsLacking(t *testing.T) {
	q := small(Question{ID: "meds", Kind: Many, Options: options("warf", "ster")}, Question{ID: "level", Kind: One, Options: options("a")})
	version := reparse(t, q)
	c := cautionsOf("# edition 5\ncool | block | meds=warf | S1\ninj | note | meds=pill,warf and eye=naion | S1\ndrug | doctor | level>3 | S1\nall | note | age<18 | S1\n")
	fitting, misfits, err := c.Fitting(version)
	if err != nil || fitting.Edition() != 5 || string(fitting.Rules) != "# edition 5\ncool | block | meds=warf | S1\nall | note | age<18 | S1\n" {
		t.Fatalf("%s, %v", fitting.Rules, err)
	}
	if len(misfits) != 2 || !slices.Equal(misfits[0].Lacks, []Lack{{Question: "meds", Option: "pill"}, {Question: "eye"}}) || !slices.Equal(misfits[1].Lacks, []Lack{{Question: "level", Other: true}}) {
		t.Errorf("%+v", misfits)
	}
	for _, broken := range []string{"cool | block | meds=warf", "cool | grave | meds=warf | S1", "cool | block | meds=warf | S2", "cool | block | | S1"} {
		if _, _, err := cautionsOf(broken).Fitting(version); err == nil {
			t.Errorf("%q fits", broken)
		}
	}
}

// Whatever a version lacks: what fits is read without an error, what does not is named, and no rule is lost or counted twice. Where all is asked,
// all fits.
func TestFitting_LosesNoRule(t *testing.T) {
	full := ruled(t)
	var all Cautions
	for name, into := range map[string]*[]byte{"cautions.txt": &all.Rules, "sources.json": &all.Sources} {
		var err error
		if *into, err = os.ReadFile("../../config/" + name); err != nil {
			t.Fatal(err)
		}
	}
	whole, misfits, err := all.Fitting(full)
	if err != nil || len(misfits) > 0 || string(whole.Rules) != string(all.Rules) {
		t.Fatalf("%d do not fit, %v", len(misfits), err)
	}
	rapid.Check(t, func(t *rapid.T) {
		q := *full
		q.Intake = slices.Clone(full.Intake)
		for i := range q.Intake {
			q.Intake[i].Questions = slices.DeleteFunc(slices.Clone(q.Intake[i].Questions), func(Question) bool { return rapid.IntRange(0, 4).Draw(t, "drop") == 0 })
		}
		fitting, misfits, err := all.Fitting(&q)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := ParseCautions(fitting.Rules, fitting.Sources, &q)
		if err != nil {
			t.Fatalf("what fits is refused: %v", err)
		}
		if len(rules)+len(misfits) != len(full.Rules) {
			t.Fatalf("%d and %d of %d rules", len(rules), len(misfits), len(full.Rules))
		}
		for _, m := range misfits {
			if len(m.Lacks) == 0 {
				t.Fatalf("nothing is said to be lacking for %s", m.Rule.When)
			}
		}
	})
}

func TestRuleChanges(t *testing.T) {
	read := func(rules string) []Rule {
		q := reparse(t, small(Question{ID: "meds", Kind: Many, Options: options("warf", "ster")}))
		out, err := ParseCautions([]byte(rules), []byte(someSources), q)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := read("cool | block | meds=warf | S1\ncool | note | age<18 | S1\ninj | note | age<18 | S1")
	after := read("inj | note | age<18 | S1\ncool | doctor | meds=warf | S1\ndrug | note | age<18 | S1")
	var said []string
	for _, c := range RuleChanges(before, after) {
		switch {
		case c.Before == nil:
			said = append(said, "new "+string(c.After.Treatment))
		case c.After == nil:
			said = append(said, "gone "+string(c.Before.Treatment))
		default:
			said = append(said, string(c.Before.Severity)+" "+string(c.After.Severity))
		}
	}
	if got := strings.Join(said, ", "); got != "block doctor, new drug, gone cool" {
		t.Error(got)
	}
	if SameRules(before, after) || !SameRules(before, read("# a remark\ncool | block | meds=warf | S1\ncool | note | age<18 | S1\n\ninj | note | age<18 | S1")) || !SameRules(nil, []Rule{}) {
		t.Error("what says the same is told apart")
	}
}
