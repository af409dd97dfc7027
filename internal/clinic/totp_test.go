package clinic

import (
	"strings"
	"testing"
	"time"
)

// The last six digits of RFC 6238, appendix B, for SHA-1.
func TestTOTP_IsThatOfTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		now := time.Unix(at, 0)
		if got := TOTPCode(secret, TOTPStep(now)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		if step, ok := MatchTOTP(secret, want, now, 0); !ok || step != TOTPStep(now) {
			t.Errorf("at %d: step %d, %t", at, step, ok)
		}
	}
}

// A clock may be off by one step and no more, and what was used is used.
func TestMatchTOTP(t *testing.T) {
	secret, now := NewTOTPSecret(), time.Unix(1_800_000_000, 0)
	current := TOTPStep(now)
	for off := int64(-3); off <= 3; off++ {
		code := TOTPCode(secret, current+off)
		step, ok := MatchTOTP(secret, code, now, 0)
		if want := off >= -1 && off <= 1; ok != want || ok && step != current+off {
			t.Errorf("%d steps off: step %d, %t", off, step, ok)
		}
		if _, ok := MatchTOTP(secret, code, now, current+off); ok {
			t.Errorf("the code of %d steps off is taken twice", off)
		}
	}
	if _, ok := MatchTOTP(secret, TOTPCode(secret, current-1), now, current); ok {
		t.Error("the code of a step before one that was used is taken")
	}
	for _, wrong := range []string{"", "12345", "1234567", "abcdef"} {
		if _, ok := MatchTOTP(secret, wrong, now, 0); ok {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestTOTPAddress(t *testing.T) {
	secret := []byte("12345678901234567890")
	const want = "otpauth://totp/%E8%A6%8B%E6%9C%AC%20A:a%2Bb@example.jp?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E8%A6%8B%E6%9C%AC+A"
	got := TOTPAddress("見本 A", "a+b@example.jp", secret)
	if strings.ReplaceAll(got, "a+b", "a%2Bb") != want {
		t.Errorf("got %s", got)
	}
}

func TestReadCode(t *testing.T) {
	for typed, want := range map[string][2]string{
		"123456": {"123456", ""}, " １２３ ４５６ ": {"123456", ""}, "abcd-efgh-2345": {"", "abcdefgh2345"}, "ＡＢＣＤ efgh 2345": {"", "abcdefgh2345"},
		"": {}, "12345": {}, "1234567": {}, "abcd-efgh-2340": {}, "abcdef": {}, "abcd-efgh-23456": {},
	} {
		totp, recovery := ReadCode(typed)
		if totp != want[0] || recovery != want[1] {
			t.Errorf("%q is read as %q, %q", typed, totp, recovery)
		}
	}
	seen := map[string]bool{}
	for _, code := range NewRecoveryCodes() {
		if _, read := ReadCode(code); read != strings.ReplaceAll(code, "-", "") || seen[code] {
			t.Errorf("%s is read as %s", code, read)
		}
		seen[code] = true
	}
	if len(seen) != RecoveryCodes {
		t.Errorf("%d codes", len(seen))
	}
}
