package patient_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestSteps_AreCounted: who comes to the free times, and chooses one, is counted with what their link said; not who turns to another
// week, nor what says that it is a program; and looking writes nothing.
func TestSteps_AreCounted(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		counted := func() clinic.SourceCount {
			servertest.Must(t, s.Store.KeepSteps(t.Context()))
			day := clinic.DateOf(s.Now(), s.Branch.Location())
			n, err := s.Store.Numbers(t.Context(), storetest.Owner, s.Branch, store.NumbersQuery{Period: clinic.Period{First: day, Last: day}})
			servertest.Must(t, err)
			top, others := n.Sources(1)
			if len(top) == 0 {
				return others
			}
			return top[0]
		}
		const people = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"
		path := "/slots?branch=" + s.Branch.ID + "&area=back&article=back-fat&campaign=autumn"
		look := func(path string, header http.Header) {
			t.Helper()
			if header.Get("User-Agent") == "" {
				header.Set("User-Agent", people)
			}
			s.Visitor(t).Send(http.MethodGet, path, nil, header).Want(http.StatusOK)
		}
		before := s.Facts(t)
		look(path, http.Header{})
		s.WantUnchanged(t, before)
		look(path, http.Header{"User-Agent": {"Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus)"}})
		for _, robot := range []string{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "Twitterbot/1.0", "Baiduspider", "LinkedInBot/1.0"} {
			look(path, http.Header{"User-Agent": {robot}})
		}
		look(path, http.Header{"Sec-Purpose": {"prefetch"}})
		look(path+"&week=2026-12-01", http.Header{"Referer": {s.URL + path}})
		look("/slots", http.Header{}) // of no branch yet
		s.Visitor(t).Send(http.MethodHead, path, nil, http.Header{"User-Agent": {people}})
		if got, want := counted(), (clinic.SourceCount{Source: clinic.Source{Article: "back-fat", Campaign: "autumn"}, Seen: 2}); got != want {
			t.Errorf("counted %+v", got)
		}
		form := url.Values{"slot": {s.Slots[0].ID}, "article": {"back-fat"}, "campaign": {"autumn"}}
		header := servertest.FormHeader()
		header.Set("User-Agent", people)
		v := s.Visitor(t)
		v.Send(http.MethodPost, "/hold", strings.NewReader(form.Encode()), header).Want(http.StatusSeeOther)
		s.Visitor(t).Send(http.MethodPost, "/hold", strings.NewReader(form.Encode()), header) // is too late
		if got := counted(); got.Seen != 2 || got.Held != 1 {
			t.Errorf("counted %+v", got)
		}
	})
}
