package intake

import (
	"math"
	"slices"
)

// CauseCode names one of the four causes of a way of living from which the clinic's articles explain where fat stays.
type CauseCode string

// The four causes, in the order in which they are shown.
const (
	Posture     CauseCode = "posture"     // 姿勢
	Muscle      CauseCode = "muscle"      // 筋肉
	Meals       CauseCode = "meals"       // 食事
	Circulation CauseCode = "circulation" // 血行
)

// MaxLevel is the highest level of a Cause.
const MaxLevel = 4

// Cause says how much in the answers speaks of one cause of a way of living: 0 for nothing, MaxLevel for nearly everything
// that was asked about it. It is a first impression for the doctor, no measurement and no diagnosis.
type Cause struct {
	Code    CauseCode
	Known   bool     // false while nothing about it was answered; Level is 0 then
	Level   int      // 0 to MaxLevel
	Reasons []Reason // the answers that count, in the questionnaire's order
}

// sign is one question that speaks of a cause: the points of its options, and the most that the question can add.
type sign struct {
	question string
	points   map[string]int
	most     int
}

// causes is the whole rule. Which questions belong to a cause is what config/seed-map.txt says of the causes C1 to C4, less
// the age, which nobody can change, and the trained muscles, of which none is the right answer. A habit counts one point, a
// strong or lasting one two.
var causes = []struct {
	code  CauseCode
	signs []sign
}{
	{Posture, []sign{
		{"sit_h", map[string]int{"h9": 1, "h9p": 2}, 2},
		{"phone_h", map[string]int{"h3": 1, "h3p": 2}, 2},
		{"posture", map[string]int{"hunch": 1, "roundsh": 1, "sway": 1}, 2},
	}},
	{Muscle, []sign{
		{"ex30", map[string]int{"w0": 2, "w1": 1}, 2},
		{"level", map[string]int{"none": 2, "beginner": 1}, 2},
	}},
	{Meals, []sign{
		{"meals", map[string]int{"m1": 1, "irr": 1}, 1},
		{"late", map[string]int{"yes": 1}, 1},
		{"carb_fat", map[string]int{"carb": 1, "fat": 1, "sweet": 1, "out": 1}, 2},
		{"protein", map[string]int{"low": 1}, 1},
		{"fast", map[string]int{"fast": 1}, 1},
	}},
	{Circulation, []sign{
		{"posture", map[string]int{"hunch": 1, "roundsh": 1}, 1},
		{"scapula", map[string]int{"hard": 1, "no": 2, "pain": 2}, 2},
		{"cold", map[string]int{"stiff": 1, "chill": 1, "swell": 1}, 3},
	}},
}

// Causes are the four causes in their order. The level of each is the share of the points that the answered questions could
// have given, on a scale of 0 to MaxLevel, rounded half up: a question that was not answered counts neither for nor
// against, so nothing is concluded from silence. Hidden answers are left out.
func Causes(q *Questionnaire, a Answers, f Facts) []Cause {
	visible := q.Prune(a, f)
	out := make([]Cause, len(causes))
	for i, cause := range causes {
		have, most := 0, 0
		out[i].Code = cause.code
		for _, s := range cause.signs {
			values := visible[s.question]
			if len(values) == 0 {
				continue
			}
			points := 0
			counted := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return s.points[v] == 0 })
			for _, v := range counted {
				points += s.points[v]
			}
			have, most = have+min(points, s.most), most+s.most
			if len(counted) > 0 {
				question, _ := q.Question(s.question)
				out[i].Reasons = append(out[i].Reasons, Reason{Question: question, Values: counted})
			}
		}
		if most > 0 {
			out[i].Known = true
			out[i].Level = int(math.Floor(float64(MaxLevel*have)/float64(most) + 0.5))
		}
	}
	return out
}
