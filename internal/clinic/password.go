package clinic

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// MinPassword and MaxPassword bound a password, in characters. No composition rules and no forced rotation
// (NIST SP 800-63B-4; OWASP ASVS 5.0, 6.2).
const (
	MinPassword = 12
	MaxPassword = 128
)

// passwords.txt are passwords that are tried first here, and words of which some are made; passwords_leaked.txt are those that are found in leaks, the most
// common first. Both have one on a line, as fold writes them.
var (
	//go:embed passwords.txt
	passwordList string
	//go:embed passwords_leaked.txt
	leakedList string
)

var commonPasswords = sync.OnceValue(func() map[string]bool {
	common := map[string]bool{}
	for _, list := range []string{passwordList, leakedList} {
		for line := range strings.Lines(list) {
			if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
				common[line] = true
			}
		}
	}
	return common
})

// CheckPassword names what is wrong with a password that somebody wants to have: its length, or that it would be among the first to be
// tried. about are the words that whoever knows the person and the clinic would try: names and addresses.
func CheckPassword(field, password string, about ...string) Errors {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword {
		return Errors{invalid(field, "error.password.length")}
	}
	if isCommon(password, append(about, "madoguchi", "まどぐち", "窓口", "password", "パスワード")) {
		return Errors{invalid(field, "error.password.common")}
	}
	return nil
}

// fewLetters is the most that may be left of a password beside known words and digits for it to be easy to guess.
const fewLetters = 4

func isCommon(password string, about []string) bool {
	folded := fold(password)
	if commonPasswords()[folded] || repeats(folded) || runs(folded) {
		return true
	}
	words := known(about)
	left, had := folded, false
	for _, word := range words {
		if strings.Contains(left, word) {
			left, had = strings.ReplaceAll(left, word, ""), true
		}
	}
	letters := 0
	for _, r := range left {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	digitsOnly := letters == 0
	return digitsOnly || had && letters <= fewLetters || commonPasswords()[strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })]
}

// fold writes a password as whoever guesses it would think of it: without the difference of case and width, and of spaces.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, Narrow(text))
}

// shortestWord is the shortest word whose presence says something, in characters.
const shortestWord = 3

// known are the words within texts, the longest first.
func known(texts []string) (words []string) {
	for _, text := range texts {
		parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, part := range append(parts, text) {
			if part = fold(part); utf8.RuneCountInString(part) >= shortestWord || part == "窓口" {
				words = append(words, part)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(words)
}

// longestUnit is the longest text whose repetition is looked for, in characters.
const longestUnit = 5

// repeats reports whether a text is one short text again and again: abcabcabcabc.
func repeats(text string) bool {
	all := []rune(text)
	for unit := 1; unit <= longestUnit && unit < len(all); unit++ {
		same := true
		for i := unit; i < len(all) && same; i++ {
			same = all[i] == all[i-unit]
		}
		if same {
			return true
		}
	}
	return false
}

// runs reports whether each character of a text is the next of the one before, or all but two are: 123456789012, abcdefghijkl.
func runs(text string) bool {
	all := []rune(text)
	next := 0
	for i := 1; i < len(all); i++ {
		if step := all[i] - all[i-1]; step == 1 || step == -1 {
			next++
		}
	}
	return next >= len(all)-3
}
