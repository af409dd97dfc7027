package patient_test

import (
	"strings"
	"testing"

	"madoguchi/web/patient"
)

func TestMyBookingPage(t *testing.T) {
	doc := render(t, "ja", patient.MyBookingPage(mybooking()))
	main := text(doc.Find("main"))
	for _, want := range []string{"M7K-4Q2P", "2026年11月24日（火）14:00〜15:00", "見本クリニック 中央院", "東京都架空区中央1-2-3", "見本 花 医師", "3〜6分"} {
		if !strings.Contains(main, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	// Once, in full: a slip is seen, and the page is no list of addresses.
	if html, err := doc.Html(); err != nil || strings.Count(html, "hanako@example.jp") != 1 || doc.Find("#address").Text() != "hanako@example.jp" {
		t.Error("the address does not stand on the page once, in full", err)
	}
	if doc.Find("a[download][href='/booking/tokentokentokentokentoken/calendar.ics']").Length() != 1 || doc.Find("a.button[href='/intake/tokentokentokentokentoken']").Length() != 1 {
		t.Error("the calendar file or the questionnaire is not linked")
	}
	if doc.Find("meta[name=robots][content=noindex]").Length() != 1 {
		t.Error("search engines may list a patient's page")
	}
}
