package store_test

import (
	"fmt"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// fillDraft publishes a version of the clinic's own, and begins a draft of what the program ships.
func (f *filler) fillDraft() {
	ctx, p := f.Context(), builtIn(f.T)
	begin(f.T, f.store)
	d, err := f.store.EditDraft(ctx, storetest.Owner, retitle("院の題"), "goal")
	check(f.T, err)
	if wrong := stops(f.T, f.store, d); len(wrong) > 0 {
		f.Fatalf("%+v", wrong)
	}
	_, err = f.store.PublishDraft(ctx, storetest.Owner, d.Revision)
	check(f.T, err)
	q, err := intake.ReadDraft(p.Questions)
	check(f.T, err)
	check(f.T, f.store.BeginDraft(ctx, storetest.Owner, intake.Draft{Questions: q, Base: q.Version, Cautions: &intake.Cautions{Rules: p.Cautions, Sources: p.Sources}}))
	_, err = f.store.EditDraft(ctx, storetest.Owner, func(d *intake.Draft, taken intake.Taken) error {
		return d.Questions.AddQuestion("goal", intake.Question{ID: d.NewQuestion(taken), Kind: intake.LongText})
	}, "goal")
	check(f.T, err)
}

// readDraft reads it, where the shape has one, with who published which version.
func readDraft(t *testing.T, s *store.Store) (lines []string) {
	t.Helper()
	versions, err := s.Versions(t.Context(), storetest.Owner)
	check(t, err)
	for _, v := range versions {
		lines = append(lines, fmt.Sprintf("version %s of the questionnaire: by the clinic %t, from %q", v.Name, v.OfClinic, v.Base))
	}
	d, _, err := s.Draft(t.Context(), storetest.Owner)
	if clinic.CodeOf(err) == clinic.NotFound {
		return lines
	}
	check(t, err)
	return append(lines, fmt.Sprintf("draft of version %s: %s, revision %d, changed in %d", d.Base, d.Questions.Intake[0].Title.JA, d.Revision, d.ChangedIn("goal")))
}
