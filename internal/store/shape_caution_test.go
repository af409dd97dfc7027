package store_test

import (
	"testing"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestMigrate_CautionsFindTheirStem: for the versions that a clinic made before it was kept of which of the program's versions their cautions are,
// that is found out: by the cautions that they took over, whatever the version is called, or else by the name, which is that of the offer that
// brought them along.
func TestMigrate_CautionsFindTheirStem(t *testing.T) {
	kept := readShape(t, 30)
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			address := emptyDatabases[engine](t)()
			check(t, store.MigrateWith(t.Context(), address, upTo(t, 30)))
			kept.load(t, address)
			// 3.1 stands in the shape. 5.1 has the cautions of version 1, and 6.1 such as no version of the program has here.
			for version, rules := range map[string]string{"5.1": "rules", "6.1": "sources"} {
				storetest.Exec(t, address, "INSERT INTO questionnaires (version, status, body, created_at, published_at, published_by, of_clinic, based_on) SELECT $1, status, body, created_at, published_at, published_by, true, '3' FROM questionnaires WHERE version = '1'", version)
				storetest.Exec(t, address, "INSERT INTO cautions (version, rules, sources, changed_at, changed_by) SELECT $1, "+rules+", sources, changed_at, changed_by FROM cautions WHERE version = '1'", version)
				storetest.Exec(t, address, "INSERT INTO caution_sets (version, number, rules, sources, edits, reason, made_at, made_by) SELECT $1, 1, "+rules+", sources, edits, reason, made_at, made_by FROM caution_sets WHERE version = '1' AND number = 1", version)
			}
			check(t, store.MigrateWith(t.Context(), address, upTo(t, 31)))
			db := openSQL(t, address)
			defer func() { check(t, db.Close()) }()
			for version, want := range map[string]string{"1": "1", "3": "3", "3.1": "3", "5.1": "1", "6.1": "6"} {
				var stem string
				check(t, db.QueryRowContext(t.Context(), "SELECT COALESCE(stem, 'none') FROM cautions WHERE version = $1", version).Scan(&stem))
				if stem != want {
					t.Errorf("the cautions of version %s are those of %s, want %s", version, stem, want)
				}
			}
		})
	}
}
