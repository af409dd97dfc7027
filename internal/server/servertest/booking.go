package servertest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store/storetest"
)

// SlotOf is a slot of the clinic's n-th doctor, the i-th of the day after storetest.Begin.
func (s *Site) SlotOf(tb testing.TB, doctor, i int) clinic.Slot {
	tb.Helper()
	for _, slot := range s.Slots {
		if slot.DoctorID != s.Doctors[doctor].ID {
			continue
		}
		if i == 0 {
			return slot.Slot
		}
		i--
	}
	tb.Fatal("the doctor has fewer slots")
	return clinic.Slot{}
}

// Book books a slot for the n-th patient of storetest.
func (s *Site) Book(tb testing.TB, slot clinic.Slot, n int) clinic.Receipt {
	tb.Helper()
	return storetest.Book(tb, s.Store, storetest.Request(slot.ID, n))
}

// BookingAt is the id of the live booking of a slot.
func (s *Site) BookingAt(tb testing.TB, slotID string) string {
	tb.Helper()
	entries, _, err := s.Store.Day(tb.Context(), storetest.Owner, s.Branch, clinic.DateOf(s.Slots[0].StartsAt, s.Branch.Location()))
	Must(tb, err)
	for _, e := range entries {
		if e.Slot.ID == slotID && e.Appointment != nil {
			return e.Appointment.Booking.ID
		}
	}
	tb.Fatal("the slot has no booking")
	return ""
}

// HoldLetter books so often for one mail address that the letter of the last booking, which it returns, is held. The site has limits.
func (s *Site) HoldLetter(tb testing.TB) (last clinic.Receipt) {
	tb.Helper()
	for i := range clinic.LettersPerHour + 1 {
		r := storetest.Request(s.Slots[i].ID, 100+i)
		r.Patient.Email = "someone@example.jp"
		var err error
		last, err = s.Store.Book(tb.Context(), storetest.Owner, r)
		Must(tb, err)
	}
	return last
}

// Hold keeps a slot for a visitor who is filling the form in.
func (s *Site) Hold(tb testing.TB, slot clinic.Slot) {
	tb.Helper()
	_, err := s.Store.Hold(tb.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.9"), slot.ID)
	Must(tb, err)
}

// Cancel cancels a booking.
func (s *Site) Cancel(tb testing.TB, bookingID string) {
	tb.Helper()
	Must(tb, s.Store.Cancel(tb.Context(), storetest.Owner, bookingID))
}

// ClaimLetter takes the next letter that is due, as the worker does.
func (s *Site) ClaimLetter(tb testing.TB) clinic.Letter {
	tb.Helper()
	letter, ok, err := s.Store.ClaimLetter(tb.Context())
	Must(tb, err)
	if !ok {
		tb.Fatal("no letter is due")
	}
	return letter
}

// FailLetter makes the next letter that is due come back for good.
func (s *Site) FailLetter(tb testing.TB) {
	tb.Helper()
	Must(tb, s.Store.LetterFailed(tb.Context(), s.ClaimLetter(tb), "smtp 550 5.1.1", true))
}

// AnswerIntake answers the first n sections of the intake behind a link, all of them without n.
func (s *Site) AnswerIntake(tb testing.TB, token string, answers url.Values, n ...int) {
	tb.Helper()
	sections := s.Questions.Intake
	if len(n) > 0 {
		sections = sections[:n[0]]
	}
	v := s.Visitor(tb)
	chart, err := s.Store.Intake(tb.Context(), clinic.PatientByLink(token))
	Must(tb, err)
	if birth := chart.Appointment.Patient.Birth; chart.Intake.Revision > 0 { // another browser has answered before
		v.Post("/booking/"+token+"/proof", "open-page", "contact",
			"birth_year", strconv.Itoa(birth.Year), "birth_month", strconv.Itoa(int(birth.Month)), "birth_day", strconv.Itoa(birth.Day)).Want(http.StatusSeeOther)
	}
	for _, section := range sections {
		path, form := "/intake/"+token+"/"+section.ID, SectionForm(section, answers)
		form.Set("seen-revision", v.Get(path).Revision())
		v.PostForm(path, form).Want(http.StatusSeeOther)
	}
}

// SectionForm is the form of a section as its page sends it.
func SectionForm(s intake.Section, answers url.Values) url.Values {
	form := url.Values{}
	for _, q := range s.Questions {
		form.Add("asked", q.ID)
		if values, ok := answers[q.ID]; ok {
			form[q.ID] = values
		}
	}
	return form
}

// Answers answers every section for a woman who wants counseling about her chin; whatever is conditional is asked.
func Answers() url.Values {
	return url.Values{
		"height": {"160"}, "weight": {"60.4"}, "goal_w": {"50"}, "tried": {"drug"}, "tx_react": {"yes"}, "bad_tx": {"昨年、三か月。"},
		"sit_h": {"h3"}, "posture": {"hunch"}, "scapula": {"ok"}, "pain": {"back"}, "pain_lv": {"4"},
		"ex30": {"w1"}, "level": {"mid"}, "meals": {"m3"}, "late": {"no"}, "carb_fat": {"carb", "fat"}, "protein": {"daily"},
		"preg": {"no"}, "hx_group": {"sugar", "heart", "gut", "blood", "nerve", "mind", "other"}, "body": {"op", "device", "site", "cold"},
		"neck": {"none"}, "med_any": {"yes"}, "med_names": {"ワルファリン"}, "allergy_any": {"yes"},
		"hx_sugar": {"t1"}, "hx_heart": {"bp"}, "hx_gut": {"panc"}, "hx_blood": {"kid"}, "hx_nerve": {"eye"}, "hx_mind": {"sas"}, "hx_txt": {"架空症"},
		"surgery": {"old"}, "surg_site": {"abd"}, "implant": {"metal"}, "site": {"scar"}, "hx_cold": {"cad"},
		"meds": {"warf"}, "glp": {"sema"}, "glp_last": {"m2p"}, "allergy": {"soy"}, "allergy_txt": {"口がかゆくなります。"},
		"sleep": {"h7"}, "alcohol": {"w3"}, "alc_amt": {"g1"}, "fam": {"none"}, "worry": {"後ろ姿"},
	}
}

// BookingForm is the form of a visitor who makes no mistake.
func BookingForm(slotID string) url.Values {
	return url.Values{
		"slot": {slotID}, "key": {"key-" + slotID}, "family_name": {"試験"}, "given_name": {"花子"}, "family_kana": {"シケン"}, "given_kana": {"ハナコ"},
		"birth_year": {"1990"}, "birth_month": {"4"}, "birth_day": {"1"}, "sex": {"f"}, "phone": {"090-0000-0001"}, "email": {"hanako@example.jp"},
		"contact": {"email", "tel"}, "visited": {"first"}, "areas": {"back", "thigh_b"}, "request": {"駐車場はありますか。"},
		"c_privacy": {"yes"}, "c_cancel": {"yes"}, "area": {"back"}, "article": {"back-fat"},
	}
}

// Book books a slot by the pages and returns the token of the link.
func (v *Visitor) Book(slotID string) string {
	v.tb.Helper()
	v.Post("/hold", "slot", slotID).Want(http.StatusSeeOther)
	return v.PostForm("/book", BookingForm(slotID)).Token()
}

// Token is the token of the link to which a booking leads.
func (a *Answer) Token() string {
	a.tb.Helper()
	token, ok := strings.CutPrefix(a.Want(http.StatusSeeOther).Location(), "/booking/")
	if !ok {
		a.tb.Fatalf("the booking leads to %s", a.Location())
	}
	return token
}
