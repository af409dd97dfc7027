package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// publish publishes the next version a minute later.
func publish(t *testing.T, s *servertest.Site, p intake.Publication) *intake.Questionnaire {
	t.Helper()
	s.Clock.Advance(time.Minute)
	q, err := s.Store.PublishQuestionnaire(t.Context(), storetest.Owner, p)
	servertest.Must(t, err)
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
	q.Summary.Complaint = slices.DeleteFunc(q.Summary.Complaint, gone)
	q.Facts, q.Cells, q.Contradictions = nil, nil, nil
	for i := range q.Causes {
		q.Causes[i].Signs = slices.DeleteFunc(q.Causes[i].Signs, func(s intake.Sign) bool { return gone(s.Question) })
	}
}

// rewritten is a third version that differs wherever it can: other words, another order, questions and options that are
// gone and new ones, and other cautions.
func rewritten(t *testing.T) intake.Publication {
	t.Helper()
	p := storetest.NextVersion(t, "5", func(q *intake.Questionnaire) {
		remove(q, "protein", "sit_h", "contact", "meds", "glp", "glp_last", "allergy", "allergy_txt")
		slices.Reverse(q.Intake[0].Questions[:4])
		q.Intake = slices.DeleteFunc(q.Intake, func(s intake.Section) bool { return len(s.Questions) == 0 })
		for _, s := range append([]intake.Section{q.Booking}, q.Intake...) {
			for i := range s.Questions {
				s.Questions[i].Label.JA += "（第三版）"
				slices.Reverse(s.Questions[i].Options)
				for j := range s.Questions[i].Options {
					s.Questions[i].Options[j].JA += "（第三版）"
				}
			}
		}
		for i := range q.Intake {
			q.Intake[i].Title.JA += "（第三版）"
		}
		q.Booking.Questions = append(q.Booking.Questions, intake.Question{
			ID: "parking", Kind: intake.One, Required: true, Label: intake.Text{JA: "お車で来られますか", EN: "Will you come by car?"},
			Options: []intake.Option{{Code: "yes", Text: intake.Text{JA: "はい", EN: "Yes"}}},
		})
	}, "meds", "glp_last", "allergy", "hx_cold")
	p.Cautions = append(p.Cautions, "\nall | block | late=no | M\n"...)
	return p
}

// drawn is what a page has that is another each time: the token of a link to come.
var drawn = regexp.MustCompile(`name="next" value="[a-z2-7]{26}"`)

// pagesOf are the pages on which a booking's questions and answers stand.
func pagesOf(b *servertest.Booked) map[string]string {
	out := map[string]string{}
	see := func(v *servertest.Visitor, path string) {
		out[path] = drawn.ReplaceAllString(v.Get(path).Want(http.StatusOK).Body, "")
	}
	see(b.Patient, "/booking/"+b.Token)
	see(b.Patient, "/intake/"+b.Token+"/review")
	see(b.Patient, "/intake/"+b.Token+"/done")
	for _, s := range b.Questions.Intake {
		see(b.Patient, "/intake/"+b.Token+"/"+s.ID)
	}
	see(b.FrontDesk, "/office/bookings/"+b.BookingID)
	see(b.FrontDesk, "/office/day?branch="+b.Branch.ID+"&date=2026-11-25")
	see(b.Doctor, "/office/doctor?date=2026-11-25")
	see(b.Doctor, "/office/charts/"+b.BookingID)
	return out
}

// Whoever was asked a version goes on with it, whatever is published later: wording, options, order, cautions.
func TestQuestionnaire_AnOldBookingKeepsItsVersion(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			before := pagesOf(b)
			publish(t, b.Site, rewritten(t))
			for path, page := range pagesOf(b) {
				if page != before[path] {
					t.Errorf("%s has changed", path)
				}
			}
			chart := "/office/charts/" + b.BookingID
			if page := before[chart]; !strings.Contains(page, "寒冷凝集素症") || strings.Contains(page, "寝る前の夕食：") {
				t.Error("the chart's cautions are not those of the version that was asked")
			}

			// What is changed now is changed by the old version, too.
			habits, _ := b.Questions.Section("habits")
			form := servertest.SectionForm(habits, servertest.Answers())
			form.Set("protein", "")
			a := b.Patient.PostForm("/intake/"+b.Token+"/habits", form).Want(http.StatusUnprocessableEntity)
			if got := a.Find(`#wrongs a[href="#protein"]`).Length(); got != 1 {
				t.Errorf("%d links to the question that a later version does not ask", got)
			}
			form.Set("protein", "low")
			form.Set("seen-revision", b.Patient.Get("/intake/"+b.Token+"/habits").Revision())
			b.Patient.PostForm("/intake/"+b.Token+"/habits", form).Want(http.StatusSeeOther)
			b.Doctor.Get(chart).WantText("#q-protein", "あまり食べない")
			b.Doctor.Get(chart).WantText("#answers", "第"+b.Questions.Version+"版")
		})
	}
}

