package intake

import (
	"reflect"
	"slices"

	"madoguchi/internal/clinic"
)

// SetNumber names a set of cautions.
type SetNumber struct {
	Version string
	Number  int
}

// Name is the number of the set together with its version.
func (s CautionSet) Name() SetNumber { return SetNumber{s.Version, s.Number} }

// VersionEdits are the edits of a version's next set.
type VersionEdits struct {
	Version string
	Edits   []CautionEdit
}

// ChangeEverywhere decides what becomes of the sets of all versions by a change of one rule, which a doctor has made while reading the set of
// one version: those who were asked an older version still come. It is checked by that set. Every other one that has the rule says the same of
// it from then on; one that says so already is left as it is. newest holds the set of each version that is applied now.
func ChangeEverywhere(newest []CautionSet, version string, c CautionChange) (changes []VersionEdits, reason string, err error) {
	at := slices.IndexFunc(newest, func(s CautionSet) bool { return s.Version == version })
	if at < 0 {
		return nil, "", &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
	}
	edits, reason, err := newest[at].Change(c)
	if err != nil {
		return nil, "", err
	}
	changes = []VersionEdits{{version, edits}}
	for i, other := range newest {
		if _, has := other.Rule(c.Rule); i == at || !has {
			continue
		}
		if edits, _, err := other.Change(c); err == nil { // what was typed is right: all that could be wrong is that nothing changes
			changes = append(changes, VersionEdits{other.Version, edits})
		}
	}
	return changes, reason, nil
}

// Rule is the rule with a key as the set applies it.
func (s CautionSet) Rule(key string) (Rule, bool) {
	for _, r := range s.Rules() {
		if r.Key() == key {
			return r, true
		}
	}
	return Rule{}, false
}

// Covers reports whether a doctor who has read this set may sign the newest one of another version by the same signature: they have signed an
// earlier set of that version, so that they have read its rules beside its questions, and whatever has changed there since reads the same in this
// set. others are the sets of that version, the newest first.
func (s CautionSet) Covers(others []CautionSet, doctorID string) bool {
	if len(others) == 0 || others[0].Version == s.Version || others[0].SignedBy(doctorID) {
		return false
	}
	read := slices.IndexFunc(others, func(o CautionSet) bool { return o.SignedBy(doctorID) })
	if read < 0 {
		return false
	}
	for _, change := range RuleChanges(others[read].Rules(), others[0].Rules()) {
		if change.After == nil {
			if _, here := s.Rule(change.Before.Key()); here {
				return false
			}
			continue
		}
		if here, has := s.Rule(change.After.Key()); !has || !reflect.DeepEqual(here, *change.After) {
			return false
		}
	}
	return true
}

// Since is the set with which the newest of a version is compared before it is signed: the one of the version that a doctor signed last, or else the
// one before; where it is the first, that of the version before it, of which the newest signed one is taken as well. ok is false where it is signed
// already, or there is nothing to compare it with. sets and older are in their order, the newest first.
func Since(sets, older []CautionSet) (since CautionSet, ok bool) {
	if len(sets) == 0 || sets[0].Signed() {
		return CautionSet{}, false
	}
	before := sets[1:]
	if len(before) == 0 {
		before = older
	}
	if len(before) == 0 {
		return CautionSet{}, false
	}
	if at := slices.IndexFunc(before, CautionSet.Signed); at >= 0 {
		return before[at], true
	}
	return before[0], true
}
