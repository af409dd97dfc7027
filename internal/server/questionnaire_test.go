package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// publish publishes the next version a minute later.
func (h *house) publish(t *testing.T, p intake.Publication) *intake.Questionnaire {
	t.Helper()
	h.Clock.Advance(time.Minute)
	q, err := h.Store.PublishQuestionnaire(t.Context(), storetest.Owner, p)
	must(t, err)
	return q
}

// remove takes questions out of a questionnaire.
func remove(q *intake.Questionnaire, ids ...string) {
	gone := func(id string) bool { return slices.Contains(ids, id) }
	for i := range q.Intake {
		q.Intake[i].Questions = slices.DeleteFunc(q.Intake[i].Questions, func(question intake.Question) bool { return gone(question.ID) })
	}
	q.Booking.Questions = slices.DeleteFunc(q.Booking.Questions, func(question intake.Question) bool { return gone(question.ID) })
	for _, list := range []*[]string{&q.Summary.Head, &q.Summary.Concern, &q.Summary.SoFar, &q.Summary.Words} {
		*list = slices.DeleteFunc(*list, gone)
	}
	for i := range q.Causes {
		q.Causes[i].Signs = slices.DeleteFunc(q.Causes[i].Signs, func(s intake.Sign) bool { return gone(s.Question) })
	}
}

// rewritten is a second version that differs wherever it can: other words, another order, questions and options that are
// gone and new ones, and other cautions.
func rewritten(t *testing.T) intake.Publication {
	t.Helper()
	p := storetest.NextVersion(t, "2", func(q *intake.Questionnaire) {
		remove(q, "smoke", "sit_h", "found", "tried", "result", "bad_tx")
		slices.Reverse(q.Intake[0].Questions)
		q.Intake = slices.DeleteFunc(q.Intake, func(s intake.Section) bool { return len(s.Questions) == 0 })
		for _, s := range append([]intake.Section{q.Booking}, q.Intake...) {
			for i := range s.Questions {
				s.Questions[i].Label.JA += "（第二版）"
				slices.Reverse(s.Questions[i].Options)
				for j := range s.Questions[i].Options {
					s.Questions[i].Options[j].JA += "（第二版）"
				}
			}
		}
		for i := range q.Intake {
			q.Intake[i].Title.JA += "（第二版）"
		}
		q.Booking.Questions = append(q.Booking.Questions, intake.Question{
			ID: "parking", Kind: intake.One, Required: true, Label: intake.Text{JA: "お車で来られますか", EN: "Will you come by car?"},
			Options: []intake.Option{{Code: "yes", Text: intake.Text{JA: "はい", EN: "Yes"}}},
		})
	}, "smoke", "sit_h", "found", "tried", "result", "bad_tx", "hx_cold")
	p.Cautions = append(p.Cautions, "\nall | block | sleep=h7 | M\n"...)
	return p
}

// pagesOf are the pages on which a booking's questions and answers stand.
func (b *busy) pagesOf(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{
		"confirmation": string(b.patient.get(t, "/booking/"+b.token).expect(t, http.StatusOK).Body),
		"review":       string(b.patient.get(t, "/intake/"+b.token+"/review").expect(t, http.StatusOK).Body),
		"thanks":       string(b.patient.get(t, "/intake/"+b.token+"/done").expect(t, http.StatusOK).Body),
		"front desk":   string(b.reception.get(t, "/office/bookings/"+b.booking).expect(t, http.StatusOK).Body),
		"day":          string(b.reception.get(t, "/office/day?branch="+b.Branch.ID+"&date=2026-11-25").expect(t, http.StatusOK).Body),
		"doctor's day": string(b.theirs.get(t, "/office/doctor?date=2026-11-25").expect(t, http.StatusOK).Body),
		"chart":        string(b.theirs.get(t, "/office/charts/"+b.booking).expect(t, http.StatusOK).Body),
	}
	for _, s := range b.Questions.Intake {
		out["section "+s.ID] = string(b.patient.get(t, "/intake/"+b.token+"/"+s.ID).expect(t, http.StatusOK).Body)
	}
	return out
}

