package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
)

func settingsKinds() map[string]sealedKind {
	return map[string]sealedKind{
		"clinic": kind(clinic.Settings{
			Name: "見本クリニック", NameEn: "Mihon Clinic", Logo: clinic.Logo{PNG: []byte("\x89PNG"), Hash: "0123456789abcdef", Width: 600, Height: 110},
			Operator: "医療法人社団 見本会", OperatorEn: "Mihon-kai", Address: "見本県架空市1-2-3", AddressEn: "1-2-3 Kaku-shi",
			Contact: "相談係 03-0000-0001", ContactEn: "Privacy desk", Processors: "見本サーバー\n見本メール", ProcessorsEn: "Mihon Servers\nMihon Mail", SecondFactor: true,
		}, storeClinic, storedClinic.open, "Revision").since(2, "Operator", "OperatorEn", "Address", "AddressEn", "Contact", "ContactEn", "Processors", "ProcessorsEn").since(3, "SecondFactor"),
		"branch": kind(clinic.BranchSettings{
			PhoneHours: "平日 10:00–18:00", PhoneHoursEn: "Weekdays 10:00–18:00", LiveBookings: clinic.DefaultLiveBookings,
			OpenDays: clinic.DefaultOpenDays, Closes: clinic.Deadline{Hours: 3, Days: 1, At: 18 * 60}, Changes: clinic.Deadline{Hours: 24, Days: 2, At: 12 * 60}, ApproveFirst: true, NoShows: 2, Stopped: true,
			Holidays: clinic.HolidayRule{Open: true, Differ: "2027-02-11 2027-03-22"},
			Waiting:  clinic.WaitingRule{Off: true, Minutes: clinic.DefaultOfferMinutes, QuietFrom: clinic.DefaultQuietFrom, QuietUntil: clinic.DefaultQuietUntil},
			Keep:     clinic.KeepRule{Answers: clinic.DefaultKeepAnswers, Drafts: clinic.DefaultKeepDrafts},
			Letters: &clinic.LetterTimes{
				Unfinished: clinic.LetterTime{On: true, At: 19 * 60}, Reminder: clinic.LetterTime{On: true, At: 11 * 60},
				Morning: clinic.LetterTime{At: 7 * 60}, Thanks: clinic.LetterTime{On: true, At: 12 * 60},
			},
			Notices: "uketsuke@example.jp",
		}, storeBranch, storedBranch.open).since(3, "Closes.Hours", "Closes.Days", "Closes.At", "Changes.Hours", "Changes.Days", "Changes.At", "ApproveFirst", "NoShows", "Stopped", "Holidays.Open", "Holidays.Differ", "Waiting.Off", "Letters", "Notices"),
	}
}

// TestSettings_EveryFormatOpens opens what every format so far has stored, and stores today's values as the newest format
// has them, byte for byte. A setting that is not stored is found as well.
func TestSettings_EveryFormatOpens(t *testing.T) {
	for name, k := range settingsKinds() {
		for _, missing := range empty(reflect.ValueOf(k.full), "") {
			if slices.Contains(k.columns, missing) {
				continue
			}
			t.Errorf("%s: the test's value has no %s: fill it in, and say in settings.go how it is stored", name, missing)
		}
		plain, err := json.Marshal(k.store())
		if err != nil {
			t.Fatal(err)
		}
		newest := filepath.Join("testdata", "settings", fmt.Sprintf("%s.v%d.json", name, newestSettingsFormat))
		if *update {
			if err := os.WriteFile(newest, append(plain, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for version := 1; version <= int(newestSettingsFormat); version++ {
			file := filepath.Join("testdata", "settings", fmt.Sprintf("%s.v%d.json", name, version))
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.open(func(stored any) error { return json.Unmarshal(golden, stored) })
			if diff := cmp.Diff(k.wanted(version), got); err != nil || diff != "" {
				t.Errorf("%s opens into something else (%v):\n%s", file, err, diff)
			}
			if golden := bytes.TrimSuffix(golden, []byte("\n")); file == newest && !bytes.Equal(golden, plain) {
				t.Errorf("%s is\n%s\nand today this is stored:\n%s", file, golden, plain)
			}
		}
		for _, version := range []settingsFormat{newestSettingsFormat + 1, 0, -1} {
			_, err := k.open(func(stored any) error { return json.Unmarshal(fmt.Appendf(nil, `{"format":%d}`, version), stored) })
			if err == nil || !strings.Contains(err.Error(), "written by a newer version") {
				t.Errorf("%s of format %d: %v", name, version, err)
			}
		}
	}
}
