package office_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/japanese"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// importFile sends a file, with some more fields, names and values in turn.
func importFile(v *servertest.Visitor, s *servertest.Site, kind clinic.ImportKind, file []byte, more ...string) *servertest.Answer {
	return v.Upload("/office/import", "file", "取り込み.csv", file, append([]string{"kind", string(kind), "branch", s.Branch.ID, "source", "見本予約", "minutes", "60"}, more...)...)
}

const importedPatients = "氏名,フリガナ,電話番号,メール,生年月日,性別,会員ランク\r\n" +
	"髙﨑　一子,ﾀｶｻｷ ｲﾁｺ,9000000801,ichiko@example.jp,平成2年4月1日,女,金\r\n" +
	"取込 二子,トリコミ ニコ,090-0000-0802,,,,\r\n" +
	"取込 三子,トリコミ サンコ,090-0000,,1990/2/30,,\r\n" +
	"試験 花子,シケン ハナコ,090-0000-0001,,,,\r\n"

// TestImport_ByPages: a file is sent, what would come of it is shown line by line, one button imports it, and the page says what has come of it;
// without JavaScript, and with no name in any log.
func TestImport_ByPages(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		known := storetest.Request(s.Slots[0].ID, 1)
		known.Patient.GivenName = "花子"
		storetest.Book(t, s.Store, known)
		admin := s.SignedIn(t, servertest.Admin)
		admin.Get("/office/patients").Want(http.StatusOK).WantText("main a[href='/office/import']", "ほかのシステムから取り込む")
		admin.Get("/office/branches").Want(http.StatusOK).WantText("main a[href='/office/import']", "ほかのシステムから取り込む")
		if s.SignedIn(t, servertest.FrontDesk).Get("/office/patients").Want(http.StatusOK).Find("a[href='/office/import']").Length() != 0 {
			t.Error("the front desk is led to where it may not go")
		}
		form := admin.Get("/office/import").Want(http.StatusOK)
		if form.Find("main form[enctype='multipart/form-data'] [name=letters][checked]").Length() != 0 {
			t.Error("letters would go out without anybody having said so")
		}

		before := s.Facts(t)
		check := admin.Get(importFile(admin, s, clinic.ImportPatients, []byte(importedPatients)).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
		if changed := s.Facts(t).Changed(before); !slices.Equal(changed, []string{"imports"}) {
			t.Errorf("before anybody has said so, rows were written in %v", changed)
		}
		check.WantText("main [role=status]", "2行を取り込めます。 1行は取り込めません。")
		check.WantText("#notes + ul", "先頭の0がなくなっていた電話番号に、0を補いました。 2行目")
		check.WantText("[aria-labelledby=columns]", "使わない列：会員ランク")
		check.WantText("[aria-labelledby=columns]", "電話番号 → 電話番号")
		check.WantText(".import-counts", "すでにあります 1")
		rows := check.Texts("[aria-labelledby=bad] tbody tr")
		if want := []string{
			"4行目 取込 三子 電話番号 090-0000 電話番号の桁数をご確認ください。携帯電話などは11桁、固定電話は10桁です。海外の番号は、+と国番号から入力してください。",
			"4行目 取込 三子 生年月日 1990/2/30 この日付は暦にありません。年・月・日をご確認ください。",
		}; !slices.Equal(rows, want) {
			t.Errorf("the lines that cannot be imported are\n%s", strings.Join(rows, "\n"))
		}
		if check.Header.Get("Cache-Control") != "no-store" {
			t.Error("a cache may keep it")
		}
		path := check.Find("main form").AttrOr("action", "")
		done := admin.Get(admin.Post(path, "do", "run").Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
		done.WantText("main [role=status]", "取り込みました。")
		done.WantText(".import-counts", "患者 2 すでにあります 1 取り込めない行 1")
		done.WantText("[aria-labelledby=result]", "4行目")
		if strings.Contains(done.Body, "三子") {
			t.Error("a name is kept of the file that is gone")
		}
		found := admin.Post("/office/patients", "q", "たかさき").Want(http.StatusOK)
		found.WantText("#found", "髙﨑 一子")
		patient := admin.Get(found.Find("#found tbody a").AttrOr("href", "")).Want(http.StatusOK)
		patient.WantText("main", "1990/4/1")
		admin.Get("/office/import").WantText("[aria-labelledby=before]", "患者 2人、予約 0件")

		after := s.Facts(t)
		again := admin.Get(importFile(admin, s, clinic.ImportPatients, []byte(importedPatients)).Location()).Want(http.StatusOK)
		again.WantText("main [role=status]", "取り込める行がありません。")
		if again.Find("main button[value=run]").Length() != 0 {
			t.Error("there is a button that imports nothing")
		}
		path = again.Find("main form").AttrOr("action", "")
		admin.Get(admin.Post(path, "do", "stop").Want(http.StatusSeeOther).Location()).WantText("main [role=status]", "何も取り込まずに終わりました。")
		if changed := s.Facts(t).Changed(after); len(changed) > 1 || len(changed) == 1 && changed[0] != "imports" {
			t.Errorf("again, rows were written in %v", changed)
		}
		for _, name := range []string{"一子", "二子", "三子", "イチコ", "ichiko", "0801", "9000000", "ランク"} {
			if strings.Contains(s.Journal.String(), name) {
				t.Errorf("the log says %q", name)
			}
		}
	})
}

