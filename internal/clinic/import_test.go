package clinic

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var importDay = Date{2026, time.November, 24}

// readLines reads a file that must be readable.
func readLines(t *testing.T, kind ImportKind, text string) (ImportTable, []ImportLine) {
	t.Helper()
	table, wrong := ReadImport(kind, text)
	if wrong != nil {
		t.Fatalf("%v of\n%s", wrong, text)
	}
	var lines []ImportLine
	for _, row := range table.Rows {
		lines = append(lines, table.Line(row, importDay))
	}
	return table, lines
}

// TestReadImport_Heads: the heads of other systems are understood, and whatever is not is named.
func TestReadImport_Heads(t *testing.T) {
	for _, c := range []struct {
		kind    ImportKind
		heads   string
		columns string
		ignored string
	}{
		{ImportPatients, "氏名,フリガナ,電話番号,メールアドレス,生年月日,性別,メモ", "name kana phone email birth sex memo", ""},
		{ImportPatients, "姓,名,セイ,メイ,携帯電話番号,Eメール,誕生日,性別,備考,会員ランク", "family_name given_name family_kana given_kana phone email birth sex memo", "会員ランク"},
		{ImportPatients, "お名前（必須）,ふりがな,電話番号（携帯）,E-mail", "name kana phone email", ""},
		{ImportPatients, "氏名（カナ）,氏名（漢字）,ＴＥＬ", "name kana phone", ""},
		{ImportPatients, "顧客名,顧客名カナ,TEL,予約番号,担当", "name kana phone", "予約番号 担当"},
		{ImportPatients, "Name,Reading,Phone,Email,Date of birth,Sex", "name kana phone email birth sex", ""},
		{ImportBookings, "予約番号,予約日時,担当者,店舗名,お客様名,フリガナ,電話番号", "reference at branch doctor name kana phone", ""},
		{ImportBookings, "日付,開始時刻,終了時刻,医師,部屋,ステータス,名前,カナ,電話", "date start end doctor room status name kana phone", ""},
		{ImportBookings, "予約番号,日付,時刻,院,医師,名前,フリガナ,生年月日,性別,電話,メール,状態,問診,経路,部位,きっかけ（部位）,受付", "reference date start branch doctor status name kana phone email birth sex", "問診 経路 部位 きっかけ（部位） 受付"},
	} {
		for _, comma := range []string{",", "\t", ";"} {
			line := strings.ReplaceAll("2026/12/1 10:00,2026/12/1,10:00,x,x,x,x,x,x", ",", comma)
			table, wrong := ReadImport(c.kind, strings.ReplaceAll(c.heads, ",", comma)+"\r\n"+line+"\r\n")
			if wrong != nil {
				t.Errorf("%s: %v", c.heads, wrong)
				continue
			}
			var columns []string
			for _, column := range table.Columns() {
				columns = append(columns, string(column))
			}
			if got := strings.Join(columns, " "); got != c.columns {
				t.Errorf("%s is read as %s, want %s", c.heads, got, c.columns)
			}
			if got := strings.Join(table.Ignored, " "); got != c.ignored {
				t.Errorf("of %s is ignored %q, want %q", c.heads, got, c.ignored)
			}
		}
	}
}

// TestReadImport_Refuses: what is no such file is refused as a whole, and why.
func TestReadImport_Refuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "error.import.empty",
		" \r\n\r\n":             "error.import.empty",
		"電話,氏名\n":               "error.import.empty",
		"電話,氏名\n,\n\n":          "error.import.empty",
		"山田 花子,090-0000-0000\n": "error.import.heads",
		"<!doctype html><p>お待ちください":                                         "error.import.heads",
		"氏名,フリガナ,メール\n山田 花子,ヤマダ ハナコ,":                                       "error.import.person",
		"電話,メール\n090-0000-0000,":                                            "error.import.person",
		"電話,氏名\n" + strings.Repeat("09000000000,山田 花子\n", MaxImportLines+1): "error.import.lines",
	} {
		if _, wrong := ReadImport(ImportPatients, text); wrong == nil || wrong.Message != want || wrong.Field != "file" {
			t.Errorf("%.40q: %v, want %s", text, wrong, want)
		}
	}
	if _, wrong := ReadImport(ImportBookings, "氏名,電話,担当\n山田 花子,09000000000,見本\n"); wrong == nil || wrong.Message != "error.import.when" {
		t.Errorf("a booking at no time: %v", wrong)
	}
	if _, wrong := ReadImport(ImportPatients, "電話,氏名\n"+strings.Repeat("09000000000,山田 花子\n", MaxImportLines)); wrong != nil {
		t.Errorf("as many lines as there may be: %v", wrong)
	}
}

