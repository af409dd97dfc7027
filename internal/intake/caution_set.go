package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// CautionSet is the cautions of a version as they are applied: what was delivered, with what the doctors of the clinic say
// otherwise. Every change is a new set with the next number.
type CautionSet struct {
	Version   string
	Number    int
	Delivered []Rule        // as they were delivered
	Edits     []CautionEdit // by which the set differs from that
	Reason    string        // of the change; empty where something was delivered
	MadeAt    time.Time
	Doctor    Text // who made it; empty where no doctor did

	Signatures []CautionSignature // the oldest first
}

// CautionEdit is what the doctors say of one rule instead of what was delivered.
type CautionEdit struct {
	Rule     string   `json:"rule"` // Rule.Key
	Severity Severity `json:"severity"`
	Words    Text     `json:"words,omitzero"`
}

// CautionSignature says that a doctor of the clinic has read a set and answers for it.
type CautionSignature struct {
	Doctor   Text
	DoctorID string
	At       time.Time
}

// Signed reports whether a doctor has signed the set.
func (s CautionSet) Signed() bool { return len(s.Signatures) > 0 }

// SignedBy reports whether one doctor has.
func (s CautionSet) SignedBy(doctorID string) bool {
	return slices.ContainsFunc(s.Signatures, func(have CautionSignature) bool { return have.DoctorID == doctorID })
}

// Key is by what a rule is known however its severity and its words are changed: its treatment and its condition.
func (r Rule) Key() string {
	sum := sha256.Sum256([]byte(string(r.Treatment) + "|" + r.When.String()))
	return hex.EncodeToString(sum[:8])
}

// wording is Key with what a doctor read of the rule: another one once its words are changed.
func (r Rule) wording() string {
	if r.Words == (Text{}) {
		return r.Key()
	}
	sum := sha256.Sum256([]byte(r.Words.JA + "\x00" + r.Words.EN))
	return r.Key() + " " + hex.EncodeToString(sum[:8])
}

// Rules are the rules of the set, as they are applied.
func (s CautionSet) Rules() []Rule {
	out := slices.Clone(s.Delivered)
	for i := range out {
		for _, e := range s.Edits {
			if e.Rule == out[i].Key() {
				out[i].Severity, out[i].Words = e.Severity, e.Words
			}
		}
	}
	return out
}

// Carried are the edits that still say something about rules that are delivered anew. What no rule is left of is dropped.
func Carried(edits []CautionEdit, delivered []Rule) []CautionEdit {
	out := []CautionEdit{}
	for _, e := range edits {
		if slices.ContainsFunc(delivered, func(r Rule) bool { return r.Key() == e.Rule && (r.Severity != e.Severity || r.Words != e.Words) }) {
			out = append(out, e)
		}
	}
	return out
}

// What a doctor types about a rule, in characters.
const (
	MaxCautionWords  = 200
	MaxCautionReason = 300
)

// CautionChange is what a doctor has typed about a rule.
type CautionChange struct {
	Rule     string // Rule.Key
	Severity string
	JA, EN   string // the words
	Reason   string
}

// Words are the words as they are kept. They stand on one line wherever they are shown, so that a line that was ended in the form is a space.
func (c CautionChange) Words() Text {
	line := func(typed string) string { return clinic.Tidy(strings.ReplaceAll(clinic.TidyText(typed), "\n", " ")) }
	return Text{line(c.JA), line(c.EN)}
}

// Change decides what the set becomes by a change of one rule, or names what is wrong with it. What says the same as was delivered is
// no edit any more. A change that changes nothing is refused, so that no set is made for it.
func (s CautionSet) Change(c CautionChange) (edits []CautionEdit, reason string, err error) {
	rules := s.Rules()
	at := slices.IndexFunc(rules, func(r Rule) bool { return r.Key() == c.Rule })
	if at < 0 {
		return nil, "", &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
	}
	edit := CautionEdit{Rule: c.Rule, Severity: Severity(c.Severity), Words: c.Words()}
	reason = clinic.Tidy(c.Reason)
	var errs clinic.Errors
	wrong := func(field, message string) {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: field, Message: message})
	}
	if !slices.Contains(severities, edit.Severity) {
		wrong("severity", "error.choose")
	}
	for i, text := range []string{edit.Words.JA, edit.Words.EN} {
		field := []string{"ja", "en"}[i]
		switch {
		case field == "ja" && text == "" && edit.Words != (Text{}): // doctors read Japanese; without English it stands in both languages
			wrong(field, "error.caution.japanese")
		case utf8.RuneCountInString(text) > MaxCautionWords || strings.Contains(text, "|"):
			wrong(field, "error.caution.words")
		case clinic.BadSign(field, text) != nil:
			errs = append(errs, clinic.BadSign(field, text))
		}
	}
	switch {
	case reason == "":
		wrong("reason", "error.caution.reason")
	case utf8.RuneCountInString(reason) > MaxCautionReason:
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "reason", Message: "error.long", Args: map[string]string{"Max": "300"}})
	case clinic.BadSign("reason", reason) != nil:
		errs = append(errs, clinic.BadSign("reason", reason))
	}
	if len(errs) == 0 && edit.Severity == rules[at].Severity && edit.Words == rules[at].Words {
		wrong("severity", "error.caution.same")
	}
	if len(errs) > 0 {
		return nil, "", errs
	}
	edits = slices.DeleteFunc(slices.Clone(s.Edits), func(e CautionEdit) bool { return e.Rule == c.Rule })
	return Carried(append(edits, edit), s.Delivered), reason, nil
}
