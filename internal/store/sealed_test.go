package store

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

var update = flag.Bool("update", false, "write the golden files of the newest format anew")

// sealedKind is one kind of value that is sealed.
type sealedKind struct {
	full    any              // a value of the rules with everything in it that is sealed
	columns []string         // its fields that are columns of the row instead
	first   int              // the format in which it was sealed first; 0 for the first of all
	added   map[int][]string // by format, its fields that formats before did not have
	store   func() any
	open    func(open func(stored any) error) (any, error)
}

func kind[Value, Stored any](full Value, store func(Value) Stored, open func(Stored) Value, columns ...string) sealedKind {
	return sealedKind{
		full: full, columns: columns,
		store: func() any { return store(full) },
		open: func(read func(any) error) (any, error) {
			var stored Stored
			err := read(&stored)
			return open(stored), err
		},
	}
}

// from says in which format a value was sealed first.
func (k sealedKind) from(version int) sealedKind {
	k.first = version
	return k
}

// since says that a format added fields, each named by its path: Patient.Birth.
func (k sealedKind) since(version int, fields ...string) sealedKind {
	k.added = maps.Clone(k.added)
	if k.added == nil {
		k.added = map[int][]string{}
	}
	k.added[version] = fields
	return k
}

// wanted is what a value of a format opens into: all of full but for what was added later.
func (k sealedKind) wanted(version int) any {
	value := reflect.New(reflect.TypeOf(k.full)).Elem()
	value.Set(reflect.ValueOf(k.full))
	for added, fields := range k.added {
		for _, path := range fields {
			if field := value; added > version {
				for name := range strings.SplitSeq(path, ".") {
					field = field.FieldByName(name)
				}
				field.SetZero()
			}
		}
	}
	return value.Interface()
}

// typed is what was typed with a booking.
type typed struct {
	Patient clinic.Patient
	Details clinic.Details
}

// waiter is who waits.
type waiter struct {
	Patient clinic.Patient
	Booked  string
}

// signedNote is a note with everything in it.
func signedNote() clinic.Signed {
	return clinic.Signed{
		Author: "見本 花", Reason: "厚みの書きまちがい", Note: clinic.Note{
			Findings: []clinic.Finding{{Area: "back", Fat: "middle", Muscle: "weak", Sagging: "light", Thickness: "24.5", Skin: "clear", Pain: "0"}},
			Other:    "肩甲骨の動きが小さい。", Explained: []clinic.Explained{{ID: "pah", Text: "冷却後に脂肪が増える例（PAH）"}}, Wish: "まず自分でできることから。",
			Proposal: "肩甲骨まわりの運動と座り方を3か月。", Next: string(clinic.NextDay), NextOn: "2027-02-25", Ask: []string{"booking"},
		},
	}
}

