package office_test

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// fillNumbers lets a clinic on SQLite work for some weeks, six days each, and leaves the clock in the afternoon of the Friday of the
// last. What happens is drawn by chance, always the same.
func fillNumbers(t *testing.T, s *servertest.Site, weeks int) {
	t.Helper()
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // an invented clinic
	pick := func(words ...string) string { return words[chance.IntN(len(words))] }
	monday := clinic.Date{Year: 2026, Month: time.November, Day: 30}
	now := monday.AddDays(7*(weeks-1) + 4).In(s.Branch.Location()).Add(14*time.Hour + 22*time.Minute)
	db, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(s.Address, "sqlite:")+"?_busy_timeout=10000&_loc=UTC")
	servertest.Must(t, err)
	defer func() { servertest.Must(t, db.Close()) }()
	type update struct {
		statement string
		args      []any
	}
	var later []update
	n := 0
	for day := monday; day.Before(monday.AddDays(7 * weeks)); day = day.AddDays(1) {
		if day.Weekday() == time.Sunday {
			continue
		}
		for d, doctor := range s.Doctors {
			slots, errs := clinic.DaySlots{Date: day.String(), From: "10:00", Until: []string{"19:00", "17:00"}[d], BreakFrom: "13:00", BreakUntil: "14:00", Minutes: "60"}.Slots(s.Branch, doctor.ID, storetest.Begin)
			servertest.Must(t, errs.Err())
			servertest.Must(t, s.Store.AddSlots(t.Context(), storetest.Owner, slots))
			opened, err := s.Store.Slots(t.Context(), store.SlotQuery{
				BranchID: s.Branch.ID, DoctorID: doctor.ID, From: slots[0].StartsAt, Until: slots[len(slots)-1].EndsAt, For: storetest.Owner,
			})
			servertest.Must(t, err)
			for _, slot := range opened {
				hour := slot.StartsAt.In(s.Branch.Location()).Hour()
				fill := 0.45 + 0.006*float64(day.Day)
				if hour >= 17 || day.Weekday() == time.Saturday {
					fill = 0.9
				}
				if chance.Float64() > fill {
					continue
				}
				n++
				r := storetest.Request(slot.ID, n)
				r.Patient.Phone = fmt.Sprintf("090%08d", n)
				r.Details.Answers["areas"] = []string{pick("back", "back", "belly", "thigh_b", "arm"), pick("flank", "hip", "back", "chin", "face", "calf", "thigh_in", "bra", "thigh_f")}
				r.Details.Attribution = clinic.Attribution{Article: pick("", "back-fat", "back-fat", "thigh", "arm"), Campaign: pick("", "autumn")}
				booked, err := s.Store.Book(t.Context(), storetest.Owner, r)
				servertest.Must(t, err)
				created := slot.StartsAt.Add(-time.Duration(chance.IntN(1+chance.IntN(40))) * 24 * time.Hour)
				status := clinic.Booked
				switch roll := chance.Float64(); {
				case roll < 0.07:
					servertest.Must(t, s.Store.Cancel(t.Context(), storetest.Owner, booked.BookingID))
					status = clinic.Cancelled
				case slot.StartsAt.After(now):
				case roll < 0.07+0.05*(1-float64(n%weeks)/float64(weeks)):
					status = clinic.NoShow
				default:
					status = clinic.Fulfilled
				}
				later = append(later, update{"UPDATE bookings SET created_at = ?, status = ? WHERE id = ?", []any{created.UTC(), string(status), booked.BookingID}})
				if chance.Float64() < 0.9 {
					later = append(later, update{"INSERT INTO intakes (booking_id, revision, sealed, completed_at, updated_at) VALUES (?, 1, ?, ?, ?)", []any{booked.BookingID, []byte("sealed"), created.UTC(), created.UTC()}})
				}
			}
		}
		for i, article := range []string{"", "back-fat", "thigh", "arm", "", "back-fat", "thigh", "arm"} {
			from := clinic.Attribution{Article: article, Campaign: []string{"", "autumn"}[i/4]}
			step := clinic.VisitorStep{BranchID: s.Branch.ID, Day: day, Attribution: from, Step: clinic.StepSeen}
			if !day.In(s.Branch.Location()).After(now) {
				for range 20 + chance.IntN(30) {
					s.Store.CountStep(step)
				}
				step.Step = clinic.StepHeld
				for range 5 + chance.IntN(5) {
					s.Store.CountStep(step)
				}
			}
		}
	}
	s.Store.CountStep(clinic.VisitorStep{BranchID: s.Branch.ID, Day: monday.AddDays(7 * (weeks - 1)), Attribution: clinic.Attribution{Article: "belly"}, Step: clinic.StepSeen})
	servertest.Must(t, s.Store.KeepSteps(t.Context()))
	tx, err := db.BeginTx(t.Context(), nil)
	servertest.Must(t, err)
	for _, u := range later {
		_, err := tx.ExecContext(t.Context(), u.statement, u.args...)
		servertest.Must(t, err)
	}
	servertest.Must(t, tx.Commit())
	s.Clock.Advance(now.Sub(s.Clock.Now()))
}

