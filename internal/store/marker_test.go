package store_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/seal"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// sealedIn says what each table seals, by the file of testdata/sealed that shows all its fields; "" for what is a single value.
var sealedIn = map[string]string{
	"audit_entries": "", "audit_keys": "", "booking_memos": "memo", "bookings": "booking", "erasure_requests": "erasure", "handovers": "handover", "hold_releases": "release",
	"idempotency_keys": "receipt", "imports": "import", "intake_versions": "intake", "intakes": "intake", "kept_records": "patient", "letters": "letter", "lost_requests": "lost",
	"note_drafts": "note", "note_versions": "note", "passkeys": "passkey", "patient_memos": "memo", "patients": "patient", "phrases": "phrases", "sessions": "browser", "staff": "staff",
	"totps": "totp", "waitings": "waiting",
}

// notSaid are the fields, by the same files, that hold no words of a person: ids, codes, instants, and what the clinic shows everybody. Of a kept record there
// is no way to reach anybody; what opens the booking of an offer is there for a moment only, and looked for with the other tokens.
var notSaid = regexp.MustCompile(`^(` + strings.Join([]string{
	`(booking\.patient\.|waiting\.patient\.|patient\.)sex`, `booking\.(attribution\.(area|article|campaign)|consents\.(kind|version|at))`, `intake\.done`,
	`letter\.(lang|reference|booking_id|starts_at|ends_at|zone|clinic_name|branch_.*|phone_hours|doctor_name|changes_until|subject|lead|note|written_at)`,
	`receipt\.(booking_id|reference|status|starts_at|ends_at|branch|branch_id|doctor|doctor_id)`, `lost\.reference`,
	`note\.(author|findings\..*|explained\.id|next|next_on|ask)`, `release\.(fact|treatment|title_ja|title_en|answers)`,
	`kept_records patient\.(phone|email)`, `waiting\.booked`,
}, "|") + `)$`)

// unsearched are pieces that say nothing of anybody: codes and numbers, and words that the clinic's own texts have as well, as 臨床試験 has a family name.
var unsearched = regexp.MustCompile(`^([a-z0-9_.=]{1,8}|なし|氏名|フリガナ|電話|予約番号|日時|担当|試験|)$`)

// textsOf calls f with every text in a JSON value and the field in which it stands. Whatever a person may be asked is one field.
func textsOf(field string, value any, f func(field, text string)) {
	switch v := value.(type) {
	case string:
		f(field, v)
	case []any:
		for _, each := range v {
			textsOf(field, each, f)
		}
	case map[string]any:
		for name, each := range v {
			if strings.HasSuffix(field, ".answers") || strings.HasSuffix(field, ".typed") {
				textsOf(field, each, f)
				continue
			}
			textsOf(field+"."+name, each, f)
		}
	}
}

// fieldsOf are the fields of what a file of testdata/sealed shows that hold a text.
func fieldsOf(t *testing.T, kind string) (fields []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/sealed/" + kind + ".v*.json")
	check(t, err)
	slices.Sort(files)
	text, err := os.ReadFile(files[len(files)-1])
	check(t, err)
	var value any
	check(t, json.Unmarshal(text, &value))
	textsOf(kind, value, func(field, _ string) {
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	})
	return fields
}

// saidIn are the words of people that lie sealed in a database, by where they stand.
func saidIn(t *testing.T, s *store.Store, address string) map[string][]string {
	t.Helper()
	said := map[string][]string{}
	for table := range store.SealedTables() {
		kind, known := sealedIn[table]
		if !known {
			t.Errorf("say in sealedIn what %s seals", table)
		}
		if kind == "" {
			said[table] = nil
			continue
		}
		for _, field := range fieldsOf(t, kind) {
			if !notSaid.MatchString(field) && !notSaid.MatchString(table+" "+field) {
				said[table+" "+field] = nil
			}
		}
	}
	openSeals(t, s, address, func(table string, content json.RawMessage) {
		var value any
		check(t, json.Unmarshal(content, &value))
		textsOf(sealedIn[table], value, func(field, text string) {
			where := table
			if field != "" {
				where += " " + field
			}
			if _, searched := said[where]; !searched {
				return
			}
			pieces := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' && table == "imports" })
			if field == "totp.secret" {
				secret, err := base64.StdEncoding.DecodeString(text)
				check(t, err)
				pieces = append(pieces, string(secret))
			}
			for _, piece := range pieces {
				if !unsearched.MatchString(piece) && !slices.Contains(said[where], piece) {
					said[where] = append(said[where], piece)
				}
			}
		})
	})
	return said
}

// bytesOf is a database as whoever takes it away has it: the files of SQLite, every row of PostgreSQL.
func bytesOf(t *testing.T, address string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		for table, rows := range storetest.Read(t, address) {
			out[table] = []byte(strings.Join(rows, "\n"))
		}
		return out
	}
	files, err := filepath.Glob(path + "*")
	check(t, err)
	for _, file := range files {
		out["the file"+strings.TrimPrefix(file, path)], err = os.ReadFile(file)
		check(t, err)
	}
	return out
}

