package intake_test

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/intake"
)

var update = flag.Bool("update", false, "write testdata/version*/rendered.txt anew")

// version2 is the questionnaire as it was published before the format grew.
func version2(t *testing.T) *intake.Questionnaire { return publishedBefore(t, "version2") }

// publishedBefore is the questionnaire as the program once published it. Databases hold it.
func publishedBefore(t *testing.T, version string) *intake.Questionnaire {
	t.Helper()
	var p intake.Publication
	for name, into := range map[string]*[]byte{"questionnaire.json": &p.Questions, "cautions.txt": &p.Cautions, "sources.json": &p.Sources} {
		data, err := os.ReadFile("testdata/" + version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		*into = data
	}
	q, err := p.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Whoever was asked an earlier version sees what they saw: rendered.txt was written by the program that had the next one for the first time, or by one
// from before. That of version 2 was written once more when one digit of a body mass index came to be read everywhere (ADR 42).
func TestEarlierVersions_AreRenderedToTheByteAsTheyWere(t *testing.T) {
	for _, version := range []string{"version2", "version3"} {
		t.Run(version, func(t *testing.T) {
			q := publishedBefore(t, version)
			random := rand.New(rand.NewSource(2)) //nolint:gosec // the same people each time
			var out strings.Builder
			for n := range 400 {
				text := renderedFor(t, q, random)
				if n < 3 {
					out.WriteString(text)
				} else {
					fmt.Fprintf(&out, "person %d: %x\n", n, sha256.Sum256([]byte(text)))
				}
			}
			file := "testdata/" + version + "/rendered.txt"
			if *update {
				if err := os.WriteFile(file, []byte(out.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != string(want) {
				for i, line := range strings.Split(got, "\n") {
					if lines := strings.Split(string(want), "\n"); i >= len(lines) || lines[i] != line {
						t.Fatalf("line %d is\n%s", i+1, line)
					}
				}
				t.Fatal("there is less than there was")
			}
		})
	}
}

// renderedFor answers the questionnaire at random and writes everything that is concluded from the answers.
func renderedFor(t *testing.T, q *intake.Questionnaire, random *rand.Rand) string {
	facts := intake.Facts{Age: random.Intn(80), Sex: []string{"", "f", "m", "na"}[random.Intn(4)]}
	facts.Areas = pick(random, q.Areas())
	answers := intake.Answers{}
	for _, s := range q.Intake {
		for _, question := range s.Questions {
			if random.Intn(5) > 0 {
				answers[question.ID] = pick(random, question)
			}
		}
	}
	var out strings.Builder
	say := func(what string, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %s\n", what, text)
	}
	pruned := q.Prune(answers, facts)
	say("visible", slices.Sorted(maps.Keys(q.Visible(answers, facts))))
	say("pruned", pruned)
	record := intake.Record{}
	for _, s := range q.Intake {
		say("conditions", q.ClientConditions(s, answers, facts))
		checked, errs := q.CheckSection(s, answers, answers, facts)
		say("checked", checked)
		say("errors", errs)
		record, errs = q.Answer(record, s, answers, facts, time.Unix(1, 0).UTC())
		say("wrong", len(errs))
		least, most := q.Minutes(record, facts)
		say("minutes", []int{least, most})
	}
	say("done", record.Done)
	for _, lang := range []string{"ja", "en"} {
		reasons := func(list []intake.Reason) (said []string) {
			for _, r := range list {
				said = append(said, r.Question.Name(lang)+":"+strings.Join(r.Show(lang), "+")+":"+strings.Join(r.Question.Brief(r.Values, lang), "+"))
			}
			return said
		}
		for _, c := range q.Cautions(answers, facts) {
			say(string(c.Severity)+" "+string(c.Treatment), reasons(c.Reasons))
			for _, s := range c.Sources {
				say(s.Code, s.In(lang))
			}
		}
		for _, ask := range q.Asks(answers, facts) {
			say("ask "+ask.Question.Name(lang), append(reasons(ask.Because), ask.Values...))
		}
		for _, level := range q.CauseLevels(answers, facts) {
			say(level.Cause.Label.In(lang), append(reasons(level.Reasons), fmt.Sprint(level.Known, level.Level)))
		}
	}
	return out.String()
}

// pick answers a question at random.
func pick(random *rand.Rand, question intake.Question) []string {
	switch {
	case len(question.Options) > 0:
		var out []string
		for _, o := range question.Options {
			if random.Intn(len(question.Options)) < 2 {
				out = append(out, o.Code)
			}
		}
		if len(out) == 0 {
			out = []string{question.Options[random.Intn(len(question.Options))].Code}
		}
		if question.Kind == intake.One || slices.ContainsFunc(out, question.Exclusive) {
			out = out[:1]
		}
		return out
	case question.Kind == intake.LongText:
		return []string{"見本の文章です"}
	}
	return []string{fmt.Sprint(question.Min + float64(random.Intn(int(question.Max-question.Min))))}
}
