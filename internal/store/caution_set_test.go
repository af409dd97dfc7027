package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// doctorsOf are the doctors of a clinic with accounts.
func doctorsOf(t *testing.T, s *store.Store, c storetest.Clinic) map[string]clinic.Actor {
	t.Helper()
	out := map[string]clinic.Actor{}
	for i, d := range c.Doctors {
		account, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{
			Role: clinic.DoctorRole, Name: d.GivenName, Email: fmt.Sprintf("signer%d@example.jp", i), DoctorID: d.ID, EveryBranch: true,
		})
		check(t, err)
		out[d.ID] = clinic.StaffActor(account)
	}
	return out
}

// ruleOf is the rule of a treatment with a condition among those that are applied.
func ruleOf(t *testing.T, s *store.Store, version string, treatment intake.Treatment, condition string) intake.Rule {
	t.Helper()
	q, err := s.Questionnaire(t.Context(), version)
	check(t, err)
	i := slices.IndexFunc(q.Rules, func(r intake.Rule) bool { return r.Treatment == treatment && r.When.String() == condition })
	if i < 0 {
		t.Fatalf("no rule %s %s", treatment, condition)
	}
	return q.Rules[i]
}

func TestCautions_AreSetAfterSet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		version := c.Questions.Version
		doctors := doctorsOf(t, s, c)
		doctor := doctors[c.Doctors[0].ID]
		hernia := ruleOf(t, s, version, intake.Cool, "hx_gut=hernia")
		if q, err := s.Questionnaire(t.Context(), version); err != nil || q.Set.Number != 1 || q.Set.Signed() {
			t.Fatalf("what is delivered is set %d, signed: %v, %v", q.Set.Number, q.Set.Signed(), err)
		}
		check(t, s.SignCautions(t.Context(), doctor, intake.SetNumber{Version: version, Number: 1}))
		check(t, s.SignCautions(t.Context(), doctor, intake.SetNumber{Version: version, Number: 1})) // twice is once

		clock.Advance(60e9)
		typed := intake.CautionChange{Rule: hernia.Key(), Severity: "doctor", JA: "診察で確かめます。", EN: "Check by hand.", Reason: "当院では触診で判断するため"}
		check(t, s.ChangeCaution(t.Context(), doctor, version, 1, typed))
		if now := ruleOf(t, s, version, intake.Cool, "hx_gut=hernia"); now.Severity != intake.Doctor || now.Words.EN != "Check by hand." || now.Key() != hernia.Key() {
			t.Errorf("the rule is %+v", now)
		}
		q, err := s.Questionnaire(t.Context(), version)
		check(t, err)
		if q.Set.Number != 2 || q.Set.Signed() {
			t.Errorf("set %d, signed: %v: what nobody has read is signed", q.Set.Number, q.Set.Signed())
		}
		// Whoever has seen the set before saves and signs nothing.
		typed.Severity, typed.Reason = "note", "もう一つの考え"
		if err := s.ChangeCaution(t.Context(), doctor, version, 1, typed); !clinic.IsStale(err) {
			t.Errorf("over an unseen set: %v", err)
		}
		if err := s.SignCautions(t.Context(), doctor, intake.SetNumber{Version: version, Number: 1}); !clinic.IsStale(err) {
			t.Errorf("a set that is applied no more is signed: %v", err)
		}
		check(t, s.SignCautions(t.Context(), doctors[c.Doctors[1].ID], intake.SetNumber{Version: version, Number: 2}))

		sets, err := s.CautionSets(t.Context(), doctor, version)
		check(t, err)
		if len(sets) != 2 || sets[0].Reason != "当院では触診で判断するため" || sets[0].Doctor.JA != c.Doctors[0].Name("ja") || len(sets[0].Edits) != 1 ||
			!sets[1].SignedBy(c.Doctors[0].ID) || !sets[0].SignedBy(c.Doctors[1].ID) || sets[0].SignedBy(c.Doctors[0].ID) {
			t.Errorf("history %+v", sets)
		}
		// Back to what was delivered is a set of its own, and no edit is left.
		check(t, s.ChangeCaution(t.Context(), doctor, version, 2, intake.CautionChange{
			Rule: hernia.Key(), Severity: string(hernia.Severity), JA: hernia.Words.JA, EN: hernia.Words.EN, Reason: "元に戻します",
		}))
		if sets, err = s.CautionSets(t.Context(), doctor, version); err != nil || sets[0].Number != 3 || len(sets[0].Edits) != 0 {
			t.Errorf("%+v, %v", sets[0], err)
		}
		for name, actor := range map[string]clinic.Actor{"an administrator": storetest.Owner, "a visitor": clinic.Visitor("x", "")} {
			_, listed := s.CautionSets(t.Context(), actor, version)
			for _, err := range []error{listed, s.ChangeCaution(t.Context(), actor, version, 3, typed), s.SignCautions(t.Context(), actor, intake.SetNumber{Version: version, Number: 3})} {
				if clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}

// What the doctors say of a rule goes on when something else is delivered, under the same version and under the next; what is left of no rule
// is dropped.
func TestCautions_EditsOutliveWhatIsDelivered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		version := c.Questions.Version
		doctors := doctorsOf(t, s, c)
		doctor := doctors[c.Doctors[0].ID]
		clot, warf := ruleOf(t, s, version, intake.Cool, "hx_heart=clot"), ruleOf(t, s, version, intake.Drug, "meds=warf")
		for i, r := range []intake.Rule{clot, warf} {
			check(t, s.ChangeCaution(t.Context(), doctor, version, i+1, intake.CautionChange{Rule: r.Key(), Severity: "block", JA: "", EN: "", Reason: "当院の決まり"}))
		}
		next := builtIn(t)
		var lines []string
		for line := range strings.Lines(string(next.Cautions)) {
			if !strings.Contains(line, "meds=warf  ") {
				lines = append(lines, line)
			}
		}
		next.Cautions = []byte(strings.Join(lines, ""))
		clock.Advance(60e9)
		q, err := s.PublishQuestionnaire(t.Context(), storetest.Owner, next)
		check(t, err)
		if q.Set.Number != 4 || len(q.Set.Edits) != 1 || ruleOf(t, s, version, intake.Cool, "hx_heart=clot").Severity != intake.Block {
			t.Errorf("set %d with %d edits", q.Set.Number, len(q.Set.Edits))
		}
		clock.Advance(60e9)
		next = storetest.NextVersion(t, "99", func(q *intake.Questionnaire) { q.Booking.Title.JA = "別の題" })
		if q, err = s.PublishQuestionnaire(t.Context(), storetest.Owner, next); err != nil || q.Set.Number != 1 || len(q.Set.Edits) != 1 {
			t.Errorf("set %d with %d edits, %v", q.Set.Number, len(q.Set.Edits), err)
		}
	})
}

