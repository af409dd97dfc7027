package intake

// The most that a questionnaire has of each, so that nobody waits for one that was made by a program, and a page stays one that can be read.
// The shipped one has a tenth. What was published stays as it is and is always read: these are for what is imported, edited and published.
const (
	MaxDraft     = 1 << 20 // bytes of its file
	MaxSections  = 60
	MaxQuestions = 600 // in all sections together
	MaxOptions   = 120 // of a question
	MaxTests     = 100 // of a condition
	MaxValues    = 120 // of a test
	MaxTold      = 200 // of cells, causes, facts, contradictions and worked-out values each, and of what each of them names
	MaxLabel     = 1000
	MaxUnit      = 20
	MaxBound     = 1_000_000 // of a number
	MaxSteps     = 20        // of a scale, each of them a place to tap: from 0 to 20
)

// Drawable reports whether a scale can be drawn: from a whole number to another, in no more steps than can be tapped.
func (q Question) Drawable() bool {
	whole := func(n float64) bool { return n >= 0 && n <= MaxBound && n == float64(int(n)) }
	return whole(q.Min) && whole(q.Max) && q.Min < q.Max && q.Max-q.Min <= MaxSteps
}

// Bounds are the least and the most that a number or a scale may be, without needless digits.
func (q Question) Bounds() (least, most string) { return plain(q.Min), plain(q.Max) }

// CanAnswer reports whether a number or a scale leaves something to answer, and a scale can be drawn.
func (q Question) CanAnswer() bool {
	if q.Kind == Scale {
		return q.Drawable()
	}
	return q.Kind != Number || q.Min >= 0 && q.Min < q.Max && q.Max <= MaxBound
}

// TooLong reports whether a condition tests more than somebody could read.
func (c Condition) TooLong() bool {
	tests := 0
	for _, all := range c.Any {
		for _, t := range all {
			if tests++; tests > MaxTests || len(t.Values) > MaxValues {
				return true
			}
		}
	}
	return false
}
