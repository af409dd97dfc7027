package letter

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// inOwnWords puts what the branch says in its own words in the place of what is delivered.
func (p *page) inOwnWords(w words) {
	own, values := w.Content.Text, places(w, p.Sign)
	if own.Subject != "" {
		p.Subject = clinic.Fill(own.Subject, values)
	}
	if own.Lead != "" {
		p.Lead = clinic.Fill(own.Lead, values)
	}
	if own.Note == "" {
		return
	}
	note := section{Heading: w.T("letter.words.note"), Paragraphs: strings.Split(clinic.Fill(own.Note, values), "\n")}
	last := max(len(p.Sections)-1, 0)
	p.Sections = append(p.Sections[:last:last], append([]section{note}, p.Sections[last:]...)...)
}

// places are what a letter puts in the places that a branch's words leave open. A booking whose doctor is not named has one all the same.
func places(w words, sign string) map[clinic.Placeholder]string {
	c := w.Content
	doctor := c.DoctorName
	if doctor == "" {
		doctor = w.T("letter.words.doctor")
	}
	return map[clinic.Placeholder]string{
		clinic.PlaceName: c.ToName, clinic.PlaceTime: w.When, clinic.PlaceBranch: sign, clinic.PlaceDoctor: doctor,
		clinic.PlaceNumber: c.Reference, clinic.PlacePhone: w.phone(),
	}
}

// Example is what a letter puts in the place of a placeholder.
func Example(l clinic.Letter, p clinic.Placeholder) string {
	c := l.Content
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		loc = time.UTC
	}
	found := web.Find(c.Lang)
	return places(words{Locale: found, Content: c, When: shortWhen(c.StartsAt, loc, found.Lang())}, SenderName(c))[p]
}

// Delivered is what letters of a kind say where a branch has no words of its own, with placeholders in the place of what differs.
func Delivered(k clinic.LetterKind, lang string) clinic.LetterText {
	l := web.Find(lang)
	p := page{Sign: clinic.PlaceBranch.In(lang)}
	w := words{Locale: l, Content: clinic.LetterContent{Lang: lang}, When: clinic.PlaceTime.In(lang), Zone: time.UTC, base: &url.URL{}}
	kinds[k].compose(&p, w)
	return clinic.LetterText{Subject: p.Subject, Lead: p.Lead}
}

var (
	anyLink     = regexp.MustCompile(` href="[^"]*"`)
	schemeQuery = "@media (prefers-color-scheme: dark)"
)

// Preview is the HTML of a letter for somebody who is only to look at it: its links lead nowhere, and its colours are the dark ones or the
// light ones, whatever the reader's own are.
func Preview(r Rendered, dark bool) string {
	media := "@media not all"
	if dark {
		media = "@media all"
	}
	return strings.ReplaceAll(anyLink.ReplaceAllString(r.HTML, ` href="#"`), schemeQuery, media)
}
