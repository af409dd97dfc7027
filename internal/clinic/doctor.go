package clinic

import (
	"strings"
	"time"
)

// Sex is what a person says of themselves, or the sex of a doctor for visitors who ask for a 女性医師.
type Sex string

// The answers of the questionnaire's question "sex".
const (
	Female Sex = "f"
	Male   Sex = "m"
	NoSex  Sex = "na" // 回答しない
)

// Doctor (医師) holds counselings. FHIR Practitioner. Everything here is shown to the public.
type Doctor struct {
	ID          string
	FamilyName  string
	GivenName   string
	FamilyKana  string
	GivenKana   string
	NameEn      string // romanised, as the doctor writes it
	Sex         Sex    // Female or Male
	Career      string // 経歴, one entry a line
	CareerEn    string
	Societies   string // 所属学会・資格, one entry a line
	SocietiesEn string
	Photo       string // the hash of their picture; empty for none, where one is drawn
	Revision    int    // how often they, or where they work, were saved
	Position    int    // order in lists, smallest first
	CreatedAt   time.Time
}

// DoctorBranch says that a doctor works at a branch.
type DoctorBranch struct {
	DoctorID string
	BranchID string
}

// Name is the doctor's name in the given language, without a title.
func (d Doctor) Name(lang string) string {
	return inLanguage(lang, d.FamilyName+" "+d.GivenName, d.NameEn)
}

// Kana is the reading of the name.
func (d Doctor) Kana() string { return d.FamilyKana + " " + d.GivenKana }

// CareerLines are the entries of the career in the given language.
func (d Doctor) CareerLines(lang string) []string {
	return lines(inLanguage(lang, d.Career, d.CareerEn))
}

// SocietyLines are the societies and qualifications in the given language.
func (d Doctor) SocietyLines(lang string) []string {
	return lines(inLanguage(lang, d.Societies, d.SocietiesEn))
}

// CheckDoctor tidies a doctor as an administrator typed it and names every field that is wrong.
func CheckDoctor(d Doctor) (Doctor, Errors) {
	var errs Errors
	d.FamilyName, d.GivenName, d.NameEn = readName(d.FamilyName), readName(d.GivenName), Tidy(d.NameEn)
	d.FamilyKana, d.GivenKana = readKana(d.FamilyKana), readKana(d.GivenKana)
	d.Career, d.CareerEn = joinLines(d.Career), joinLines(d.CareerEn)
	d.Societies, d.SocietiesEn = joinLines(d.Societies), joinLines(d.SocietiesEn)
	errs = checkName(errs, "family_name", d.FamilyName)
	errs = checkName(errs, "given_name", d.GivenName)
	errs = checkKana(errs, "family_kana", d.FamilyKana)
	errs = checkKana(errs, "given_kana", d.GivenKana)
	errs = checkTitle(errs, "name_en", d.NameEn, false, 80)
	if d.Sex != Female && d.Sex != Male {
		errs = append(errs, invalid("sex", "error.choose"))
	}
	errs = checkText(errs, "career", d.Career, 2000)
	errs = checkText(errs, "career_en", d.CareerEn, 2000)
	errs = checkText(errs, "societies", d.Societies, 2000)
	errs = checkText(errs, "societies_en", d.SocietiesEn, 2000)
	return d, errs
}

func lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = Tidy(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func joinLines(s string) string { return strings.Join(lines(TidyText(s)), "\n") }