// TestImportLine_Reads: what other systems and spreadsheets write is read leniently.
func TestImportLine_Reads(t *testing.T) {
	hanako := Patient{
		FamilyName: "山田", GivenName: "花子", FamilyKana: "ヤマダ", GivenKana: "ハナコ", Birth: Date{1990, time.April, 1}, Sex: Female, Phone: "09012345678", Email: "hanako@example.jp",
	}
	const heads = "氏名,フリガナ,電話,メール,生年月日,性別\n"
	for _, c := range []struct{ line, note string }{
		{"山田 花子,ヤマダ ハナコ,090-1234-5678,hanako@example.jp,1990/4/1,女", ""},
		{"山田　花子,ﾔﾏﾀﾞ ﾊﾅｺ,０９０－１２３４－５６７８,ｈａｎａｋｏ＠example.jp,平成2年4月1日,女性", ""},
		{"山田 花子 様,やまだ　はなこ,'09012345678,hanako@example.jp,H2.4.1,Female", ""},
		{`山田 花子,ヤマダ ハナコ,"=""09012345678""",hanako@example.jp,19900401,F`, ""},
		{"山田 花子,ヤマダ ハナコ,'+81 90-1234-5678,hanako@example.jp,1990-04-01 00:00,女", ""},
		{`"山田 花子","ヤマダ ハナコ","090(1234)5678","hanako@example.jp","1990年4月1日（日）","♀"`, ""},
		{"山田 花子,ヤマダ ハナコ,9012345678,hanako@example.jp,平成2/4/1,女", "phone error.import.zero"},
	} {
		_, lines := readLines(t, ImportPatients, "\ufeff"+heads+c.line+"\r\n")
		notes := ""
		for _, n := range lines[0].Notes {
			notes += n.Field + " " + n.Message
		}
		if lines[0].Patient != hanako || len(lines[0].Errors) > 0 || notes != c.note {
			t.Errorf("%s\nis %+v, errors %v, notes %q", c.line, lines[0].Patient, lines[0].Errors, notes)
		}
	}
	for _, c := range []struct {
		line       string
		name, kana string
		note       string
	}{
		{"山田花子,ヤマダハナコ,09000000000,,,", "山田花子", "ヤマダハナコ", "error.import.space"},
		{"山田 花子,,09000000000,,,", "山田 花子", "", "error.import.kana"},
		{",ヤマダ ハナコ,09000000000,,,", "ヤマダ ハナコ", "ヤマダ ハナコ", ""},
		{"ヤマダ ハナコ,,09000000000,,,", "ヤマダ ハナコ", "ヤマダ ハナコ", ""},
		{"Mary Jane Smith,,+1 202-555-0123,,,", "Mary Jane Smith", "", ""},
		{",Mary Smith,09000000000,,,", "Mary Smith", "", ""},
	} {
		_, lines := readLines(t, ImportPatients, heads+c.line+"\n")
		p, notes := lines[0].Patient, ""
		for _, n := range lines[0].Notes {
			notes += n.Message
		}
		if p.Name() != c.name || p.Kana() != c.kana || len(lines[0].Errors) > 0 || notes != c.note || p.Sex != NoSex {
			t.Errorf("%s\nis %+v, errors %v, notes %q", c.line, p, lines[0].Errors, notes)
		}
	}
	_, lines := readLines(t, ImportPatients, "姓,名,セイ,メイ,自宅電話番号,携帯電話番号,備考\n山田,花子,ヤマダ,ハナコ,,09012345678,\"一行目\r\n二行目\"\n")
	if l := lines[0]; l.Patient.Name() != "山田 花子" || l.Patient.Kana() != "ヤマダ ハナコ" || l.Patient.Phone != "09012345678" || l.Memo != "一行目\n二行目" {
		t.Errorf("parts of a name: %+v", l)
	}
}

