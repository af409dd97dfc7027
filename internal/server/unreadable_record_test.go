package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// recordFields are the formFields of what doctors read and write, and of the questionnaire.
var recordFields = map[string]map[string][2]string{
	"/office/charts/:id/release": {"fact": {}, "treatment": {}, "revision": {}, "set": {}, "withdraw": {}, "reason": {"error.control", "line-cold-reason"}},
	"/office/charts/:id/read":    {"revision": {}, "then": {}, "handover": {}},
	"/office/charts/:id/note": {
		"seen-revision": {}, "seen-version": {}, "screen": {}, "save": {}, "against": {}, "do": {}, "explained": {}, "ask": {},
		"fat-chin": {"error.choose"}, "muscle-chin": {"error.choose"}, "sagging-chin": {"error.choose"}, "thickness-chin": {"error.control"}, "skin-chin": {"error.choose"},
		"pain-chin": {"error.control"}, "other": {"error.control"}, "wish": {"error.control"}, "proposal": {"error.control"}, "next": {"error.choose"},
		"next-on": {"error.control"}, "reason": {"error.control"},
	},
	"/office/charts/:id/note/correct":  {"seen-revision": {}, "seen-version": {}, "screen": {}, "save": {}, "do": {}, "reason": {"error.control"}},
	"/office/charts/:id/note/open":     {"screen": {}, "leave": {}},
	"/office/charts/:id/handover":      {"to": {"error.choose"}, "reason": {"error.control"}},
	"/office/charts/:id/handover/undo": {"date": {}},
	"/office/phrases":                  {"seen-revision": {}, "n": {}, "do": {}, "shortcut": {"error.control"}, "text": {"error.control"}},
	"/office/cautions/sign":            {"version": {}, "number": {}},
	"/office/cautions/:rule": {
		"seen-revision": {}, "seen-shown": {}, "choice-ja": {}, "do": {}, "severity": {"error.choose"}, "ja": {"error.control"}, "en": {"error.control"}, "reason": {"error.control"},
	},
	"/office/questionnaire/draft": {"from": {}, "do": {}, "seen-revision": {}},
	"/office/questionnaire/add":   {"section": {}, "seen-revision": {}},
	"/office/questionnaire/order": {"do": {}, "section": {}, "before": {}, "seen-revision": {}},
	"/office/questionnaire/sections/:id": {
		"seen-revision": {}, "seen-shown": {}, "choice-title-ja": {}, "doctor_only": {}, "title-ja": {"error.control"}, "title-en": {"error.control"},
		"intro-ja": {"error.control"}, "intro-en": {"error.control"},
	},
	"/office/questionnaire/questions/:id": {
		"seen-revision": {}, "seen-shown": {}, "choice-label": {}, "question-id": {}, "do": {}, "kind": {}, "required": {}, "doctor_only": {}, "decimals": {}, "options_of": {},
		"option": {}, "option-if": {}, "opt-zone-new-1": {}, "opt-alone": {}, "test": {}, "test-of-0": {}, "opt-if-new-1": {}, "opt-if-new-1-of-0": {}, "opt-if-new-1-op-0": {}, "opt-if-new-1-joined-0": {}, "test-op-0": {}, "test-joined-0": {}, "req": {}, "req-of-0": {}, "req-op-0": {}, "req-joined-0": {}, "summary": {},
		"complaint": {}, "strip": {}, "points-swell-new-1": {}, "points-most-swell": {},
		"label-ja": {"error.control"}, "label-en": {"error.control"}, "short-ja": {"error.control"}, "short-en": {"error.control"}, "help-ja": {"error.control"},
		"help-en": {"error.control"}, "min": {"error.number"}, "max": {"error.number"}, "unit": {"error.control"}, "opt-ja-new-1": {"error.control", "option"},
		"opt-en-new-1": {"error.control", "option"}, "opt-short-ja-new-1": {"error.control", "option"}, "opt-short-en-new-1": {"error.control", "option"},
		"opt-if-new-1-value-0": {"error.questionnaire.option_condition", "option"}, "test-value-0": {"error.questionnaire.condition", "test"}, "req-value-0": {"error.questionnaire.condition", "req"},
	},
	"/office/questionnaire/strip/:id": {
		"seen-revision": {}, "seen-shown": {}, "choice-part": {}, "do": {}, "label-ja": {"error.control"}, "label-en": {"error.control"}, "part": {}, "part-of-0": {},
		"part-value-0": {}, "none": {}, "none-of-0": {}, "none-op-0": {}, "none-joined-0": {}, "none-value-0": {"error.questionnaire.condition", "none"},
	},
	"/office/questionnaire/causes/:id": {
		"seen-revision": {}, "seen-shown": {}, "choice-sign": {}, "do": {}, "label-ja": {"error.control"}, "label-en": {"error.control"}, "sign": {}, "sign-most-late": {},
		"sign-points-late-yes": {},
	},
	"/office/questionnaire/roles": {"seen-revision": {}, "do": {}, "use-main_area": {}, "summary-head": {}},
	// They answer in a frame, and write nothing.
	"/office/questionnaire/preview/walk":     {"walk-answers": {}, "walk-section": {}, "walk-back": {}, "height": {}, "med_names": {}},
	"/office/questionnaire/preview/question": {"question-id": {}, "label-ja": {}, "help-ja": {}, "min": {}, "unit": {}, "opt-ja-new-1": {}, "test-value-0": {}},
	"/office/questionnaire/publish":          {"sure": {}, "seen-revision": {}},
	"/office/questionnaire/import":           {}, // a file alone: TestQuestionnaireImport_Unreadable
}

