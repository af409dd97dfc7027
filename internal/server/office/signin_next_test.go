package office

import "testing"

func TestNextOf(t *testing.T) {
	for asked, want := range map[string]string{
		"/office": "/office", "/office/day?branch=x&date=2026-11-25": "/office/day?branch=x&date=2026-11-25",
		"//evil.example": "", "//evil.example/office/": "", "https://evil.example/office/": "", `/\evil.example`: "", "/officer": "", "/": "",
		"/office/sign-in": "", "/office/sign-in?next=/office": "", "office/day": "", "/office/day\r\nX: y": "", "javascript:alert(1)": "", "": "",
	} {
		if got := nextOf(asked); got != want {
			t.Errorf("%q leads to %q, want %q", asked, got, want)
		}
	}
}
