package intake

import (
	"os"
	"strings"
	"testing"
)

func publication(tb testing.TB) Publication {
	tb.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile("../../config/" + name)
		if err != nil {
			tb.Fatal(err)
		}
		return data
	}
	return Publication{Questions: read("questionnaire.json"), Cautions: read("cautions.txt"), Sources: read("sources.json")}
}

func TestPublication_Parse(t *testing.T) {
	p := publication(t)
	q, err := p.Parse()
	if err != nil || len(q.Rules) == 0 {
		t.Fatalf("%v, %d rules", err, len(q.Rules))
	}
	for want, spoilt := range map[string]Publication{
		"it has no version": {Questions: []byte("{}"), Cautions: p.Cautions, Sources: p.Sources},
		`names "pian"`:      {Questions: p.Questions, Cautions: []byte("cool | block | pian=back | S1"), Sources: p.Sources},
		"unknown source":    {Questions: p.Questions, Cautions: p.Cautions, Sources: []byte("[]")},
	} {
		if _, err := spoilt.Parse(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestSameQuestions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"a": 1, "b": [1, 2]}`, "{\"b\":[1,2],\n\"a\":1}", true},
		{`{"b": [1, 2]}`, `{"b": [2, 1]}`, false},
		{`{"a": "x"}`, `{"a": "y"}`, false},
		{`{"a": 1}`, `{"a": 1`, false},
		{"", "", false},
	} {
		if got := SameQuestions([]byte(c.a), []byte(c.b)); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}
