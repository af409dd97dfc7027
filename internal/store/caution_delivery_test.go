package store_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// edition is the built-in questionnaire with rules of another edition: some lines are added, and those that contain a text are dropped.
func edition(t *testing.T, n string, drop string, add ...string) intake.Publication {
	t.Helper()
	p := builtIn(t)
	var lines []string
	for line := range strings.Lines(string(p.Cautions)) {
		if drop == "" || !strings.Contains(line, drop) {
			lines = append(lines, line)
		}
	}
	p.Cautions = []byte("# edition " + n + "\n" + strings.Join(lines, "") + "\n" + strings.Join(add, "\n") + "\n")
	return p
}

// publishOwn publishes a version of the clinic's from the one that is asked, after an edit.
func publishOwn(t *testing.T, s *store.Store, edit func(*intake.Draft, intake.Taken) error) *intake.Questionnaire {
	t.Helper()
	begin(t, s)
	d, err := s.EditDraft(t.Context(), storetest.Owner, edit)
	check(t, err)
	q, err := s.PublishDraft(t.Context(), storetest.Owner, d.Revision)
	check(t, err)
	return q
}

// start is the start of a program that ships something.
func start(t *testing.T, s *store.Store, p intake.Publication) {
	t.Helper()
	_, err := s.PublishQuestionnaire(t.Context(), clinic.Job("start"), p)
	check(t, err)
}

func setNow(t *testing.T, s *store.Store, version string) intake.CautionSet {
	t.Helper()
	q, err := s.Questionnaire(t.Context(), version)
	check(t, err)
	return q.Set
}

// has reports whether a version applies a rule.
func has(t *testing.T, s *store.Store, version string, treatment intake.Treatment, condition string) bool {
	t.Helper()
	q, err := s.Questionnaire(t.Context(), version)
	check(t, err)
	return slices.ContainsFunc(q.Rules, func(r intake.Rule) bool { return r.Treatment == treatment && r.When.String() == condition })
}

// What a program delivers for its version reaches every version that the clinic has made of it, with what the doctors say, and unsigned. Rules
// about what such a version does not ask are left out, and named.
func TestDelivery_ReachesTheClinicsVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		doctor := doctorsOf(t, s, c)[c.Doctors[0].ID]
		shipped := c.Questions.Version
		clock.Advance(time.Minute)
		first := publishOwn(t, s, retitle("院の題"))
		clock.Advance(time.Minute)
		// The second does not ask what keeps somebody from exercise, which no rule names yet.
		second := publishOwn(t, s, func(d *intake.Draft, _ intake.Taken) error { return d.Questions.Retire("barrier") })
		if first.Version != shipped+".1" || second.Version != shipped+".2" {
			t.Fatal(first.Version, second.Version)
		}
		clot := ruleOf(t, s, shipped, intake.Cool, "hx_heart=clot")
		check(t, s.ChangeCaution(t.Context(), doctor, shipped, 1, intake.CautionChange{Rule: clot.Key(), Severity: "block", Reason: "当院の決まり"}))
		warf := ruleOf(t, s, shipped, intake.Drug, "meds=warf")
		check(t, s.ChangeCaution(t.Context(), doctor, shipped, 2, intake.CautionChange{Rule: warf.Key(), Severity: "block", Reason: "当院の決まり"}))
		check(t, s.SignCautions(t.Context(), doctor, setNow(t, s, second.Version).Name()))

		clock.Advance(time.Minute)
		newer := edition(t, "7", "meds=warf  ", "cool | doctor | sleep=lt5 | M", "drug | doctor | barrier=time and sleep=lt5 | M")
		start(t, s, newer)
		for _, version := range []string{shipped, first.Version, second.Version} {
			set := setNow(t, s, version)
			if set.Number != 4 || set.Signed() || len(set.Edits) != 1 || ruleOf(t, s, version, intake.Cool, "hx_heart=clot").Severity != intake.Block {
				t.Errorf("%s-%d: %v, signed: %v", version, set.Number, set.Edits, set.Signed())
			}
			if !has(t, s, version, intake.Cool, "sleep=lt5") || has(t, s, version, intake.Drug, "meds=warf") {
				t.Errorf("%s does not apply what was delivered", version)
			}
		}
		if !has(t, s, first.Version, intake.Drug, "barrier=time and sleep=lt5") || has(t, s, second.Version, intake.Drug, "barrier=time and sleep=lt5") {
			t.Error("a rule is applied where it cannot be, or not where it can")
		}
		misfits, err := s.Misfits(t.Context(), doctor, second.Version)
		check(t, err)
		if len(misfits) != 1 || misfits[0].Rule.When.String() != "barrier=time and sleep=lt5" || !slices.Equal(misfits[0].Lacks, []intake.Lack{{Question: "barrier"}}) {
			t.Errorf("%+v", misfits)
		}
		for _, version := range []string{shipped, first.Version} {
			if misfits, err := s.Misfits(t.Context(), storetest.Owner, version); err != nil || len(misfits) > 0 {
				t.Errorf("%s: %+v, %v", version, misfits, err)
			}
		}
		if _, err := s.Misfits(t.Context(), clinic.Visitor("x", ""), shipped); clinic.CodeOf(err) != clinic.NotFound {
			t.Error(err)
		}
		// The next version that the clinic makes can be published, and asks the question again: the rule is applied.
		clock.Advance(time.Minute)
		asked, _ := first.Question("barrier")
		third := publishOwn(t, s, func(d *intake.Draft, _ intake.Taken) error {
			return d.Questions.AddQuestion(d.Questions.Intake[len(d.Questions.Intake)-1].ID, asked)
		})
		if !has(t, s, third.Version, intake.Drug, "barrier=time and sleep=lt5") {
			t.Error("the question is asked again, and the rule is forgotten")
		}
	})
}