// Whoever was asked a version goes on with it, whatever is published later: wording, options, order, cautions.
func TestQuestionnaire_AnOldBookingKeepsItsVersion(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := openBusy(t, engine, "ja", "架空の言葉")
			before := b.pagesOf(t)
			b.publish(t, rewritten(t))
			for what, page := range b.pagesOf(t) {
				if page != before[what] {
					t.Errorf("%s has changed", what)
				}
			}
			if page := before["chart"]; !strings.Contains(page, "寒冷凝集素症") || strings.Contains(page, "睡眠：") {
				t.Error("the chart's cautions are not those of the version that was asked")
			}

			// What is changed now is changed by the old version, too.
			path := "/intake/" + b.token + "/life"
			form := sectionForm(b.section(t, "life"))
			form.Set("smoke", "")
			a := b.patient.post(t, path, form).expect(t, http.StatusUnprocessableEntity)
			if got := a.page(t).Find(`#wrongs a[href="#smoke"]`).Length(); got != 1 {
				t.Errorf("%d links to the question that a later version does not ask", got)
			}
			form.Set("smoke", "past")
			b.patient.post(t, path, form).expect(t, http.StatusSeeOther)
			if text := b.theirs.get(t, "/office/charts/"+b.booking).page(t).Find("#q-smoke").Text(); !strings.Contains(text, "以前吸っていた") {
				t.Errorf("the chart says %q", text)
			}
			if text := b.theirs.get(t, "/office/charts/"+b.booking).page(t).Find(".chart-head").Text(); !strings.Contains(text, "第1版") {
				t.Errorf("the chart is headed %q", text)
			}
		})
	}
}

func (b *busy) section(t *testing.T, id string) intake.Section {
	t.Helper()
	s, ok := b.Questions.Section(id)
	if !ok {
		t.Fatalf("there is no section %s", id)
	}
	return s
}

// Whoever books now is asked the newest version, by the pages and by the API.
func TestQuestionnaire_ANewBookingIsAskedTheNewVersion(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			v := h.visitor(t, "ja")
			v.post(t, "/hold", url.Values{"slot": {h.Slots[0].ID}})
			opened := v.get(t, "/book?slot="+h.Slots[0].ID).page(t) // under the first version
			h.publish(t, rewritten(t))

			// A form that was open meanwhile is taken as it was asked.
			form := bookingForm(h.Slots[0].ID)
			form.Set("version", opened.Find("input[name=version]").AttrOr("value", ""))
			token := strings.TrimPrefix(v.post(t, "/book", form).expect(t, http.StatusSeeOther).to(), "/booking/")
			h.wantVersion(t, token, "1")
			if n := v.get(t, "/intake/"+token+"/selfcare").expect(t, http.StatusOK).page(t).Find("[name=tried]").Length(); n == 0 {
				t.Error("the intake does not follow the form")
			}

			page := v.get(t, "/book?slot="+h.Slots[1].ID).page(t)
			if page.Find("[name=parking]").Length() == 0 || page.Find("[name=found]").Length() != 0 || page.Find("input[name=version]").AttrOr("value", "") != "2" {
				t.Error("the form does not ask the second version")
			}
			form = bookingForm(h.Slots[1].ID)
			for _, version := range []string{"", "2", "3", "draft", "\x00", "\xff"} { // none, the right one, and what nobody has published
				form["version"] = []string{version}
				v.post(t, "/book", form).expect(t, http.StatusUnprocessableEntity)
			}
			form.Set("parking", "yes")
			token = strings.TrimPrefix(v.post(t, "/book", form).expect(t, http.StatusSeeOther).to(), "/booking/")
			h.wantVersion(t, token, "2")
			v.get(t, "/intake/"+token+"/selfcare").expect(t, http.StatusNotFound)
			if title := v.get(t, "/intake/"+token+"/goal").page(t).Find("h1").Text(); !strings.Contains(title, "（第二版）") {
				t.Errorf("the first section is called %q", title)
			}
			h.wantVersion(t, h.bookByAPI(t, v, h.Slots[2].ID), "2")
		})
	}
}

// bookByAPI books over the API and returns the token of the letter's link.
func (h *house) bookByAPI(t *testing.T, v *visitor, slotID string) string {
	t.Helper()
	v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(slotID, "", nil)), http.Header{"Content-Type": {"application/json"}}).expect(t, http.StatusCreated)
	for {
		l, ok, err := h.Store.ClaimLetter(t.Context())
		must(t, err)
		if !ok {
			t.Fatal("the booking has no letter")
		}
		chart, err := h.Store.Intake(t.Context(), clinic.PatientByLink(l.Content.Token))
		must(t, err)
		if chart.Appointment.Slot.ID == slotID {
			return l.Content.Token
		}
	}
}

func (h *house) wantVersion(t *testing.T, token, want string) {
	t.Helper()
	chart, err := h.Store.Intake(t.Context(), clinic.PatientByLink(token))
	must(t, err)
	if got := chart.Appointment.Booking.QuestionnaireVersion; got != want {
		t.Errorf("the booking was asked version %q, want %q", got, want)
	}
}

