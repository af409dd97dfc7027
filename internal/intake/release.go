package intake

import (
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// Release (解除) is a doctor's decision that a treatment which a fact holds may be considered after all. It is signed by being made,
// and it speaks of the answers that the doctor saw and of the rules that held: while the answers are others, or another rule holds, or one says
// something else, it releases nothing. Once they are the same again to the letter, it is again about what the doctor decided.
type Release struct {
	ID        string
	BookingID string
	Fact      string    // the ID of the Line
	Treatment Treatment // one of Columns
	Title     Text      // the fact in words, as the doctor read it
	Answers   []string  // the answers that it was made for, and the keys of the rules that held
	Reason    string
	Set       int    // the number of the set of cautions that held the treatment
	DoctorID  string // who made it
	Doctor    Text   // their name
	At        time.Time

	WithdrawnAt *time.Time // when it was taken back; nil while it stands
	WithdrawnBy Text       // the name of whoever took it back
}

// MaxReleaseReason is the longest reason, in characters.
const MaxReleaseReason = 500

// MarkRelease is a release that stands beside a mark.
type MarkRelease struct {
	Release
	Stale bool // the answers or the rules that hold have changed since it was made, so that it releases nothing
}

// WithReleases is the Digest with the releases that stand, each beside its mark.
func (d Digest) WithReleases(all []Release) Digest {
	d.Lines = slices.Clone(d.Lines)
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Marks = slices.Clone(l.Marks)
		for j := range l.Marks {
			m := &l.Marks[j]
			for _, r := range all {
				if r.WithdrawnAt != nil || r.Fact != l.ID || r.Treatment != m.Treatment || m.Severity != Block {
					continue
				}
				// One for what holds now stands before one for anything else, however late that was made.
				if stale := !slices.Equal(r.Answers, l.basis(*m)); m.Release == nil || m.Release.Stale || !stale {
					m.Release = &MarkRelease{r, stale}
				}
			}
		}
	}
	return d
}

// Held reports whether the treatment is held: a rule says so, and no release that was made for these answers stands against it.
func (m Mark) Held() bool { return m.Severity == Block && (m.Release == nil || m.Release.Stale) }

// Open is what the fact still asks of a doctor: the gravest of its marks but for those that were released. It is empty where all
// that it asked was decided.
func (l Line) Open() Severity {
	open := Severity("")
	for _, m := range l.Marks {
		if m.Severity != Block || m.Held() {
			open = graver(open, m.Severity)
		}
	}
	return open
}

// answers are what the fact was told by, and the words beside it, in a form that can be compared.
func (l Line) answers() []string {
	var out []string
	for _, item := range l.Items {
		for _, v := range item.Values {
			out = append(out, item.Question.ID+"="+v)
		}
		for _, from := range item.From {
			out = append(out, from.Question.ID+"="+strings.Join(from.Values, ","))
		}
	}
	for _, w := range l.Words {
		out = append(out, w.Question.ID+"="+strings.Join(w.Values, "\n"))
	}
	slices.Sort(out)
	return out
}

// basis is what a mark that holds was told by: the answers, and the rules that hold by their keys and words. A rule that was raised later, or says
// something else now, is none of those that a doctor had before them.
func (l Line) basis(m Mark) []string {
	out := l.answers()
	for _, raised := range m.Rules {
		if raised.Rule.Severity == Block {
			out = append(out, "rule "+raised.Rule.wording())
		}
	}
	slices.Sort(out)
	return out
}

// CheckRelease decides whether a treatment that a fact holds can be released with a reason, and how that is told. Where nothing is
// held any more, because the answers or the rules have changed, or another release stands, the answer is a Conflict.
func (d Digest) CheckRelease(fact string, treatment Treatment, reason string) (Release, error) {
	text := clinic.TidyText(reason)
	if text == "" {
		return Release{}, clinic.Errors{{Code: clinic.Invalid, Field: "reason", Message: "error.release.reason"}}
	}
	if problem := clinic.BadSignInText("reason", text); problem != nil {
		return Release{}, clinic.Errors{problem}
	}
	if n := len([]rune(text)); n > MaxReleaseReason {
		return Release{}, clinic.Errors{{Code: clinic.Invalid, Field: "reason", Message: "error.long", Args: map[string]string{"Max": "500"}}}
	}
	for _, l := range d.Lines {
		if m := l.Mark(treatment); l.ID == fact && m.Held() {
			return Release{
				Fact: fact, Treatment: treatment, Title: Text{l.Title("ja"), l.Title("en")}, Answers: l.basis(m), Reason: text,
			}, nil
		}
	}
	return Release{}, &clinic.Error{Code: clinic.Conflict, Message: "error.release.gone"}
}

// CheckWithdrawal decides whether a release can be taken back: once.
func (r Release) CheckWithdrawal() error {
	if r.WithdrawnAt != nil {
		return &clinic.Error{Code: clinic.Conflict, Message: "error.release.withdrawn"}
	}
	return nil
}
