package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// A link that opens nothing says why: a mistyped one is not told that the visit is over.
func TestLink_SaysWhyItOpensNothing(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.Book(t, s.SlotOf(t, 0, 0), 1)
		v := s.Visitor(t)
		for _, path := range []string{"/booking/", "/intake/"} {
			for _, token := range []string{b.Token[:20], strings.ToUpper(b.Token[:20]), b.Token + "a", clinic.NewToken()} {
				a := v.Get(path + token).Want(http.StatusNotFound)
				a.WantText("h1", "開けませんでした")
				a.WantText("main", "03-0000-0001")
				if strings.Contains(a.Text("main"), "過ぎた") {
					t.Errorf("%s says that the visit is over", path)
				}
			}
		}
		v.Get("/booking/" + b.Token + "/calendar.ics").Want(http.StatusOK)
		s.Clock.Advance(400 * 24 * time.Hour)
		v.Get("/booking/"+b.Token).Want(http.StatusGone).WantText("h1", "期限が過ぎました")
		v.Get("/intake/" + b.Token).Want(http.StatusGone)
	})
}