// Who was asked the first version, as it was shipped, finds every answer on every page, whatever has become of its questions.
func TestQuestionnaire_TheFirstVersionStaysReadable(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		first := publish(t, s, storetest.FirstVersion(t))
		v := s.Visitor(t)
		form := servertest.BookingForm(s.SlotOf(t, 0, 0).ID)
		form.Set("found", "friend")
		token := v.PostForm("/book", form).Token()
		publish(t, s, storetest.NextVersion(t, "5", func(*intake.Questionnaire) {})) // what is built in, after the first

		for _, section := range first.Intake {
			v.PostForm("/intake/"+token+"/"+section.ID, servertest.SectionForm(section, storetest.FirstAnswers())).Want(http.StatusSeeOther)
		}
		opened, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		if opened.Intake.CompletedAt == nil || opened.Appointment.Booking.QuestionnaireVersion != "1" {
			t.Fatalf("the first version is not answered: %+v", opened.Intake)
		}
		chart := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + opened.Appointment.Booking.ID).Want(http.StatusOK)
		review := v.Get("/intake/" + token + "/review").Want(http.StatusOK)
		for _, section := range first.Intake {
			for _, q := range section.Questions {
				if values := opened.Intake.Answers[q.ID]; len(values) > 0 {
					shown := strings.Join(q.Show(values, "ja"), "、")
					chart.WantText("#q-"+q.ID+" dt", q.Label.JA)
					chart.WantText("#q-"+q.ID+" dd", shown)
					review.WantText("main", shown)
				}
			}
		}
		chart.WantText("#answers", "第1版")
		chart.WantText("#q-found dd", "ご紹介")
		chart.WantText(".cautions", "1型糖尿病")
		if label := chart.Find("svg.body").Eq(1).AttrOr("aria-label", ""); label != "からだの図（後ろ）：背中（最も気になる）、裏もも" {
			t.Errorf("the figure says %q", label)
		}
		if chart.Find(`[aria-labelledby="earlier"]`).Length() != 0 {
			t.Error("an answer counts as one to a question that was not asked")
		}
	})
}

// Whoever books now is asked the newest version, by the pages and by the API.
func TestQuestionnaire_ANewBookingIsAskedTheNewVersion(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		v.Post("/hold", "slot", s.Slots[0].ID)
		opened := v.Get("/book?slot=" + s.Slots[0].ID) // under the second version
		publish(t, s, rewritten(t))

		// A form that was open meanwhile is taken as it was asked.
		form := servertest.BookingForm(s.Slots[0].ID)
		form.Set("version", opened.Find("input[name=version]").AttrOr("value", ""))
		token := v.PostForm("/book", form).Token()
		wantVersion(t, s, token, "4")
		if n := v.Get("/intake/" + token + "/habits").Want(http.StatusOK).Find("[name=protein]").Length(); n == 0 {
			t.Error("the intake does not follow the form")
		}

		page := v.Get("/book?slot=" + s.Slots[1].ID)
		if page.Find("[name=parking]").Length() == 0 || page.Find("[name=contact]").Length() != 0 || page.Find("input[name=version]").AttrOr("value", "") != "5" {
			t.Error("the form does not ask the third version")
		}
		form = servertest.BookingForm(s.Slots[1].ID)
		for _, version := range []string{"", "5", "6", "draft", "\x00", "\xff"} { // none, the right one, and what nobody has published
			form.Set("version", version)
			v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
		}
		form.Set("parking", "yes")
		form.Set("another", "yes")
		token = v.PostForm("/book", form).Token()
		wantVersion(t, s, token, "5")
		v.Get("/intake/" + token + "/medicine").Want(http.StatusNotFound)
		v.Get("/intake/"+token+"/goal").WantText("h1", "（第三版）")
		wantVersion(t, s, bookByAPI(t, s, s.Slots[2].ID), "5")
	})
}

// bookByAPI books over the API and returns the token of the letter's link.
func bookByAPI(t *testing.T, s *servertest.Site, slotID string) string {
	t.Helper()
	s.Visitor(t).Call(servertest.CallBody(slotID)).Want(http.StatusCreated)
	for {
		letter := s.ClaimLetter(t)
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(letter.Content.Token))
		servertest.Must(t, err)
		if chart.Appointment.Slot.ID == slotID {
			return letter.Content.Token
		}
	}
}

