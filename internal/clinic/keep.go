package clinic

// KeepRule is for how many days a branch keeps what nobody must keep. 0 stands for the default.
type KeepRule struct {
	Answers int // what was answered for a booking to which nobody came, from its time on
	Drafts  int // what a doctor has written and not signed, since it was saved last
}

// The days where a branch has set no others, and the fewest and the most that it can set. A draft may be all that there is of a counseling, so that the
// doctor is reminded of it for a year.
const (
	DefaultKeepAnswers = 90
	DefaultKeepDrafts  = 365
	MinKeep            = 30 // the text of error.branch.keep names them
	MaxKeep            = 1825
)

// Or returns the rule with the defaults where nothing was set.
func (r KeepRule) Or() KeepRule {
	if r.Answers == 0 {
		r.Answers = DefaultKeepAnswers
	}
	if r.Drafts == 0 {
		r.Drafts = DefaultKeepDrafts
	}
	return r
}

func checkKeep(errs Errors, r KeepRule) (KeepRule, Errors) {
	r = r.Or()
	for field, days := range map[string]int{"keep_answers": r.Answers, "keep_drafts": r.Drafts} {
		if days < MinKeep || days > MaxKeep {
			errs = append(errs, invalid(field, "error.branch.keep"))
		}
	}
	return r, errs
}

// PurgeKind is what is deleted because its time is over.
type PurgeKind string

// The kinds.
const (
	PurgedAnswers PurgeKind = "answers"
	PurgedDrafts  PurgeKind = "drafts"
)

// PurgeKinds are all of them, in the order in which they are shown.
var PurgeKinds = []PurgeKind{PurgedAnswers, PurgedDrafts}

// NeverCame are the statuses of a booking whose patient never arrived.
var NeverCame = []Status{Pending, Booked, Cancelled, NoShow}

// Purged is how much of a kind went on a day.
type Purged struct {
	Kind PurgeKind
	Day  Date
	N    int
}
