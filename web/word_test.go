package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wordKinds are the types of clinic and intake whose constants people read, by the kind of their words.
var wordKinds = map[string]string{
	"status": "Status", "role": "Role", "sex": "Sex", "letter": "LetterKind", "letter_status": "LetterStatus", "mark": "Mark", "day": "DayState",
	"severity": "Severity", "treatment": "Treatment", "channel": "Channel", "chip": "DeskState", "sign": "DeskState", "cancel_reason": "CancelReason",
	"import_kind": "ImportKind", "import_column": "ImportColumn", "import_does": "ImportDoes",
	"waiting": "WaitingStatus", "day_part": "DayPart",
	"note_field": "NoteField", "note_fat": "FatFound", "note_muscle": "MuscleFound", "note_sagging": "SaggingFound", "note_skin": "SkinFound",
	"note_explained": "AlwaysToExplain", "note_next": "NoteNext", "note_ask": "NoteAsk", "handover_end": "HandoverEnd", "account_state": "AccountState",
}

// TestEveryCodeHasItsWord goes over the constants themselves, so that a new one without a word fails here and not in front
// of a person, and over the words, so that none outlives its constant.
func TestEveryCodeHasItsWord(t *testing.T) {
	codes := constants(t, "../internal/clinic", "../internal/intake")
	want := map[string]bool{}
	for kind, name := range wordKinds {
		if len(codes[name]) < 2 {
			t.Errorf("the type %s has the constants %v", name, codes[name])
		}
		for _, code := range codes[name] {
			want["word."+kind+"."+code] = true
		}
	}
	for lang, texts := range readTexts(t) {
		for key := range want {
			if texts[key] == "" {
				t.Errorf("%s has no word for %s", lang, key)
			}
		}
		for key := range texts {
			if strings.HasPrefix(key, "word.") && !want[key] {
				t.Errorf("%s: %s is the word of no constant", lang, key)
			}
		}
	}
	call := regexp.MustCompile(`\.Word\("([^"]*)"`)
	asked := map[string]bool{}
	eachSource(t, func(path, content string) {
		for _, match := range call.FindAllStringSubmatch(content, -1) {
			asked[match[1]] = true
			if wordKinds[match[1]] == "" {
				t.Errorf("%s asks for words of the kind %s, which there is not", path, match[1])
			}
		}
	})
	for kind := range wordKinds {
		if !asked[kind] {
			t.Errorf("nobody uses the words of the kind %s", kind)
		}
	}
}

// constants are the values of all typed string constants in some folders, by the name of their type.
func constants(t *testing.T, folders ...string) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal("no sources in", folder, err)
		}
		for _, name := range slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok {
					return true
				}
				if of, ok := spec.Type.(*ast.Ident); ok {
					for _, v := range spec.Values {
						if literal, ok := v.(*ast.BasicLit); ok && literal.Kind == token.STRING {
							value, err := strconv.Unquote(literal.Value)
							if err != nil {
								t.Fatal(err)
							}
							values[of.Name] = append(values[of.Name], value)
						}
					}
				}
				return true
			})
		}
	}
	return values
}
