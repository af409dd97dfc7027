package clinic

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawnImport is any file around two days, of a few people who share numbers and addresses, so that much of it meets.
func drawnImport(t *rapid.T, kind ImportKind) string {
	text := "予約番号,日時,終了,担当,部屋,状態,氏名,フリガナ,電話,メール,生年月日\n"
	for n := range rapid.IntRange(1, 12).Draw(t, "lines") {
		number, at := "", ""
		if kind == ImportBookings {
			number = rapid.SampledFrom([]string{"", "", fmt.Sprint("N", n), fmt.Sprint("N", n/2)}).Draw(t, "number")
			at = fmt.Sprintf("2026/11/%d %d:%s", rapid.SampledFrom([]int{25, 25, 25, 24}).Draw(t, "day"), rapid.IntRange(9, 13).Draw(t, "hour"), rapid.SampledFrom([]string{"00", "00", "30"}).Draw(t, "minute"))
		}
		text += strings.Join([]string{
			number, at, rapid.SampledFrom([]string{"", "", "", "15:00"}).Draw(t, "end"), rapid.SampledFrom([]string{"見本 花", "見本 守", "見本 守", "例示"}).Draw(t, "doctor"),
			rapid.SampledFrom([]string{"", "室1"}).Draw(t, "room"), rapid.SampledFrom([]string{"確定", "確定", "仮予約", "キャンセル"}).Draw(t, "status"),
			"取込 " + rapid.SampledFrom([]string{"一子", "二子"}).Draw(t, "name"), "トリコミ " + rapid.SampledFrom([]string{"イチコ", "ニコ"}).Draw(t, "kana"),
			rapid.SampledFrom([]string{"09000000801", "09000000801", "09000000802", "09000000802", "0900000080"}).Draw(t, "phone"), rapid.SampledFrom([]string{"", "a@example.jp", "b@example.jp"}).Draw(t, "mail"),
			rapid.SampledFrom([]string{"", "", "1990/4/1", "1990/4/2"}).Draw(t, "birth"),
		}, ",") + "\n"
	}
	return text
}

// TestImportFile_SaysWhatItDoes: whatever stands in a file, what is said of it while nothing is done is what comes of it line by line, and
// does not depend on the lines after; no two bookings have one time of a doctor or a room; and the same file again comes to nothing.
func TestImportFile_SaysWhatItDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]ImportKind{ImportBookings, ImportBookings, ImportPatients}).Draw(t, "kind")
		text := drawnImport(t, kind)
		k := newKnownClinic()
		for hour := 9; hour < 13; hour++ {
			slot := slotAt(fmt.Sprint("slot ", hour), "1", rapid.SampledFrom([]string{"hana", "mamoru"}).Draw(t, "of"), "", hour, rapid.SampledFrom([]int{30, 60}).Draw(t, "minutes"))
			slot.Held = rapid.IntRange(0, 4).Draw(t, "held") == 0
			k.slots = append(k.slots, slot)
		}
		f := importFileOfTests(t, kind, text)
		said := dryRun(f, k)
		shorter := f
		shorter.Lines = f.Lines[:len(f.Lines)/2]
		for i, o := range dryRun(shorter, k) {
			if importWord(o) != importWord(said[i]) {
				t.Fatalf("line %d comes to %s, and without those after it to %s of\n%s", o.Line.N, importWord(said[i]), importWord(o), text)
			}
		}
		for i, o := range doneRun(f, k) {
			person := o.Person
			if s := said[i]; s.As != 0 && s.Person == "" {
				s.Person = fmt.Sprintf("line %03d", s.As)
				if person != s.Person {
					t.Fatalf("line %d was said to be of %s, and is of %s of\n%s", o.Line.N, s.Person, person, text)
				}
			}
			if o.Does != said[i].Does || len(o.Line.Errors) != len(said[i].Line.Errors) {
				t.Fatalf("line %d was said to come to %s, and has come to %s of\n%s", o.Line.N, importWord(said[i]), importWord(o), text)
			}
		}
		for i, a := range k.slots {
			for _, b := range k.slots[:i] {
				if overlap(a.Slot, b.Slot) && (a.DoctorID == b.DoctorID || sameRoom(a.Slot, b.Slot)) {
					t.Fatalf("%s and %s meet of\n%s", a.ID, b.ID, text)
				}
			}
		}
		taken := map[string]bool{}
		for _, o := range said {
			if o.Does == ImportOnSlot && taken[o.Slot.ID] {
				t.Fatalf("two lines come to %s of\n%s", o.Slot.ID, text)
			}
			taken[o.Slot.ID] = true
		}
		for _, o := range dryRun(f, k) {
			if o.Adds() {
				t.Fatalf("again, line %d comes to %s of\n%s", o.Line.N, importWord(o), text)
			}
		}
	})
}
