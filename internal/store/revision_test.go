package store_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// Of some who save at once from the same revision, exactly one does; the others are told, and what they then save from the
// newest revision is saved.
func TestSave_FromOneRevisionExactlyOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		height, _ := c.Questions.Question(c.Questions.Uses.Height)
		section := c.Questions.Intake[slices.IndexFunc(c.Questions.Intake, func(s intake.Section) bool {
			return slices.ContainsFunc(s.Questions, func(q intake.Question) bool { return q.ID == height.ID })
		})]
		names := []string{"一院", "二院", "三院", "四院"}
		// Each way to save the i-th value from a revision, and to read what is stored, with its revision.
		for what, kind := range map[string]struct {
			save func(i, revision int) error
			read func() (string, int)
		}{
			"a branch": {
				func(i, revision int) error {
					b := c.Branch
					b.Name, b.Revision = names[i], revision
					_, err := s.SaveBranch(t.Context(), storetest.Owner, b)
					return err
				},
				func() (string, int) {
					b, err := s.Branch(t.Context(), c.Branch.ID)
					check(t, err)
					return b.Name, b.Revision
				},
			},
			"a doctor": {
				func(i, revision int) error {
					d := c.Doctors[0]
					d.FamilyName, d.Revision = names[i], revision
					_, err := s.SaveDoctor(t.Context(), storetest.Owner, d, []string{c.Branch.ID})
					return err
				},
				func() (string, int) {
					d, _, err := s.Doctor(t.Context(), c.Doctors[0].ID)
					check(t, err)
					return d.FamilyName, d.Revision
				},
			},
			"the clinic": {
				func(i, revision int) error {
					return s.ChangeSettings(t.Context(), storetest.Owner, func(now clinic.Settings) clinic.Settings {
						now.Name, now.Revision = names[i], revision
						return now
					})
				},
				func() (string, int) {
					settings, err := s.Settings(t.Context())
					check(t, err)
					return settings.Name, settings.Revision
				},
			},
			"an intake": {
				func(i, revision int) error {
					_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(chart store.Chart) (intake.Record, error) {
						next, unseen, errs := c.Questions.Receive(chart.Intake, section, intake.Form{
							Values: map[string][]string{height.ID: {strconv.Itoa(150 + i)}}, Asked: []string{height.ID},
							Seen: clinic.Seen{Revision: revision}, Later: true,
						}, c.Questions.FactsFor(chart.Appointment), clock.Now())
						if len(unseen) > 0 {
							return next, clinic.StaleError()
						}
						return next, errs.Err()
					})
					return err
				},
				func() (string, int) {
					chart, err := s.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
					check(t, err)
					return strings.Join(chart.Intake.Answers[height.ID], ""), chart.Intake.Revision
				},
			},
		} {
			t.Run(what, func(t *testing.T) {
				_, before := kind.read()
				winner := -1
				for i, err := range atOnce(len(names), func(i int) error { return kind.save(i, before) }) {
					switch {
					case err == nil && winner >= 0:
						t.Errorf("both %d and %d were saved from revision %d", winner, i, before)
					case err == nil:
						winner = i
					case !clinic.IsStale(err):
						t.Errorf("the answer to %d is %v", i, err)
					}
				}
				stored, revision := kind.read()
				if winner < 0 || revision != before+1 || stored != names[winner] && stored != strconv.Itoa(150+winner) {
					t.Fatalf("%d won, and %q is stored in revision %d after %d", winner, stored, revision, before)
				}
				loser := (winner + 1) % len(names)
				if err := kind.save(loser, before); !clinic.IsStale(err) {
					t.Errorf("too late: %v", err)
				}
				check(t, kind.save(loser, revision))
				if stored, now := kind.read(); now != revision+1 || stored != names[loser] && stored != strconv.Itoa(150+loser) {
					t.Errorf("%q is stored in revision %d", stored, now)
				}
			})
		}
		_, err := s.SaveBranch(t.Context(), storetest.Owner, clinic.Branch{ID: "nowhere", Revision: 1})
		wantCode(t, err, clinic.NotFound)
		_, err = s.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{ID: "nobody", Revision: 1}, nil)
		wantCode(t, err, clinic.NotFound)
	})
}

// The patient's answers close when the counseling begins, not a moment earlier; the doctor goes on reading.
func TestAnswerIntake_ClosesWhenTheCounselingBegins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slot := c.Slots[0]
		receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
		answer := func(height string) error {
			_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(store.Chart) (intake.Record, error) {
				return intake.Record{Answers: intake.Answers{"height": {height}}, UpdatedAt: clock.Now()}, nil
			})
			return err
		}
		clock.Advance(slot.StartsAt.Add(-time.Microsecond).Sub(clock.Now()))
		check(t, answer("158"))
		clock.Advance(time.Microsecond)
		wantCode(t, answer("160"), clinic.Conflict)
		chart, err := s.ChartFor(t.Context(), storetest.DoctorActor(slot.DoctorID), receipt.BookingID)
		if err != nil || !slices.Equal(chart.Intake.Answers["height"], []string{"158"}) {
			t.Errorf("the doctor reads %v, %v", chart.Intake.Answers, err)
		}
	})
}