// Nothing that was answered is kept from the doctor: not what no version of the booking asks, not what is no longer asked
// of this patient.
func TestChart_HoldsTheAnswersToRetiredQuestions(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			// The booking is asked a version without the question; the answer is from before.
			retired := storetest.NextVersion(t, "2", func(q *intake.Questionnaire) { remove(q, "smoke", "found") })
			h.publish(t, retired)
			r := storetest.Request(h.Slots[0].ID, 1)
			r.QuestionnaireVersion = "2"
			r.Details.Answers["found"] = []string{"friend"}
			receipt := storetest.Book(t, h.Store, r)
			_, err := h.Store.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(c store.Chart) (intake.Record, error) {
				record := c.Intake
				record.UpdatedAt = h.Clock.Now()
				record.Answers = intake.Answers{
					"height": {"160"}, "smoke": {"past"}, "before_all_versions": {"some_code", "言葉"},
					"neck": {"swallow"}, // the neck is asked about with the chin, and this patient has come about the back
				}
				return record, nil
			})
			must(t, err)
			doctor := h.signedIn(t, "ja", clinic.Staff{Role: clinic.DoctorRole, DoctorID: h.Slots[0].DoctorID})
			page := doctor.get(t, "/office/charts/"+receipt.BookingID).expect(t, http.StatusOK).page(t)
			earlier := page.Find(`section[aria-labelledby="earlier"]`)
			if title := earlier.Find("h3").Text(); title != "以前の質問" {
				t.Errorf("it is headed %q", title)
			}
			var got []string
			for _, answer := range earlier.Find(".answer").EachIter() {
				got = append(got, answer.AttrOr("id", "")+" "+answer.Find("dt").Text()+": "+strings.TrimSpace(answer.Find("dd").Text()))
			}
			want := []string{
				"q-before_all_versions before_all_versions: some_code、言葉",
				"q-found " + h.labelOf(t, "found") + ": ご紹介",
				"q-neck " + h.labelOf(t, "neck") + ": 飲み込みにくい",
				"q-smoke " + h.labelOf(t, "smoke") + ": 以前吸っていた",
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if n := page.Find(".answers .answer").Length() - earlier.Find(".answer").Length(); page.Find("#q-height").Length() != 1 || n < 40 {
				t.Errorf("%d answers stand beside them", n)
			}
			reception := h.signedIn(t, "ja", clinic.Staff{Role: clinic.FrontDesk, EveryBranch: true})
			if text := string(reception.get(t, "/office/bookings/"+receipt.BookingID).expect(t, http.StatusOK).Body); strings.Contains(text, "飲み込み") || strings.Contains(text, "言葉") {
				t.Error("the front desk is shown an answer of the intake")
			}
		})
	}
}

func (h *house) labelOf(t *testing.T, id string) string {
	t.Helper()
	q, ok := h.Questions.Question(id)
	if !ok {
		t.Fatalf("%s is not asked", id)
	}
	return q.Label.JA
}

