package intake

import (
	"testing"

	"madoguchi/internal/clinic"
)

// setOf is a set of a version whose rules are written as in cautions.txt.
func setOf(t *testing.T, version string, number int, rules string, signed ...string) CautionSet {
	t.Helper()
	q := reparse(t, small(Question{ID: "meds", Kind: Many, Options: options("warf", "ster")}))
	delivered, err := ParseCautions([]byte(rules), []byte(someSources), q)
	if err != nil {
		t.Fatal(err)
	}
	s := CautionSet{Version: version, Number: number, Delivered: delivered}
	for _, id := range signed {
		s.Signatures = append(s.Signatures, CautionSignature{DoctorID: id})
	}
	return s
}

const (
	warf  = "cool | block | meds=warf | S1\n"
	warfD = "cool | doctor | meds=warf | S1\n"
	ster  = "cool | note | meds=ster | S1\n"
	young = "all | note | age<18 | S1\n"
)

func TestChangeEverywhere(t *testing.T) {
	three, two, one, own := setOf(t, "3", 4, warf+young), setOf(t, "2", 7, warfD+ster), setOf(t, "1", 1, young), setOf(t, "3.1", 1, warf)
	key := three.Delivered[0].Key()
	own.Edits = []CautionEdit{{Rule: key, Severity: Note}}
	all := []CautionSet{own, three, two, one}
	changes, reason, err := ChangeEverywhere(all, "3", CautionChange{Rule: key, Severity: "doctor", Reason: " 当院の決まり "})
	if err != nil || reason != "当院の決まり" {
		t.Fatal(reason, err)
	}
	// Version 2 says so already, as it was delivered; version 1 has no such rule.
	if len(changes) != 2 || changes[0].Version != "3" || changes[1].Version != "3.1" {
		t.Fatalf("%+v", changes)
	}
	for _, c := range changes {
		if len(c.Edits) != 1 || c.Edits[0].Rule != key || c.Edits[0].Severity != Doctor {
			t.Errorf("%+v", c)
		}
	}
	// Back to what was delivered for one version is an edit where something else was.
	three.Edits = changes[0].Edits
	if changes, _, err = ChangeEverywhere([]CautionSet{three, two}, "3", CautionChange{Rule: key, Severity: "block", Reason: "元に戻します"}); err != nil || len(changes) != 2 || len(changes[0].Edits) != 0 || len(changes[1].Edits) != 1 {
		t.Errorf("%+v, %v", changes, err)
	}
	if _, _, err := ChangeEverywhere(all, "9", CautionChange{Rule: key, Severity: "note", Reason: "x"}); clinic.CodeOf(err) != clinic.NotFound {
		t.Error(err)
	}
	if _, _, err := ChangeEverywhere(all, "3", CautionChange{Rule: key, Severity: "block", Reason: "x"}); err == nil {
		t.Error("what changes nothing in the set that is read makes sets of other versions")
	}
}

func TestCovers(t *testing.T) {
	shown := setOf(t, "3", 5, warfD+young)
	for what, c := range map[string]struct {
		others []CautionSet
		want   bool
	}{
		"the same change since they have signed":    {[]CautionSet{setOf(t, "2", 2, warfD+ster), setOf(t, "2", 1, warf+ster, "me")}, true},
		"two changes since, both of which are here": {[]CautionSet{setOf(t, "2", 3, warfD+young), setOf(t, "2", 2, warf+young, "you"), setOf(t, "2", 1, warf, "me")}, true},
		"a rule that went and is not here":          {[]CautionSet{setOf(t, "2", 2, warfD), setOf(t, "2", 1, warf+ster, "me")}, true},
		"nobody has signed":                         {[]CautionSet{setOf(t, "2", 2, warfD), setOf(t, "2", 1, warf)}, false},
		"a colleague has signed":                    {[]CautionSet{setOf(t, "2", 2, warfD), setOf(t, "2", 1, warf, "you")}, false},
		"another change":                            {[]CautionSet{setOf(t, "2", 2, warf+ster), setOf(t, "2", 1, warf, "me")}, false},
		"a change that reads otherwise here":        {[]CautionSet{setOf(t, "2", 2, warf+young), setOf(t, "2", 1, young, "me")}, false},
		"a rule that went and is still here":        {[]CautionSet{setOf(t, "2", 2, warfD), setOf(t, "2", 1, warfD+young, "me")}, false},
		"signed already":                            {[]CautionSet{setOf(t, "2", 2, warfD, "me"), setOf(t, "2", 1, warf, "me")}, false},
		"the version itself":                        {[]CautionSet{setOf(t, "3", 5, warfD+young), setOf(t, "3", 4, warf+young, "me")}, false},
		"no set":                                    {nil, false},
	} {
		if got := shown.Covers(c.others, "me"); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestSince(t *testing.T) {
	for what, c := range map[string]struct {
		sets, older []CautionSet
		want        SetNumber
	}{
		"the one that was signed last":              {[]CautionSet{setOf(t, "2", 4, warf), setOf(t, "2", 3, warf), setOf(t, "2", 2, warf, "me"), setOf(t, "2", 1, warf, "me")}, nil, SetNumber{"2", 2}},
		"the one before, where nobody has":          {[]CautionSet{setOf(t, "2", 2, warf), setOf(t, "2", 1, warf)}, []CautionSet{setOf(t, "1", 1, warf, "me")}, SetNumber{"2", 1}},
		"that of the version before":                {[]CautionSet{setOf(t, "2", 1, warf)}, []CautionSet{setOf(t, "1", 2, warf), setOf(t, "1", 1, warf, "me")}, SetNumber{"1", 1}},
		"the newest of it, where nobody has":        {[]CautionSet{setOf(t, "2", 1, warf)}, []CautionSet{setOf(t, "1", 2, warf), setOf(t, "1", 1, warf)}, SetNumber{"1", 2}},
		"nothing, for what is signed":               {[]CautionSet{setOf(t, "2", 2, warf, "me"), setOf(t, "2", 1, warf)}, nil, SetNumber{}},
		"nothing, for the first set there ever was": {[]CautionSet{setOf(t, "2", 1, warf)}, nil, SetNumber{}},
	} {
		since, ok := Since(c.sets, c.older)
		if since.Name() != c.want || ok != (c.want != SetNumber{}) {
			t.Errorf("%s: %v %v", what, since.Name(), ok)
		}
	}
}
