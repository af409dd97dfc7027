package office_test

import (
	"net/http"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestBackups_StaffAreTold: while the newest backup is as old as it may be nobody hears of it, and as soon as one fails, or none has come for too long,
// every page says so, and since when.
func TestBackups_StaffAreTold(t *testing.T) {
	state := clinic.Backups{Every: 24 * time.Hour, Since: storetest.Begin, Last: storetest.Begin}
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Backups = func() clinic.Backups { return state } })
	says := func(want string) {
		t.Helper()
		for _, email := range []string{servertest.Admin, servertest.FrontDesk} {
			for _, path := range []string{"/office/day", "/office/letters", "/office/patients"} {
				got := s.SignedIn(t, email).Get(path).Want(http.StatusOK).Find("#backups").Text()
				if got != want {
					t.Errorf("%s says %q to %s, and not %q", path, got, email, want)
				}
			}
		}
	}
	says("")
	state.Failed = true
	says("バックアップを作成できませんでした（最後のバックアップ：2026/11/24 09:00）。予約はこれまでどおり受け付けています。システムの担当者にお知らせください。")
	v := browsertest.Visit(t, s.URL, browsertest.Phone)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	v.Open("/office/day")
	v.LookAt("backups-failed", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	state.Last = time.Time{}
	says("バックアップを作成できませんでした（最後のバックアップ：まだありません）。予約はこれまでどおり受け付けています。システムの担当者にお知らせください。")
	state.Failed, state.Last = false, storetest.Begin.Add(-49*time.Hour)
	state.Since = state.Last
	says("新しいバックアップがしばらく作成されていません（最後のバックアップ：2026/11/22 08:00）。予約はこれまでどおり受け付けています。システムの担当者にお知らせください。")
}
