package internal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest  = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	writtenFor = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
)

// testsWritten are the names of all tests and fuzz targets of the repository.
func testsWritten(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, dir := range []string{"../cmd", "../config", "../internal", "../migrations", "../packaging", "../web"} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			if !strings.HasSuffix(path, "_test.go") {
				return nil
			}
			source, err := fs.ReadFile(os.DirFS(dir), path)
			for _, m := range writtenFor.FindAllSubmatch(source, -1) {
				out[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestSecurity_NamesTestsThatExist: what the documents about security say is proven by a test is proven by one that is there.
func TestSecurity_NamesTestsThatExist(t *testing.T) {
	written := testsWritten(t)
	files, err := filepath.Glob("../docs/security/*.md")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d documents: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range namedTest.FindAllSubmatch(text, -1) {
			if !written[string(m[1])] {
				t.Errorf("%s names %s, which nobody has written", filepath.Base(file), m[1])
			}
		}
	}
}

// asvsSections are how many requirements of level 1 and 2 each section of OWASP ASVS 5.0.0 has, from its own table: 253 in all. Where a section has requirements
// of level 3, they come after the others, but for none that stands here.
var asvsSections = map[string]int{
	"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
	"2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
	"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
	"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
	"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
	"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
	"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
	"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
	"9.1": 3, "9.2": 4,
	"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
	"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
	"12.1": 3, "12.2": 2, "12.3": 4,
	"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
	"14.1": 2, "14.2": 4, "14.3": 3,
	"15.1": 3, "15.2": 3, "15.3": 7,
	"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
	"17.1": 1, "17.2": 4, "17.3": 2,
}

var asvsRow = regexp.MustCompile(`(?m)^\| (\d+\.\d+)\.(\d+) \| [^|]+ \| (test|reason|n/a|open) \| ([^|]*) \|$`)

// TestSecurity_ASVS: each requirement stands in the document once, with a test where it says so and with a reason otherwise, and the document counts
// them rightly.
func TestSecurity_ASVS(t *testing.T) {
	text, err := os.ReadFile("../docs/security/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds, sections := map[string]int{}, map[string]map[string]bool{}
	for _, m := range asvsRow.FindAllStringSubmatch(string(text), -1) {
		section, number, kind, proof := m[1], m[2], m[3], m[4]
		if sections[section] == nil {
			sections[section] = map[string]bool{}
		}
		if sections[section][number] {
			t.Errorf("%s.%s stands there twice", section, number)
		}
		sections[section][number] = true
		kinds[kind]++
		if named := namedTest.MatchString(proof); kind == "test" && !named && !strings.Contains(proof, "`make lint`") {
			t.Errorf("%s.%s names no test", section, number)
		}
		if strings.TrimSpace(proof) == "" {
			t.Errorf("%s.%s gives no reason", section, number)
		}
	}
	all := 0
	for section, want := range asvsSections {
		all += want
		for number := range want {
			if !sections[section][fmt.Sprint(number+1)] {
				t.Errorf("%s.%d is missing", section, number+1)
			}
		}
		if len(sections[section]) != want {
			t.Errorf("section %s has %d rows instead of %d", section, len(sections[section]), want)
		}
	}
	said := fmt.Sprintf("Of %d requirements %d apply. %d are proven by a test, %d have a reason, %d are open.",
		all, all-kinds["n/a"], kinds["test"], kinds["reason"], kinds["open"])
	if !strings.Contains(string(text), said) {
		t.Errorf("the document should say: %s", said)
	}
}
