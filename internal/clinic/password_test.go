package clinic

import (
	"strings"
	"testing"
)

// A password is counted in characters, and refused when it would be among the first that somebody tries.
func TestCheckPassword(t *testing.T) {
	about := []string{"管理 見本", "kanri.mihon@example.jp", "見本クリニック", "Mihon Clinic"}
	for _, password := range []string{
		"合言葉は十三文字より長いこと", strings.Repeat("字数", MaxPassword/2-3) + "おしまい", "架空の合言葉です2026", "correct donkey battery staple", "kx7-Qm2!vTz9", "青い自転車で坂を下る", "mihon clinic umbrella 33",
	} {
		if len([]rune(password)) < MinPassword {
			password += "のです"
		}
		if errs := CheckPassword("new", password, about...); len(errs) > 0 {
			t.Errorf("%q: %v", password, errs)
		}
	}
	for _, password := range []string{strings.Repeat("字", MinPassword-1), strings.Repeat("長いから", MaxPassword/4) + "x", ""} {
		if errs := CheckPassword("new", password, about...); errs.Error() != "invalid: new: error.password.length" {
			t.Errorf("%q: %v", password, errs)
		}
	}
	for _, password := range []string{
		"password1234", "ＰＡＳＳＷＯＲＤ１２３４", "P@ssw0rd!2026", "Qwertyuiop12", "123456789012", "210987654321", "abcdefghijkl", "aaaaaaaaaaaa", "abcabcabcabc", "19840229198402",
		"mihonclinic2026", "Mihon Clinic!", "kanri.mihon1", "kanri.mihon@example.jp", "見本クリニック2026年", "madoguchi2026", "まどぐち20261234", "よろしくお願いします2026", "2026Sakura2026", "correct horse battery staple",
	} {
		if errs := CheckPassword("new", password, about...); errs.Error() != "invalid: new: error.password.common" {
			t.Errorf("%q: %v", password, errs)
		}
	}
}

// listed are the passwords of a list.
func listed(list string) (all []string) {
	for line := range strings.Lines(list) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// Every password of the list is refused, so that no line of it is spelled in vain.
func TestCheckPassword_RefusesItsList(t *testing.T) {
	all := listed(passwordList)
	for _, line := range all {
		if line != fold(line) {
			t.Errorf("%q is never looked for", line)
		}
		if missing := MinPassword - len([]rune(line)); missing > 0 {
			line += "20262026202620"[:missing]
		}
		if errs := CheckPassword("new", line); len(errs) == 0 {
			t.Errorf("%q is taken", line)
		}
	}
	if len(all) < 100 {
		t.Errorf("the list has %d passwords", len(all))
	}
}

// Leaked passwords are refused, however they are written: far more than the three thousand most common that are long enough (OWASP ASVS 5.0, 6.2.4).
func TestCheckPassword_RefusesLeaked(t *testing.T) {
	all := listed(leakedList)
	if len(all) < 3000 {
		t.Errorf("the list has %d passwords", len(all))
	}
	seen := map[string]bool{}
	for _, line := range all {
		if seen[line] || line != fold(line) || len([]rune(line)) < MinPassword {
			t.Errorf("%q is never looked for, or twice", line)
		}
		seen[line] = true
		for _, typed := range []string{line, strings.ToUpper(line)} {
			if errs := CheckPassword("new", typed); errs.Error() != "invalid: new: error.password.common" {
				t.Errorf("%q: %v", typed, errs)
			}
		}
	}
	if first := all[0]; first != "123qweasdzxc" {
		t.Errorf("the most common is %q", first)
	}
}
