package store_test

import (
	"fmt"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// fillReleases changes and signs the cautions, and releases a hold and takes it back.
func (f *filler) fillReleases() {
	ctx, s, c := f.Context(), f.store, f.clinic
	account, err := s.StaffByEmail(ctx, "doctor@example.jp")
	check(f.T, err)
	doctor := clinic.StaffActor(account)
	slots := storetest.AddSlots(f.T, s, c.Branch, c.Doctors[0], f.clock.Now().Add(9*time.Hour).Truncate(time.Hour), 1)
	booked := storetest.Book(f.T, s, storetest.Request(slots[0].ID, 41))
	answerAs(f.T, s, booked.Token, true, released)
	q, err := s.CurrentQuestionnaire(ctx)
	check(f.T, err)
	clot := ruleOf(f.T, s, q.Version, intake.Cool, "hx_heart=clot")
	check(f.T, s.ChangeCaution(ctx, doctor, q.Version, q.Set.Number, intake.CautionChange{Rule: clot.Key(), Severity: "doctor", JA: "念のため確認します。", EN: "To be sure.", Reason: "当院の決まり"}))
	check(f.T, s.SignCautions(ctx, doctor, intake.SetNumber{Version: q.Version, Number: q.Set.Number + 1}))
	for _, reason := range []string{"最初の理由", "次の理由"} {
		r, err := s.ReleaseHold(ctx, doctor, booked.BookingID, 1, q.Set.Number+1, "cold", intake.Cool, reason)
		check(f.T, err)
		if reason == "最初の理由" {
			check(f.T, s.WithdrawRelease(ctx, doctor, booked.BookingID, r.ID))
		}
	}
}

// releases calls what is done with cautions and releases beside that.
func (f *filler) releases() {
	ctx, s := f.Context(), f.store
	q, err := s.CurrentQuestionnaire(ctx)
	check(f.T, err)
	_, err = s.CautionSets(ctx, storetest.DoctorActor(f.clinic.Doctors[0].ID), q.Version)
	check(f.T, err)
}

// readReleases says what the doctors of a shape read of the sets of cautions and of what they released.
func readReleases(t *testing.T, s *store.Store, doctors []clinic.Doctor) (lines []string) {
	t.Helper()
	ctx := t.Context()
	for _, doctor := range doctors {
		actor := storetest.DoctorActor(doctor.ID)
		all, err := s.Questionnaires(ctx)
		check(t, err)
		for _, q := range all {
			sets, err := s.CautionSets(ctx, actor, q.Version)
			check(t, err)
			for _, set := range sets {
				lines = append(lines, fmt.Sprintf("cautions %s-%d by %q at %s because %q: %d rules, edits %v, signed %v",
					set.Version, set.Number, set.Doctor.JA, set.MadeAt.Format(time.RFC3339), set.Reason, len(set.Delivered), set.Edits, set.Signatures))
			}
		}
		charts, err := s.Charts(ctx, actor, storetest.Begin, storetest.Begin.AddDate(0, 0, 2))
		check(t, err)
		for _, chart := range charts {
			for _, r := range chart.Releases {
				withdrawn := "stands"
				if r.WithdrawnAt != nil {
					withdrawn = "taken back " + r.WithdrawnAt.Format(time.RFC3339) + " by " + r.WithdrawnBy.JA
				}
				lines = append(lines, fmt.Sprintf("released %s for %s by %s at %s because %s: %s", r.Title.JA, r.Treatment, r.Doctor.JA, r.At.Format(time.RFC3339), r.Reason, withdrawn))
			}
		}
	}
	return lines
}
