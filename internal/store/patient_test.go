package store

import (
	"testing"

	"madoguchi/internal/clinic"
)

// Each term is a row that a booking writes: whoever has kana, which is nearly everybody, needs six of them.
func TestPatientTerms_AreFew(t *testing.T) {
	for _, c := range []struct {
		p    clinic.Patient
		most int
	}{
		{clinic.Patient{FamilyName: "大野", GivenName: "花子", FamilyKana: "オオノ", GivenKana: "ハナコ"}, 6},
		{clinic.Patient{FamilyName: "ジャン＝ポール", FamilyKana: "ジャン・ポール"}, 6},
		{clinic.Patient{FamilyName: "Smith", GivenName: "Mary Jane", FamilyKana: "スミス", GivenKana: "メアリー・ジェーン"}, 12},
		{clinic.Patient{FamilyName: "山田", GivenName: "太郎"}, 9},
		{clinic.Patient{FamilyName: "Watson", GivenName: "Mary Jane"}, 11},
	} {
		c.p.Phone, c.p.Email = "09000000001", "hanako+1@example.jp"
		if terms := patientTerms(c.p); len(terms) > c.most {
			t.Errorf("%s has %d terms: %q", c.p.Name(), len(terms), terms)
		}
	}
}
