package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// begin makes a draft of the version that is asked.
func begin(t *testing.T, s *store.Store) intake.Draft {
	t.Helper()
	versions, err := s.Versions(t.Context(), storetest.Owner)
	check(t, err)
	q, err := intake.ReadDraft(versions[0].Body)
	check(t, err)
	check(t, s.BeginDraft(t.Context(), storetest.Owner, intake.Draft{Questions: q, Base: versions[0].Name}))
	d, _, err := s.Draft(t.Context(), storetest.Owner)
	check(t, err)
	return d
}

// stops are the findings that keep a draft from being published.
func stops(t *testing.T, s *store.Store, d intake.Draft) (out []intake.Finding) {
	t.Helper()
	i, err := s.Inspect(t.Context(), storetest.Owner, d)
	check(t, err)
	for _, f := range i.Findings {
		if f.Stops {
			out = append(out, f)
		}
	}
	return out
}

// retitle is an edit that can be published.
func retitle(ja string) func(*intake.Draft, intake.Taken) error {
	return func(d *intake.Draft, _ intake.Taken) error {
		s := d.Questions.Intake[0]
		s.Title.JA = ja
		return d.Questions.ChangeSection(s)
	}
}

func TestDraft_IsPublishedAndNobodyIsAskedItBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, owner := t.Context(), storetest.Owner
		shipped := storetest.PublishBuiltIn(t, s)
		if _, _, err := s.Draft(ctx, owner); clinic.CodeOf(err) != clinic.NotFound {
			t.Fatalf("before there is one: %v", err)
		}
		begin(t, s)
		if err := s.BeginDraft(ctx, owner, intake.Draft{Questions: shipped}); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("a second draft: %v", err)
		}
		d, err := s.EditDraft(ctx, owner, retitle("新しい題"), shipped.Intake[0].ID)
		check(t, err)
		if now, err := s.CurrentQuestionnaire(ctx); err != nil || now.Version != shipped.Version || now.Intake[0].Title.JA == "新しい題" {
			t.Errorf("the draft is asked: %v %v", now.Version, err)
		}
		inspected, err := s.Inspect(ctx, owner, d)
		check(t, err)
		if len(inspected.Changes) != 1 || intake.Stopped(inspected.Findings) {
			t.Errorf("%+v", inspected)
		}
		published, err := s.PublishDraft(ctx, owner, d.Revision)
		check(t, err)
		now, err := s.CurrentQuestionnaire(ctx)
		check(t, err)
		if now.Version != shipped.Version+".1" || published.Version != now.Version || now.Intake[0].Title.JA != "新しい題" || len(now.Rules) != len(shipped.Rules) {
			t.Errorf("%s is asked, with %d cautions", now.Version, len(now.Rules))
		}
		if _, _, err := s.Draft(ctx, owner); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("the draft is still there: %v", err)
		}
		if old, err := s.Questionnaire(ctx, shipped.Version); err != nil || old.Intake[0].Title.JA == "新しい題" {
			t.Errorf("the version before has changed: %v", err)
		}
		versions, err := s.Versions(ctx, owner)
		check(t, err)
		if len(versions) != 2 || !versions[0].OfClinic || versions[0].Base != shipped.Version || !versions[0].Current || versions[1].OfClinic {
			t.Errorf("%+v", versions)
		}
		clock.Advance(time.Minute)
	})
}

// A program that starts completes the versions that it knows, and never puts its own in the place of the clinic's.
func TestPublishQuestionnaire_TheClinicsStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, owner := t.Context(), storetest.Owner
		shipped := storetest.PublishBuiltIn(t, s)
		begin(t, s)
		d, err := s.EditDraft(ctx, owner, retitle("院の題"))
		check(t, err)
		_, err = s.PublishDraft(ctx, owner, d.Revision)
		check(t, err)
		clock.Advance(time.Hour)
		for _, p := range []intake.Publication{builtIn(t), storetest.NextVersion(t, "99", relabel("新しいプログラム"))} {
			asked, err := s.PublishQuestionnaire(ctx, clinic.Job("start"), p)
			check(t, err)
			_ = asked
			now, err := s.CurrentQuestionnaire(ctx)
			check(t, err)
			if now.Version != shipped.Version+".1" {
				t.Errorf("version %s is asked", now.Version)
			}
		}
		if _, err := s.Questionnaire(ctx, "99"); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("the program's version was published: %v", err)
		}
	})
}