// The same again changes nothing, an older program after a newer one neither, nor a remark in the file, which makes no set and needs no signature.
func TestDelivery_ChangesNothingWithoutNeed(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			c := storetest.NewClinic(t, s)
			own := publishOwn(t, s, retitle("院の題"))
			start(t, s, edition(t, "7", "", "cool | doctor | sleep=lt5 | M"))
			doctor := doctorsOf(t, s, c)[c.Doctors[0].ID]
			check(t, s.SignCautions(t.Context(), doctor, setNow(t, s, own.Version).Name()))
			before := storetest.Read(t, at)
			for what, p := range map[string]intake.Publication{"the same": edition(t, "7", "", "cool | doctor | sleep=lt5 | M"), "an older one": edition(t, "6", "", "inj | doctor | sleep=lt5 | M"), "the oldest": builtIn(t)} {
				clock.Advance(time.Minute)
				start(t, s, p)
				if changed := storetest.Read(t, at).Changed(before); len(changed) > 0 {
					t.Errorf("%s changed %q", what, changed)
				}
			}
			start(t, s, edition(t, "8", "", "# a remark", "cool | doctor | sleep=lt5 | M"))
			if set := setNow(t, s, own.Version); set.Number != 2 || !set.Signed() {
				t.Errorf("a remark made set %d", set.Number)
			}
		})
	}
}

func TestDelivery_TwoStartsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		storetest.PublishBuiltIn(t, s)
		own := publishOwn(t, s, retitle("院の題"))
		older, newer := edition(t, "7", "", "cool | doctor | sleep=lt5 | M"), edition(t, "8", "", "inj | doctor | sleep=lt5 | M")
		for _, err := range atOnce(8, func(i int) error {
			_, err := s.PublishQuestionnaire(t.Context(), clinic.Job("start"), []intake.Publication{older, newer}[i%2])
			return err
		}) {
			check(t, err)
		}
		for _, version := range []string{"4", own.Version} {
			if n := setNow(t, s, version).Number; n > 3 || !has(t, s, version, intake.Injection, "sleep=lt5") || has(t, s, version, intake.Cool, "sleep=lt5") {
				t.Errorf("%s-%d is not the newest", version, n)
			}
		}
	})
}

// A version that the program offers and that the clinic has taken up gets what is delivered for it, although it was never published itself; so does a
// draft of it. Cautions that came from outside are left alone, as are those of other versions.
func TestDelivery_FollowsWhereTheCautionsAreFrom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, owner := t.Context(), storetest.Owner
		storetest.PublishBuiltIn(t, s)
		clock.Advance(time.Minute)
		old := publishOwn(t, s, retitle("院の題"))
		offered := storetest.NextVersion(t, "5", relabel("新しい題"))
		take := func() intake.Draft {
			t.Helper()
			clock.Advance(time.Minute)
			q, err := intake.ReadDraft(offered.Questions)
			check(t, err)
			check(t, s.BeginDraft(ctx, owner, intake.Draft{Questions: q, Base: "5", Cautions: &intake.Cautions{Rules: offered.Cautions, Sources: offered.Sources}}))
			d, _, err := s.Draft(ctx, owner)
			check(t, err)
			return d
		}
		if on, err := s.Offers(ctx, "5"); err != nil || !on {
			t.Errorf("it is not offered: %v", err)
		}
		d := take()
		offered.Cautions = append([]byte("# edition 5\n"), append(slices.Clone(offered.Cautions), "cool | doctor | sleep=lt5 | M\n"...)...)
		start(t, s, offered)
		if _, err := s.PublishDraft(ctx, owner, d.Revision); !clinic.IsStale(err) {
			t.Errorf("a draft whose cautions have changed was published as it was: %v", err)
		}
		now, _, err := s.Draft(ctx, owner)
		check(t, err)
		taken, err := s.PublishDraft(ctx, owner, now.Revision)
		check(t, err)
		if !has(t, s, taken.Version, intake.Cool, "sleep=lt5") || has(t, s, old.Version, intake.Cool, "sleep=lt5") {
			t.Error("the draft was published with cautions that were replaced")
		}
		if on, err := s.Offers(ctx, "5"); err != nil || on {
			t.Errorf("what was taken up is still offered: %v", err)
		}
		clock.Advance(time.Minute)
		outside := builtIn(t)
		q, err := intake.ReadDraft(outside.Questions)
		check(t, err)
		check(t, s.BeginDraft(ctx, owner, intake.Draft{Questions: q, Cautions: &intake.Cautions{Rules: outside.Cautions, Sources: outside.Sources}}))
		d, _, err = s.Draft(ctx, owner)
		check(t, err)
		foreign, err := s.PublishDraft(ctx, owner, d.Revision)
		check(t, err)

		offered.Cautions = append([]byte("# edition 6\n"), append(slices.Clone(offered.Cautions), "inj | doctor | sleep=lt5 | M\n"...)...)
		start(t, s, offered)
		start(t, s, edition(t, "9", "", "drug | doctor | sleep=lt5 | M"))
		for _, c := range []struct {
			version   string
			inj, drug bool
		}{{taken.Version, true, false}, {old.Version, false, true}, {"4", false, true}, {foreign.Version, false, false}} {
			if has(t, s, c.version, intake.Injection, "sleep=lt5") != c.inj || has(t, s, c.version, intake.Drug, "sleep=lt5") != c.drug {
				t.Errorf("%s does not have what is delivered for it, or something else", c.version)
			}
		}
	})
}