// TestImport_Encodings: the same file in every encoding and with every mark between its columns is the same.
func TestImport_Encodings(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	admin := s.SignedIn(t, servertest.Admin)
	sjis, err := japanese.ShiftJIS.NewEncoder().String(importedPatients)
	servertest.Must(t, err)
	plain := strings.ReplaceAll(importedPatients, "﨑", "崎")
	plain = strings.ReplaceAll(plain, "髙", "高")
	euc, err := japanese.EUCJP.NewEncoder().String(plain)
	servertest.Must(t, err)
	wide := func(big bool) []byte {
		var out []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + strings.ReplaceAll(importedPatients, ",", "\t"))) {
			pair := []byte{byte(unit), byte(unit >> 8)}
			if big {
				slices.Reverse(pair)
			}
			out = append(out, pair...)
		}
		return out
	}
	for name, file := range map[string][]byte{
		"UTF-8": []byte(importedPatients), "with a BOM": []byte("\ufeff" + importedPatients), "Shift_JIS": []byte(sjis), "EUC-JP": []byte(euc), "UTF-16": wide(false), "UTF-16 BE": wide(true),
		"tabs": []byte(strings.ReplaceAll(importedPatients, ",", "\t")), "semicolons": []byte(strings.ReplaceAll(importedPatients, ",", ";")), "LF": []byte(strings.ReplaceAll(importedPatients, "\r\n", "\n")),
		"CR": []byte(strings.ReplaceAll(importedPatients, "\r\n", "\r")),
	} {
		check := admin.Get(importFile(admin, s, clinic.ImportPatients, file).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
		want := "髙﨑 一子"
		if name == "EUC-JP" {
			want = "高崎 一子"
		}
		if fine := check.Texts("details tbody tr"); len(fine) != 3 || !strings.Contains(fine[0], want+" タカサキ イチコ 090-0000-0801") {
			t.Errorf("%s is read as\n%s", name, strings.Join(fine, "\n"))
		}
	}
}

// TestImport_Refusals: what cannot be read at all is refused at its field, with what was typed, and nothing is kept.
func TestImport_Refusals(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		before := s.Facts(t)
		for name, c := range map[string]struct {
			file  []byte
			says  string
			field string
			more  []string
		}{
			"empty":       {[]byte(""), "ファイルに、取り込む行がありません。", "file", nil},
			"no heads":    {[]byte("山田,花子\n"), "見出しの行が見つかりません", "file", nil},
			"a picture":   {servertest.LogoFile(t, 10, 10), "見出しの行が見つかりません", "file", nil},
			"no phones":   {[]byte("氏名,フリガナ\n山田 花子,ヤマダ ハナコ\n"), "お名前と電話番号の列が必要です", "file", nil},
			"no times":    {[]byte("氏名,電話\n山田 花子,09000000000\n"), "「予約日時」の列か", "file", []string{"kind", "bookings"}},
			"many lines":  {[]byte("氏名,電話\n" + strings.Repeat("山田 花子,09000000000\n", clinic.MaxImportLines+1)), "5000行までです（このファイルは5001行）", "file", nil},
			"large":       {[]byte("氏名,電話\n" + strings.Repeat("山", clinic.MaxImportBytes/3+1)), "3MBまでのファイルに分けてください", "file", nil},
			"a branch":    {[]byte(importedPatients), "選択してください", "branch", []string{"branch", "nowhere"}},
			"no length":   {[]byte(importedPatients), "1枠の長さは", "minutes", []string{"minutes", "長め"}},
			"a long name": {[]byte(importedPatients), "文字以内で", "source", []string{"source", strings.Repeat("あ", 100)}},
		} {
			t.Run(name, func(t *testing.T) {
				fields := map[string]string{"kind": "patients", "branch": s.Branch.ID, "source": "見本予約", "minutes": "60"}
				for pair := range slices.Chunk(c.more, 2) {
					fields[pair[0]] = pair[1]
				}
				var pairs []string
				for field, value := range fields {
					pairs = append(pairs, field, value)
				}
				a := admin.For(t).Upload("/office/import", "file", "a.csv", c.file, pairs...).Want(http.StatusUnprocessableEntity)
				a.WantText("#"+c.field+"-error", c.says)
				if got := a.Find("[name=source]").AttrOr("value", ""); got != fields["source"] {
					t.Errorf("the field holds %q", got)
				}
				if got := a.Find("[name=kind][checked]").AttrOr("value", ""); got != fields["kind"] {
					t.Errorf("chosen is %q", got)
				}
			})
		}
		admin.Upload("/office/import", "file", "", nil, "kind", "patients", "branch", s.Branch.ID, "minutes", "60").Want(http.StatusUnprocessableEntity).WantText("#file-error", "ファイルを選択してください。")
		s.WantUnchanged(t, before)
	})
}

