package store_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func builtIn(t *testing.T) intake.Publication {
	t.Helper()
	p, err := config.Publication()
	check(t, err)
	return p
}

func relabel(ja string) func(*intake.Questionnaire) {
	return func(q *intake.Questionnaire) { q.Booking.Title.JA = ja }
}

func TestPublishQuestionnaire_TheLastOneIsCurrent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		if _, err := s.CurrentQuestionnaire(t.Context()); err == nil {
			t.Error("there is a current questionnaire before any was published")
		}
		for _, p := range []intake.Publication{
			builtIn(t), storetest.NextVersion(t, "10", relabel("第十版")), storetest.NextVersion(t, "9", relabel("第九版")), builtIn(t), // nothing new
		} {
			published, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, p)
			check(t, err)
			if len(published.Rules) == 0 {
				t.Error("without its cautions")
			}
			clock.Advance(time.Minute)
		}
		current, err := s.CurrentQuestionnaire(t.Context())
		check(t, err)
		if current.Version != "9" || current.Booking.Title.JA != "第九版" {
			t.Errorf("current is %q, %s", current.Version, current.Booking.Title.JA)
		}
		all, err := s.Questionnaires(t.Context())
		check(t, err)
		var versions []string
		for _, q := range all {
			versions = append(versions, q.Version)
		}
		if !slices.Equal(versions, []string{"9", "10", "4"}) {
			t.Errorf("%q", versions)
		}
		_, err = s.Questionnaire(t.Context(), "11")
		wantCode(t, err, clinic.NotFound)
		_, err = s.Questionnaire(t.Context(), "2\x00")
		wantCode(t, err, clinic.NotFound)
	})
}

func TestPublishQuestionnaire_WhatWasPublishedStays(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			p := builtIn(t)
			_, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, p)
			check(t, err)
			before := storetest.Read(t, at)
			clock.Advance(time.Minute)

			otherLayout := p
			otherLayout.Questions = bytes.ReplaceAll(p.Questions, []byte("\n"), []byte("\n "))
			for range 2 {
				_, err = s.PublishQuestionnaire(t.Context(), storetest.Owner, otherLayout)
				check(t, err)
			}
			for _, changed := range []intake.Publication{
				storetest.NextVersion(t, "4", relabel("別の題")),
				storetest.NextVersion(t, "4", func(q *intake.Questionnaire) { q.Booking.Questions[1].Required = false }),
			} {
				_, err = s.PublishQuestionnaire(t.Context(), storetest.Owner, changed)
				if err == nil || !strings.Contains(err.Error(), `version "4" of the questionnaire was published with other questions`) {
					t.Errorf("got %v", err)
				}
			}
			broken := p
			broken.Cautions = []byte("cool | block | nobody=asks | S1")
			if _, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, broken); err == nil {
				t.Error("a caution about what is not asked was published")
			}
			if changed := storetest.Read(t, at).Changed(before); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
			q, err := s.Questionnaire(t.Context(), "4")
			check(t, err)
			if q.Booking.Title.JA == "別の題" {
				t.Error("what was refused is shown")
			}
		})
	}
}

func TestPublishQuestionnaire_CautionsMayChange(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			s := storetest.Open(t, at, keys, clock.Now)
			p := builtIn(t)
			_, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, p)
			check(t, err)
			p.Cautions = []byte("# edition 9\nall | note | fam=dm | M")
			_, err = s.PublishQuestionnaire(t.Context(), storetest.Owner, p)
			check(t, err)
			later := storetest.Open(t, at, keys, clock.Now) // another program, that has read nothing yet
			for _, each := range []*store.Store{s, later} {
				q, err := each.Questionnaire(t.Context(), "4")
				check(t, err)
				if len(q.Rules) != 1 || q.Rules[0].When.String() != "fam=dm" {
					t.Errorf("%+v", q.Rules)
				}
			}
		})
	}
}

