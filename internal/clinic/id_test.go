package clinic

import (
	"strings"
	"testing"
)

func TestNewReference(t *testing.T) {
	seen := map[byte]int{}
	for range 2000 {
		r := NewReference()
		if again, ok := ParseReference(r); !ok || again != r || len(r) != 8 || r[3] != '-' {
			t.Fatalf("%s is read as %s", r, again)
		}
		for _, letter := range []byte(strings.Replace(r, "-", "", 1)) {
			seen[letter]++
		}
	}
	// 14,000 letters of 25 kinds: each 560 times, give or take 23. Ten times that is never met by chance.
	for _, letter := range []byte(referenceAlphabet) {
		if n := seen[letter]; n < 330 || n > 790 {
			t.Errorf("%c came %d times", letter, n)
		}
	}
	if len(seen) != len(referenceAlphabet) {
		t.Errorf("%d letters", len(seen))
	}
}

func TestParseReference(t *testing.T) {
	for typed, want := range map[string]string{
		"M7K-4Q2P": "M7K-4Q2P", "m7k4q2p": "M7K-4Q2P", "Ｍ７Ｋ－４Ｑ２Ｐ": "M7K-4Q2P", "m7k 4q2p": "M7K-4Q2P", "M7Kー4Q2P": "M7K-4Q2P",
		"": "", "M7K-4Q2": "", "M7K-4Q2PP": "", "M7K-4Q2O": "", "M7K_4Q2P": "", "M7K-4Q2P\x00": "", "ｍ７ｋ４ｑ２ｐ１": "",
	} {
		if got, ok := ParseReference(typed); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", typed, got, ok, want)
		}
	}
}

func FuzzReference(f *testing.F) {
	for _, s := range []string{"M7K-4Q2P", "ｍ７ｋ－４ｑ２ｐ", "", "---", "M7K4Q2Pſ", "m7kı4q2p"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := ParseReference(s)
		if !ok {
			if r != "" {
				t.Fatalf("%q beside a refusal", r)
			}
			return
		}
		if again, ok := ParseReference(strings.ToLower(r)); !ok || again != r || strings.Trim(r, referenceAlphabet+"-") != "" {
			t.Fatalf("%q is %q and then %q", s, r, again)
		}
	})
}

// Of a thousand ids, or tokens, none comes twice, and each of their letters is any of the 32: what counts upwards, or holds the time, would have
// places with fewer.
func TestIDsAndTokens(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	seen := map[string]bool{}
	for what, draw := range map[string]func() string{"id": NewID, "token": NewToken} {
		var at [26]map[rune]bool
		for range 1000 {
			s := draw()
			if seen[s] || len(s) != len(at) || strings.Trim(s, letters) != "" {
				t.Fatalf("%q", s)
			}
			seen[s] = true
			for place, letter := range s {
				if at[place] == nil {
					at[place] = map[rune]bool{}
				}
				at[place][letter] = true
			}
		}
		for place, drawn := range at {
			if len(drawn) != len(letters) {
				t.Errorf("letter %d of each %s is one of %d", place+1, what, len(drawn))
			}
		}
	}
	if string(TokenHash("a")) == string(TokenHash("b")) || len(TokenHash("a")) != 32 {
		t.Error("the hash of a token does not tell tokens apart")
	}
}