func sealedKinds() map[string]sealedKind {
	at := time.Date(2026, time.November, 28, 3, 0, 0, 123_456_000, time.UTC)
	return map[string]sealedKind{
		"patient": kind(clinic.Patient{
			FamilyName: "髙﨑", GivenName: "花子", FamilyKana: "タカサキ", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1990, Month: time.April, Day: 1},
			Sex: clinic.Female, Phone: "09000000000", Email: "hanako@example.jp",
		}, storePatient, storedPatient.patient, "ID", "CreatedAt"),
		"booking": kind(typed{clinic.Patient{
			FamilyName: "髙﨑", GivenName: "花子", FamilyKana: "タカサキ", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1990, Month: time.April, Day: 1},
			Sex: clinic.Female, Phone: "09000000000", Email: "hanako@example.jp",
		}, clinic.Details{
			Answers:     map[string][]string{"areas": {"back", "thigh_b"}, "goal": {"夏までに <5kg> & 筋肉"}},
			Attribution: clinic.Attribution{Area: "back", Article: "back-fat", Campaign: "autumn"},
			Consents:    []clinic.Consent{{Kind: "c_privacy", Version: "1", At: at}, {Kind: "c_cancel", Version: "1", At: at}},
		}}, func(b typed) storedBooking { return storeBooking(b.Patient, b.Details) }, func(stored storedBooking) (b typed) {
			b.Patient, b.Details = stored.open()
			return b
		}, "Patient.ID", "Patient.CreatedAt"),
		"intake": kind(intake.Record{
			Answers: intake.Answers{"meds": {"warf"}, "meds_name": {"ワルファリン"}}, Typed: map[string][]string{"height": {"158センチ"}},
			Changed: map[string]int{"height": 3, "meds": 2, "meds_name": 1}, Done: []string{"body", "health"},
		}, storeIntake, storedIntake.record, "BookingID", "Revision", "Version", "CompletedAt", "UpdatedAt").since(2, "Typed", "Changed"),
		"letter": kind(clinic.LetterContent{
			Lang: "ja", To: "hanako@example.jp", ToName: "髙﨑 花子", Reference: "M7K-4Q2P", BookingID: "booking", Sequence: 1,
			StartsAt: at, EndsAt: at.Add(time.Hour), Zone: "Asia/Tokyo", ClinicName: "見本クリニック", BranchName: "中央院", BranchAddress: "見本県架空市1-2-3",
			BranchAccess: "架空駅より徒歩3分", BranchPhone: "03-0000-0001", PhoneHours: "平日 10:00–18:00", DoctorName: "見本 守", Token: "token",
			Asks: true, ChangesUntil: at, Count: 3, WrittenAt: at, KeepMinutes: 60,
			Text: clinic.LetterText{Subject: "{{日時}} のご予約", Lead: "{{氏名}} 様\nお待ちしております。", Note: "駐車場は裏手です。"},
		}, storeLetter, storedLetter.content).since(3, "Asks", "ChangesUntil", "Count", "KeepMinutes", "Text"),
		"waiting": kind(waiter{clinic.Patient{
			FamilyName: "髙﨑", GivenName: "花子", FamilyKana: "タカサキ", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1990, Month: time.April, Day: 1},
			Sex: clinic.NoSex, Phone: "09000000000", Email: "hanako@example.jp",
		}, "token"}, func(w waiter) storedWaiting { return storeWaiting(w.Patient, w.Booked) }, func(stored storedWaiting) (w waiter) {
			w.Patient, w.Booked = stored.open()
			return w
		}, "Patient.ID", "Patient.CreatedAt").from(3),
		"receipt": kind(clinic.Receipt{
			BookingID: "booking", Reference: "M7K-4Q2P", Token: "token", Status: clinic.Booked, StartsAt: at, EndsAt: at.Add(time.Hour),
			BranchID: "branch", Branch: "見本クリニック 中央院", DoctorID: "doctor", Doctor: "見本 守",
		}, storeReceipt, storedReceipt.receipt),
		"staff": kind(clinic.Staff{Name: "受付 見本", Email: "reception@example.jp"}, storeStaff, storedStaff.staff,
			"ID", "Role", "DoctorID", "EveryBranch", "Branches", "PasswordHash", "Active", "CreatedAt", "Revision"),
		"browser": kind(clinic.Browser{Agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", Network: "192.0.2.1"}, storeBrowser, storedBrowser.browser).from(3),
		"totp":    kind([]byte("12345678901234567890"), storeTOTP, storedTOTP.secret).from(3),
		"passkey": kind(clinic.Passkey{Name: "院長室のパソコン"}, storePasskey, storedPasskey.passkey, "ID", "CreatedAt", "UsedAt").from(3),
		"memo":    kind(clinic.Memo{Text: "お母さまと来院。"}, storeMemo, storedMemo.memo, "Revision", "UpdatedAt", "UpdatedBy").from(2),
		"lost":    kind(clinic.Lost{Reference: "M7K-4Q2P", Birth: clinic.Date{Year: 1990, Month: time.April, Day: 1}, Email: "hanako@example.jp"}, storeLost, storedLost.lost).from(3),
		"erasure": kind(clinic.Erasure{Reason: "診療の記録は、5年間の保存が必要です。"}, storeErasure, storedErasure.erasure,
			"ID", "BookingID", "AskedAt", "Outcome", "SettledAt", "SettledBy").from(3),
		"note": kind(signedNote(), func(n clinic.Signed) storedNote { return storeNote(n.Note, n.Reason, n.Author) }, storedNote.signed,
			"BookingID", "Version", "DoctorID", "SignedAt").from(3),
		"phrases": kind(clinic.Phrases{List: []clinic.Phrase{{Shortcut: "うんどう", Text: "肩甲骨まわりの運動を週2回。"}}}, storePhrases, func(p storedPhrases) clinic.Phrases { return p.phrases() }, "Revision").from(3),
		"release": kind(intake.Release{
			Fact: "bleeding", Treatment: intake.Injection, Title: intake.Text{JA: "ワルファリン", EN: "Warfarin"}, Answers: []string{"meds=warf"}, Reason: "主治医に確認した。", Set: 2,
		}, storeRelease, func(r storedRelease) intake.Release { return r.release() }, "ID", "BookingID", "DoctorID", "Doctor.JA", "Doctor.EN", "At", "WithdrawnAt", "WithdrawnBy.JA", "WithdrawnBy.EN").from(3),
		"handover": kind("前の診察が長引いたため。", storeHandover, storedHandover.reason).from(3),
		"import": kind(clinic.Import{Text: "氏名,電話\n髙﨑 花子,090-0000-0000\n"}, storeImport, storedImport.file,
			"ID", "Kind", "BranchID", "Source", "Minutes", "Letters", "CreatedAt", "ExpiresAt", "EndedAt", "Done", "Lines", "Patients", "Bookings", "Slots", "There", "Refused").from(2),
	}
}

