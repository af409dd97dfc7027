package main_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
)

// TestWalk_ResumeOnAnotherDevice: somebody answers on a telephone, which is then never seen again, and goes on from the letter on another
// device: at the same place, with everything. With scripts each answer is there as it was given; without, what was sent.
func TestWalk_ResumeOnAnotherDevice(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	for n, scripts := range []bool{true, false} {
		name := map[bool]string{true: "resume", false: "resume-plain"}[scripts]
		email := name + "@example.jp"
		form := goodForm(d.freeLater(t, n))
		form.Set("email", email)
		form.Set("areas", "back")
		form.Set("phone", []string{"090-0000-7301", "090-0000-7302"}[n])
		form.Set("birth_day", []string{"23", "24"}[n])
		newVisitor(t, d.process).post("/book", form).expect(t, 200, "/booking/")
		link := regexp.MustCompile(`/intake/[a-z0-9]{26}`).FindString(d.letterTo(t, email, 1).Text)
		token := strings.TrimPrefix(link, "/intake/")
		visit := func(width int64) *browsertest.Visitor {
			v := browsertest.Visit(t, d.URL, width)
			if !scripts {
				v.TurnScriptsOff()
			}
			v.Open(link)
			return v
		}

		telephone := visit(browsertest.Phone)
		if scripts {
			leaveInMidSection(t, d, telephone, token)
		} else {
			leaveAfterSection(t, telephone)
		}

		tablet := visit(browsertest.Tablet)
		for _, field := range []string{"birth_year", "birth_month", "birth_day"} {
			tablet.Type(field, form.Get(field))
		}
		tablet.Follow("確かめて、続きを開く")
		want := map[bool]string{true: "/goal#q-weight", false: "/posture#q-phone_h"}[scripts]
		if at := tablet.Path(); at != link+want {
			t.Errorf("the letter leads to %s, want %s", at, link+want)
		}
		if scripts {
			got := slices.Concat(tablet.Values("look"), tablet.Values("height"), tablet.Values("weight"))
			if !slices.Equal(got, []string{"fat", "line", "158.5", "六十"}) || !tablet.Sees("#weight-error") {
				t.Errorf("the other device shows %q", got)
			}
		} else if got := tablet.Values("sit_h"); !slices.Equal(got, []string{"h9p"}) {
			t.Errorf("the other device shows %q", got)
		}
		place := browsertest.Read[float64](tablet, `document.querySelector(location.hash).getBoundingClientRect().top`)
		if place < 0 || place > 700 {
			t.Errorf("the place stands at %v pixels", place)
		}
		tablet.LookAt(name+"-on", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		finish(t, d, tablet, token, scripts)
		if scripts {
			olderPageChangesNothing(t, d, telephone, token)
		}
	}
}

// leaveInMidSection answers a few questions, sends nothing, and says what the patient is told meanwhile.
func leaveInMidSection(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string) {
	t.Helper()
	v.LookAt("intake-begin", 320, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	before := v.Text("[data-answered]")
	if !regexp.MustCompile(`^質問 0 / \d\d$`).MatchString(before) || !regexp.MustCompile(`^あと\d〜\d分ほど$`).MatchString(v.Text("[data-left-minutes]")) {
		t.Errorf("the page says %q, %q", before, v.Text("[data-left-minutes]"))
	}
	if told := v.Text("[data-kept]"); told != "お答えは、そのつど保存されます。" {
		t.Errorf("of saving is said %q", told)
	}
	v.Choose("look", "fat", "line")
	v.Type("height", "１５８．５")
	v.Type("weight", "六十")
	eventually(t, "what was given is stored", func() bool {
		r := d.chart(t, token).Intake
		return slices.Equal(r.Answers["look"], []string{"fat", "line"}) && slices.Equal(r.Answers["height"], []string{"158.5"}) && slices.Equal(r.Typed["weight"], []string{"六十"})
	})
	eventually(t, "the page says so", func() bool {
		return strings.HasPrefix(v.Text("[data-answered]"), "質問 2 / ") && regexp.MustCompile(`^ここまで保存しました（\d+:\d\d）$`).MatchString(v.Text("[data-kept]"))
	})
	if kept := browsertest.Read[bool](v, `Object.keys(sessionStorage).some(k => k.startsWith("draft:"))`); kept {
		t.Error("what is stored is still a draft in the browser")
	}
	if r := d.chart(t, token).Intake; len(r.Done) != 0 || r.CompletedAt != nil {
		t.Errorf("a section that was never sent counts as sent: %v", r.Done)
	}
	v.Look("intake-kept")
}

// leaveAfterSection sends a section and puts the next one off, as it goes without scripts.
func leaveAfterSection(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	goal, _ := questionnaire(t).Section("goal")
	fill(v, goal, patientTells)
	for strings.HasSuffix(v.Path(), "/goal") { // once more where an answer asks for more
		v.Follow("保存して次へ")
		if strings.HasSuffix(v.Path(), "/goal") {
			fill(v, goal, patientTells)
		}
	}
	if v.Sees("[data-kept]") {
		t.Error("a page without scripts says that it saves by itself")
	}
	v.Choose("sit_h", "h9p")
	v.Follow("保存して、あとで続ける")
}

// finish answers all that remains and sends it.
func finish(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string, scripts bool) {
	t.Helper()
	if scripts {
		v.Type("weight", "60.4")
	}
	tells := maps.Clone(patientTells)
	tells["meds"] = []string{"none"}
	for range 2 * len(questionnaire(t).Intake) {
		at, _, _ := strings.Cut(strings.TrimPrefix(v.Path(), "/intake/"+token+"/"), "#")
		if at == "review" {
			break
		}
		section, ok := questionnaire(t).Section(at)
		if !ok {
			t.Fatalf("going on leads to %s", v.Path())
		}
		fill(v, section, tells)
		v.FollowAt("[data-main]")
	}
	v.LookAt("review-before-sending", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Follow("回答を終える")
	chart := d.chart(t, token)
	if chart.Intake.CompletedAt == nil || !slices.Equal(chart.Intake.Answers["weight"], []string{"60.4"}) || chart.Appointment.Booking.Status != clinic.Booked {
		t.Errorf("stored is %v of %s", chart.Intake.Answers, chart.Appointment.Booking.Status)
	}
}

// olderPageChangesNothing: the telephone turns up again, with its old page. What the other device has sent stays, and the telephone says why it no
// longer saves.
func olderPageChangesNothing(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string) {
	t.Helper()
	before := d.chart(t, token).Intake.Revision
	v.Type("height", "171")
	eventually(t, "the older page says that it is older", func() bool { return strings.Contains(v.Text("[data-kept]"), "ほかの画面や端末で") })
	if r := d.chart(t, token).Intake; r.Revision != before || !slices.Equal(r.Answers["height"], []string{"158.5"}) {
		t.Errorf("the older page has stored %v", r.Answers["height"])
	}
}
