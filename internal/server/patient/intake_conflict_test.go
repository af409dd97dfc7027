package patient_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// sides are both answers to a question on the page of a conflict.
func sides(a *servertest.Answer, id string) []string {
	return a.Texts(`label:has([name="choice-` + id + `"]) .answer`)
}

// answersOf are the answers in force behind a link.
func answersOf(t *testing.T, s *servertest.Site, token string) map[string][]string {
	t.Helper()
	chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
	servertest.Must(t, err)
	return chart.Intake.Answers
}

// A page that was opened before another device answered erases nothing: both answers stand side by side, and the patient chooses.
func TestIntake_AnOlderPageErasesNothing(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		section := bodySection(t, s)
		path := "/intake/" + token + "/" + section.ID
		old := v.Get(path).Want(http.StatusOK)
		v.PostForm(path, servertest.SectionForm(section, servertest.Answers())).Want(http.StatusSeeOther)
		before := s.Facts(t)

		// The older page is sent: by the button that goes on, and by the one for later.
		typed := servertest.SectionForm(section, servertest.Answers())
		typed["seen-revision"], typed["height"], typed["weight"] = []string{old.Revision()}, []string{"171"}, []string{"60.4"}
		var late *servertest.Answer
		for _, next := range []string{"", "later"} {
			typed.Set("next", next)
			late = v.PostForm(path, typed).Want(http.StatusConflict)
			if got := sides(late, "height"); !slices.Equal(got, []string{"160 cm", "171 cm"}) {
				t.Errorf("side by side stand %q", got)
			}
			if late.Find(`[name="choice-weight"]`).Length() != 0 {
				t.Error("what is the same is asked about")
			}
		}
		again := v.PostForm(path, late.Form()).Want(http.StatusConflict)
		if again.Find("#choice-height-error").Length() != 1 || late.Find("#choice-height-error").Length() != 0 {
			t.Error("a missing choice is not marked, or is before anybody could choose")
		}
		s.WantUnchanged(t, before)

		v.PostForm(path, late.Form("choice-height", "stored", "next", "")).Want(http.StatusSeeOther)
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"160"}) {
			t.Errorf("the stored answer was chosen, and it is %v", got)
		}
		v.PostForm(path, late.Form("choice-height", "typed", "next", "")).Want(http.StatusSeeOther)
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"171"}) {
			t.Errorf("what was typed was chosen, and it is %v", got)
		}
		// Without the revision, as from a page of an older program, nothing was seen.
		typed.Del("seen-revision")
		typed.Set("height", "180")
		v.PostForm(path, typed).Want(http.StatusConflict)
		// The page as it is now goes through.
		v.PostForm(path, v.Get(path).Form("height", "180")).Want(http.StatusSeeOther)
	})
}

// What is put off is kept as it was typed, and shown again with its error; what was good stays in force until something else is.
func TestIntake_LaterKeepsWhatWasTyped(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		slot := s.SlotOf(t, 0, 0)
		v := s.Visitor(t)
		token := v.Book(slot.ID)
		s.AnswerIntake(t, token, servertest.Answers())
		section := bodySection(t, s)
		path := "/intake/" + token + "/" + section.ID

		later := v.PostForm(path, v.Get(path).Form("height", " 158センチ", "next", "later")).Want(http.StatusSeeOther)
		review := v.Get(later.Location()).Want(http.StatusOK)
		review.WantText("[role=status]", "まだ完成していない項目が1件あります")
		review.WantText("main", "まだ完成していません 158センチ 数字で入力してください。")
		review.WantText("main", "160 cm")
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"160"}) {
			t.Errorf("in force is %v", got)
		}
		page := v.Get(path).Want(http.StatusOK)
		page.WantField("height", " 158センチ")
		doctor := s.SignedIn(t, servertest.Doctor)
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		shown := doctor.Get("/office/charts/" + chart.Appointment.Booking.ID).Want(http.StatusOK)
		shown.WantText("#q-height", "160 cm")
		shown.WantText("#q-height", "入力途中（未確定） 158センチ")

		// Sent by the main button, it is refused as before, and nothing is lost.
		v.PostForm(path, page.Form()).Want(http.StatusUnprocessableEntity).WantField("height", " 158センチ")
		v.PostForm(path, page.Form("height", "158")).Want(http.StatusSeeOther)
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"158"}) {
			t.Errorf("in force is %v", got)
		}
		if v.Get(path).Find("#height-error").Length() != 0 {
			t.Error("the good answer is shown with an error")
		}

		// A text that is too long.
		section, text := sectionWith(t, s, func(q intake.Question) bool { return q.Kind == intake.LongText && servertest.Answers().Has(q.ID) })
		path = "/intake/" + token + "/" + section.ID
		long := strings.Repeat("長", clinic.MaxText+1)
		v.PostForm(path, v.Get(path).Form(text, long, "next", "later")).Want(http.StatusSeeOther)
		if page := v.Get(path); page.Find("#"+text+"-error").Length() != 1 || page.Find("#"+text).Text() != long {
			t.Error("the long text is not there as it was typed")
		}
		if got := answersOf(t, s, token)[text]; !slices.Equal(got, servertest.Answers()[text]) {
			t.Errorf("in force is %v", got)
		}
	})
}

