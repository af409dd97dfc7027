package intake

import (
	"slices"
	"testing"
)

// Side effects are asked of all treatments at once. Beside one of them they say of which they speak, and beside what they are not about
// they do not stand.
func TestQuotes_StandBesideWhatTheyAnswer(t *testing.T) {
	q := ruled(t)
	f := Facts{Age: 36, Sex: "f", Areas: []string{"back"}}
	quoted := func(a Answers, line string) (words, about []string) {
		d := q.Digest(a, f)
		for _, l := range slices.Concat(d.Lines, d.Notes) {
			if l.ID != line {
				continue
			}
			for _, w := range l.Words {
				words = append(words, w.Question.ID)
				for _, r := range w.About {
					about = append(about, r.Values...)
				}
			}
		}
		return words, about
	}
	for name, c := range map[string]struct {
		answers      Answers
		line         string
		words, about []string
	}{
		"one treatment": {Answers{"tried": {"diet", "cool"}, "tx_react": {"yes"}, "bad_tx": {"しびれ"}}, "treatments", []string{"bad_tx"}, nil},
		"two treatments": {
			Answers{"tried": {"este", "cool"}, "tx_react": {"yes"}, "bad_tx": {"しびれ"}}, "treatments", []string{"bad_tx"}, []string{"este", "cool"},
		},
		"another medicine": {
			Answers{"tried": {"cool"}, "tx_react": {"yes"}, "bad_tx": {"しびれ"}, "med_any": {"yes"}, "med_names": {"ﾏﾝｼﾞｬﾛ2.5mg 週1回、見本錠"}, "meds": {"glp"}, "glp": {"sema"}, "glp_last": {"now"}},
			"glp",
			[]string{"med_names"},
			nil,
		},
		"a medicine that the list does not name": {
			Answers{"med_any": {"yes"}, "med_names": {"アムロジピン5mg 朝1錠"}, "meds": {"glp", "diur", "warf"}, "glp": {"sema"}, "glp_last": {"now"}}, "medicines", nil, nil,
		},
		"one of them that it names": {
			Answers{"med_any": {"yes"}, "med_names": {"ラシックス20mg、見本錠"}, "meds": {"diur", "warf"}}, "medicines", []string{"med_names"}, nil,
		},
		"the other that it does not": {
			Answers{"med_any": {"yes"}, "med_names": {"ラシックス20mg、見本錠"}, "meds": {"diur", "warf"}}, "bleeding", nil, nil,
		},
		"a list in English": {
			Answers{"med_any": {"yes"}, "med_names": {"Amlodipine tablets, water pills"}, "meds": {"diur"}}, "medicines", nil, nil,
		},
		"the medicine, too": {
			Answers{"tried": {"cool", "drug"}, "tx_react": {"yes"}, "bad_tx": {"しびれ"}, "glp": {"sema"}, "glp_last": {"now"}},
			"glp",
			[]string{"bad_tx"},
			[]string{"drug", "cool"},
		},
		"another illness": {
			Answers{"hx_group": {"gut", "blood"}, "hx_gut": {"other"}, "hx_blood": {"kid"}, "hx_txt": {"胃炎です"}}, "organs", nil, nil,
		},
		"the illness": {
			Answers{"hx_group": {"blood"}, "hx_blood": {"cancer"}, "hx_txt": {"3年前に手術"}}, "organs", []string{"hx_txt"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			words, about := quoted(c.answers, c.line)
			slices.Sort(about)
			slices.Sort(c.about)
			if !slices.Equal(words, c.words) || !slices.Equal(about, c.about) {
				t.Errorf("quoted %q about %q, want %q about %q", words, about, c.words, c.about)
			}
		})
	}
}
