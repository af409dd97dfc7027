package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestAnswerIntake_KeepsAnswersForPatientAndDoctorOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slot := c.Slots[0]
		receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
		answered := clock.Now()
		want := intake.Record{
			BookingID: receipt.BookingID, Revision: 1, Version: c.Questions.Version, Answers: intake.Answers{"height": {"158.5"}, "hx_cold": {"cad"}},
			Typed: map[string][]string{"weight": {"六十"}}, Changed: map[string]int{"height": 1, "hx_cold": 1, "weight": 1},
			Done: []string{"goal"}, UpdatedAt: answered,
		}
		_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(chart store.Chart) (intake.Record, error) {
			if chart.Intake.Answers != nil || chart.Appointment.Patient.GivenName != "花子一" {
				t.Errorf("before anything was answered: %+v", chart)
			}
			return want, nil
		})
		check(t, err)
		for name, open := range map[string]func() (store.Chart, error){
			"patient": func() (store.Chart, error) { return s.Intake(t.Context(), clinic.PatientByLink(receipt.Token)) },
			"doctor": func() (store.Chart, error) {
				return s.ChartFor(t.Context(), storetest.DoctorActor(slot.DoctorID), receipt.BookingID)
			},
		} {
			chart, err := open()
			check(t, err)
			want := want
			if name == "doctor" {
				want.Changed = nil // is for the patient's devices
			}
			if diff := cmp.Diff(want, chart.Intake); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		charts, err := s.Charts(t.Context(), storetest.DoctorActor(slot.DoctorID), storetest.Begin, storetest.Begin.Add(72*time.Hour))
		check(t, err)
		if len(charts) != 1 || len(charts[0].Intake.Answers) != 2 {
			t.Errorf("the doctor's day has %+v", charts)
		}

		other := c.Doctors[0].ID
		if other == slot.DoctorID {
			other = c.Doctors[1].ID
		}
		_, err = s.ChartFor(t.Context(), storetest.DoctorActor(other), receipt.BookingID)
		wantCode(t, err, clinic.NotFound)
		_, err = s.Intake(t.Context(), clinic.PatientByLink("another-token"))
		wantCode(t, err, clinic.NotFound)
		_, err = s.AnswerIntake(t.Context(), clinic.PatientByLink("another-token"), func(store.Chart) (intake.Record, error) {
			t.Error("an unknown link opened an intake")
			return intake.Record{}, nil
		})
		wantCode(t, err, clinic.NotFound)
	})
}

func TestAnswerIntake_StoresNothingWhenRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		refused := errors.New("refused")
		_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(store.Chart) (intake.Record, error) {
			return intake.Record{Version: "1", Answers: intake.Answers{"height": {"1"}}, UpdatedAt: clock.Now()}, refused
		})
		if !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
		chart, err := s.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		check(t, err)
		if chart.Intake.Answers != nil {
			t.Errorf("stored %v", chart.Intake.Answers)
		}
		check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		_, err = s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(store.Chart) (intake.Record, error) { return intake.Record{Version: "1"}, nil })
		wantCode(t, err, clinic.Conflict)
	})
}

func TestAnswerIntake_TwoTabsLoseNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		questions := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		for _, err := range atOnce(len(questions), func(i int) error {
			_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(chart store.Chart) (intake.Record, error) {
				r := chart.Intake
				r.Version, r.UpdatedAt = "1", clock.Now()
				if r.Answers == nil {
					r.Answers = intake.Answers{}
				}
				r.Answers[questions[i]] = []string{"yes"}
				return r, nil
			})
			return err
		}) {
			check(t, err)
		}
		chart, err := s.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		check(t, err)
		if len(chart.Intake.Answers) != len(questions) {
			t.Errorf("of %d answers, these were kept: %v", len(questions), chart.Intake.Answers)
		}
	})
}