// Another instance hears of it with its next page, which reads the settings first.
func TestCautions_AreReadAnewByOtherInstances(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		version := c.Questions.Version
		before, err := s.Questionnaire(t.Context(), version)
		check(t, err)
		clot := ruleOf(t, s, version, intake.Cool, "hx_heart=clot")
		check(t, s.ChangeCaution(t.Context(), doctorsOf(t, s, c)[c.Doctors[0].ID], version, 1, intake.CautionChange{Rule: clot.Key(), Severity: "block", Reason: "当院の決まり"}))
		s.RememberQuestionnaire(before) // as one that has not been told remembers it
		_, err = s.Settings(t.Context())
		check(t, err)
		if got := ruleOf(t, s, version, intake.Cool, "hx_heart=clot").Severity; got != intake.Block {
			t.Errorf("the rule is %s after the settings were read", got)
		}
	})
}

// released are answers of somebody whom two rules hold.
var released = intake.Answers{"body": {"cold"}, "hx_cold": {"cad"}, "hx_group": {"gut"}, "hx_gut": {"hernia"}, "med_any": {"yes"}, "med_names": {"架空薬"}, "meds": {"warf"}}

func TestReleaseHold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slot := c.Slots[0]
		receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
		doctor, id := doctorsOf(t, s, c)[slot.DoctorID], receipt.BookingID
		counts := func() (held, checked int, digest intake.Digest) {
			t.Helper()
			chart, err := s.ChartFor(t.Context(), doctor, id)
			check(t, err)
			q, err := s.Questionnaire(t.Context(), c.Questions.Version)
			check(t, err)
			digest = q.Digest(chart.Said(), q.FactsFor(chart.Appointment)).WithReleases(chart.Releases)
			held, checked = digest.Counts()
			return held, checked, digest
		}
		release := func(seen int, fact, reason string) (intake.Release, error) {
			return s.ReleaseHold(t.Context(), doctor, id, seen, 1, fact, intake.Cool, reason)
		}
		if _, err := release(0, "cold", "理由"); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("nothing is held, and was released: %v", err)
		}
		answerAs(t, s, receipt.Token, true, released)
		if held, checked, _ := counts(); held != 2 || checked != 1 {
			t.Fatalf("%d held, %d to check", held, checked)
		}
		for reason, want := range map[string]string{"": "error.release.reason", "\u3000": "error.release.reason", strings.Repeat("あ", 501): "error.long", "一\u202e二": "error.sign"} {
			_, err := release(1, "cold", reason)
			var errs clinic.Errors
			if !errors.As(err, &errs) || errs.For("reason") == nil || errs.For("reason").Message != want {
				t.Errorf("%q: %v", reason, err)
			}
		}
		clock.Advance(60e9)
		made, err := release(1, "cold", " 主治医に確認した。\r\n検査は陰性。 ")
		check(t, err)
		held, checked, digest := counts()
		mark := digest.Lines[slices.IndexFunc(digest.Lines, func(l intake.Line) bool { return l.ID == "cold" })].Mark(intake.Cool)
		if held != 1 || checked != 1 || mark.Release == nil || mark.Held() || mark.Release.Reason != "主治医に確認した。\n検査は陰性。" || mark.Release.Doctor.JA == "" ||
			!mark.Release.At.Equal(clock.Now()) || mark.Release.Set != 1 || made.ID != mark.Release.ID {
			t.Errorf("%d held, %d to check, %+v", held, checked, mark.Release)
		}
		if _, err := release(1, "cold", "もう一度"); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("released twice: %v", err)
		}
		// The answers change: what was decided for the others holds again, and says so.
		changed := intake.Answers{}
		for question, values := range released {
			changed[question] = values
		}
		changed["hx_cold"] = []string{"cad", "ray"}
		answerAs(t, s, receipt.Token, true, changed)
		held, _, digest = counts()
		if mark = digest.Lines[0].Mark(intake.Cool); held != 2 || !mark.Release.Stale || !mark.Held() {
			t.Errorf("%d held, %+v", held, mark.Release)
		}
		if _, err := release(1, "cold", "前の回答を見て"); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("by answers that have changed: %v", err)
		}
		clock.Advance(60e9)
		again, err := release(2, "cold", "新しい回答も確認した。")
		check(t, err)
		if held, _, _ = counts(); held != 1 {
			t.Errorf("%d held", held)
		}
		check(t, s.WithdrawRelease(t.Context(), doctor, id, again.ID))
		if err := s.WithdrawRelease(t.Context(), doctor, id, again.ID); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("taken back twice: %v", err)
		}
		if held, _, _ = counts(); held != 2 {
			t.Errorf("%d held after it was taken back", held)
		}
		chart, err := s.ChartFor(t.Context(), doctor, id)
		check(t, err)
		if len(chart.Releases) != 2 || chart.Releases[0].WithdrawnAt != nil || chart.Releases[1].WithdrawnAt == nil || chart.Releases[1].WithdrawnBy.JA == "" {
			t.Errorf("history %+v", chart.Releases)
		}
		// Of another doctor's patient nobody releases anything, nor learns that something was.
		for name, actor := range map[string]clinic.Actor{
			"a colleague": storetest.DoctorActor(colleagueOf(c, slot.DoctorID)), "an administrator": storetest.Owner, "the patient": clinic.PatientByLink(receipt.Token),
		} {
			if _, err := s.ReleaseHold(t.Context(), actor, id, 2, 1, "cold", intake.Cool, "他人の理由"); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s released it: %v", name, err)
			}
			if err := s.WithdrawRelease(t.Context(), actor, id, made.ID); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s took it back: %v", name, err)
			}
		}
		if err := s.WithdrawRelease(t.Context(), doctor, id, "nothing"); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("what there is not was taken back: %v", err)
		}
	})
}

