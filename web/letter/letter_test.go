package letter

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
)

var base = &url.URL{Scheme: "https", Host: "yoyaku.example.jp"}

// confirmation is a letter with everything in it.
func confirmation(lang string) clinic.Letter {
	return clinic.Letter{
		Kind: clinic.Confirmation,
		Content: clinic.LetterContent{
			Lang: lang, To: "hanako@example.jp", ToName: "試験 花子", Reference: "M7K-4Q2P", BookingID: "booking0000000000000000000",
			StartsAt: time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC),
			Zone: "Asia/Tokyo", ClinicName: "見本クリニック", BranchName: "中央院", BranchAddress: "東京都架空区見本1-2-3 例示ビル4階",
			BranchAccess: "架空線 見本駅 東口より徒歩3分", BranchPhone: "03-0000-0000", PhoneHours: "平日 10:00–18:00", DoctorName: "見本 花",
			Token: "token000000000000000000000", WrittenAt: time.Date(2026, 11, 21, 14, 2, 3, 0, time.UTC),
		},
	}
}

func cancellation(lang string) clinic.Letter {
	l := confirmation(lang)
	l.Kind, l.Content.Token, l.Content.Sequence = clinic.Cancellation, "", 1
	return l
}

func change(lang string) clinic.Letter {
	l := confirmation(lang)
	l.Kind, l.Content.Sequence = clinic.Change, 1
	return l
}

func lostLink(lang string) clinic.Letter {
	l := confirmation(lang)
	l.Kind = clinic.LostLink
	return l
}

func decline(lang string) clinic.Letter {
	l := cancellation(lang)
	l.Kind = clinic.Decline
	return l
}

// ofKind is a letter of any kind, with everything in it.
func ofKind(k clinic.LetterKind, lang string) clinic.Letter {
	l := confirmation(lang)
	l.Kind, l.Content.Asks, l.Content.ChangesUntil, l.Content.Count = k, true, l.Content.StartsAt.Add(-20*time.Hour), 3
	if kinds[k].unlinked {
		l.Content.Token = ""
	}
	if kinds[k].nameless {
		l.Content.To, l.Content.ToName = "uketsuke@example.jp", ""
	}
	if slices.Contains(clinic.WaitingKinds, k) { // nothing is booked yet
		l.Content.Reference, l.Content.KeepMinutes = "", 60
	}
	return l
}

// everyLetter is one of each kind in each language.
func everyLetter() (all []clinic.Letter) {
	for _, k := range slices.Concat(clinic.LetterKinds, clinic.WaitingKinds, clinic.StaffKinds, []clinic.LetterKind{clinic.CodeLetter}) {
		all = append(all, ofKind(k, "ja"), ofKind(k, "en"))
	}
	return all
}

