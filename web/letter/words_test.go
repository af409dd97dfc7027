package letter

import (
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// worded is a letter in a branch's own words.
func worded(kind clinic.LetterKind, lang string) clinic.Letter {
	l := confirmation(lang)
	l.Kind = kind
	if kinds[kind].unlinked {
		l.Content.Token = ""
	}
	l.Content.Text = clinic.LetterText{
		Subject: "{{time}} {{院名}} ＜ご案内＞", Lead: "{{氏名}} 様\n{{日時}} にお待ちしております。", Note: "駐車場は<裏手>です。\n予約番号は {{number}}、お電話は {{電話}}。",
	}
	return l
}

// TestWrite_WordedLettersKeepWhatTheyAreFor: whatever a branch says, the facts, the links and the foot are those of the delivered letter, in the
// text as in the HTML, no place is left open, and what was typed is no markup.
func TestWrite_WordedLettersKeepWhatTheyAreFor(t *testing.T) {
	for _, kind := range clinic.WordedKinds() {
		for _, lang := range web.Languages() {
			delivered := worded(kind, lang)
			delivered.Content.Text = clinic.LetterText{}
			plain, own := mustWrite(t, delivered), mustWrite(t, worded(kind, lang))
			plainHTML, ownHTML := parseHTML(t, plain), parseHTML(t, own)
			if !slices.Equal(links(plainHTML), links(ownHTML)) {
				t.Errorf("%s in %s: links %q instead of %q", kind, lang, links(ownHTML), links(plainHTML))
			}
			rows := func(doc *goquery.Document) []string {
				return doc.Find("tr th, tr th + td, hr ~ p").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
			}
			if !slices.Equal(rows(plainHTML), rows(ownHTML)) {
				t.Errorf("%s in %s: the facts or the foot differ", kind, lang)
			}
			all := own.Subject + own.Text + ownHTML.Text()
			if strings.Contains(all, "{{") || strings.Contains(all, "}}") {
				t.Errorf("%s in %s: a place is left open", kind, lang)
			}
			for _, want := range []string{"試験 花子 様", "駐車場は<裏手>です。", "予約番号は M7K-4Q2P、", "03-0000-0000"} {
				if !strings.Contains(own.Text, want) || !strings.Contains(ownHTML.Text(), want) {
					t.Errorf("%s in %s does not say %q in the text and the HTML", kind, lang, want)
				}
			}
			if !strings.HasSuffix(own.Subject, "見本クリニック 中央院 ＜ご案内＞") || strings.Contains(own.Text, clinic.Fill(Delivered(kind, lang).Lead, nil)) {
				t.Errorf("%s in %s: subject %q, or the delivered opening still stands", kind, lang, own.Subject)
			}
			if headings := ownHTML.Find("h2"); headings.Eq(headings.Length()-2).Text() != web.Find(lang).T("letter.words.note") {
				t.Errorf("%s in %s: the note is not before the last section", kind, lang)
			}
		}
	}
}

// TestDelivered_IsWhatIsSaid: the delivered text of every kind may be saved as it stands, and says in a letter what the letter says anyway.
func TestDelivered_IsWhatIsSaid(t *testing.T) {
	for _, kind := range clinic.WordedKinds() {
		for _, lang := range web.Languages() {
			delivered := Delivered(kind, lang)
			if _, errs := clinic.CheckLetterText(kind, lang, delivered, clinic.LetterText{}); len(errs) > 0 || delivered.Subject == "" || delivered.Lead == "" {
				t.Errorf("%s in %s cannot be saved: %v", kind, lang, errs)
			}
			l := worded(kind, lang)
			l.Content.Text = clinic.LetterText{}
			plain := mustWrite(t, l)
			l.Content.Text = delivered
			if own := mustWrite(t, l); own != plain {
				t.Errorf("%s in %s says something else in the words that are delivered:\n%s\n%s", kind, lang, own.Subject, plain.Subject)
			}
		}
	}
}

// TestLetters_AdvertiseNothing: what is delivered passes the rules that what a branch writes must pass.
func TestLetters_AdvertiseNothing(t *testing.T) {
	for kind := range kinds {
		for _, lang := range web.Languages() {
			l := confirmation(lang)
			l.Kind = kind
			rendered := mustWrite(t, l)
			if found := clinic.Advertising(rendered.Subject + "\n" + rendered.Text); len(found) > 0 {
				t.Errorf("%s in %s: %q", kind, lang, found)
			}
		}
	}
}

// TestPreview_LeadsNowhere: whoever looks at a letter cannot leave it.
func TestPreview_LeadsNowhere(t *testing.T) {
	for _, dark := range []bool{false, true} {
		rendered := mustWrite(t, worded(clinic.Confirmation, "ja"))
		rendered.HTML = Preview(rendered, dark)
		for _, address := range links(parseHTML(t, rendered)) {
			if address != "#" {
				t.Errorf("a link leads to %s", address)
			}
		}
		if strings.Contains(rendered.HTML, "prefers-color-scheme") {
			t.Error("the reader's own colours are asked for")
		}
	}
}

func TestWrite_RefusesBrokenWords(t *testing.T) {
	for name, text := range map[string]clinic.LetterText{
		"line in the subject":    {Subject: "予約\r\nBcc: all@example.jp"},
		"zero byte in the lead":  {Lead: "予約\x00"},
		"direction in the note":  {Note: "予約\u202e"},
		"line break of the disc": {Lead: "予約\u2028"},
	} {
		l := confirmation("ja")
		l.Content.Text = text
		if _, err := Write(l, base); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestWrite_MarksTrials(t *testing.T) {
	l := worded(clinic.Reminder, "ja")
	l.OnceKey = clinic.TextTrialKey("staff")
	if got := mustWrite(t, l); !strings.HasPrefix(got.Subject, "【試し送り】") || !strings.Contains(got.Text, "これは試し送りです") {
		t.Errorf("the trial is not marked: %s", got.Subject)
	}
}
