package intake_test

import (
	"strings"
	"testing"

	"madoguchi/config"
	"madoguchi/internal/intake"
)

func TestExplanations_FollowFromAnswers(t *testing.T) {
	all, err := config.Explanations()
	if err != nil {
		t.Fatal(err)
	}
	q, err := config.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		answers intake.Answers
		facts   intake.Facts
		want    string
	}{
		"nothing was answered": {intake.Answers{}, intake.Facts{}, ""},
		"warfarin":             {intake.Answers{"med_any": {"yes"}, "meds": {"warf"}}, intake.Facts{Sex: "m"}, "anticoagulant"},
		"hidden warfarin":      {intake.Answers{"med_any": {"no"}, "meds": {"warf"}}, intake.Facts{Sex: "m"}, ""},
		"a woman":              {intake.Answers{}, intake.Facts{Sex: "f"}, "contraception"},
		"cooling":              {intake.Answers{"interest": {"cool"}}, intake.Facts{Sex: "m"}, "pah"},
		"a medicine":           {intake.Answers{"interest": {"drug", "life"}}, intake.Facts{Sex: "m"}, "off_label"},
	} {
		var ids []string
		for _, e := range q.Following(all, c.answers, c.facts) {
			ids = append(ids, e.ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %q follows, want %q", name, got, c.want)
		}
	}
	for what, line := range map[string]string{
		"no condition": "a | | 言葉 | words", "no English": "a | sex=f | 言葉 |", "unknown question": "a | nothing=x | 言葉 | words", "no id": "あ | sex=f | 言葉 | words",
		"too few": "a | sex=f", "twice": "a | sex=f | 言葉 | words\na | sex=m | 言葉 | words",
	} {
		if _, err := intake.ParseExplanations([]byte(line), q); err == nil {
			t.Errorf("%s is read", what)
		}
	}
}
