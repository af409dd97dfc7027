package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// shownOn are the questions on a page that a person with a browser sees: those that are not hidden.
func shownOn(page *servertest.Answer) []string {
	return page.Find("form[data-questions] fieldset[role=presentation]").Not("[hidden]").Map(func(_ int, q *goquery.Selection) string {
		return q.Find("input[name=asked]").AttrOr("value", "")
	})
}

// The three people by whom the length of the way is measured: at most so many questions, on so many pages, in about the
// promised minutes.
func TestLength_OfTheWholeIntake(t *testing.T) {
	personas, err := config.Personas()
	servertest.Must(t, err)
	for name, most := range map[string]struct{ questions, pages int }{"office": {36, 5}, "sporty": {36, 5}, "ill": {40, 7}} {
		t.Run(name, func(t *testing.T) {
			who := personas[slices.IndexFunc(personas, func(p config.Persona) bool { return p.Name == name })]
			s := servertest.Open(t, "sqlite")
			v := s.Visitor(t)
			form := servertest.BookingForm(s.Slots[0].ID)
			form.Set("sex", string(who.Sex))
			form.Set("birth_year", strconv.Itoa(s.Clock.Now().Year()-who.Age))
			form["areas"] = who.Booking["areas"]
			token := v.PostForm("/book", form).Token()
			promise := minutesIn(t, v.Get("/booking/"+token).Text("section[aria-labelledby=next]"))

			questions, pages := 0, 0
			var needs time.Duration
			for at := v.Get("/intake/" + token).Want(http.StatusSeeOther).Location(); !strings.HasSuffix(at, "/review"); pages++ {
				answers := url.Values(who.Intake)
				section, ok := s.Questions.Section(at[strings.LastIndex(at, "/")+1:])
				if !ok || pages > 10 {
					t.Fatalf("the way leads to %s", at)
				}
				a := v.PostForm(at, servertest.SectionForm(section, answers)).Want(http.StatusSeeOther)
				asked := shownOn(v.Get(at).Want(http.StatusOK)) // with everything open that the answers open
				for _, id := range asked {
					question, _ := s.Questions.Question(id)
					needs += map[string]time.Duration{"number": 8 * time.Second, "longtext": 15 * time.Second}[string(question.Kind)]
					if question.Kind != "number" && question.Kind != "longtext" {
						needs += 5 * time.Second
					}
				}
				questions += len(asked)
				needs += 4 * time.Second
				at = a.Location()
			}
			if questions > most.questions || pages > most.pages {
				t.Errorf("%d questions on %d pages, at most %d on %d", questions, pages, most.questions, most.pages)
			}
			if minutes := int(needs.Round(time.Minute) / time.Minute); minutes < promise[0] || minutes > promise[1] {
				t.Errorf("it takes %v, promised are %d to %d minutes", needs, promise[0], promise[1])
			}
			t.Logf("%d questions, %d pages, %v", questions, pages, needs)

			opened, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
			servertest.Must(t, err)
			if opened.Intake.CompletedAt == nil {
				t.Error("the intake is not complete")
			}
		})
	}
}

// minutesIn reads 3〜6分 in a text.
func minutesIn(t *testing.T, text string) (minutes [2]int) {
	t.Helper()
	before, _, _ := strings.Cut(text, "分ほど")
	words := strings.FieldsFunc(before, func(r rune) bool { return r < '0' || r > '9' })
	if len(words) < 2 {
		t.Fatalf("no minutes are promised: %q", text)
	}
	for i := range minutes {
		var err error
		minutes[i], err = strconv.Atoi(words[len(words)-2+i])
		servertest.Must(t, err)
	}
	return minutes
}
