package store

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// Each term is a row: a booking writes three, and what is written later is few more.
func TestPatientTerms_AreFew(t *testing.T) {
	for _, c := range []struct {
		p    clinic.Patient
		most int
	}{
		{clinic.Patient{FamilyName: "大野", GivenName: "花子", FamilyKana: "オオノ", GivenKana: "ハナコ"}, 10},
		{clinic.Patient{FamilyName: "ジャン＝ポール", FamilyKana: "ジャン・ポール"}, 10},
		{clinic.Patient{FamilyName: "Smith", GivenName: "Mary Jane", FamilyKana: "スミス", GivenKana: "メアリー・ジェーン"}, 16},
		{clinic.Patient{FamilyName: "山田", GivenName: "太郎"}, 13},
		{clinic.Patient{FamilyName: "Watson", GivenName: "Mary Jane"}, 15},
	} {
		c.p.Phone, c.p.Email = "09000000001", "hanako+1@example.jp"
		if terms := patientTerms(c.p); len(terms) > c.most {
			t.Errorf("%s has %d terms: %q", c.p.Name(), len(terms), terms)
		}
		if terms := personTerms(c.p); len(terms) > 3 {
			t.Errorf("a booking of %s writes %d terms: %q", c.p.Name(), len(terms), terms)
		}
	}
}

// Whoever left no mail address and no birth date shares no term with others who did not either: they would be one person.
func TestPersonTerms_WithoutWhatNobodyAsked(t *testing.T) {
	one := clinic.Patient{FamilyKana: "シケン", GivenKana: "ハナコ", Phone: "09000000001"}
	other := clinic.Patient{FamilyKana: "シケン", GivenKana: "ハナコ", Phone: "09000000002"}
	for _, a := range personTerms(one) {
		for _, b := range personTerms(other) {
			if a == b {
				t.Errorf("both have %q", a)
			}
		}
	}
	if one.Identity() == other.Identity() {
		t.Error("they are one by their identity")
	}
}

// Wherever four digits or more stand in a number, its two parts have one of the terms that they are looked for by, unless nearly
// all of them stand in front of the last eight.
func TestPartsOfPhone_FindAnyPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`0[0-9]{9,10}|\+8210[0-9]{8}`).Draw(t, "number")
		digits := strings.TrimPrefix(number, "+")
		from := rapid.IntRange(max(0, len(digits)-10), len(digits)-MinPhoneDigits).Draw(t, "from")
		until := rapid.IntRange(from+MinPhoneDigits, len(digits)).Draw(t, "until")
		has := phoneParts(number)
		for _, group := range partsOfPhone(digits[from:until]) {
			for _, asked := range group {
				if slices.Contains(has, asked) {
					return
				}
			}
		}
		t.Fatalf("%s does not find %s", digits[from:until], number)
	})
}
