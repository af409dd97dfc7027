package clinic

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParsePhone(t *testing.T) {
	for typed, want := range map[string]string{
		"090-0000-0000": "09000000000",
		"09000000000":   "09000000000",
		"０９０－００００－００００": "09000000000",
		"０９０ー００００ー００００": "09000000000",
		"(03) 0000-0000":     "0300000000",
		"03（0000）0000":       "0300000000",
		"03/0000.0000":       "0300000000",
		"+81 90-0000-0000":   "09000000000",
		"+81-(0)3-0000-0000": "0300000000",
		"０１２０‐０００‐０００":       "0120000000",
		"0800-000-0000":      "08000000000",
		"060-0000-0000":      "06000000000",
		"04992-0-0000":       "0499200000",

		// What comes along with a number that was copied: direction signs, spaces that do not break, line ends.
		"\u202d090-0000-0000\u202c": "09000000000", "\u2068090\u00a00000\u20070000\u2069": "09000000000", "\ufeff090\u200b-0000-0000\u200e": "09000000000",
		"090\u2011" + "0000―0000\u2028": "09000000000", "\u202a03\t0000\v0000\ufffc": "0300000000",

		// Of other countries, with the 0 that is dialled at home only, or as it is dialled in Japan.
		"+1 202 555 0100": "+12025550100", "＋８２　１０－１２３４－５６７８": "+821012345678", "+82 010-1234-5678": "+821012345678", "010-82-10-1234-5678": "+821012345678",
		"+44 (0)20 7946 0018": "+442079460018", "+39 06 1234 5678": "+390612345678", "+886 0912 345 678": "+886912345678", "010-81-90-0000-0000": "09000000000",

		"":                     "error.phone.empty",
		" 　":                   "error.phone.empty",
		"\u200e\u202d":         "error.phone.empty",
		"-":                    "error.phone.length",
		"090-0000-000":         "error.phone.length",
		"090-1234-567":         "error.phone.length",
		"090-0000-00000":       "error.phone.length",
		"03-12345-6789":        "error.phone.length",
		"050-123-4567":         "error.phone.length",
		"0120-000-0000":        "error.phone.length",
		"00000000000":          "error.phone.length",
		"0000000000":           "error.phone.length",
		"0082-10-1234-5678":    "error.phone.length",
		"010-1234-5678":        "error.phone.length", // Korean, as it is dialled at home
		"190-0000-0000":        "error.phone.length",
		"110":                  "error.phone.length",
		"+81 90-0000-000":      "error.phone.length",
		"+81":                  "error.phone.length",
		"+":                    "error.phone.abroad",
		"+1 555":               "error.phone.abroad",
		"+999 1234 5678":       "error.phone.abroad",
		"+20 0000000000":       "error.phone.abroad",
		"+82 10-1234-56789012": "error.phone.abroad",
		"電話":                   "error.phone.letters",
		"090-0000-000O":        "error.phone.letters",
		"+1 800 FLOWERS":       "error.phone.letters",
		"090-0000-0000 ext 1":  "error.phone.letters",
		"090+00000000":         "error.phone.letters",
		"090-0000-0000\r\nX:":  "error.phone.letters",
		"090-0000-0000\x00":    "error.phone.letters",
		"090-0000-0000\u202e":  "error.phone.letters",
	} {
		number, problem := ParsePhone(typed)
		if got := number + problem; got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
}

func TestFormatPhone(t *testing.T) {
	for number, want := range map[string]string{
		"09000000000": "090-0000-0000", "08000000000": "0800-000-0000", "08012345678": "080-1234-5678", "06012345678": "060-1234-5678", "05012345678": "050-1234-5678",
		"02012345678": "020-1234-5678", "0300000000": "03-0000-0000", "0612345678": "06-1234-5678", "0120000000": "0120-000-000", "0570000000": "0570-000-000",
		"0450000000": "045-000-0000", "0422211234": "0422-21-1234", "0460812345": "0460-81-2345", "0499221234": "04992-2-1234", "0137412345": "01374-1-2345",
		"+821012345678": "+82 10-1234-5678", "+12025550100": "+1 202-555-0100", "+390612345678": "+39 06 1234 5678",
		// Stored before numbers were held to the plan: nothing of them is lost.
		"0901234567": "0901234567", "00000000000": "00000000000", "": "", "03123456789": "03123456789",
	} {
		if got := FormatPhone(number); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
}

// Every number of the plan is taken, whichever signs stand in it, and none with a digit more or less.
func TestParsePhone_HoldsToThePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := "0" + rapid.StringMatching(`[1-9][0-9]{8,9}`).Draw(t, "digits")
		mobile := slices.Contains([]string{"020", "050", "060", "070", "080", "090"}, digits[:3])
		good := (len(digits) == 11) == mobile && digits[:3] != "010"
		var typed strings.Builder
		for _, d := range digits {
			typed.WriteString(rapid.SampledFrom([]string{"", "", "-", " ", "－", "ー", "\u202d", "\u00a0", "（", "）"}).Draw(t, "between"))
			typed.WriteRune(d + rapid.SampledFrom([]rune{0, '０' - '0'}).Draw(t, "width"))
		}
		number, problem := ParsePhone(typed.String())
		if good != (problem == "") || good && number != digits {
			t.Fatalf("%q: %q %s", typed.String(), number, problem)
		}
		if !good {
			return
		}
		if abroad, problem := ParsePhone("+81" + digits[1:]); abroad != digits {
			t.Fatalf("+81%s: %q %s", digits[1:], abroad, problem)
		}
		written := FormatPhone(number)
		if again, problem := ParsePhone(written); again != number {
			t.Fatalf("%s is written %s and read %q %s", number, written, again, problem)
		}
	})
}

// A branch's number was not checked once. What dials somebody is a link, in digits; what is two numbers or none is not.
func TestPhoneURL(t *testing.T) {
	for number, want := range map[string]string{
		"03-0000-0001": "tel:0300000001", "０３ー００００ー０００１": "tel:0300000001", "03-0000-0001（代表）": "tel:0300000001", "+82 10-1234-5678": "tel:+821012345678", "+821012345678": "tel:+821012345678",
		"09000000001": "tel:09000000001", "03": "tel:03", "+1": "tel:+1", "0120-000-000 / 03-0000-0001": "", "abc": "", "": "", "javascript:alert(1)": "", "1\"><b>": "tel:1",
	} {
		if got := PhoneURL(number); got != want {
			t.Errorf("%q is dialled by %q, want %q", number, got, want)
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"090-0000-0000", "+82 010-1234-5678", "+1", "010 1 202 555 0100", "00000000000", "+81+81", "０３", "\u202d090", "+2479123", "+80012345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		number, problem := ParsePhone(typed)
		if problem != "" {
			if !strings.HasPrefix(problem, "error.phone.") || number != "" {
				t.Fatalf("%q: %q %s", typed, number, problem)
			}
			return
		}
		checkPhone(t, number)
		for _, written := range []string{number, FormatPhone(number)} {
			if again, problem := ParsePhone(written); again != number {
				t.Fatalf("%q is %s, written %s and read %q %s", typed, number, written, again, problem)
			}
		}
	})
}

func checkPhone(t *testing.T, number string) {
	t.Helper()
	digits, foreign := strings.CutPrefix(number, "+")
	switch {
	case strings.Trim(digits, "0123456789") != "", len(digits) > 15, // E.164
		!foreign && (len(digits) != 10 && len(digits) != 11 || digits[0] != '0' || digits[1] == '0'), foreign && strings.HasPrefix(digits, "81"):
		t.Fatal(fmt.Errorf("phone %q", number))
	}
}