// An edit is made in every version that has the rule, and a signature covers those of them whose other rules the doctor has signed before.
func TestCautions_AreEditedInAllVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		doctors := doctorsOf(t, s, c)
		doctor, colleague := doctors[c.Doctors[0].ID], doctors[c.Doctors[1].ID]
		shipped := c.Questions.Version
		clock.Advance(60e9)
		own := publishOwn(t, s, retitle("院の題")).Version
		for _, set := range []intake.SetNumber{{Version: shipped, Number: 1}, {Version: own, Number: 1}} {
			check(t, s.SignCautions(t.Context(), doctor, set))
		}
		clot := ruleOf(t, s, shipped, intake.Cool, "hx_heart=clot")
		check(t, s.ChangeCaution(t.Context(), doctor, own, 1, intake.CautionChange{Rule: clot.Key(), Severity: "block", Reason: "当院の決まり"}))
		for _, version := range []string{shipped, own} {
			sets, err := s.CautionSets(t.Context(), colleague, version)
			check(t, err)
			if len(sets) != 2 || sets[0].Signed() || sets[0].Reason != "当院の決まり" || sets[0].Doctor.JA != c.Doctors[0].Name("ja") || ruleOf(t, s, version, intake.Cool, "hx_heart=clot").Severity != intake.Block {
				t.Errorf("%s: %+v", version, sets[0])
			}
		}
		covered := func(who clinic.Actor) []intake.SetNumber {
			t.Helper()
			out, err := s.CautionsCovered(t.Context(), who, setNow(t, s, own))
			check(t, err)
			return out
		}
		also := covered(doctor)
		if !slices.Equal(also, []intake.SetNumber{{Version: shipped, Number: 2}}) || len(covered(colleague)) > 0 {
			t.Fatalf("covered: %v, and for one who has signed nothing %v", also, covered(colleague))
		}
		if err := s.SignCautions(t.Context(), colleague, setNow(t, s, own).Name(), also...); !clinic.IsStale(err) {
			t.Errorf("one who has not read the other version signs it: %v", err)
		}
		// Of what has changed since it was shown nothing is signed, not even what was read.
		check(t, s.ChangeCaution(t.Context(), colleague, shipped, 2, intake.CautionChange{Rule: clot.Key(), Severity: "note", Reason: "もう一つの考え"}))
		if err := s.SignCautions(t.Context(), doctor, intake.SetNumber{Version: own, Number: 2}, also...); !clinic.IsStale(err) || setNow(t, s, own).Signed() {
			t.Errorf("a set that is applied no more: %v", err)
		}
		also = covered(doctor)
		check(t, s.SignCautions(t.Context(), doctor, setNow(t, s, own).Name(), also...))
		if !setNow(t, s, own).SignedBy(c.Doctors[0].ID) || !setNow(t, s, shipped).SignedBy(c.Doctors[0].ID) {
			t.Error("one signature does not sign what it said")
		}
	})
}

