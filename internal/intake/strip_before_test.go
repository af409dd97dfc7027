package intake_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/intake"
)

// stripWords are the cells of a strip as a doctor reads them.
func stripWords(q *intake.Questionnaire, a intake.Answers, f intake.Facts) (out []string) {
	for _, c := range q.Strip(a, f, q.Digest(a, f)) {
		words := []string{c.Cell.Label.JA, string(c.State)}
		for _, r := range c.Words {
			words = append(words, strings.Join(r.Show("ja"), "+"))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// Whoever was asked an older version has a strip as well, of what that version asked.
func TestStrip_OfVersionsThatNameNoCells(t *testing.T) {
	data, err := os.ReadFile("testdata/version1/questionnaire.json")
	if err != nil {
		t.Fatal(err)
	}
	first, err := intake.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	second, she, he := version2(t), intake.Facts{Age: 40, Sex: "f"}, intake.Facts{Age: 40, Sex: "m"}
	for name, c := range map[string]struct {
		q    *intake.Questionnaire
		a    intake.Answers
		f    intake.Facts
		want []string
	}{
		"1, silent": {first, nil, she, []string{"薬 silent", "アレルギー silent", "妊娠・授乳 silent", "病歴 silent", "金属・機器 silent"}},
		"2, silent": {second, nil, she, []string{"薬 silent", "アレルギー silent", "妊娠・授乳 silent", "病歴 silent", "金属・機器 silent"}},
		"1, nothing": {
			first,
			intake.Answers{"meds": {"none"}, "allergy": {"none"}, "hx": {"none"}, "hx_cold": {"none"}, "surgery": {"no"}, "implant": {"none"}},
			he,
			[]string{"薬 none", "アレルギー none", "妊娠・授乳 not_asked", "病歴 none", "金属・機器 none"},
		},
		"2, nothing": {
			second,
			intake.Answers{"med_any": {"no"}, "allergy_any": {"no"}, "preg": {"no"}, "hx_group": {"none"}, "body": {"none"}},
			she,
			[]string{"薬 none", "アレルギー none", "妊娠・授乳 none", "病歴 none", "金属・機器 none"},
		},
		"1, something": {
			first,
			intake.Answers{"meds": {"warf"}, "med_names": {"ワルファリン錠"}, "allergy": {"drug"}, "allergy_txt": {"発疹"}, "hx": {"bp"}, "hx_cold": {"none"}, "implant": {"pace"}},
			she,
			[]string{"薬 said ワルファリン錠 ワルファリン", "アレルギー said 薬 発疹", "妊娠・授乳 silent", "病歴 said 高血圧", "金属・機器 said ペースメーカー・除細動器"},
		},
		"2, something": {
			second,
			intake.Answers{"med_any": {"yes"}, "med_names": {"ワルファリン錠"}, "meds": {"warf"}, "hx_group": {"heart"}, "hx_heart": {"bp"}, "body": {"none"}},
			he,
			[]string{"薬 said ワルファリン錠 ワルファリン（ワーファリン）", "アレルギー silent", "妊娠・授乳 not_asked", "病歴 said 高血圧", "金属・機器 none"},
		},
	} {
		if got := stripWords(c.q, c.a, c.f); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
	if c := first.Complaint(intake.Answers{"worry": {"後ろ姿"}}, she); len(c.Words) != 1 || c.Words[0].Values[0] != "後ろ姿" {
		t.Errorf("they came because of %+v", c)
	}
}