// cells are the rows of a table, each as the texts of its cells.
func cells(table *goquery.Selection) (rows [][]string) {
	table.Find("tr").Each(func(_ int, tr *goquery.Selection) {
		var row []string
		tr.Find("th, td").Each(func(_ int, cell *goquery.Selection) { row = append(row, strings.TrimSpace(cell.Text())) })
		rows = append(rows, row)
	})
	return rows
}

// TestNumbers_PicturesHaveTheirTable: every picture says in words what it shows and begins at zero, its table has its numbers, and
// the file has those of the page.
func TestNumbers_PicturesHaveTheirTable(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	fillNumbers(t, s, 9)
	v := s.SignedIn(t, servertest.FrontDesk)
	a := v.Get("/office/numbers?branch=" + s.Branch.ID + "&weeks=4").Want(http.StatusOK)
	if tiles := a.Find(".tile"); tiles.Length() != 6 {
		t.Errorf("%d tiles", tiles.Length())
	}
	pictures := a.Find("svg[role=img]")
	if pictures.Length() != 7 {
		t.Errorf("%d pictures", pictures.Length())
	}
	pictures.Each(func(_ int, svg *goquery.Selection) {
		if len([]rune(svg.AttrOr("aria-label", ""))) < 8 {
			t.Errorf("a picture says only %q", svg.AttrOr("aria-label", ""))
		}
	})
	if styled := a.Find("[style], svg style"); styled.Length() > 0 {
		t.Error("something has a style of its own")
	}
	weeks := cells(a.Find("section[aria-labelledby=numbers-weeks] table"))
	if len(weeks) != 5 || !strings.Contains(weeks[4][0], "途中") || strings.Contains(weeks[3][0], "途中") {
		t.Errorf("the weeks are %v", weeks)
	}
	// A bar is as high as its number: all of them stand on the line of zero.
	heights := map[string]float64{}
	a.Find("section[aria-labelledby=numbers-weeks] rect.s-booked").Each(func(i int, rect *goquery.Selection) {
		var y, height float64
		_, err := fmt.Sscan(rect.AttrOr("y", ""), &y)
		servertest.Must(t, err)
		_, err = fmt.Sscan(rect.AttrOr("height", ""), &height)
		servertest.Must(t, err)
		if y+height < 183.8 || y+height > 184.2 {
			t.Errorf("a bar ends at %v", y+height)
		}
		heights[weeks[i+1][1]] = height
	})
	ratio := 0.0
	for number, height := range heights {
		var n float64
		_, err := fmt.Sscan(number, &n)
		servertest.Must(t, err)
		if ratio == 0 {
			ratio = height / n
		}
		if d := height - n*ratio; d > 0.3 || d < -0.3 {
			t.Errorf("%s is drawn %v high, at %v each", number, height, ratio)
		}
	}
	// The heat map prints what its table has.
	table := cells(a.Find("section[aria-labelledby=numbers-fill] .sr-only table"))
	var printed, wanted []string
	a.Find("section[aria-labelledby=numbers-fill] svg.plot text[class^=th]").Each(func(_ int, text *goquery.Selection) { printed = append(printed, text.Text()+"%") })
	for _, row := range table[1:] {
		for _, cell := range row[1:] {
			if cell != "—" {
				wanted = append(wanted, cell)
			}
		}
	}
	if !slices.Equal(printed, wanted) || len(printed) < 40 {
		t.Errorf("the heat map prints %v, its table has %v", printed, wanted)
	}
	if belly := a.Find("section[aria-labelledby=numbers-stages] tr:contains(belly) td"); belly.Eq(1).Text() != "5未満" {
		t.Errorf("one visitor is told as %q", servertest.Words(belly))
	}

	file := v.Get("/office/numbers.csv?branch=" + s.Branch.ID + "&weeks=4").Want(http.StatusOK)
	if !strings.HasPrefix(file.Body, "\ufeff") {
		t.Error("the file has no byte order mark")
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff")))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	servertest.Must(t, err)
	comma := regexp.MustCompile(`^[0-9,]+$`)
	a.Find("table.beside").Each(func(_ int, table *goquery.Selection) {
		for _, row := range cells(table) {
			var plain []string
			for i, cell := range row {
				if table.Find("td.bar-cell").Length() > 0 && i == 1 {
					continue
				}
				if comma.MatchString(cell) {
					cell = strings.ReplaceAll(cell, ",", "")
				}
				plain = append(plain, cell)
			}
			if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, plain) }) {
				t.Errorf("the file lacks %q", plain)
			}
		}
	})
}