func TestPublishQuestionnaire_AllAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		p := builtIn(t)
		for _, err := range atOnce(8, func(int) error {
			_, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, p)
			return err
		}) {
			check(t, err)
		}
		all, err := s.Questionnaires(t.Context())
		check(t, err)
		if len(all) != 1 {
			t.Errorf("%d versions", len(all))
		}
	})
}

func TestPublishQuestionnaire_IsForWhoManagesEveryBranch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		p := builtIn(t)
		for _, actor := range []clinic.Actor{
			clinic.Visitor("cookie", "192.0.2.1"), clinic.API(clinic.APIKey{}),
			clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Active: true, EveryBranch: true}),
			clinic.StaffActor(clinic.Staff{Role: clinic.Admin, Active: true, Branches: []string{"one"}}),
		} {
			_, err := s.PublishQuestionnaire(t.Context(), actor, p)
			wantCode(t, err, clinic.Forbidden)
		}
		_, err := s.PublishQuestionnaire(t.Context(), clinic.StaffActor(clinic.Staff{Role: clinic.Admin, Active: true, EveryBranch: true}), p)
		check(t, err)
	})
}

// A version that this program cannot read, because a later one has written it, is said by its name.
func TestQuestionnaires_SayWhichOneCannotBeRead(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			parameters := "?, ?, ?, ?, ?, ?"
			if engine == "postgres" {
				parameters = "$1, $2, $3, $4, $5, $6"
			}
			storetest.Exec(t, at, "INSERT INTO questionnaires (version, status, body, created_at, published_at, published_by) VALUES ("+parameters+")",
				"5", "published", []byte(`{"version": "4", "pages": []}`), clock.Now(), clock.Now(), "job:start")
			storetest.Exec(t, at, "INSERT INTO cautions (version, rules, sources, changed_at, changed_by) VALUES ("+strings.TrimSuffix(strings.TrimSuffix(parameters, ", ?"), ", $6")+")",
				"5", []byte{}, []byte("[]"), clock.Now(), "job:start")
			parameters = strings.NewReplacer("?, ?, ?, ?, ?, ?", "?, 1, ?, ?, ?, '', ?, ?", "$1, $2, $3, $4, $5, $6", "$1, 1, $2, $3, $4, '', $5, $6").Replace(parameters)
			storetest.Exec(t, at, "INSERT INTO caution_sets (version, number, rules, sources, edits, reason, made_at, made_by) VALUES ("+parameters+")",
				"5", []byte{}, []byte("[]"), []byte("[]"), clock.Now(), "job:start")
			if _, err := s.Questionnaires(t.Context()); err == nil || !strings.Contains(err.Error(), `version "5" of the questionnaire cannot be read by this program`) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBook_KeepsTheVersionThatWasAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		old := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		clock.Advance(time.Minute)
		_, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, storetest.NextVersion(t, "5", relabel("第二版")))
		check(t, err)
		request := storetest.Request(c.Slots[1].ID, 2)
		request.QuestionnaireVersion = "5"
		recent := storetest.Book(t, s, request)
		for receipt, want := range map[clinic.Receipt]string{old: "4", recent: "5"} {
			// Answering does not change it, whatever the record says.
			_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(receipt.Token), func(store.Chart) (intake.Record, error) {
				return intake.Record{Version: "another", Answers: intake.Answers{"height": {"160"}}, UpdatedAt: clock.Now()}, nil
			})
			check(t, err)
			chart, err := s.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
			check(t, err)
			if chart.Appointment.Booking.QuestionnaireVersion != want || chart.Intake.Version != want {
				t.Errorf("booking %q, intake %q, want %q", chart.Appointment.Booking.QuestionnaireVersion, chart.Intake.Version, want)
			}
		}
		unknown := storetest.Request(c.Slots[2].ID, 3)
		unknown.QuestionnaireVersion = "never published"
		if _, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), unknown); err == nil {
			t.Error("a booking was asked what nobody has published")
		}
	})
}