// TestImportLine_WrongCells: each mistake is named at its line, as a spreadsheet counts, and its column.
func TestImportLine_WrongCells(t *testing.T) {
	good := map[string]string{"氏名": "山田 花子", "フリガナ": "ヤマダ ハナコ", "電話": "09000000000", "日付": "2026/12/1", "開始": "10:00"}
	heads := []string{"予約番号", "氏名", "フリガナ", "電話", "メール", "生年月日", "日付", "開始", "終了", "メモ"}
	for _, c := range []struct{ head, cell, column, message string }{
		{"氏名", "山田 花子3", "name", "error.name.letters"},
		{"氏名", "http://x.example", "name", "error.name.letters"},
		{"フリガナ", "山田", "kana", "error.kana.letters"},
		{"電話", "", "phone", "error.phone.empty"},
		{"電話", "03-123", "phone", "error.phone.length"},
		{"電話", "なし", "phone", "error.phone.letters"},
		{"電話", "9.01235E+10", "phone", "error.import.exponent"},
		{"メール", "hanako", "email", "error.email.form"},
		{"生年月日", "1990/2/30", "birth", "error.birth.impossible"},
		{"生年月日", "昭和70年1月1日", "birth", "error.birth.era"},
		{"生年月日", "2027/1/1", "birth", "error.birth.future"},
		{"生年月日", "1850/1/1", "birth", "error.birth.old"},
		{"日付", "", "date", "error.empty"},
		{"日付", "12/1", "date", "error.import.date"},
		{"日付", "2026/2/30", "date", "error.import.date"},
		{"開始", "", "start", "error.empty"},
		{"開始", "昼", "start", "error.import.clock"},
		{"開始", "25:00", "start", "error.import.clock"},
		{"終了", "夕方", "end", "error.import.clock"},
		{"終了", "9:00", "end", "error.slot.order"},
		{"終了", "2026/12/2 9:00", "end", "error.import.overnight"},
		{"メモ", strings.Repeat("あ", MaxMemo+1), "memo", "error.long"},
		{"予約番号", strings.Repeat("9", 100), "reference", "error.long"},
	} {
		var text strings.Builder
		out := csv.NewWriter(&text)
		_ = out.Write([]string{"予約の一覧"})
		_ = out.Write(heads)
		for _, wrong := range []bool{false, true} {
			cells := make([]string, len(heads))
			for i, head := range heads {
				if cells[i] = good[head]; head == c.head && wrong {
					cells[i] = c.cell
				}
				if head == "メモ" && !wrong {
					cells[i] = "二行の\nメモ"
				}
			}
			_ = out.Write(cells)
		}
		out.Flush()
		_, lines := readLines(t, ImportBookings, text.String())
		if len(lines) != 2 || len(lines[0].Errors) > 0 || lines[0].N != 3 {
			t.Fatalf("the good line of\n%s\nis %+v", text.String(), lines)
		}
		bad := lines[1]
		if len(bad.Errors) != 1 || bad.N != 4 || bad.Errors[0].Field != c.column || bad.Errors[0].Message != c.message {
			t.Errorf("%s %q: line %d: %v, want line 4, %s: %s", c.head, c.cell, bad.N, bad.Errors, c.column, c.message)
		}
	}
}

