package clinic

import (
	"testing"
	"time"
)

func TestPass_Opens(t *testing.T) {
	now := time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	for what, c := range map[string]struct {
		pass     Pass
		revision int
		want     bool
	}{
		"nothing to hide":                 {Pass{}, 0, true},
		"nothing shown":                   {Pass{}, 1, false},
		"it booked":                       {Pass{Kind: PassBooked, Ends: later}, 5, true},
		"it was proved":                   {Pass{Kind: PassProved, Ends: later}, 5, true},
		"the counseling is over":          {Pass{Kind: PassProved, Ends: now}, 5, false},
		"it typed them":                   {Pass{Kind: PassTyped, Revision: 5, Ends: later}, 5, true},
		"another browser has typed since": {Pass{Kind: PassTyped, Revision: 5, Ends: later}, 6, false},
		"nobody made such a pass":         {Pass{Kind: "other", Revision: 5, Ends: later}, 5, false},
	} {
		if got := c.pass.Opens(c.revision, now); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
		if got := ParsePass(c.pass.String()); c.pass.Kind != "" && got != c.pass {
			t.Errorf("%s: it is read as %+v", what, got)
		}
	}
}

func TestMasked(t *testing.T) {
	for address, want := range map[string]string{"hanako@example.jp": "ha***@example.jp", "a@example.jp": "***@example.jp", "ab@example.jp": "a***@example.jp", "": ""} {
		if got := MaskedEmail(address); got != want {
			t.Errorf("%s is shown as %s", address, got)
		}
	}
	if got := MaskedPhone("09000000001"); got != "*********01" {
		t.Errorf("the number is shown as %s", got)
	}
}
