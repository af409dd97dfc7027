package intake

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCauses(t *testing.T) {
	q := shipped(t)
	nobody := Facts{Age: 36, Sex: "f", Areas: []string{"back"}}
	tests := []struct {
		name    string
		answers Answers
		known   string // first letters of the causes that are known
		levels  [4]int
		reasons [4][]string // questions
	}{
		{"nothing answered", nil, "", [4]int{}, [4][]string{}},
		{
			"nothing stands out",
			Answers{"sit_h": {"h3"}, "posture": {"none"}, "ex30": {"w4"}, "level": {"mid"}, "meals": {"m3"}, "late": {"no"}, "cold": {"none"}},
			"pmmc",
			[4]int{},
			[4][]string{},
		},
		{
			"a desk, no exercise, late dinners, a stiff neck",
			Answers{
				"sit_h": {"h9p"}, "phone_h": {"h3"}, "posture": {"hunch", "roundsh"}, "ex30": {"w1"}, "level": {"beginner"},
				"meals": {"m3"}, "late": {"yes"}, "carb_fat": {"carb", "fat", "sweet", "out"}, "protein": {"daily"}, "cold": {"stiff", "chill"}, "scapula": {"hard"},
			},
			"pmmc",
			[4]int{3, 2, 2, 3}, // 5/6, 2/4, 3/5, 4/6
			[4][]string{{"sit_h", "phone_h", "posture"}, {"ex30", "level"}, {"late", "carb_fat"}, {"posture", "scapula", "cold"}},
		},
		{
			"one question alone decides its cause",
			Answers{"ex30": {"w0"}},
			"m",
			[4]int{0, 4, 0, 0},
			[4][]string{nil, {"ex30"}},
		},
		{
			"codes of an older questionnaire count as answered and add nothing",
			Answers{"ex30": {"once"}},
			"m",
			[4]int{},
			[4][]string{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			known := ""
			for i, s := range q.CauseLevels(tt.answers, nobody) {
				var questions []string
				for _, r := range s.Reasons {
					questions = append(questions, r.Question.ID)
				}
				if s.Known {
					known += s.Cause.ID[:1]
				}
				if s.Level != tt.levels[i] || !slices.Equal(questions, tt.reasons[i]) {
					t.Errorf("%s: level %d for %v, want %d for %v", s.Cause.ID, s.Level, questions, tt.levels[i], tt.reasons[i])
				}
			}
			if known != tt.known {
				t.Errorf("known are %q, want %q", known, tt.known)
			}
		})
	}
}

// Whatever was answered, a level lies on the scale and is zero exactly where no reason is given.
func TestCauses_StayOnTheScale(t *testing.T) {
	q := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		a := Answers{}
		for _, section := range q.Intake {
			for _, question := range section.Questions {
				if len(question.Options) == 0 || !rapid.Bool().Draw(t, question.ID) {
					continue
				}
				var codes []string
				for _, o := range question.Options {
					codes = append(codes, o.Code)
				}
				a[question.ID] = rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 1, len(codes), rapid.ID).Draw(t, "codes")
			}
		}
		for _, s := range q.CauseLevels(a, Facts{}) {
			if s.Level < 0 || s.Level > MaxLevel || (s.Level > 0) != (len(s.Reasons) > 0) || len(s.Reasons) > 0 && !s.Known {
				t.Fatalf("%+v", s)
			}
		}
	})
}
