package clinic

import "testing"

func TestWomanMisfit(t *testing.T) {
	hana, mamoru := Doctor{ID: "hana", Sex: Female}, Doctor{ID: "mamoru", Sex: Male}
	for _, c := range []struct {
		doctors  []Doctor
		doctorID string
		want     Misfit
	}{
		{[]Doctor{hana, mamoru}, "", ""},
		{[]Doctor{hana, mamoru}, "hana", ""},
		{[]Doctor{hana, mamoru}, "mamoru", NotAWoman},
		{[]Doctor{mamoru}, "", NoWoman},
		{[]Doctor{mamoru}, "mamoru", NoWoman},
		{nil, "", NoWoman},
	} {
		if got := WomanMisfit(c.doctors, c.doctorID); got != c.want {
			t.Errorf("%v, %q: %q, want %q", c.doctors, c.doctorID, got, c.want)
		}
	}
}