// TestImport_BookingsByPages: bookings are imported with their times; a clash and a past one are named; the day shows what was imported.
func TestImport_BookingsByPages(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 1), 1)
		admin := s.SignedIn(t, servertest.Admin)
		file := "予約番号,予約日時,担当,お客様名,フリガナ,電話番号\n" +
			"R-1,2026年11月25日(水) 10:00,見本 花,取込 一子,トリコミ イチコ,09000000801\n" +
			"R-2,2026/11/25 11:00,見本 花,取込 二子,トリコミ ニコ,09000000802\n" +
			"R-3,2026/11/20 11:00,見本 花,取込 三子,トリコミ サンコ,09000000803\n" +
			"R-4,2026/11/25 20:00,見本 守,取込 一子,トリコミ イチコ,09000000801\n"
		check := admin.Get(importFile(admin, s, clinic.ImportBookings, []byte(file)).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
		check.WantText(".import-counts", "新しい患者 1 いまある枠に入る予約 1 枠を作って入れる予約 1 すでにあります 0 取り込めない行 2")
		rows := check.Texts("[aria-labelledby=bad] tbody tr")
		if want := []string{
			"3行目 取込 二子 予約日時 2026/11/25 11:00 この時間には、ほかの方の予約があります。", "4行目 取込 三子 予約日時 2026/11/20 11:00 過去の予約は取り込めません。",
		}; !slices.Equal(rows, want) {
			t.Errorf("the lines that cannot be imported are\n%s", strings.Join(rows, "\n"))
		}
		check.WantText("details tbody tr:last-child", "20:00–21:00 見本 守 医師 枠を作って入れる予約 2行目と同じ方")
		check.WantText("main", "確認メールは送りません。")
		path := check.Find("main form").AttrOr("action", "")
		admin.Get(admin.Post(path, "do", "run").Want(http.StatusSeeOther).Location()).WantText(".import-counts", "患者 1 予約 2 作った枠 1")
		day := admin.Get("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
		if n := strings.Count(day.Text("main"), "取込 一子"); n < 2 {
			t.Errorf("the day shows %d of the bookings", n)
		}
		admin.Get("/office/list?branch="+s.Branch.ID+"&date=2026-11-25&channel=import").Want(http.StatusOK).WantText("main table", "取り込み")
	})
}

