package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestWalk_ChartIsLive: a doctor goes through their day with the keyboard. Somebody answers while their chart is open: what came is marked, the
// list follows, and the place in the page and the focus stay. What was on view for a while is read.
func TestWalk_ChartIsLive(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	token := bookOnly(t, d)
	chart := d.chart(t, token)
	id := chart.Appointment.Booking.ID
	doctor := browsertest.Visit(t, d.URL, browsertest.Tablet)
	signIn(t, d, doctor, "doctor")
	doctor.Open("/office/doctor?date=" + chart.Appointment.Slot.StartsAt.In(chart.Appointment.Branch.Location()).Format("2006-01-02"))
	doctor.Look("day")

	// From chart to chart by keys, and back.
	doctor.Open("/office/charts/" + id)
	doctor.WaitFor("[data-keys]:not([hidden])")
	first := doctor.Path()
	if doctor.Sees(`[data-key="j"]`) {
		doctor.KeyTo(http.StatusOK, "j")
		if doctor.Path() == first {
			t.Error("J leads to nobody")
		}
		doctor.WaitFor("[data-keys]:not([hidden])")
		doctor.KeyTo(http.StatusOK, "k")
	}
	if doctor.Path() != first {
		t.Errorf("K leads to %s", doctor.Path())
	}
	doctor.WaitFor("[data-keys]:not([hidden])")
	doctor.Keys("?")
	doctor.WaitFor("#keys[open]")
	if said := doctor.Text("#keys"); !strings.Contains(said, "次の方") || !strings.Contains(said, "すべての回答") {
		t.Errorf("the keys are said to be %s", said)
	}
	doctor.Click("#keys form button")
	doctor.WaitFor("#keys:not([open])")

	// The patient answers, page by page, while the chart is open and the doctor stands at something in the list.
	doctor.WaitFor(`#live-state[data-state="on"]`)
	if !strings.Contains(doctor.Text("#visit-"+id), "問診 未回答") {
		t.Errorf("the list says %s", doctor.Text("#visit-"+id))
	}
	focused := browsertest.Read[string](doctor, `(document.getElementById("visit-`+id+`").focus(), window.scrollTo(0, 40), document.activeElement.id)`)
	answerAll(t, d, token)
	doctor.WaitFor("#line-bleeding[data-new]")
	doctor.WaitFor(".cell-medicines[data-new]")
	doctor.WaitFor("#news:not(:empty)")
	doctor.WaitFor("#visit-" + id + " .tag.stop")
	if now := browsertest.Read[string](doctor, "document.activeElement.id"); now != focused {
		t.Errorf("the focus went from %q to %q", focused, now)
	}
	if top := browsertest.Read[float64](doctor, "window.scrollY"); top != 40 {
		t.Errorf("the page moved to %v", top)
	}
	doctor.Look("arrived")

	// What was on view for three seconds is read, and the list says so.
	doctor.WaitFor("#visit-" + id + ":not(:has(.tag.info))")
	withStore(t, d.settings, func(s *store.Store) {
		c, err := s.ChartFor(t.Context(), storetest.DoctorActor(chart.Appointment.Doctor.ID), id)
		must(t, err)
		if c.Intake.Unread(c.Read) || c.Read == 0 {
			t.Errorf("revision %d was read up to %d", c.Intake.Revision, c.Read)
		}
	})

	// Letters are keys no more once they are switched off.
	doctor.Keys("?")
	doctor.WaitFor("#keys[open]")
	doctor.Click("[data-keys-off]")
	doctor.Click("#keys form button")
	doctor.WaitFor("#keys:not([open])")
	doctor.Keys("?")
	if doctor.Sees("#keys[open]") {
		t.Error("a key works that was switched off")
	}
}

// bookOnly books the first free time of the doctor who signs in, and answers nothing.
func bookOnly(t *testing.T, d *demoClinic) (token string) {
	t.Helper()
	v := newVisitor(t, d.process)
	slot := freeSlotOf(t, v, "見本 花")
	v.post("/hold", url.Values{"slot": {slot}}).expect(t, http.StatusOK, "/book")
	form := url.Values{
		"slot": {slot}, "family_name": {"例示"}, "given_name": {"澄"}, "family_kana": {"レイジ"}, "given_kana": {"スミ"}, "sex": {"f"},
		"birth_year": {"1990"}, "birth_month": {"4"}, "birth_day": {"1"}, "phone": {"090-0000-5678"}, "email": {patientOfDoctor}, "article": {"back-fat"},
	}
	for id, values := range bookingTells {
		form[id] = values
	}
	booked := v.post("/book", form).expect(t, http.StatusOK, "/booking/")
	return strings.TrimPrefix(booked.URL.Path, "/booking/")
}

// answerAll answers every section behind a link, and returns who did.
func answerAll(t *testing.T, d *demoClinic, token string) *visitor {
	t.Helper()
	v := newVisitor(t, d.process)
	for _, section := range questionnaire(t).Intake {
		form := url.Values{}
		for _, q := range section.Questions {
			if values := doctorTells[q.ID]; len(values) > 0 {
				form[q.ID] = values
			}
			form.Add("asked", q.ID)
		}
		v.post("/intake/"+token+"/"+section.ID, form).expect(t, http.StatusOK, "/intake/"+token+"/")
	}
	return v
}
