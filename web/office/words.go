package office

import (
	"net/url"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// What the codes of the rules are called. Keys are written out, so that a test finds one that is missing.

func statusWord(l web.Locale, s clinic.Status) string {
	switch s {
	case clinic.Pending:
		return l.T("office.status.pending")
	case clinic.Booked:
		return l.T("office.status.booked")
	case clinic.Arrived:
		return l.T("office.status.arrived")
	case clinic.Fulfilled:
		return l.T("office.status.fulfilled")
	case clinic.NoShow:
		return l.T("office.status.noshow")
	case clinic.Cancelled:
		return l.T("office.status.cancelled")
	}
	return string(s)
}

func statusTag(s clinic.Status) ui.TagKind {
	switch s {
	case clinic.Pending:
		return ui.TagCheck
	case clinic.Booked:
		return ui.TagInfo
	case clinic.Arrived:
		return ui.TagDone
	case clinic.NoShow:
		return ui.TagStop
	case clinic.Fulfilled, clinic.Cancelled:
	}
	return ui.TagPlain
}

func roleWord(l web.Locale, r clinic.Role) string {
	switch r {
	case clinic.Admin:
		return l.T("office.role.admin")
	case clinic.FrontDesk:
		return l.T("office.role.reception")
	case clinic.DoctorRole:
		return l.T("office.role.doctor")
	}
	return string(r)
}

func sexWord(l web.Locale, s clinic.Sex) string {
	switch s {
	case clinic.Female:
		return l.T("office.sex.f")
	case clinic.Male:
		return l.T("office.sex.m")
	case clinic.NoSex:
	}
	return l.T("office.sex.na")
}

func letterWord(l web.Locale, k clinic.LetterKind) string {
	switch k {
	case clinic.Confirmation:
		return l.T("office.letter.confirmation")
	case clinic.Cancellation:
		return l.T("office.letter.cancellation")
	}
	return string(k)
}

func letterStatusWord(l web.Locale, s clinic.LetterStatus) string {
	switch s {
	case clinic.LetterWaiting:
		return l.T("office.letter.waiting")
	case clinic.LetterSending:
		return l.T("office.letter.sending")
	case clinic.LetterSent:
		return l.T("office.letter.sent")
	case clinic.LetterFailed:
		return l.T("office.letter.failed")
	case clinic.LetterWithdrawn:
		return l.T("office.letter.withdrawn")
	}
	return string(s)
}

func letterTag(s clinic.LetterStatus) ui.TagKind {
	switch s {
	case clinic.LetterSent:
		return ui.TagDone
	case clinic.LetterFailed:
		return ui.TagStop
	case clinic.LetterWaiting, clinic.LetterSending:
		return ui.TagInfo
	case clinic.LetterWithdrawn:
	}
	return ui.TagPlain
}

func severityWord(l web.Locale, s intake.Severity) string {
	switch s {
	case intake.Block:
		return l.T("office.severity.block")
	case intake.Doctor:
		return l.T("office.severity.doctor")
	case intake.Note:
		return l.T("office.severity.note")
	}
	return string(s)
}

func severityTag(s intake.Severity) ui.TagKind {
	switch s {
	case intake.Block:
		return ui.TagStop
	case intake.Doctor:
		return ui.TagCheck
	case intake.Note:
		return ui.TagInfo
	}
	return ui.TagPlain
}

// mark is the class that colours what has a severity.
func mark(s intake.Severity) string {
	switch s {
	case intake.Block:
		return "hold"
	case intake.Doctor:
		return "check"
	case intake.Note:
		return "note"
	}
	return ""
}

func treatmentWord(l web.Locale, t intake.Treatment) string {
	switch t {
	case intake.Cool:
		return l.T("office.treatment.cool")
	case intake.Injection:
		return l.T("office.treatment.inj")
	case intake.Drug:
		return l.T("office.treatment.drug")
	case intake.AllTreatments:
		return l.T("office.treatment.all")
	}
	return string(t)
}

// list joins words as the language does: 背中、裏もも, or Back, Back of the thighs.
func list(l web.Locale, words []string) string { return strings.Join(words, l.T("office.comma")) }

// person is a patient's name with the polite 様 that the desk uses.
func person(l web.Locale, p clinic.Patient) string {
	return l.TArgs("office.person", map[string]string{"Name": p.Name()})
}

// doctorName is a doctor's name with the title.
func doctorName(l web.Locale, d clinic.Doctor) string {
	return l.TArgs("office.doctor", map[string]string{"Name": d.Name(l.Lang())})
}

// href is an address of our own, with those of the parameters that are not empty.
func href(path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