func TestWhen_ReadsAsPeopleWriteIt(t *testing.T) {
	tokyo, newYork := zone(t, "Asia/Tokyo"), zone(t, "America/New_York")
	start, end := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lang string
		loc  *time.Location
		want string
	}{
		{"ja", tokyo, "2026年11月24日（火）14:00〜15:00"},
		{"en", tokyo, "Tue, 24 November 2026, 14:00–15:00 JST"},
		{"", tokyo, "2026年11月24日（火）14:00〜15:00"},
		{"en", newYork, "Tue, 24 November 2026, 00:00–01:00 EST"},
	} {
		if got := When(start, end, c.loc, c.lang); got != c.want {
			t.Errorf("When(%s, %s) = %q, want %q", c.loc, c.lang, got, c.want)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestWrite_HTMLSaysWhatTheTextSays(t *testing.T) {
	for _, l := range everyLetter() {
		rendered := mustWrite(t, l)
		doc := parseHTML(t, rendered)
		// Links show a name in HTML and their address in text; everything else is the same words in the same order.
		inHTML := strings.Join(strings.Fields(doc.Find("body").Text()), "")
		for line := range strings.Lines(rendered.Text) {
			line = strings.TrimRight(line, "\r\n")
			if strings.HasPrefix(line, "https://") {
				if doc.Find(`a[href="`+line+`"]`).Length() != 1 {
					t.Errorf("%s: the HTML has no link to %s", rendered.Subject, line)
				}
				continue
			}
			words := strings.Join(strings.Fields(strings.Trim(line, "■・- ")), "")
			if label, value, ok := strings.Cut(words, "："); ok && strings.Contains(inHTML, label+value) {
				continue
			}
			if words := strings.ReplaceAll(words, ":", ""); !strings.Contains(strings.ReplaceAll(inHTML, ":", ""), words) {
				t.Errorf("%s: the HTML does not say %q", rendered.Subject, line)
			}
		}
	}
}

func TestWrite_HTMLIsCalmAndSelfContained(t *testing.T) {
	for _, l := range []clinic.Letter{confirmation("ja"), confirmation("en"), cancellation("ja"), change("ja"), decline("en"), lostLink("ja")} {
		doc := parseHTML(t, mustWrite(t, l))
		if n := doc.Find("img, link, script, iframe, form, object, video, [src], [background], [onclick]").Length(); n != 0 {
			t.Errorf("%d elements load or run something", n)
		}
		doc.Find("[style]").Each(func(_ int, s *goquery.Selection) {
			if style, _ := s.Attr("style"); strings.Contains(style, "url(") || strings.Contains(style, "zTemplUnsafe") || style == "" {
				t.Errorf("style %q", style)
			}
		})
		// The one sheet of styles holds the dark colours, which no attribute can hold, and loads nothing.
		sheets := doc.Find("style")
		if css := strings.Join(strings.Fields(sheets.Text()), " "); sheets.Length() != 1 || strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, "@font-face") ||
			!strings.HasPrefix(css, ":root { color-scheme: light dark; supported-color-schemes: light dark; } @media (prefers-color-scheme: dark) {") {
			t.Errorf("the styles are %q", css)
		}
		if first := strings.TrimSpace(doc.Find("body").Children().First().Text()); first != composedLead(t, l) {
			t.Errorf("lists of mails show %q", first)
		}
		if lang, _ := doc.Find("html").Attr("lang"); lang != l.Content.Lang {
			t.Errorf("lang=%q", lang)
		}
		if doc.Find("h1").Length() != 1 || doc.Find("th[scope=row]").Length() != 7 {
			t.Errorf("the page has no single title, or not seven facts")
		}
	}
}

// A letter is read on a locked screen: none says what is treated, and none to staff says whose booking it is.
func TestLetters_SayNothingThatOthersMustNotRead(t *testing.T) {
	for _, l := range everyLetter() {
		rendered := mustWrite(t, l)
		for _, word := range []string{"痩", "ダイエット", "脂肪", "体重", "slim", "weight", "diet", "fat ", "必ず", "確実", "無料モニター", "キャンペーン"} {
			if strings.Contains(strings.ToLower(rendered.Subject+rendered.Text), word) {
				t.Errorf("the %s in %s says %q", l.Kind, l.Content.Lang, word)
			}
		}
		if kinds[l.Kind].nameless && (strings.Contains(rendered.Text+rendered.HTML, "試験") || strings.Contains(rendered.Text, "/booking/")) {
			t.Errorf("the %s names the patient, or opens their page", l.Kind)
		}
	}
}

func TestReminder_AsksWhatIsStillToBeDone(t *testing.T) {
	for _, k := range []clinic.LetterKind{clinic.Reminder, clinic.Morning} {
		l := ofKind(k, "ja")
		asks := "https://yoyaku.example.jp/intake/" + l.Content.Token
		if text := mustWrite(t, l).Text; !strings.Contains(text, asks) || !strings.Contains(text, "11月23日（月）18:00まで") {
			t.Errorf("the %s does not ask, or does not say until when to change:\n%s", k, text)
		}
		l.Content.Asks, l.Content.ChangesUntil = false, l.Content.WrittenAt
		if text := mustWrite(t, l).Text; strings.Contains(text, asks) || strings.Contains(text, "まで、次のページ") || !strings.Contains(text, "お電話で承ります") {
			t.Errorf("the %s asks for what is answered, or says that the page can change what it cannot:\n%s", k, text)
		}
	}
}

func TestWrite_LinksAreOursAndOnlyInConfirmations(t *testing.T) {
	deep := &url.URL{Scheme: "https", Host: "example.jp", Path: "/yoyaku/"}
	rendered, err := Write(confirmation("ja"), deep)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"tel:0300000000", "https://example.jp/yoyaku/intake/token000000000000000000000", "https://example.jp/yoyaku/booking/token000000000000000000000",
	}
	if got := links(parseHTML(t, rendered)); !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
	rendered, err = Write(cancellation("ja"), deep)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := links(parseHTML(t, rendered)), []string{"tel:0300000000", "https://example.jp/yoyaku/"}; !slices.Equal(got, want) {
		t.Errorf("links of a cancellation %q, want %q", got, want)
	}
}