// Nobody changes a set, a signature or a release afterwards, and none goes: the database refuses it, whoever asks.
func TestCautions_StayAsTheyAre(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			c := storetest.NewClinic(t, s)
			slot := c.Slots[0]
			receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
			doctor := doctorsOf(t, s, c)[slot.DoctorID]
			check(t, s.SignCautions(t.Context(), doctor, setNow(t, s, c.Questions.Version).Name()))
			answerAs(t, s, receipt.Token, true, released)
			var made []intake.Release
			for _, fact := range []string{"cold", "hx_gut=hernia"} {
				r, err := s.ReleaseHold(t.Context(), doctor, receipt.BookingID, 1, 1, fact, intake.Cool, "理由")
				check(t, err)
				made = append(made, r)
			}
			check(t, s.WithdrawRelease(t.Context(), doctor, receipt.BookingID, made[1].ID))
			before := storetest.Read(t, at)
			for _, statement := range []string{
				"UPDATE caution_sets SET reason = 'another'", "UPDATE caution_sets SET rules = sources", "DELETE FROM caution_sets", "UPDATE caution_sets SET number = number + 1",
				"INSERT INTO caution_sets SELECT version, 7, rules, sources, edits, reason, made_at, made_by, doctor_id FROM caution_sets",
				"UPDATE caution_signatures SET signed_at = '2020-01-01 00:00:00'", "DELETE FROM caution_signatures",
				"UPDATE hold_releases SET sealed = (SELECT edits FROM caution_sets LIMIT 1) WHERE id = '" + made[0].ID + "'", "UPDATE hold_releases SET released_at = '2020-01-01 00:00:00', withdrawn_at = released_at, withdrawn_by = doctor_id WHERE id = '" + made[0].ID + "'",
				"UPDATE hold_releases SET withdrawn_at = NULL, withdrawn_by = NULL WHERE id = '" + made[1].ID + "'", "UPDATE hold_releases SET withdrawn_at = '2020-01-01 00:00:00' WHERE id = '" + made[1].ID + "'",
				"UPDATE hold_releases SET withdrawn_at = released_at WHERE id = '" + made[0].ID + "'",
				"DELETE FROM hold_releases",
			} {
				err := tryExec(t, at, statement)
				if err == nil || !strings.Contains(err.Error(), "_stay") && !strings.Contains(err.Error(), "_follow") && !strings.Contains(err.Error(), "never changes") && !strings.Contains(err.Error(), "follows the one before") {
					t.Errorf("%s: %v", statement, err)
				}
				if changed := storetest.Read(t, at).Changed(before); len(changed) > 0 {
					t.Fatalf("%s changed %q", statement, changed)
				}
			}
		})
	}
}
