package intake

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Severity says what a caution asks of the doctor. Cautions never refuse a booking and never reach the patient: only a
// doctor may choose a treatment (Medical Practitioners' Act, article 17).
type Severity string

// The severities, the gravest first.
const (
	Block  Severity = "block"  // 保留: the treatment is held until a doctor overrides it
	Doctor Severity = "doctor" // 医師が確認: a doctor must check
	Note   Severity = "note"   // 参考: good to know
)

// Treatment is what a caution is about.
type Treatment string

// The treatments of the cautions, in the order in which they are shown.
const (
	Cool          Treatment = "cool" // 脂肪冷却
	Injection     Treatment = "inj"  // 脂肪溶解注射
	Drug          Treatment = "drug" // お薬（痩身薬）
	AllTreatments Treatment = "all"  // 全般
)

var (
	severities = []Severity{Block, Doctor, Note}
	treatments = []Treatment{Cool, Injection, Drug, AllTreatments}
)

// Source is where a rule comes from.
type Source struct {
	Code      string   `json:"code"` // S1, as the rules name it
	Text               // what it is
	Publisher Text     `json:"publisher,omitzero"`  // who says it
	Date      string   `json:"date,omitempty"`      // when: 2025, 2025-07 or 2025-07-30; empty where the page does not say
	Addresses []string `json:"addresses,omitempty"` // https URLs; none where no page was read, or no official one
}

// Rule is one line of the cautions: when it holds for a patient's answers, the doctor is told.
type Rule struct {
	Treatment Treatment
	Severity  Severity
	When      Condition
	Sources   []Source
	Words     Text // what a doctor should know beside the answer; empty for most
}

// Caution (注意) is a rule that holds for a patient.
type Caution struct {
	Severity  Severity
	Treatment Treatment
	Reasons   []Reason
	Sources   []Source
}

// Reason is an answer, or something known about the patient, that made a rule hold.
type Reason struct {
	Question Question
	Values   []string // of the answer only what the rule is about
}

// Show writes what was answered, for people.
func (r Reason) Show(lang string) []string { return r.Question.Show(r.Values, lang) }

// ParseCautions reads the rules and their sources (config/cautions.txt and config/sources.json explain their form). It
// refuses a rule with an unknown word, source, question or option, and a rule without a condition.
func ParseCautions(rules, sources []byte, q *Questionnaire) ([]Rule, error) {
	known, err := parseSources(sources)
	if err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	nameable := q.nameable()
	var out []Rule
	for i, line := range strings.Split(string(rules), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rule, err := parseRule(line, known, nameable)
		if err != nil {
			return nil, fmt.Errorf("cautions line %d: %w", i+1, err)
		}
		out = append(out, rule)
	}
	return out, nil
}

var sourceDate = regexp.MustCompile(`^\d{4}(-\d\d(-\d\d)?)?$`)

func parseSources(data []byte) (map[string]Source, error) {
	var list []Source
	if err := decodeStrictly(data, &list); err != nil {
		return nil, err
	}
	known := make(map[string]Source, len(list))
	for _, s := range list {
		if _, again := known[s.Code]; again || s.Code == "" {
			return nil, fmt.Errorf("code %q is empty or occurs twice", s.Code)
		}
		if err := errors.Join(needText(Refusal{words: s.Code}, s.Text), allowText(Refusal{words: s.Code + " publisher"}, s.Publisher)); err != nil {
			return nil, err
		}
		if s.Date != "" && !sourceDate.MatchString(s.Date) {
			return nil, fmt.Errorf("%s: %q is no date such as 2025, 2025-07 or 2025-07-30", s.Code, s.Date)
		}
		for _, address := range s.Addresses {
			if !strings.HasPrefix(address, "https://") {
				return nil, fmt.Errorf("%s: %q is no https address", s.Code, address)
			}
		}
		known[s.Code] = s
	}
	return known, nil
}

// parseRule reads a rule. What its condition names is not checked where nameable is nil.
func parseRule(line string, known map[string]Source, nameable scope) (Rule, error) {
	fields := strings.Split(line, "|")
	if len(fields) != 4 && len(fields) != 6 {
		return Rule{}, fmt.Errorf("want treatment | severity | condition | sources, and perhaps words in Japanese | in English, not %q", line)
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	r := Rule{Treatment: Treatment(fields[0]), Severity: Severity(fields[1])}
	if !slices.Contains(treatments, r.Treatment) {
		return Rule{}, fmt.Errorf("unknown treatment %q", r.Treatment)
	}
	if !slices.Contains(severities, r.Severity) {
		return Rule{}, fmt.Errorf("unknown severity %q", r.Severity)
	}
	var err error
	if r.When, err = ParseCondition(fields[2]); err != nil {
		return Rule{}, err
	}
	if len(r.When.Any) == 0 {
		return Rule{}, fmt.Errorf("a rule without a condition would hold for everybody: %q", line)
	}
	if nameable != nil {
		if err := r.When.check(nameable); err != nil {
			return Rule{}, err
		}
	}
	for _, code := range strings.Fields(fields[3]) {
		source, ok := known[code]
		if !ok {
			return Rule{}, fmt.Errorf("unknown source %q", code)
		}
		r.Sources = append(r.Sources, source)
	}
	if len(r.Sources) == 0 {
		return Rule{}, fmt.Errorf("a rule needs a source: %q", line)
	}
	if len(fields) == 6 {
		r.Words = Text{fields[4], fields[5]}
		if err := needText(Refusal{words: "the words of the rule"}, r.Words); err != nil {
			return Rule{}, err
		}
	}
	return r, nil
}

// Cautions are the rules that hold for a patient, the gravest first, then by treatment, then in the rules' order. Hidden
// answers are left out before anything is compared.
func (q *Questionnaire) Cautions(a Answers, f Facts) []Caution {
	now := q.state(a, f)
	now.derive()
	var out []Caution
	for _, r := range q.Rules {
		if reasons := r.reasons(now); len(reasons) > 0 {
			out = append(out, Caution{Severity: r.Severity, Treatment: r.Treatment, Reasons: reasons, Sources: r.Sources})
		}
	}
	slices.SortStableFunc(out, func(a, b Caution) int {
		return cmp.Or(
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(slices.Index(treatments, a.Treatment), slices.Index(treatments, b.Treatment)),
		)
	})
	return out
}

// reasons are the tests of the alternatives that hold, with the part of the answer that each is about.
func (r Rule) reasons(s *state) []Reason {
	var out []Reason
	for _, all := range r.When.Any {
		if !all.holds(s) {
			continue
		}
		for _, t := range all {
			out = append(out, s.reason(t))
		}
	}
	return out
}

// reason is the part of an answer, or of what is known, that a test which holds is about: all of it, but for the options that
// a test of options does not name.
func (s *state) reason(t Test) Reason {
	values := s.values(t.Question)
	if t.Op == Has {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !slices.Contains(t.Values, v) })
	}
	return Reason{Question: s.q.named(t.Question), Values: values}
}

// Named is the question that a condition means by a name, for people who read the condition.
func (q *Questionnaire) Named(name string) Question { return q.named(name) }

// named is the question that a condition means by a name.
func (q *Questionnaire) named(name string) Question {
	switch name {
	case FactAreas:
		return q.Areas()
	case FactFromArea, FactFromArticle, FactFromCampaign:
		i := slices.IndexFunc(sourceFacts, func(fact Question) bool { return fact.ID == name })
		fact := sourceFacts[i]
		if name == FactFromArea {
			fact.Options = q.Areas().Options
		}
		return fact
	}
	question, _ := q.Question(name)
	return question
}