// TestNumbers_WhatIsAsked: weeks, days and the doctor are in the address, wrong days are told at their field, and stay.
func TestNumbers_WhatIsAsked(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Book(t, s.SlotOf(t, 1, 0), 2)
		v := s.SignedIn(t, servertest.FrontDesk)
		at := "/office/numbers?branch=" + s.Branch.ID
		if got := v.Get(at).Want(http.StatusOK).Texts(".views [aria-current]"); !slices.Equal(got, []string{"12週"}) {
			t.Errorf("shown are %v", got)
		}
		for query, bookings := range map[string]string{"&weeks=4": "0", "&first=2026-11-25&last=2026-11-25": "2", "&first=2026-11-25": "2", "&first=2026-11-25&doctor=" + s.Doctors[1].ID: "1", "&first=2026-11-25&doctor=nobody": "2"} {
			a := v.Get(at + query).Want(http.StatusOK)
			if got := a.Find(".tile dd").First().Text(); got != bookings && !(bookings == "0" && got == "") {
				t.Errorf("%s: %q bookings", query, got)
			}
			if doctor := strings.Contains(query, s.Doctors[1].ID); doctor == strings.Contains(a.Find("#numbers-stages").Parent().Parent().Text(), "名前なし") && bookings != "0" {
				t.Errorf("%s: the steps before the booking have a doctor", query)
			}
		}
		for query, field := range map[string]string{"&first=2026-11-25&last=2026-11-01": "last", "&first=1999-11-25&last=2026-11-01": "first", "&first=2025-01-01&last=2026-11-01": "last"} {
			a := v.Get(at + query).Want(http.StatusUnprocessableEntity)
			wrong := a.Find("[aria-invalid=true]")
			if wrong.AttrOr("name", "") != field || a.Find("#"+wrong.AttrOr("aria-describedby", "none")).Length() != 1 {
				t.Errorf("%s is refused at %q", query, wrong.AttrOr("name", ""))
			}
			if !strings.Contains(query, a.Find("[name=first]").AttrOr("value", "gone")) {
				t.Errorf("%s is forgotten", query)
			}
			v.Get(strings.Replace(at, "numbers", "numbers.csv", 1) + query).Want(http.StatusUnprocessableEntity)
		}
	})
}

// TestNumbers_OfABeginning: a clinic without anything to count says so, and shows what is there.
func TestNumbers_OfABeginning(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.SignedIn(t, servertest.FrontDesk)
	a := v.Get("/office/numbers?branch=" + s.Branch.ID).Want(http.StatusOK)
	a.WantText(".empty", "まだ4週分ありません")
	if a.Find(".tile, svg.plot").Length() > 0 {
		t.Error("nothing is drawn")
	}
	s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.Clock.Advance(36 * time.Hour)
	v = s.SignedIn(t, servertest.FrontDesk)
	a = v.Get("/office/numbers?branch=" + s.Branch.ID).Want(http.StatusOK)
	a.WantText(".empty", "まだ4週分ありません")
	a.WantText(".empty", "11月25日")
	if a.Find(".tile").Length() != 6 {
		t.Error("what is there is not shown")
	}
	s.Clock.Advance(40 * 24 * time.Hour)
	v = s.SignedIn(t, servertest.FrontDesk)
	if v.Get("/office/numbers?branch="+s.Branch.ID).Want(http.StatusOK).Find(".empty").Length() > 0 {
		t.Error("after weeks it is still said that there is little")
	}
}

// TestNumbers_OfAnotherBranch are shown to nobody who does not work there: the address leads to their own.
func TestNumbers_OfAnotherBranch(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Name: "別院 見本", Email: "elsewhere@example.jp", Branches: []string{s.Other.ID}})
		v := s.SignedIn(t, "elsewhere@example.jp")
		for _, path := range []string{"/office/numbers", "/office/numbers.csv"} {
			a := v.Get(path + "?branch=" + s.Branch.ID + "&first=2026-11-25&doctor=" + s.Doctors[0].ID).Want(http.StatusOK)
			for _, word := range []string{s.Branch.Name, s.Doctors[0].Name("ja"), "背中"} {
				if strings.Contains(a.Body, word) {
					t.Errorf("%s tells %q", path, word)
				}
			}
		}
	})
}

// TestNumbers_InBrowser looks at the page of a clinic at work, of one that begins, and at a refused period.
func TestNumbers_InBrowser(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	begins := browsertest.Visit(t, s.URL, browsertest.Desktop)
	begins.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	begins.Open("/office/numbers?branch=" + s.Branch.ID)
	begins.LookAt("numbers-begins", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	fillNumbers(t, s, 24)
	at := "/office/numbers?branch=" + s.Branch.ID
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	for lang, widths := range map[string][]int64{"ja": {browsertest.Phone, browsertest.Tablet, browsertest.Desktop}, "en": {browsertest.Phone, browsertest.Desktop}} {
		v.SetCookie("lang", lang)
		v.Open(at)
		v.LookAt("numbers-"+lang, widths...)
		v.Open(at + "&weeks=52&doctor=" + s.Doctors[0].ID)
		v.LookAt("numbers-year-"+lang, widths...)
		v.OpenTo(http.StatusUnprocessableEntity, at+"&first=2026-11-25&last=2026-11-01")
		v.LookAt("numbers-wrong-"+lang, widths...)
	}
}
