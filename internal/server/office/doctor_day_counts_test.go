package office_test

import (
	"fmt"
	"math/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// The numbers above the list of a day are those of its marks, and what is unsigned is the same number in the menu, above the list and on its
// own page, whatever the days are like.
func TestDoctorDay_CountsAgree(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		random := rand.New(rand.NewSource(9)) //nolint:gosec // the same days each time
		start := s.Clock.Now()
		n := 0
		for day := range 3 {
			for _, slot := range storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], start.Add(time.Duration(24*day+10)*time.Hour), 4) {
				n++
				receipt := s.Book(t, slot.Slot, n)
				switch random.Intn(4) {
				case 0:
					s.AnswerIntake(t, receipt.Token, answers, 1+random.Intn(4))
				case 1, 2:
					s.AnswerIntake(t, receipt.Token, []url.Values{answers, grave, healthy}[random.Intn(3)])
				}
			}
		}
		for range 4 {
			s.Clock.Advance(time.Duration(1+random.Intn(20)) * time.Hour)
			doctor := s.SignedIn(t, servertest.Doctor)
			owed := doctor.Get("/office/unsigned").Want(http.StatusOK).Texts("tbody tr")
			unsigned := fmt.Sprint(len(owed))
			for day := range 4 {
				date := clinic.DateOf(start, s.Branch.Location()).AddDays(day)
				a := doctor.Get("/office/doctor?date=" + date.String()).Want(http.StatusOK)
				for i, of := range a.Find(".agenda section").EachIter() {
					counts := map[string]string{"未回答": "0", "途中": "0", "未読": "0"}
					heads := of.Find(".agenda-sum li")
					if i == 0 {
						heads = a.Find(".agenda-sum").First().Find("li")
					}
					heads.Each(func(_ int, head *goquery.Selection) {
						words := strings.Fields(servertest.Words(head))
						counts[words[0]] = words[1]
					})
					for word, tag := range map[string]string{"未回答": "問診 未回答", "途中": "問診 途中", "未読": "未読"} {
						marked := of.Find(".visit .tag").FilterFunction(func(_ int, e *goquery.Selection) bool { return strings.HasPrefix(servertest.Words(e), tag) }).Length()
						if counts[word] != fmt.Sprint(marked) {
							t.Errorf("%s at %v: %s %s in the head and %d in the list", of.Find("h2").Text(), s.Clock.Now(), word, counts[word], marked)
						}
					}
				}
				for selector, word := range map[string]string{".topnav a[href='/office/unsigned'] .badge": "件 未署名", "[data-unsigned]": "未署名 "} {
					if got := strings.TrimSpace(strings.ReplaceAll(a.Text(selector), strings.TrimSpace(word), "")); got != unsigned && (got != "" || unsigned != "0") {
						t.Errorf("%s says %q, and %s are unsigned", selector, got, unsigned)
					}
				}
				marked := a.Find(".agenda section").First().Find(".visit").FilterFunction(func(_ int, e *goquery.Selection) bool {
					return strings.Contains(servertest.Words(e), "記録 未署名")
				}).Length()
				onDay := slices.DeleteFunc(slices.Clone(owed), func(row string) bool { return !strings.Contains(row, fmt.Sprintf("%d月%d日", date.Month, date.Day)) })
				if marked != len(onDay) {
					t.Errorf("%s at %v: %d are marked unsigned, and the page has %q", date, s.Clock.Now(), marked, onDay)
				}
			}
		}
	})
}
