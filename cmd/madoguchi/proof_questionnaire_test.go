package main_test

import (
	"strings"
	"testing"

	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// A server does not start with other questions under a version that somebody may have been asked, nor with a version that
// it cannot read; with the same questions it starts as often as it likes.
func TestServe_RefusesOtherQuestionsUnderAKnownVersion(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSettings(t, engine)
			for range 2 {
				serve(t, s).stop(t)
			}
			other := newSettings(t, engine)
			withMigrated(t, other, func(db *store.Store) {
				_, err := db.PublishQuestionnaire(t.Context(), storetest.Owner, storetest.NextVersion(t, questionnaire(t).Version, func(q *intake.Questionnaire) { q.Booking.Title.JA = "別の題" }))
				must(t, err)
			})
			if said := refused(t, other, "serve"); !strings.HasPrefix(said, `version "4" of the questionnaire was published with other questions`) {
				t.Errorf("it said: %s", said)
			}
		})
	}
}

func withMigrated(t *testing.T, s settings, use func(*store.Store)) {
	t.Helper()
	must(t, store.Migrate(t.Context(), s["MADOGUCHI_DATABASE"]))
	withStore(t, s, use)
}