// TestImportLine_Quotes: a line with a quotation mark out of place is named, and those around it are read.
func TestImportLine_Quotes(t *testing.T) {
	_, lines := readLines(t, ImportPatients, "氏名,電話\n山田 花子,09000000001\n山田 \"花\"子,09000000002\n山田 三子,09000000003\n\"山田 四子,09000000004\n")
	var got []string
	for _, l := range lines {
		got = append(got, fmt.Sprint(l.N, l.Patient.Name(), l.Errors))
	}
	want := []string{"2山田 花子[]", "3[invalid: error.import.quotes]", "4山田 三子[]", "5[invalid: error.import.quotes]"}
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], " []", "[]")
	}
	if len(got) != len(want) || lines[0].Errors != nil || lines[1].N != 3 || lines[1].Errors[0].Message != "error.import.quotes" || lines[2].Patient.Name() != "山田 三子" || lines[3].N != 5 {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReadMoment: days and times as other systems write them.
func TestReadMoment(t *testing.T) {
	day := Date{2026, time.December, 1}
	for text, want := range map[string]string{
		"2026/12/01 10:00": "10:00", "2026-12-01 10:00:00": "10:00", "2026年12月1日(火) 10時30分": "10:30", "2026年12月1日（火）10時半〜11時": "10:30 11:00",
		"2026/12/1 10:00-11:00": "10:00 11:00", "2026/12/1(Tue) 2:30 PM": "14:30", "令和8年12月1日 午後2時": "14:00", "R8.12.1 午前10:00～午後1:00": "10:00 13:00",
		"2026-12-01T10:00:00+09:00": "10:00", "２０２６／１２／０１　１０：００": "10:00", "20261201 0:00": "00:00", "2026/12/01 12:00 AM": "00:00",
	} {
		m := readMoment(text)
		var clocks []string
		for _, c := range m.clocks {
			clocks = append(clocks, c.String())
		}
		if m.day != day || strings.Join(clocks, " ") != want {
			t.Errorf("%s is %v %v, want %s", text, m.day, clocks, want)
		}
	}
	for text, want := range map[string]Clock{"10:00": 600, "1030": 630, "9": 540, "10時": 600, "午後3時": 900, "15:00～16:00": 900} {
		if m := readMoment(text); len(m.clocks) == 0 || m.clocks[0] != want || !m.day.IsZero() {
			t.Errorf("%s is %v", text, m)
		}
	}
}

// TestImportPlace: branches and doctors are found by the names that people use for them, and never guessed.
func TestImportPlace(t *testing.T) {
	hana := Doctor{ID: "hana", FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", NameEn: "Hana Mihon"}
	mamoru := Doctor{ID: "mamoru", FamilyName: "見本", GivenName: "守", FamilyKana: "ミホン", GivenKana: "マモル"}
	tsubasa := Doctor{ID: "tsubasa", FamilyName: "髙例", GivenName: "翼", FamilyKana: "タカレイ", GivenKana: "ツバサ"}
	p := ImportPlace{
		Branches: []Branch{{ID: "1", Name: "見本クリニック 中央院", NameEn: "Mihon Central"}, {ID: "2", Name: "見本クリニック 南院"}, {ID: "3", Name: "見本クリニック 東南院"}},
		Doctors:  map[string][]Doctor{"1": {hana, mamoru, tsubasa}, "2": {mamoru}}, Default: "1",
	}
	for word, want := range map[string]string{"": "1", "中央院": "1", "見本クリニック中央院": "1", "Mihon Central": "1", "東南院": "3", "南院": "", "北院": "", "院": ""} {
		if b, wrong := p.BranchOf(word); b.ID != want || (wrong == nil) != (want != "") {
			t.Errorf("%q is branch %q: %v", word, b.ID, wrong)
		}
	}
	for word, want := range map[string]string{
		"見本 花": "hana", "見本花先生": "hana", "Dr. Hana Mihon": "hana", "ミホン ハナ": "hana", "髙例": "tsubasa", "高例 先生": "tsubasa",
		"見本": "error.import.doctor.many", "例示": "error.import.doctor.unknown", "": "error.import.doctor.empty",
	} {
		d, wrong := p.DoctorOf("1", word)
		if got := d.ID; got != want && (wrong == nil || wrong.Message != want || wrong.Field != "doctor") {
			t.Errorf("%q is %q: %v", word, got, wrong)
		}
	}
	if d, wrong := p.DoctorOf("2", ""); d.ID != "mamoru" || wrong != nil {
		t.Errorf("the only doctor of a branch: %q, %v", d.ID, wrong)
	}
}

// TestPatient_IsOf: who shares a number with somebody else is not them, nor is who was born on another day.
func TestPatient_IsOf(t *testing.T) {
	one, other := Patient{Birth: Date{1990, time.April, 1}}, Patient{Birth: Date{1990, time.April, 2}}
	for _, c := range []struct {
		a, b     Patient
		sameName bool
		want     bool
	}{{one, one, true, true}, {one, Patient{}, true, true}, {one, other, true, false}, {one, one, false, false}, {Patient{}, Patient{}, false, false}} {
		if got := c.a.IsOf(c.b, c.sameName); got != c.want {
			t.Errorf("%v, %v, same name %t: %t", c.a.Birth, c.b.Birth, c.sameName, got)
		}
	}
}

// TestNeutralCell_ComesBack: what is written for a spreadsheet is read as it was.
func TestNeutralCell_ComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := strings.TrimSpace(rapid.StringMatching(`[-=+@'＝0-9a-z山"]{0,6}`).Draw(t, "cell"))
		if strings.HasPrefix(cell, `="`) || plainCell(cell) != cell && strings.HasPrefix(cell, "'") {
			return // written by somebody who does the same
		}
		if got := plainCell(NeutralCell(cell)); got != cell {
			t.Fatalf("%q became %q", cell, got)
		}
	})
}