// accountFields are formFields of the accounts of those who work here.
var accountFields = map[string]map[string][2]string{
	"/office/sign-in/second":           {"next": {}, "code": {}, "recovery": {}},
	"/office/sign-in/second/ask":       {},
	"/office/sign-in/passkey":          {"next": {}, "passkey": {}},
	"/office/sign-in/passkey/ask":      {},
	"/office/prove/ask":                {},
	"/office/me/second/passkey":        {"name": {"error.control"}, "passkey": {}},
	"/office/me/second/passkey/ask":    {"name": {}},
	"/office/me/second/passkey/remove": {"id": {}},
	"/office/me/second/passkeys/:id":   {"name": {}}, // of a passkey that is none: TestPasskey_IsRenamed
	"/office/invitation/:token":        {"new": {}},  // of a link that is none
	"/office/prove":                    {"next": {}, "proof-password": {}},
	"/office/me/password":              {"new": {"error.password.length"}, "old": {}},
	"/office/me/sessions":              {"session": {}},
	"/office/me/second/app":            {},
	"/office/me/second/app/confirm":    {"code": {}}, // counted like a password, so never more than a few, and never shown again
	"/office/me/second/app/remove":     {},
	"/office/me/second/codes":          {},
	"/office/staff":                    {"second_factor": {}},
	"/office/staff/:id": {
		"seen-revision": {}, "seen-shown": {}, "choice-email": {}, "name": {"error.control"}, "email": {"error.email.form"}, "role": {"error.choose"},
		"doctor_id": {"error.staff.doctor"}, "every": {}, "branches": {"error.choose"},
	},
	"/office/staff/:id/link":   {},
	"/office/staff/:id/active": {"active": {}},
	"/office/staff/:id/unlock": {},
	"/office/staff/:id/second": {},
}

// fieldsOf are the formFields of a route.
func fieldsOf(path string) (fields map[string][2]string, listed bool) {
	for _, some := range []map[string]map[string][2]string{formFields, recordFields, accountFields} {
		if fields, listed = some[path]; listed {
			break
		}
	}
	return fields, listed
}