// TestImport_OwnFiles: the files to begin with, and our own list of bookings as it is downloaded, can be imported as they are.
func TestImport_OwnFiles(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for _, lang := range []string{"ja", "en"} {
			admin := s.SignedIn(t, servertest.Admin).Speak(lang)
			for i := range 3 {
				r := storetest.Request(s.SlotOf(t, 1, i+map[string]int{"ja": 0, "en": 3}[lang]).ID, 10+i)
				r.Patient.Phone = "+1202555012" + strconv.Itoa(i) // its cell would be a formula
				storetest.Book(t, s.Store, r)
			}
			list := admin.Get("/office/list.csv?branch=" + s.Branch.ID + "&date=2026-11-25&until=2026-11-26").Want(http.StatusOK)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(list.Body, "\ufeff"))).ReadAll()
			if err != nil || len(rows) < 4 || !strings.Contains(list.Body, "'+1") {
				t.Fatalf("the list has %d rows, %v:\n%s", len(rows), err, list.Body)
			}
			for _, kind := range []clinic.ImportKind{clinic.ImportBookings, clinic.ImportPatients} {
				check := admin.Get(importFile(admin, s, kind, []byte(list.Body)).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
				there := regexp.MustCompile(`(?:すでにあります|Already there) (\d+)`).FindStringSubmatch(check.Text(".import-counts"))
				if len(there) != 2 || there[1] != strconv.Itoa(len(rows)-1) || check.Find("button[value=run]").Length() != 0 {
					t.Errorf("our own list in %s as %s: %s", lang, kind, check.Text(".import-counts"))
				}
				// The line that shows how the file to begin with is filled in is left out as it stands there.
				template := admin.Get("/office/import.csv?kind=" + string(kind)).Want(http.StatusOK)
				check = admin.Get(importFile(admin, s, kind, []byte(template.Body)).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
				if check.Find("button[value=run]").Length() != 0 || check.Find("#bad").Length() != 0 {
					t.Errorf("the file to begin with in %s as %s: %s", lang, kind, check.Text("main"))
				}
				check.WantText("#notes + ul", map[string]string{"ja": "見本の行は読み飛ばします。 2行目", "en": "The sample line is skipped. Lines 2"}[lang])
				filledIn := strings.ReplaceAll(template.Body, "見本 花子,ミホン ハナコ", "記入 花子,キニュウ ハナコ")
				check = admin.Get(importFile(admin, s, kind, []byte(filledIn)).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
				if check.Find("button[value=run]").Length() != 1 || check.Find("#bad").Length() != 0 || check.Find("#notes").Length() != 0 {
					t.Errorf("the file to begin with, filled in, in %s as %s: %s", lang, kind, check.Text("main"))
				}
			}
		}
		s.SignedIn(t, servertest.Admin).Get("/office/import.csv?kind=x").Want(http.StatusNotFound)
	})
}

// TestImport_InParts: a long file is imported in parts, each asked for by the page; who stops half-way keeps what there is.
func TestImport_InParts(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		var file strings.Builder
		file.WriteString("氏名,フリガナ,電話\n")
		for n := range 1100 {
			fmt.Fprintf(&file, "取込 子,トリコミ コ,090%08d\n", n)
		}
		path := importFile(admin, s, clinic.ImportPatients, []byte(file.String())).Want(http.StatusSeeOther).Location()
		admin.Post(path, "do", "run").Want(http.StatusSeeOther)
		running := admin.Get(path).Want(http.StatusOK)
		running.WantText("main [role=status]", "1100行のうち500行まで進みました。")
		if running.Find("form[hx-trigger^=load] button[value=run]").Length() != 1 || running.Find("progress").AttrOr("value", "") != "500" {
			t.Error("the page does not go on by itself")
		}
		admin.Post(path, "do", "stop").Want(http.StatusSeeOther)
		admin.Get(path).WantText("main [role=status]", "1100行のうち500行まで取り込んで、やめました。")
		admin.Post(path, "do", "run").Want(http.StatusSeeOther) // from a page that was open
		if rows := s.Facts(t).Count("patients"); rows["patients"] != 500 {
			t.Errorf("there are %d patients", rows["patients"])
		}
		path = importFile(admin, s, clinic.ImportPatients, []byte(file.String())).Want(http.StatusSeeOther).Location()
		for range 3 {
			admin.Post(path, "do", "run").Want(http.StatusSeeOther)
		}
		admin.Get(path).WantText(".import-counts", "患者 600 すでにあります 500")
	})
}

// TestImport_WithoutScripts: in a browser that runs no scripts a file is sent, checked and imported by plain forms, and of a long one a
// button asks for each part.
func TestImport_WithoutScripts(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	var text strings.Builder
	text.WriteString("氏名,フリガナ,電話\n")
	for n := range 600 {
		fmt.Fprintf(&text, "取込 子,トリコミ コ,090%08d\n", n)
	}
	file := filepath.Join(t.TempDir(), "patients.csv")
	servertest.Must(t, os.WriteFile(file, []byte(text.String()), 0o600))
	v := browsertest.Visit(t, s.URL, browsertest.Phone)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Admin))
	v.TurnScriptsOff()
	v.Open("/office/patients")
	v.Follow("ほかのシステムから取り込む")
	v.Attach("file", file)
	v.Follow("内容を確かめる")
	v.Follow("600行を取り込む")
	if said := v.Text("main [role=status]"); said != "600行のうち500行まで進みました。" {
		t.Errorf("after the first part it says %q", said)
	}
	v.Follow("続ける")
	if said := v.Text("main [role=status]"); said != "取り込みました。" {
		t.Errorf("in the end it says %q", said)
	}
}