// Of two who publish at once one does, and of what was changed after it was looked at nothing is published.
func TestPublishDraft_TwoAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, owner := t.Context(), storetest.Owner
		storetest.PublishBuiltIn(t, s)
		seen := begin(t, s)
		d, err := s.EditDraft(ctx, owner, retitle("題"))
		check(t, err)
		if _, err := s.PublishDraft(ctx, owner, seen.Revision); !clinic.IsStale(err) {
			t.Errorf("an older revision: %v", err)
		}
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = s.PublishDraft(ctx, owner, d.Revision) })
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !clinic.IsStale(err) {
				t.Error(err)
			}
		}
		if versions, err := s.Versions(ctx, owner); err != nil || done != 1 || len(versions) != 2 {
			t.Errorf("%d were told that they have published, %d versions, %v", done, len(versions), err)
		}
	})
}

// Two editors of different questions do not meet; no edit is lost, and no id is made twice, also not after a draft was thrown away.
func TestEditDraft_TwoEditors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, owner := t.Context(), storetest.Owner
		q := storetest.PublishBuiltIn(t, s)
		first := begin(t, s)
		var ids [8]string
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				_, err := s.EditDraft(ctx, owner, func(d *intake.Draft, taken intake.Taken) error {
					ids[i] = d.NewQuestion(taken)
					return d.Questions.AddQuestion(q.Intake[0].ID, intake.Question{ID: ids[i], Kind: intake.LongText})
				}, ids[i])
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		d, _, err := s.Draft(ctx, owner)
		check(t, err)
		made := slices.Compact(slices.Sorted(slices.Values(ids[:])))
		if len(made) != len(ids) || d.Revision != first.Revision+len(ids) || len(d.Questions.Intake[0].Questions) != len(first.Questions.Intake[0].Questions)+len(ids) {
			t.Errorf("%d ids, revision %d after %d", len(made), d.Revision, first.Revision)
		}
		problem := errors.New("no")
		if _, err := s.EditDraft(ctx, owner, func(d *intake.Draft, _ intake.Taken) error {
			d.Questions.Intake = nil
			return problem
		}); !errors.Is(err, problem) {
			t.Errorf("a failing edit: %v", err)
		}
		if after, _, err := s.Draft(ctx, owner); err != nil || after.Revision != d.Revision || len(after.Questions.Intake) == 0 {
			t.Errorf("a failing edit was stored: %v", err)
		}
		if err := s.DropDraft(ctx, owner, first.Revision); !clinic.IsStale(err) {
			t.Errorf("thrown away as it was: %v", err)
		}
		check(t, s.DropDraft(ctx, owner, d.Revision))
		if again := begin(t, s); again.Revision <= d.Revision {
			t.Errorf("revision %d after %d: a page of the draft before could be taken for one of the next", again.Revision, d.Revision)
		}
	})
}

// What keeps a draft from being published is decided where it is published, too.
func TestPublishDraft_RefusesWhatIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, owner := t.Context(), storetest.Owner
		storetest.PublishBuiltIn(t, s)
		begin(t, s)
		d, err := s.EditDraft(ctx, owner, func(d *intake.Draft, _ intake.Taken) error { return d.Questions.Retire("meds") })
		check(t, err)
		if _, err := s.PublishDraft(ctx, owner, d.Revision); clinic.CodeOf(err) != clinic.Invalid {
			t.Errorf("cautions about what is not asked: %v", err)
		}
		for _, nobody := range []clinic.Actor{clinic.Visitor("", ""), clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Active: true, EveryBranch: true}), clinic.StaffActor(clinic.Staff{Role: clinic.Admin, Active: true, Branches: []string{"a"}})} {
			if _, err := s.PublishDraft(ctx, nobody, d.Revision); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%v publishes: %v", nobody.Kind, err)
			}
			if _, _, err := s.Draft(ctx, nobody); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%v reads: %v", nobody.Kind, err)
			}
			if _, err := s.EditDraft(ctx, nobody, retitle("x")); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%v edits: %v", nobody.Kind, err)
			}
		}
	})
}