// FuzzReadImport: whatever is sent, nothing panics, every line has its number, in order, and a good line holds what can be stored.
func FuzzReadImport(f *testing.F) {
	for _, text := range []string{
		"氏名,フリガナ,電話\n山田 花子,ヤマダ ハナコ,09012345678\n", "\ufeff姓;名;TEL\r\n山田;花子;9012345678\r\n", "日時\t氏名\t電話\n2026/12/1 10:00～11:00\t\"a\nb\"\t+1\n",
		"予約番号,日付,時刻,院,医師,名前,フリガナ,電話,状態\nA,2026/12/1,25:00,,,'=x,,'+81,キャンセル\n", "氏名,電話\n\"", "氏名,電話\r山田,0\r", "a,\x00\xff", `氏名,電話` + "\n" + `="1",="09"`,
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	place := ImportPlace{Branches: []Branch{{ID: "1", Name: "院", Zone: "America/New_York"}}, Doctors: map[string][]Doctor{"1": {{ID: "d", FamilyName: "見本"}}}, Default: "1", Minutes: 30}
	f.Fuzz(func(t *testing.T, text string, bookings bool) {
		kind := ImportPatients
		if bookings {
			kind = ImportBookings
		}
		table, wrong := ReadImport(kind, Showable(text))
		if wrong != nil {
			if wrong.Field != "file" {
				t.Fatalf("%v is about no file", wrong)
			}
			return
		}
		before := 0
		for _, row := range table.Rows {
			line := table.Line(row, importDay)
			if line.N <= before {
				t.Fatalf("line %d comes after %d of\n%q", line.N, before, text)
			}
			before = line.N
			slot, _, errs := line.Slot(place, time.Date(2026, time.November, 24, 3, 0, 0, 0, time.UTC))
			if len(line.Errors) > 0 || bookings && len(errs) > 0 {
				continue
			}
			p := line.Patient
			if number, problem := ParsePhone(p.Phone); problem != "" || number != p.Phone {
				t.Fatalf("the number %q of\n%q", p.Phone, text)
			}
			if p.Name() == "" || !FitForLetter(p.Name()) || !utf8.ValidString(p.Name()) || HasControl(p.Name()+p.Kana()+p.Email) {
				t.Fatalf("the name %q of\n%q", p.Name(), text)
			}
			if slices.ContainsFunc([]string{line.Doctor, line.Room, line.Reference}, HasControl) {
				t.Fatalf("a control sign in %+v of\n%q", line, text)
			}
			if bookings && (slot.EndsAt.Before(slot.StartsAt) || slot.DoctorID != "d" || line.Day.IsZero()) {
				t.Fatalf("the slot %+v of\n%q", slot, text)
			}
		}
	})
}