func wantVersion(t *testing.T, s *servertest.Site, token, want string) {
	t.Helper()
	chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
	servertest.Must(t, err)
	if got := chart.Appointment.Booking.QuestionnaireVersion; got != want {
		t.Errorf("the booking was asked version %q, want %q", got, want)
	}
}

// Nothing that was answered is kept from the doctor: not what no version of the booking asks, not what is no longer asked
// of this patient.
func TestChart_HoldsTheAnswersToRetiredQuestions(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		// The booking is asked a version without the question; the answer is from before.
		publish(t, s, storetest.NextVersion(t, "5", func(q *intake.Questionnaire) { remove(q, "protein", "contact") }))
		r := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
		r.QuestionnaireVersion = "5"
		r.Details.Answers["contact"] = []string{"tel"}
		receipt := storetest.Book(t, s.Store, r)
		_, err := s.Store.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(c store.Chart) (intake.Record, error) {
			record := c.Intake
			record.UpdatedAt = s.Clock.Now()
			record.Answers = intake.Answers{
				"height": {"160"}, "protein": {"low"}, "before_all_versions": {"some_code", "言葉"},
				"neck": {"swallow"}, // the neck is asked about with the chin, and this patient has come about the back
			}
			return record, nil
		})
		servertest.Must(t, err)
		page := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + receipt.BookingID).Want(http.StatusOK)
		earlier := page.Find(`section[aria-labelledby="earlier"]`)
		if title := earlier.Find("h3").Text(); title != "以前の質問" {
			t.Errorf("it is headed %q", title)
		}
		got := earlier.Find(".answer").Map(func(_ int, answer *goquery.Selection) string {
			return answer.AttrOr("id", "") + " " + answer.Find("dt").Text() + ": " + strings.TrimSpace(answer.Find("dd").Text())
		})
		want := []string{
			"q-before_all_versions before_all_versions: some_code、言葉",
			"q-contact " + labelOf(t, s, "contact") + ": 電話",
			"q-neck " + labelOf(t, s, "neck") + ": 飲み込みにくい",
			"q-protein " + labelOf(t, s, "protein") + ": あまり食べない",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if n := page.Find(".answers .answer").Length() - earlier.Find(".answer").Length(); page.Find("#q-height").Length() != 1 || n < 25 {
			t.Errorf("%d answers stand beside them", n)
		}
		if text := s.SignedIn(t, servertest.FrontDesk).Get("/office/bookings/" + receipt.BookingID).Want(http.StatusOK).Body; strings.Contains(text, "飲み込み") || strings.Contains(text, "言葉") {
			t.Error("the front desk is shown an answer of the intake")
		}
	})
}

func labelOf(t *testing.T, s *servertest.Site, id string) string {
	t.Helper()
	q, ok := s.Questions.Question(id)
	if !ok {
		t.Fatalf("%s is not asked", id)
	}
	return q.Label.JA
}

// No page and no call knows a question by its id: with other ids the whole way works the same.
func TestQuestionnaire_IDsMeanNothingToThePages(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		name := func(id string) string { return "z_" + id }
		other := publish(t, s, renamed(t, name))
		v := s.Visitor(t)
		if got := v.Get("/slots?branch="+s.Branch.ID+"&area=chin").Find("input[name=area]").AttrOr("value", ""); got != "chin" {
			t.Errorf("the area of an article is %q", got)
		}
		slot := s.SlotOf(t, 0, 0)
		if page := v.Get("/book?slot=" + slot.ID + "&area=chin"); page.Find(`[name=z_areas][value=chin][checked]`).Length() != 1 {
			t.Error("the area of an article is not ticked in the form")
		}
		form := servertest.BookingForm(slot.ID)
		form.Set("areas", "chin")
		for _, q := range s.Questions.Booking.Questions {
			if values, ok := form[q.ID]; ok {
				form[name(q.ID)] = values
				delete(form, q.ID)
			}
		}
		token := v.PostForm("/book", form).Token()
		answers := url.Values{}
		for id, values := range servertest.Answers() {
			answers[name(id)] = values
		}
		for _, section := range other.Intake {
			v.PostForm("/intake/"+token+"/"+section.ID, servertest.SectionForm(section, answers)).Want(http.StatusSeeOther)
		}
		opened, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		if opened.Intake.CompletedAt == nil {
			t.Error("the intake is not complete")
		}
		chart := s.SignedIn(t, servertest.Doctor).Get("/office/charts/" + opened.Appointment.Booking.ID).Want(http.StatusOK)
		chart.WantText(".chart-name", "初めて BMI 23.6 160 cm / 60.4 kg")
		if label := chart.Find("svg.body").First().AttrOr("aria-label", ""); label != "からだの図（前）：あごの下" {
			t.Errorf("the figure says %q", label)
		}
		if n := chart.Find(".four svg").Length(); n != 4 {
			t.Errorf("%d causes are known", n)
		}
		if n := chart.Find("tr.line").Length(); n < 5 {
			t.Errorf("%d cautions", n)
		}
		chart.WantText(".first-screen", "後ろ姿")
		chart.WantText(".first-screen", "駐車場はありますか。")
		chart.Find("tr.line .fact > a").Each(func(_ int, reason *goquery.Selection) {
			if target := reason.AttrOr("href", "#"); chart.Find(target).Length() != 1 {
				t.Errorf("%s leads nowhere", target)
			}
		})

		// The API asks for the areas, the consents and, of a minor, the guardian, whatever they are called.
		free := s.SlotOf(t, 0, 1).ID
		for path, value := range map[string]any{"areas": []string{"tail"}, "consents.privacy": false, "consents.cancellation": false, "patient.birth_date": "2010-01-01"} {
			p := v.Call(servertest.CallBodyWith(free, path, value)).Want(http.StatusUnprocessableEntity).Problem()
			if len(p.Errors) != 1 || p.Errors[0].Location != "body."+path {
				t.Errorf("%s: %+v", path, p.Errors)
			}
		}
		byAPI, err := s.Store.Intake(t.Context(), clinic.PatientByLink(bookByAPI(t, s, free)))
		servertest.Must(t, err)
		details := byAPI.Appointment.Booking.Details
		if len(details.Answers["z_areas"]) == 0 || len(details.Consents) != 2 || details.Consents[0].Kind != "z_c_privacy" {
			t.Errorf("%+v", details)
		}
	})
}