func links(doc *goquery.Document) []string {
	return doc.Find("a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
}

func TestWrite_LeavesOutWhatIsNotKnown(t *testing.T) {
	l := confirmation("ja")
	l.Content.BranchAccess, l.Content.DoctorName = "", ""
	rendered := mustWrite(t, l)
	if strings.Contains(rendered.Text, "アクセス") || strings.Contains(rendered.Text, "担当医師") {
		t.Errorf("empty facts are shown:\n%s", rendered.Text)
	}
}

// A telephone number never stands without its hours, in the text, the HTML and the calendar.
func TestLetters_PhoneStandsWithItsHours(t *testing.T) {
	for _, l := range []clinic.Letter{
		confirmation("ja"), confirmation("en"), cancellation("ja"), cancellation("en"), change("ja"), change("en"), decline("ja"), decline("en"),
	} {
		entry, err := NewEntry(l, sender)
		if err != nil {
			t.Fatal(err)
		}
		rendered := mustWrite(t, l)
		for what, text := range map[string]string{
			"text": rendered.Text, "HTML": parseHTML(t, rendered).Text(), "calendar": strings.NewReplacer("\r\n ", "", `\,`, ",").Replace(string(entry.File)),
		} {
			alone, with := strings.Count(text, "03-0000-0000"), strings.Count(text, "03-0000-0000 ／ 受付 平日 10:00–18:00")+strings.Count(text, "03-0000-0000, 平日 10:00–18:00")
			if alone == 0 || alone != with {
				t.Errorf("the %s of the %s in %s has the number %d times, with its hours %d times", what, l.Kind, l.Content.Lang, alone, with)
			}
		}
	}
}

// The calendar's PRODID names the program that wrote it, as RFC 5545 wants it; no calendar shows it.
var productID = regexp.MustCompile(`(?m)^PRODID:.*$`)

// Whose letter it is, is the clinic's to say: Madoguchi is not named.
func TestLetters_DoNotNameTheProduct(t *testing.T) {
	for _, l := range everyLetter() {
		if l.Kind == clinic.Trial || l.Kind == clinic.FailedToday {
			continue // about no booking; and who sets the program up may know its name
		}
		var entry Entry
		if HasEntry(l.Kind) {
			var err error
			if entry, err = NewEntry(l, sender); err != nil {
				t.Fatal(err)
			}
		}
		rendered := mustWrite(t, l)
		for what, text := range map[string]string{
			"subject": rendered.Subject, "text": rendered.Text, "HTML": rendered.HTML, "calendar": productID.ReplaceAllString(string(entry.File), ""),
		} {
			if strings.Contains(text, "まどぐち") || strings.Contains(strings.ToLower(text), "madoguchi") {
				t.Errorf("the %s of the %s in %s names the product", what, l.Kind, l.Content.Lang)
			}
		}
		if slices.Contains(clinic.WaitingKinds, l.Kind) || l.Kind == clinic.CodeLetter { // which is about no booking of the reader
			if !strings.Contains(rendered.Subject, "見本クリニック 中央院") {
				t.Errorf("subject %q", rendered.Subject)
			}
			continue
		}
		if !strings.HasPrefix(rendered.Subject, map[string]string{"ja": "【見本クリニック 中央院】11/24(火) 14:00 ", "en": "[見本クリニック 中央院] Tue 24 Nov, 14:00 – "}[l.Content.Lang]) {
			t.Errorf("subject %q", rendered.Subject)
		}
	}
}

func TestWrite_EscapesWhatTheClinicTyped(t *testing.T) {
	l := confirmation("ja")
	l.Content.BranchName, l.Content.BranchAddress = `<b>院</b> & "本"`, "<script>alert(1)</script>"
	doc := parseHTML(t, mustWrite(t, l))
	if doc.Find("b, script").Length() != 0 || !strings.Contains(doc.Text(), "<script>alert(1)</script>") {
		t.Error("the branch's text became markup")
	}
}

func TestWriteAndInvite_RefuseWhatMustNotTravel(t *testing.T) {
	for name, spoil := range map[string]func(*clinic.Letter){
		"CRLF in the name":         func(l *clinic.Letter) { l.Content.ToName = "試験\r\nBcc: all@example.jp" },
		"LF in the name":           func(l *clinic.Letter) { l.Content.ToName = "試験\n花子" },
		"NUL in the name":          func(l *clinic.Letter) { l.Content.ToName = "試験\x00花子" },
		"U+2028 in the name":       func(l *clinic.Letter) { l.Content.ToName = "試験\u2028花子" },
		"bidi in the name":         func(l *clinic.Letter) { l.Content.ToName = "試験\u202e花子" },
		"invalid UTF-8":            func(l *clinic.Letter) { l.Content.ToName = "試験\xff\xfe" },
		"URL in the name":          func(l *clinic.Letter) { l.Content.ToName = "https://evil.example/win" },
		"domain in the name":       func(l *clinic.Letter) { l.Content.ToName = "www.evil.example" },
		"sentence in the name":     func(l *clinic.Letter) { l.Content.ToName = strings.Repeat("本日中にお電話ください", 4) },
		"long Latin name":          func(l *clinic.Letter) { l.Content.ToName = strings.Repeat("call us ", 11) + "now" },
		"digits in the name":       func(l *clinic.Letter) { l.Content.ToName = "試験 花子2" },
		"marks in the name":        func(l *clinic.Letter) { l.Content.ToName = "試\u0301\u0302\u0303験" },
		"address in the name":      func(l *clinic.Letter) { l.Content.ToName = "a@evil" },
		"markup in the name":       func(l *clinic.Letter) { l.Content.ToName = "<b>花子" },
		"CRLF in the address":      func(l *clinic.Letter) { l.Content.To = "a@example.jp\r\nRCPT TO:<b@example.jp>" },
		"quoted local part":        func(l *clinic.Letter) { l.Content.To = `"a@example.jp> ORCPT=x"@example.jp` },
		"two addresses":            func(l *clinic.Letter) { l.Content.To = "a@example.jp, b@example.jp" },
		"name and address":         func(l *clinic.Letter) { l.Content.To = "花子 <a@example.jp>" },
		"no address":               func(l *clinic.Letter) { l.Content.To = "" },
		"NUL in the branch":        func(l *clinic.Letter) { l.Content.BranchName = "院\x00" },
		"line in the address":      func(l *clinic.Letter) { l.Content.BranchAddress = "東京\r\nATTENDEE:mailto:x@example.jp" },
		"line in the access":       func(l *clinic.Letter) { l.Content.BranchAccess = "駅\n歩" },
		"line in the clinic":       func(l *clinic.Letter) { l.Content.ClinicName = "見本\r\nBcc: all@example.jp" },
		"line in the hours":        func(l *clinic.Letter) { l.Content.PhoneHours = "平日\n" },
		"line in the phone":        func(l *clinic.Letter) { l.Content.BranchPhone = "03\n" },
		"line in the doctor":       func(l *clinic.Letter) { l.Content.DoctorName = "見本\r花" },
		"line in the reference":    func(l *clinic.Letter) { l.Content.Reference = "M7K\n4Q2P" },
		"line in the booking's id": func(l *clinic.Letter) { l.Content.BookingID = "x\r\nATTENDEE:y" },
		"unknown zone":             func(l *clinic.Letter) { l.Content.Zone = "Asia/Nowhere" },
		"no zone":                  func(l *clinic.Letter) { l.Content.Zone = "" },
		"no token":                 func(l *clinic.Letter) { l.Content.Token = "" },
		"end before start":         func(l *clinic.Letter) { l.Content.EndsAt = l.Content.StartsAt.Add(-time.Hour) },
		"unknown kind":             func(l *clinic.Letter) { l.Kind = "nothing" },
	} {
		l := confirmation("ja")
		spoil(&l)
		if _, err := Write(l, base); err == nil {
			t.Errorf("%s: written", name)
		} else if strings.Contains(err.Error(), "試験") || strings.Contains(err.Error(), "example.jp") {
			t.Errorf("%s: the error names the patient: %v", name, err)
		}
		if _, err := NewEntry(l, sender); err == nil {
			t.Errorf("%s: invited", name)
		}
	}
	for _, b := range []*url.URL{nil, {}, {Path: "/x"}, {Scheme: "javascript", Opaque: "alert(1)"}, {Scheme: "ftp", Host: "example.jp"}} {
		if _, err := Write(confirmation("ja"), b); err == nil {
			t.Errorf("base URL %v: written", b)
		}
	}
}

func TestFailure_HasASentenceForEveryCode(t *testing.T) {
	for code, want := range map[string]string{
		"connect": "接続できませんでした", "lost": "接続が切れました", "timeout": "応答がありません", "stopped": "停止により", "tls": "暗号化", "tls 454": "暗号化", "connect 554": "接続できませんでした", "token invalid_grant": "許可（アクセストークン）",
		"auth 535 5.7.8": "認証されませんでした", "auth": "認証されませんでした", "sender 553": "差出人", "render": "作成できません", "write": "保存できません",
		"inside": "内部", "panic": "内部", "": "内部",
		"late": "時刻を過ぎて", "off": "設定", "moved": "別の日", "known": "変更があった", "cancelled": "キャンセル", "status": "状態", "answered": "お答え", "no-address": "アドレスがない",
		"smtp 550 5.1.1": "アドレスに届きません", "smtp 550": "アドレスに届きません", "smtp 550 5.7.1": "拒否", "smtp 554": "拒否",
		"smtp 552 5.2.2": "いっぱい", "smtp 552": "いっぱい", "smtp 452 4.2.2": "いっぱい", "smtp 421": "一時的", "smtp 451 4.7.1": "一時的",
	} {
		if got := Failure("ja", code); !strings.Contains(got, want) {
			t.Errorf("%q → %q, want %q in it", code, got, want)
		}
		if got := Failure("en", code); got == "" || strings.Contains(got, "を") {
			t.Errorf("%q in English → %q", code, got)
		}
	}
}

func mustWrite(t *testing.T, l clinic.Letter) Rendered {
	t.Helper()
	rendered, err := Write(l, base)
	if err != nil {
		t.Fatal(err)
	}
	return rendered
}

func parseHTML(t *testing.T, p Rendered) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewBufferString(p.HTML))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// A style that is escaped twice is one that a mail program drops, which shows nowhere but in the letter as people see it.
func TestWrite_EveryStyleIsOneThatABrowserReads(t *testing.T) {
	declaration := regexp.MustCompile(`^[a-z-]+:[a-zA-Z0-9 #%.,()-]+$`)
	for _, l := range everyLetter() {
		styled := parseHTML(t, mustWrite(t, l)).Find("[style]")
		if styled.Length() == 0 {
			t.Fatal("the letter has no styles")
		}
		styled.Each(func(_ int, element *goquery.Selection) {
			for style := range strings.SplitSeq(strings.TrimSuffix(element.AttrOr("style", ""), ";"), ";") {
				if !declaration.MatchString(style) {
					t.Errorf("%s has the style %q", goquery.NodeName(element), style)
				}
			}
		})
	}
}

// composedLead is the sentence that says what a letter is about.
func composedLead(t *testing.T, l clinic.Letter) string {
	t.Helper()
	loc, err := check(l)
	if err != nil {
		t.Fatal(err)
	}
	return compose(l, base, loc).Lead
}