// sentOfRecords is what a form of the recordFields would send; nil for another.
func sentOfRecords(b *servertest.Booked, path string) url.Values {
	switch path {
	case "/office/charts/:id/release":
		return url.Values{"fact": {"cold"}, "treatment": {"cool"}, "revision": {"1"}, "set": {"1"}, "reason": {"確認しました"}}
	case "/office/charts/:id/note": // of a note that is being corrected
		return url.Values{"do": {"sure"}, "seen-revision": {"2"}, "seen-version": {"1"}, "proposal": {"運動を週3回。"}, "reason": {"回数の書きまちがい"}}
	case "/office/charts/:id/note/correct":
		return url.Values{"seen-version": {"1"}, "reason": {"回数の書きまちがい"}}
	case "/office/charts/:id/handover":
		return url.Values{"to": {b.Doctors[1].ID}}
	case "/office/charts/:id/handover/undo":
		return url.Values{"date": {"2026-11-25"}}
	case "/office/phrases":
		return url.Values{"do": {"save"}, "n": {"-1"}, "seen-revision": {"0"}, "shortcut": {"みず"}, "text": {"水分をとる。"}}
	case "/office/cautions/sign":
		return url.Values{"version": {b.Questions.Version}, "number": {"1"}}
	case "/office/cautions/:rule":
		return url.Values{"seen-revision": {"1"}, "severity": {"note"}, "ja": {"診察で確かめる"}, "en": {"To be checked"}, "reason": {"院内の取り決め"}}
	case "/office/staff/:id":
		return url.Values{
			"seen-revision": {"1"}, "name": {"予備 見本"}, "email": {servertest.Spare}, "role": {string(clinic.FrontDesk)}, "every": {"some"}, "branches": {b.Branch.ID},
		}
	case "/office/me/password":
		return url.Values{"new": {"a long one of nobody else"}, "old": {"a wrong one"}}
	case "/office/questionnaire/draft":
		return url.Values{"from": {b.Questions.Version}}
	case "/office/questionnaire/sections/:id":
		return url.Values{"seen-revision": {"1"}, "title-ja": {"からだ"}, "title-en": {"Body"}}
	case "/office/questionnaire/questions/:id", "/office/questionnaire/preview/question":
		return url.Values{
			"seen-revision": {"1"}, "question-id": {"height"}, "do": {"save"}, "kind": {string(intake.Number)}, "required": {"yes"}, "label-ja": {"身長"}, "label-en": {"Height"}, "min": {"100"},
			"max": {"250"}, "unit": {"cm"}, "decimals": {"1"},
		}
	case "/office/questionnaire/strip/:id":
		return url.Values{"seen-revision": {"1"}, "label-ja": {"薬"}, "label-en": {"Medicines"}, "part": {"meds"}, "none": {"med_any"}, "none-op-0": {"="}, "none-value-0": {"no"}}
	case "/office/questionnaire/causes/:id":
		return url.Values{"seen-revision": {"1"}, "label-ja": {"食事"}, "label-en": {"Meals"}, "sign": {"late"}, "sign-points-late-yes": {"1"}}
	case "/office/questionnaire/preview/walk":
		return url.Values{"walk-answers": {"{}"}, "walk-section": {"medical"}}
	}
	return nil
}

// besides gives a form what a field stands beside: an option is one of a question that has options, and the value of a condition one of
// a question that is named.
func besides(form url.Values, field string) {
	switch {
	case strings.HasPrefix(field, "opt-"):
		form["kind"], form["option"] = []string{string(intake.One)}, []string{"new-1"}
		if !form.Has("opt-ja-new-1") {
			form.Set("opt-ja-new-1", "ある")
		}
		if strings.HasPrefix(field, "opt-if-new-1-") {
			form["option-if"], form["opt-if-new-1"] = []string{"new-1"}, []string{"sex"}
		}
	case field == "doctor_id":
		form.Set("role", string(clinic.DoctorRole))
	case field == "next-on":
		form.Set("next", string(clinic.NextDay))
	case strings.HasPrefix(field, "test-"), strings.HasPrefix(field, "req-"):
		prefix, _, _ := strings.Cut(field, "-")
		form[prefix] = []string{"sex"}
		form.Del("required")
	}
}

// openNoted is a Booked site on the day of the counseling, with a note that was signed and is being corrected.
func openNoted(t *testing.T, engine, lang string) *servertest.Booked {
	t.Helper()
	b := servertest.OpenBooked(t, engine, servertest.Saying{Lang: lang})
	b.Clock.Advance(26 * time.Hour)
	b.Doctor = b.SignedIn(t, servertest.Doctor).Speak(lang)
	path := "/office/charts/" + b.BookingID + "/note"
	b.Doctor.Post(path, "do", "sure", "seen-revision", "0", "seen-version", "0", "proposal", "運動を週2回。").Want(http.StatusSeeOther)
	b.Doctor.Post(path+"/correct", "seen-version", "1", "reason", "回数の書きまちがい").Want(http.StatusSeeOther)
	return b
}

// needDraft begins a draft of the questionnaire where there is none.
func needDraft(t *testing.T, b *servertest.Booked) {
	t.Helper()
	err := b.Store.BeginDraft(t.Context(), storetest.Owner, intake.Draft{Questions: b.Questions.Clone(), Base: b.Questions.Version})
	if err != nil && clinic.CodeOf(err) != clinic.Conflict {
		t.Fatal(err)
	}
}

// TestQuestionnaireImport_Unreadable: what is no questionnaire is said at the file, and begins no draft.
func TestQuestionnaireImport_Unreadable(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			before := b.Facts(t)
			for _, text := range unreadable {
				a := b.Admin.Upload("/office/questionnaire/import", "file", "q.json", []byte(text))
				readable(t, a, text)
				a.Want(http.StatusUnprocessableEntity)
				if a.Find("#file-error").Length() != 1 {
					t.Errorf("%q: nothing is said at the file", text)
				}
			}
			b.WantUnchanged(t, before)
		})
	}
}