// TestMarkers_InNoByte opens everything that is sealed in a database in which every table and every column holds something, and looks for each word of a
// person in every byte of it, of its log and of a backup. A sealed field that the database leaves empty is missed, so that nothing is looked for in vain.
func TestMarkers_InNoByte(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys := address(t), filepath.Join(t.TempDir(), "keys")
			kept, s := fillShape(t, at, keys)
			said := saidIn(t, s, at)
			for where, words := range said {
				// What is sealed of the keys of the log is no text.
				if len(words) == 0 && where != "audit_keys" {
					t.Errorf("nothing that could be found stands in %s: let fillShape put words of its own there", where)
				}
			}
			// Cookies, links and addresses on the network are kept as codes, or not at all.
			said["what browsers send"] = slices.Concat(kept.Known.Links, kept.Known.Sessions, kept.Known.Visitors, kept.Known.Emails, []string{"192.0.2."})
			places := bytesOf(t, at)
			if engine == "sqlite" {
				places["a backup"] = backedUp(t, at, keys)
				if len(places["the file-wal"]) == 0 {
					t.Error("there is no log of the database to look into")
				}
			}
			var all strings.Builder
			for _, content := range places {
				all.Write(content)
			}
			if !strings.Contains(all.String(), "見本クリニック 第1院") {
				t.Fatalf("what everybody may read is not in %v", slices.Sorted(maps.Keys(places)))
			}
			for where, words := range said {
				for i, word := range words {
					forms := map[string][]byte{"UTF-8": []byte(word)}
					if i == 0 { // how they are written does not depend on which they are
						forms = storetest.FormsOf(word)
					}
					for form, text := range forms {
						for place, content := range places {
							if strings.Contains(string(content), string(text)) {
								t.Errorf("%s holds %q of %s as %s", place, word, where, form)
							}
						}
					}
				}
			}
		})
	}
}

// backedUp is a backup of a database of SQLite.
func backedUp(t *testing.T, address, keys string) []byte {
	t.Helper()
	plan := store.BackupPlan{Folder: t.TempDir(), Keep: 1, KeyFile: keys}
	public, err := seal.CreateIdentity(filepath.Join(t.TempDir(), "identity"))
	check(t, err)
	plan.Recipients, err = seal.ParseRecipients(public)
	check(t, err)
	made, err := store.MakeBackup(t.Context(), address, plan, func() time.Time { return storetest.Begin }, nil)
	check(t, err)
	content, err := os.ReadFile(made.Path)
	check(t, err)
	return content
}

// placesOf reads docs/security/columns.md: where each column stands, by table and column.
func placesOf(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/security/columns.md")
	check(t, err)
	_, rows, _ := strings.Cut(string(text), "| --- | --- | --- | --- | --- |\n")
	rows, _, _ = strings.Cut(rows, "\n\n")
	places := map[string]string{}
	for line := range strings.Lines(rows) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 {
			t.Fatalf("no row of five cells: %s", line)
		}
		for i, place := range []string{"sealed", "codes", "ids", "plain"} {
			for column := range strings.FieldsSeq(cells[i+1]) {
				name := strings.TrimSpace(cells[0]) + "." + column
				if places[name] != "" {
					t.Errorf("%s stands twice", name)
				}
				places[name] = place
			}
		}
	}
	return places
}

// noText is what an id, a word of a closed set, a day and a list of numbers look like: nothing that a name, an address or an answer is written with.
var noText = regexp.MustCompile(`^[A-Za-z0-9 /:._,*"{}+-]*$`)

// TestColumns_HaveTheirPlace: every column that can hold a text or bytes has its place in docs/security/columns.md, on both engines, and holds what is said there.
func TestColumns_HaveTheirPlace(t *testing.T) {
	places := placesOf(t)
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			columns := `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type NOT IN ('integer', 'bigint', 'smallint', 'boolean', 'timestamp with time zone')`
			if engine == "sqlite" {
				columns = `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
					AND lower(c.type) NOT IN ('integer', 'bigint', 'boolean', 'datetime')`
			}
			kept, _ := fillShape(t, at, filepath.Join(t.TempDir(), "keys"))
			db := openSQL(t, at)
			defer func() { check(t, db.Close()) }()
			rows, err := db.QueryContext(t.Context(), columns)
			check(t, err)
			defer func() { check(t, rows.Close()) }()
			there := map[string]bool{}
			for rows.Next() {
				var table, column string
				check(t, rows.Scan(&table, &column))
				if table == "schema_migrations" {
					continue
				}
				name := table + "." + column
				there[name] = true
				if places[name] == "" {
					t.Errorf("%s can hold a text and stands nowhere in docs/security/columns.md", name)
				}
				for _, r := range kept.Tables[table] {
					if problem := misplaced(t, places[name], r[column]); problem != "" {
						t.Errorf("%s is among what is %s and %s", name, places[name], problem)
						break
					}
				}
			}
			check(t, rows.Err())
			for name := range places {
				if !there[name] {
					t.Errorf("docs/security/columns.md has %s, which is no column", name)
				}
			}
		})
	}
}

// misplaced says why a value does not belong where its column stands.
func misplaced(t *testing.T, place string, cell any) string {
	t.Helper()
	switch value := valueOf(t, cell).(type) {
	case nil:
	case string:
		if place == "sealed" || place == "ids" && !noText.MatchString(value) {
			return fmt.Sprintf("holds the text %q", value)
		}
	case []byte:
		if _, sealed := seal.KeyOf(value); place == "sealed" && !sealed {
			return fmt.Sprintf("holds %q, which nobody has sealed", value)
		}
		if place == "ids" {
			return "holds bytes"
		}
	}
	return ""
}
