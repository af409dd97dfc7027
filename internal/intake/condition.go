package intake

// Condition says when a question is shown: any of its alternatives holds (or), each of which is one Test.
type Condition struct {
	Any []Test
}

// Test compares one question's answer (or one of the facts age, sex, areas) with values.
type Test struct {
	Question string
	Op       Op
	Values   []string
}

// Op is how a Test compares.
type Op string

// The comparisons of the questionnaire's data.
const (
	Has     Op = "=" // has any of the values (also written ~)
	HasNot  Op = "!" // was answered, and with none of the values
	Less    Op = "<"
	More    Op = ">"
	AtLeast Op = ">="
	AtMost  Op = "<="
)
