package clinic

// Step is something that visitors do before they book.
type Step string

// The steps.
const (
	StepSeen Step = "seen" // 見た: came to a branch's free times
	StepHeld Step = "held" // 押さえた: chose one of them
)

// VisitorStep is what is counted when visitors take a step: the day at the branch and what their link said. Nothing in it tells one
// visitor from another.
type VisitorStep struct {
	BranchID string
	Day      Date
	Attribution
	Step Step
}

// FewVisitors is the number below which the visitors of a step are not told exactly.
const FewVisitors = 5

// Few reports a number of visitors that is not told exactly.
func Few(visitors int) bool { return visitors > 0 && visitors < FewVisitors }
