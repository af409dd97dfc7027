package office_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

func TestWeek_ShowsEachSlotInOneSign(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		pending := s.Book(t, s.SlotOf(t, 0, 4), 2)
		storetest.Exec(t, s.Address, "UPDATE bookings SET status = 'pending' WHERE id = '"+pending.BookingID+"'")
		s.Hold(t, s.SlotOf(t, 1, 0))
		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/week?branch=" + s.Branch.ID + "&date=2026-11-27").Want(http.StatusOK)
		if got := a.Texts(".weekly thead th .day-name b"); !slices.Equal(got, []string{"23", "24", "25", "26", "27", "28", "29"}) {
			t.Errorf("days %q", got)
		}
		if got := a.Find(".weekly .shut-day").Length(); got != 6 {
			t.Errorf("%d days without slots", got)
		}
		first := a.Texts(".weekly tbody tr:first-child .chip")
		want := []string{"10:00 確 確定 試験", "11:00 空 空き", "12:00 空 空き", "13:00 空 空き", "14:00 仮 仮予約 試験", "15:00 空 空き"}
		if !slices.Equal(first, want) {
			t.Errorf("the first doctor has %q", first)
		}
		if got := a.Texts(".weekly tbody tr:last-child .halves ul:first-child .chip"); !slices.Equal(got, []string{"10:00 押 仮押さえ", "11:00 空 空き", "12:00 空 空き"}) {
			t.Errorf("the morning of the second doctor is %q", got)
		}
		a.WantText(".counts", "予約 2 空き 9 承認待ち 1")
		if href, _ := a.Find(".weekly .chip.booked").Attr("href"); !strings.HasPrefix(href, "/office/bookings/") {
			t.Errorf("a booking leads to %s", href)
		}
		s.SignedIn(t, servertest.FrontDesk).Get("/office/week?branch="+s.Branch.ID+"&date=2026-12-07").Want(http.StatusOK).WantText(".empty", "この週の枠は、まだありません。 診療時間を描くと、枠が毎日自動で用意され、ここに医師ごとの予約が並びます。")
	})
}

// TestWeek_TwoOfOneSurname: two of the same family name in a half day are told apart.
func TestWeek_TwoOfOneSurname(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		other := storetest.Request(s.SlotOf(t, 0, 1).ID, 2)
		other.Patient.GivenName = "太郎"
		storetest.Book(t, s.Store, other)
		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/week?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
		if got := a.Texts(".weekly .chip.booked .cut"); !slices.Equal(got, []string{"試験 花", "試験 太"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestMonth_SaysHowFullEachDayIs(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Hold(t, s.SlotOf(t, 1, 0))
		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/month?branch=" + s.Branch.ID + "&date=2026-11-24").Want(http.StatusOK)
		a.WantText("h1", "2026年11月")
		if days := a.Find(".monthly tbody td").Length(); days != 42 {
			t.Errorf("%d days", days)
		}
		if got := a.Texts(".monthly td:not(.m-shut) > a[data-cell]"); !slices.Equal(got, []string{"25 水 予約 1 /12 空き 10"}) {
			t.Errorf("days with slots: %q", got)
		}
		a.WantText(".monthly td[aria-current] .m-head", "24 火 今日")
		if got := a.Texts(".monthly td.off .m-head small"); !slices.Equal(got, []string{"11月", "文化の日", "勤労感謝の日"}) {
			t.Errorf("holidays %q", got)
		}
		s.Clock.Advance(48 * 3600e9)
		s.SignedIn(t, servertest.FrontDesk).Get("/office/month?branch="+s.Branch.ID+"&date=2026-11-24").Want(http.StatusOK).
			WantText(".monthly td.m-past:not(.m-shut)", "25 水 来院 0 記録なし 1")
	})
}

func TestList_IsNarrowedAndSaved(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		kept := s.Book(t, s.SlotOf(t, 0, 0), 1)
		gone := s.Book(t, s.SlotOf(t, 1, 1), 2)
		s.Cancel(t, gone.BookingID)
		b := s.SignedIn(t, servertest.FrontDesk)
		at := "?branch=" + s.Branch.ID + "&date=2026-11-24&until=2026-11-30"
		a := b.Get("/office/list" + at).Want(http.StatusOK)
		if rows := a.Find(".table tbody tr").Length(); rows != 1 {
			t.Errorf("%d rows", rows)
		}
		if rows := b.Get("/office/list" + at + "&cancelled=1").Find(".table tbody tr").Length(); rows != 2 {
			t.Errorf("%d rows with the cancelled ones", rows)
		}
		if rows := b.Get("/office/list" + at + "&status=cancelled").Find(".table tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), gone.Reference) {
			t.Errorf("cancelled: %s", rows.Text())
		}
		if rows := b.Get("/office/list" + at + "&doctor=" + s.Doctors[0].ID).Find(".table tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), kept.Reference) {
			t.Errorf("of one doctor: %s", rows.Text())
		}
		b.Get("/office/list?branch="+s.Branch.ID+"&date=2026-11-30&until=2026-11-24").Want(http.StatusUnprocessableEntity).WantText("#until-error", "「まで」は、始まりの日かそのあとの日を選んでください。")
		b.Get("/office/list?branch=" + s.Branch.ID + "&date=2026-11-30&until=9999-01-01").Want(http.StatusUnprocessableEntity)
	})
}