func newKeyring(t *testing.T) *seal.Keyring {
	t.Helper()
	file, err := seal.NewFile(time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	keyring, err := file.Keyring()
	if err != nil {
		t.Fatal(err)
	}
	return keyring
}

// TestSealed_EveryFormatOpens opens what every format so far has sealed, and seals today's values as the newest format
// has them, byte for byte. A field of the rules that is not among the columns and is not sealed is found as well.
func TestSealed_EveryFormatOpens(t *testing.T) {
	keyring := newKeyring(t)
	at := seal.AssociatedData{Table: "test", ID: "test"}
	for name, k := range sealedKinds() {
		for _, missing := range empty(reflect.ValueOf(k.full), "") {
			if !slices.Contains(k.columns, missing) {
				t.Errorf("%s: the test's value has no %s: fill it in, and say in sealed*.go how it is sealed", name, missing)
			}
		}
		// What is sealed is looked at through the keyring, as it is stored.
		sealed, err := keyring.Seal(seal.Contact, at, k.store())
		if err != nil {
			t.Fatal(err)
		}
		var plain json.RawMessage
		if err := keyring.Open(seal.Contact, at, sealed, &plain); err != nil {
			t.Fatal(err)
		}
		newest := filepath.Join("testdata", "sealed", fmt.Sprintf("%s.v%d.json", name, newestFormat))
		if *update {
			if err := os.WriteFile(newest, append(plain, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for version := max(k.first, 1); version <= int(newestFormat); version++ {
			file := filepath.Join("testdata", "sealed", fmt.Sprintf("%s.v%d.json", name, version))
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.open(func(stored any) error { return json.Unmarshal(golden, stored) })
			if diff := cmp.Diff(k.wanted(version), got); err != nil || diff != "" {
				t.Errorf("%s opens into something else (%v):\n%s", file, err, diff)
			}
			if golden := bytes.TrimSuffix(golden, []byte("\n")); file == newest && !bytes.Equal(golden, plain) {
				t.Errorf("%s is\n%s\nand today this is sealed:\n%s", file, golden, plain)
			}
		}
	}
}

// empty names the fields of a struct that hold nothing, those of its structs and of the structs in its lists included.
func empty(v reflect.Value, path string) (out []string) {
	if _, ok := v.Interface().(time.Time); ok || v.Kind() != reflect.Struct {
		if v.Kind() == reflect.Slice && v.Len() > 0 && v.Index(0).Kind() == reflect.Struct {
			return empty(v.Index(0), path)
		}
		if v.IsZero() {
			return []string{path}
		}
		return nil
	}
	for i := range v.NumField() {
		out = append(out, empty(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."))...)
	}
	return out
}

func TestSealed_RefusesAFormatOfLater(t *testing.T) {
	keyring := newKeyring(t)
	at := seal.AssociatedData{Table: "test", ID: "test"}
	for name, k := range sealedKinds() {
		for _, version := range []format{newestFormat + 1, 0, -1} {
			sealed, err := keyring.Seal(seal.Contact, at, map[string]any{"format": version})
			if err != nil {
				t.Fatal(err)
			}
			_, err = k.open(func(stored any) error { return keyring.Open(seal.Contact, at, sealed, stored) })
			if err == nil || !strings.Contains(err.Error(), "written by a newer version") {
				t.Errorf("%s of format %d: %v", name, version, err)
			}
		}
	}
}

func TestSealed_Days(t *testing.T) {
	for _, day := range []clinic.Date{{}, {Year: 1912, Month: time.July, Day: 30}, {Year: 2024, Month: time.February, Day: 29}} {
		text, err := json.Marshal(storePatient(clinic.Patient{Birth: day}))
		if err != nil {
			t.Fatal(err)
		}
		var p storedPatient
		if err := json.Unmarshal(text, &p); err != nil || p.patient().Birth != day {
			t.Errorf("%v became %v, %v", day, p.patient().Birth, err)
		}
	}
	var p storedPatient
	if err := json.Unmarshal([]byte(`{"format":1,"birth_date":"1990-02-30"}`), &p); err == nil || strings.Contains(err.Error(), "1990") {
		t.Errorf("an impossible day: %v", err)
	}
}
