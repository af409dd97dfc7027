package patient_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

func TestAttributionGoesThroughEverything(t *testing.T) {
	all := pages()
	for _, name := range []string{"home", "slots", "slots-taken", "booking", "booking-expired", "problem-409"} {
		doc := render(t, "ja", all[name])
		doc.Find("main form").Each(func(_ int, s *goquery.Selection) {
			for field, want := range map[string]string{"area": "back", "article": "000", "campaign": "opening"} {
				if got, _ := s.Find("[name=" + field + "]").Attr("value"); got != want {
					t.Errorf("%s: a form has %s=%q", name, field, got)
				}
			}
		})
		doc.Find("main a[href*='/slots']").Each(func(_ int, s *goquery.Selection) {
			if href, _ := s.Attr("href"); !strings.Contains(href, "area=back&article=000") || !strings.Contains(href, "campaign=opening") {
				t.Errorf("%s: a link forgets where the visitor came from: %s", name, href)
			}
		})
	}
	if got := text(render(t, "ja", all["home"]).Find("main p").First()); got != "背中 のご相談として承ります。" {
		t.Errorf("the first page says %q", got)
	}
}
