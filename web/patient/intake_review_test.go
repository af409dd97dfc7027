package patient_test

import (
	"testing"

	"madoguchi/web/patient"
)

func TestIntakeReviewPage(t *testing.T) {
	doc := render(t, "ja", patient.IntakeReviewPage(review(2)))
	if got := text(doc.Find("dd").Eq(1)); got != "猫背、巻き肩" {
		t.Errorf("an answer reads %q", got)
	}
	if href, _ := doc.Find("a.button").First().Attr("href"); href != "/intake/tokentokentokentokentoken/c" {
		t.Errorf("going on leads to %q", href)
	}
	if href, _ := doc.Find("section a").First().Attr("href"); href != "/intake/tokentokentokentokentoken/a?edit=1" {
		t.Errorf("changing a section leads to %q", href)
	}
	if doc.Find("a[href$='/done']").Length() != 0 || render(t, "ja", patient.IntakeReviewPage(review(8))).Find("a[href$='/done']").Length() != 1 {
		t.Error("the end is offered when nothing remains, and only then")
	}
}