// Once the booking is cancelled, or the counseling has begun or ended, every page of the intake says so, and nothing is taken any more.
func TestIntake_IsClosed(t *testing.T) {
	for what, closing := range map[string]struct {
		close func(t *testing.T, b *servertest.Booked)
		says  string
	}{
		"begun": {func(t *testing.T, b *servertest.Booked) {
			t.Helper()
			b.Clock.Advance(b.Slots[0].StartsAt.Sub(b.Clock.Now()))
		}, "カウンセリングのお時間です"},
		"called in": {func(t *testing.T, b *servertest.Booked) {
			t.Helper()
			b.Clock.Advance(b.Slots[0].StartsAt.Add(-10 * time.Minute).Sub(b.Clock.Now()))
			servertest.Must(t, b.Store.Step(t.Context(), storetest.Owner, b.BookingID, clinic.Booked, clinic.Arrived))
			servertest.Must(t, b.Store.Step(t.Context(), storetest.Owner, b.BookingID, clinic.Arrived, clinic.InProgress))
		}, "カウンセリングのお時間です"},
		"cancelled": {func(t *testing.T, b *servertest.Booked) { t.Helper(); b.Cancel(t, b.BookingID) }, "このご予約はキャンセルされています"},
		"over": {func(t *testing.T, b *servertest.Booked) {
			t.Helper()
			b.Clock.Advance(b.Slots[0].EndsAt.Sub(b.Clock.Now()))
		}, "カウンセリングは終了しました"},
	} {
		t.Run(what, func(t *testing.T) {
			b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
			section := bodySection(t, b.Site)
			path := "/intake/" + b.Token + "/" + section.ID
			form := b.Patient.Get(path).Form("height", "171")
			if what == "over" {
				b.Clock.Advance(b.Slots[0].StartsAt.Add(-time.Second).Sub(b.Clock.Now()))
				b.Patient.Get(path).Want(http.StatusOK)
			}
			closing.close(t, b)
			before := b.Facts(t)
			for _, a := range []*servertest.Answer{
				b.Patient.Get("/intake/" + b.Token), b.Patient.Get("/intake/" + b.Token + "/review"), b.Patient.Get("/intake/" + b.Token + "/done"),
				b.Patient.Get(path), b.Patient.PostForm(path, form),
			} {
				status := http.StatusGone
				if strings.HasPrefix(a.Asked, http.MethodPost) {
					status = http.StatusConflict
				}
				a.Want(status).WantText("h1", closing.says)
				if ends := a.Find("[data-draft-ends]").AttrOr("data-draft-ends", ""); !strings.Contains(ends, "/intake/"+b.Token) {
					t.Errorf("%s: what was typed is not forgotten: %q", a.Asked, ends)
				}
				if a.Find("main a[href^='tel:']").Length() != 1 || strings.Contains(a.Text("main"), "160") {
					t.Errorf("%s: there is nobody to call, or an answer is shown", a.Asked)
				}
			}
			// What was sent stands there for whoever sent it, also where that is no browser that may see what is stored; nothing is in an address.
			for _, v := range []*servertest.Visitor{b.Patient, b.Visitor(t)} {
				late := v.PostForm(path, form).Want(http.StatusConflict)
				late.WantText("#typed", "保存されていません")
				late.WantText("#typed dd", "171 cm")
				if late.Header.Get("Cache-Control") != "no-store" || late.Location() != "" {
					t.Errorf("it may be kept, or is sent on: %v", late.Header)
				}
			}
			form.Set("next", "keep")
			if a := b.Patient.PostForm(path, form).Want(http.StatusGone); a.Find("#typed").Length() != 0 {
				t.Error("a script is answered with what was typed")
			}
			b.WantUnchanged(t, before)
			booking := b.Patient.Get("/booking/" + b.Token).Want(http.StatusOK)
			at := "h1"
			if what == "begun" || what == "called in" { // the booking itself stands
				at = "#next"
			}
			booking.WantText(at, closing.says)
			if booking.Find("main a[href^='/intake']").Length() != 0 {
				t.Error("the booking leads to what is closed")
			}
			b.SignedIn(t, servertest.Doctor).Get("/office/charts/"+b.BookingID).Want(http.StatusOK).WantText("#q-height", "160 cm")
			method, status := "METHOD:PUBLISH", "STATUS:CONFIRMED"
			if what == "cancelled" {
				method, status = "METHOD:CANCEL", "STATUS:CANCELLED"
			}
			if file := b.Patient.Get("/booking/" + b.Token + "/calendar.ics").Want(http.StatusOK).Body; !strings.Contains(file, method) || !strings.Contains(file, status) {
				t.Errorf("the calendar entry says\n%s", file)
			}
		})
	}
}

// bodySection is the section that asks for the height.
func bodySection(t *testing.T, s *servertest.Site) intake.Section {
	t.Helper()
	section, _ := sectionWith(t, s, func(q intake.Question) bool { return q.ID == s.Questions.Uses.Height })
	return section
}

// sectionWith is the first section with a question of some kind, and the question's id.
func sectionWith(t *testing.T, s *servertest.Site, good func(intake.Question) bool) (section intake.Section, id string) {
	t.Helper()
	for _, section := range s.Questions.Intake {
		if i := slices.IndexFunc(section.Questions, good); i >= 0 {
			return section, section.Questions[i].ID
		}
	}
	t.Fatal("no section asks for it")
	return intake.Section{}, ""
}