// No page and no call knows a question by its id: with other ids the whole way works the same.
func TestQuestionnaire_IDsMeanNothingToThePages(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			name := func(id string) string { return "z_" + id }
			other := h.publish(t, renamed(t, name))
			v := h.visitor(t, "ja")
			from := v.get(t, "/slots?branch="+h.Branch.ID+"&area=chin").page(t)
			if got := from.Find("input[name=area]").AttrOr("value", ""); got != "chin" {
				t.Errorf("the area of an article is %q", got)
			}
			if page := v.get(t, "/book?slot="+h.Slots[0].ID+"&area=chin").page(t); page.Find(`[name=z_areas][value=chin][checked]`).Length() != 1 {
				t.Error("the area of an article is not ticked in the form")
			}
			form := bookingForm(h.Slots[0].ID)
			for _, q := range h.Questions.Booking.Questions {
				if values, ok := form[q.ID]; ok {
					form[name(q.ID)] = values
					delete(form, q.ID)
				}
			}
			form["z_areas"] = []string{"chin"}
			token := strings.TrimPrefix(v.post(t, "/book", form).expect(t, http.StatusSeeOther).to(), "/booking/")
			for _, s := range other.Intake {
				answers := url.Values{}
				for _, q := range s.Questions {
					answers.Add("asked", q.ID)
					if values, ok := goodAnswers[strings.TrimPrefix(q.ID, "z_")]; ok {
						answers[q.ID] = values
					}
				}
				v.post(t, "/intake/"+token+"/"+s.ID, answers).expect(t, http.StatusSeeOther)
			}
			opened, err := h.Store.Intake(t.Context(), clinic.PatientByLink(token))
			must(t, err)
			if opened.Intake.CompletedAt == nil {
				t.Error("the intake is not complete")
			}
			doctor := h.signedIn(t, "ja", clinic.Staff{Role: clinic.DoctorRole, DoctorID: h.Slots[0].DoctorID})
			chart := doctor.get(t, "/office/charts/"+opened.Appointment.Booking.ID).expect(t, http.StatusOK).page(t)
			head := strings.Join(strings.Fields(chart.Find(".chart-head").Text()), " ")
			if !strings.Contains(head, "初めて") || !strings.Contains(head, "BMI 21.5（160 cm / 55 kg）") {
				t.Errorf("the chart is headed %q", head)
			}
			if label := chart.Find("svg.body").First().AttrOr("aria-label", ""); label != "からだの図（前）：あごの下（最も気になる）" {
				t.Errorf("the figure says %q", label)
			}
			if n := chart.Find("dl.causes svg").Length(); n != 4 {
				t.Errorf("%d causes are known", n)
			}
			if n := chart.Find("li.caution").Length(); n < 5 {
				t.Errorf("%d cautions", n)
			}
			if quotes := chart.Find(".quotes").Text(); !strings.Contains(quotes, "後ろ姿") || !strings.Contains(quotes, "駐車場はありますか。") {
				t.Errorf("quoted is %q", quotes)
			}
			for _, s := range chart.Find("li.caution .reasons a").EachIter() {
				if target := s.AttrOr("href", "#"); chart.Find(target).Length() != 1 {
					t.Errorf("%s leads nowhere", target)
				}
			}

			// The API asks for the areas, the consents and, of a minor, the guardian, whatever they are called.
			for path, value := range map[string]any{"areas": []string{"tail"}, "consents.privacy": false, "consents.cancellation": false, "patient.birth_date": "2010-01-01"} {
				p := v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(h.Slots[1].ID, path, value)), http.Header{"Content-Type": {"application/json"}}).
					expect(t, http.StatusUnprocessableEntity).problem(t)
				if len(p.Errors) != 1 || p.Errors[0].Location != "body."+path {
					t.Errorf("%s: %+v", path, p.Errors)
				}
			}
			byAPI, err := h.Store.Intake(t.Context(), clinic.PatientByLink(h.bookByAPI(t, v, h.Slots[1].ID)))
			must(t, err)
			details := byAPI.Appointment.Booking.Details
			if len(details.Answers["z_areas"]) == 0 || len(details.Consents) != 2 || details.Consents[0].Kind != "z_c_privacy" {
				t.Errorf("%+v", details)
			}
		})
	}
}

// renamed is the built-in questionnaire as version 2 with another name for every question, wherever it is named.
func renamed(t *testing.T, name func(string) string) intake.Publication {
	t.Helper()
	p := storetest.NextVersion(t, "2", func(q *intake.Questionnaire) {
		uses, err := json.Marshal(q.Uses)
		must(t, err)
		var names map[string]string
		must(t, json.Unmarshal(uses, &names))
		for use, id := range names {
			names[use] = name(id)
		}
		uses, err = json.Marshal(names)
		must(t, err)
		must(t, json.Unmarshal(uses, &q.Uses))
		for _, list := range [][]string{q.Summary.Head, q.Summary.Concern, q.Summary.SoFar, q.Summary.Words} {
			for i := range list {
				list[i] = name(list[i])
			}
		}
		for _, c := range q.Causes {
			for i := range c.Signs {
				c.Signs[i].Question = name(c.Signs[i].Question)
			}
		}
		for _, s := range append([]intake.Section{q.Booking}, q.Intake...) {
			for i := range s.Questions {
				question := &s.Questions[i]
				question.ID = name(question.ID)
				if question.OptionsOf != "" {
					question.OptionsOf = name(question.OptionsOf)
				}
				for j := range question.ShowIf.Any {
					question.ShowIf.Any[j].Question = nameUnlessFact(question.ShowIf.Any[j].Question, name)
				}
			}
		}
	})
	var lines []string
	for line := range strings.Lines(string(p.Cautions)) {
		fields := strings.Split(line, "|")
		if !strings.HasPrefix(line, "#") && len(fields) == 4 {
			condition, err := intake.ParseCondition(fields[2])
			must(t, err)
			for i := range condition.Any {
				condition.Any[i].Question = nameUnlessFact(condition.Any[i].Question, name)
			}
			fields[2] = condition.String()
			lines = append(lines, strings.Join(fields, "|"))
		}
	}
	p.Cautions = []byte(strings.Join(lines, ""))
	return p
}

func nameUnlessFact(id string, name func(string) string) string {
	if slices.Contains([]string{intake.FactAge, intake.FactSex, intake.FactBMI, intake.FactAreas}, id) {
		return id
	}
	return name(id)
}