// TestListCSV_IsForExcel: the file is UTF-8 with a byte order mark, has CRLF, days as Excel knows them, telephone numbers that keep
// their first digit, and no formulas; and it has all rows, however many pieces they are read in.
func TestListCSV_IsForExcel(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for n := range 6 {
			s.Book(t, s.SlotOf(t, 0, n), n+1)
		}
		storetest.Exec(t, s.Address, "UPDATE branches SET name = '=1+1' WHERE id = '"+s.Branch.ID+"'")
		storetest.Exec(t, s.Address, "UPDATE change_counters SET value = value + 1")
		got := s.SignedIn(t, servertest.FrontDesk).Get("/office/list.csv?branch=" + s.Branch.ID + "&date=2026-11-24&until=2026-11-30").Want(http.StatusOK)
		text := got.Body
		if !strings.HasPrefix(text, "\ufeff予約番号,日付,時刻,") || !strings.Contains(text, "\r\n") {
			t.Errorf("it begins %q", text[:60])
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		servertest.Must(t, err)
		if len(rows) != 7 {
			t.Fatalf("%d rows", len(rows))
		}
		row := map[string]string{}
		for i, column := range rows[0] {
			row[column] = rows[1][i]
		}
		for column, want := range map[string]string{"日付": "2026/11/25", "時刻": "10:00", "名前": "試験 花子一", "フリガナ": "シケン ハナコ", "電話": "090-0000-0001", "院": "'=1+1", "状態": "確定", "問診": "未回答", "部位": "背中、裏もも"} {
			if row[column] != want {
				t.Errorf("%s is %q, want %q", column, row[column], want)
			}
		}
	})
}

// TestCSV_HasNoFormulas: in none of the files for spreadsheets does a cell begin like a formula, whoever could have typed it.
func TestCSV_HasNoFormulas(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	const formula = "=1+1"
	s.Doctors[0].FamilyName, s.Doctors[0].GivenName = formula, ""
	_, err := s.Store.SaveDoctor(t.Context(), storetest.Owner, s.Doctors[0], []string{s.Branch.ID})
	servertest.Must(t, err)
	s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Name: formula, Email: "formula@example.jp"})
	r := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
	r.Patient.FamilyName, r.Patient.GivenName, r.Patient.Email = formula, "", "=x@example.jp"
	booked := storetest.Book(t, s.Store, r)
	admin, v := s.SignedIn(t, servertest.Admin), s.SignedIn(t, "formula@example.jp")
	v.Get("/office/bookings/" + booked.BookingID).Want(http.StatusOK)
	days := "?branch=" + s.Branch.ID + "&date=2026-11-24&until=2026-11-30"
	// Whether the file has words that somebody typed.
	for path, says := range map[string]bool{"/office/list.csv" + days: true, "/office/numbers.csv?branch=" + s.Branch.ID + "&weeks=4": false, "/office/audit.csv": true, "/office/audit/affected.csv": true} {
		file := csv.NewReader(strings.NewReader(strings.TrimPrefix(admin.Get(path).Want(http.StatusOK).Body, "\ufeff")))
		file.FieldsPerRecord = -1 // figures have several tables
		rows, err := file.ReadAll()
		servertest.Must(t, err)
		said := false
		for _, row := range rows {
			for _, cell := range row {
				said = said || strings.HasPrefix(cell, "'"+formula)
				if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
					t.Errorf("%s has the cell %q", path, cell)
				}
			}
		}
		if said != says {
			t.Errorf("%s has a cell that was made text: %t", path, said)
		}
	}
}

// TestListCSV_HasEveryPiece: a list that is longer than what is read at a time has each booking once.
func TestListCSV_HasEveryPiece(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	slots := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], storetest.Begin.AddDate(0, 0, 2), 1100)
	for n, slot := range slots {
		storetest.Book(t, s.Store, storetest.Request(slot.ID, n+1))
	}
	got := s.SignedIn(t, servertest.FrontDesk).Get("/office/list.csv?branch=" + s.Branch.ID + "&date=2026-11-24&until=2027-02-01").Want(http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(got.Body)).ReadAll()
	servertest.Must(t, err)
	references := map[string]bool{}
	for _, row := range rows[1:] {
		references[row[0]] = true
	}
	if len(rows) != 1101 || len(references) != 1100 {
		t.Errorf("%d rows, %d references", len(rows), len(references))
	}
}