// renamed is the built-in questionnaire as version 5 with another name for every question, wherever it is named.
func renamed(t *testing.T, name func(string) string) intake.Publication {
	t.Helper()
	p := storetest.NextVersion(t, "5", func(q *intake.Questionnaire) {
		uses, err := json.Marshal(q.Uses)
		servertest.Must(t, err)
		var names map[string]string
		servertest.Must(t, json.Unmarshal(uses, &names))
		for use, id := range names {
			names[use] = name(id)
		}
		uses, err = json.Marshal(names)
		servertest.Must(t, err)
		servertest.Must(t, json.Unmarshal(uses, &q.Uses))
		for _, d := range q.Derived {
			for i := range d.From {
				d.From[i] = name(d.From[i])
			}
		}
		for i := range q.Facts {
			for j := range q.Facts[i].Of {
				q.Facts[i].Of[j].Question = nameUnlessFact(q.Facts[i].Of[j].Question, name)
			}
			for j := range q.Facts[i].Words {
				q.Facts[i].Words[j] = name(q.Facts[i].Words[j])
			}
		}
		for i := range q.Cells {
			rename(q.Cells[i].None, name)
			for j := range q.Cells[i].Questions {
				q.Cells[i].Questions[j].Question = name(q.Cells[i].Questions[j].Question)
			}
		}
		for i := range q.Contradictions {
			rename(q.Contradictions[i].When, name)
			for j := range q.Contradictions[i].Questions {
				q.Contradictions[i].Questions[j] = name(q.Contradictions[i].Questions[j])
			}
		}
		for _, list := range [][]string{q.Summary.Complaint, q.Summary.Head, q.Summary.Concern, q.Summary.SoFar, q.Summary.Words} {
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
				rename(question.ShowIf, name)
				rename(question.RequiredIf, name)
				for j := range question.Options {
					rename(question.Options[j].ShowIf, name)
				}
			}
		}
	})
	var lines []string
	for line := range strings.Lines(string(p.Cautions)) {
		fields := strings.Split(line, "|")
		if !strings.HasPrefix(line, "#") && len(fields) >= 4 {
			condition, err := intake.ParseCondition(fields[2])
			servertest.Must(t, err)
			rename(condition, name)
			fields[2] = condition.String()
			lines = append(lines, strings.Join(fields, "|"))
		}
	}
	p.Cautions = []byte(strings.Join(lines, ""))
	return p
}

// rename gives the questions of a condition other ids.
func rename(c intake.Condition, name func(string) string) {
	for _, all := range c.Any {
		for i := range all {
			all[i].Question = nameUnlessFact(all[i].Question, name)
		}
	}
}

func nameUnlessFact(id string, name func(string) string) string {
	if slices.Contains([]string{intake.FactAge, intake.FactSex, intake.FactBMI, intake.FactAreas, intake.FactFromArticle, "goal_bmi"}, id) {
		return id
	}
	return name(id)
}
