package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestLinks_AreHarmlessToOpen: mail programs, scanners and the back button open every page behind a patient's link, again and again. Nothing
// is written by it, in whatever way the booking stands.
func TestLinks_AreHarmlessToOpen(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			confirm := "/booking/" + b.Token + "/confirm?" + url.Values{"slot": {b.Slots[6].ID}, "with-doctor": {"any"}}.Encode()
			open := func(how string) {
				t.Helper()
				before, opened := b.Facts(t), 0
				for _, r := range server.Routes() {
					if !strings.Contains(r.Path, ":token") || r.Method != http.MethodGet {
						continue
					}
					path := b.Fill(r.Path)
					if strings.HasSuffix(path, "/confirm") {
						path = confirm
					}
					for range 20 {
						for _, method := range []string{http.MethodGet, http.MethodHead} {
							for _, who := range []*servertest.Visitor{b.Patient, b.Visitor(t)} {
								opened++
								if a := who.Send(method, path, nil, nil); a.Status >= http.StatusInternalServerError {
									t.Errorf("%s, %s answered %d", how, a.Asked, a.Status)
								}
							}
						}
					}
				}
				b.WantUnchanged(t, before)
				if opened < 600 {
					t.Errorf("%s, only %d pages were opened", how, opened)
				}
			}
			open("booked")
			b.Patient.Post("/booking/"+b.Token+"/change", "slot", b.Slots[6].ID).Want(http.StatusSeeOther)
			open("while another time is held")
			b.Patient.Post("/booking/"+b.Token+"/confirm", "slot", b.Slots[6].ID, "seen-sequence", "0").Want(http.StatusSeeOther)
			open("moved")
			b.Patient.Post("/booking/"+b.Token+"/cancel", "cancel-reason", "").Want(http.StatusSeeOther)
			open("cancelled")
		})
	}
}
