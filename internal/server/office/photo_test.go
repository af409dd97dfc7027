package office_test

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// A photo that an administrator uploads is where the drawn picture stood, for patients and for staff, at an address that may be kept for
// good; and goes again.
func TestPhotos_AreShownWhereDoctorsAre(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, patient := s.SignedIn(t, servertest.Admin), s.Visitor(t)
		doctor := "/office/doctors/" + s.Doctors[0].ID
		upload := func(path string, seen string) string {
			t.Helper()
			a := admin.Upload(path+"/photo", "photo", "顔.jpg", servertest.PhotoFile(t, 600, 800), "crop", "top", "seen-photo", seen).Want(http.StatusSeeOther)
			page := admin.Get(strings.TrimSuffix(a.Location(), "#photo-form")).Want(http.StatusOK)
			page.WantText("[role=status]", "保存しました")
			return page.Find("[name=seen-photo]").AttrOr("value", "")
		}
		hash := upload(doctor, "")
		house := upload("/office/branches/"+s.Branch.ID, "")
		if hash == "" || house == "" || hash == house {
			t.Fatalf("the photos are %q and %q", hash, house)
		}
		for size, side := range map[clinic.PhotoSize]int{clinic.LargePhoto: 512, clinic.SmallPhoto: 96} {
			a := patient.Get("/photos/" + clinic.PhotoFile(hash, size)).Want(http.StatusOK)
			kept, err := jpeg.DecodeConfig(strings.NewReader(a.Body))
			if err != nil || kept.Width != side || a.Header.Get("Content-Type") != "image/jpeg" || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%v, %v, %v", kept, err, a.Header)
			}
		}
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		desk := s.SignedIn(t, servertest.FrontDesk)
		for path, who := range map[string]*servertest.Visitor{
			"/": patient, "/slots?branch=" + s.Branch.ID + "&doctor=" + s.Doctors[0].ID: patient, "/booking/" + receipt.Token: patient, "/office/doctors": admin, doctor: admin,
			"/office/day?branch=" + s.Branch.ID + "&date=2026-11-25": desk, "/office/week?branch=" + s.Branch.ID + "&date=2026-11-25": desk,
			"/office/hours?branch=" + s.Branch.ID: desk,
		} {
			if who.Get(path).Want(http.StatusOK).Find(`img[src^="/photos/`+hash+`"]`).Length() == 0 {
				t.Errorf("%s does not show the doctor's photo", path)
			}
		}
		for _, path := range []string{"/", "/office/branches"} {
			if admin.Get(path).Find(`img[src^="/photos/`+house+`"]`).Length() != 1 {
				t.Errorf("%s does not show the branch's photo", path)
			}
		}
		// Somebody who has not seen the photo does not replace it, and is shown it.
		a := admin.Upload(doctor+"/photo", "photo", "a.jpg", servertest.PhotoFile(t, 300, 300), "seen-photo", "").Want(http.StatusConflict)
		if a.Find("[name=seen-photo]").AttrOr("value", "") != hash || a.Find("#photo-form [role=alert]").Length() != 1 {
			t.Error("whoever has not seen the photo is not told")
		}
		admin.Upload(doctor+"/photo", "", "", nil, "do", "remove", "seen-photo", hash).Want(http.StatusSeeOther)
		patient.Get("/photos/" + clinic.PhotoFile(hash, clinic.LargePhoto)).Want(http.StatusNotFound)
		if patient.Get("/").Find("#doctors svg.avatar").Length() != len(s.Doctors) {
			t.Error("the drawn picture is not back")
		}
		for _, path := range []string{"/photos/x", "/photos/" + hash + "-97.jpg", "/photos/..%2f..%2fetc"} {
			patient.Get(path).Want(http.StatusNotFound)
		}
	})
}

// What cannot become a photo is refused at the field, and nothing is written. Only administrators may upload, at branches that are theirs.
func TestPhotos_AreRefusedAtTheField(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, good := s.SignedIn(t, servertest.Admin), servertest.PhotoFile(t, 300, 300)
		bomb := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\x08\x06\x00\x00\x00"), 0x18, 0x43, 0x16, 0xda)
		before := s.Facts(t)
		for _, of := range []string{"/office/doctors/" + s.Doctors[0].ID, "/office/branches/" + s.Branch.ID} {
			for name, c := range map[string]struct {
				file []byte
				says string
			}{
				"a.svg":    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "SVGの画像は使えません"},
				"a.gif":    {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "PNGかJPEGの画像を選択してください"},
				"half.jpg": {good[:len(good)/2], "この画像は読み取れませんでした"},
				"huge.jpg": {append(bytes.Clone(good), make([]byte, 20<<20)...), "12MBまで"},
				"bomb.png": {bomb, ""},
				"ant.jpg":  {servertest.PhotoFile(t, 60, 60), "96ピクセル以上"},
			} {
				a := admin.Upload(of+"/photo", "photo", name, c.file, "seen-photo", "").Want(http.StatusUnprocessableEntity)
				if said := a.Text("#photo-error"); said == "" || !strings.Contains(said, c.says) {
					t.Errorf("%s is refused with %q", name, said)
				}
			}
			admin.Upload(of+"/photo", "", "", nil, "seen-photo", "").Want(http.StatusUnprocessableEntity).WantText("#photo-error", "写真のファイルを選択してください")
		}
		s.Employ(t, clinic.Staff{Role: clinic.Admin, Name: "別院 見本", Email: "other@example.jp", Branches: []string{s.Other.ID}})
		other := s.SignedIn(t, "other@example.jp")
		other.Upload("/office/branches/"+s.Branch.ID+"/photo", "photo", "a.jpg", good, "seen-photo", "").Want(http.StatusNotFound)
		other.Post("/office/doctors/"+s.Doctors[1].ID+"/place", "do", "up").Want(http.StatusForbidden)
		if other.Get("/office/doctors").Find(".places").Length() != 0 {
			t.Error("whoever does not manage the clinic as a whole is offered to change the order")
		}
		s.SignedIn(t, servertest.FrontDesk).Upload("/office/doctors/"+s.Doctors[0].ID+"/photo", "photo", "a.jpg", good).Want(http.StatusForbidden)
		for _, changed := range s.Facts(t).Changed(before) {
			if !strings.Contains(changed, "staff") && !strings.Contains(changed, "session") {
				t.Errorf("changed: %s", changed)
			}
		}
		admin.Upload("/office/doctors/missing/photo", "photo", "a.jpg", good).Want(http.StatusNotFound)
	})
}

// The order that the clinic gives is the one in which patients and calendars have them.
func TestPlaces_ArePatientsAndCalendarsOrder(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, patient := s.SignedIn(t, servertest.Admin), s.Visitor(t)
		order := func(want ...string) {
			t.Helper()
			for path, selector := range map[string]string{
				"/": "#doctors h3", "/office/doctors": "tbody tr td:first-child a",
				"/office/week?branch=" + s.Branch.ID + "&date=2026-11-25": ".weekly tbody th .who b", "/office/hours?branch=" + s.Branch.ID: ".hours-rail ul:first-of-type b",
				"/office/day?branch=" + s.Branch.ID + "&date=2026-11-25": "thead .who b, .cal thead th b",
			} {
				who := admin
				if path == "/" {
					who = patient
				}
				var got []string
				for _, text := range who.Get(path).Want(http.StatusOK).Texts(selector) {
					for _, d := range s.Doctors {
						if strings.Contains(text, d.Name("ja")) {
							got = append(got, d.Name("ja"))
						}
					}
				}
				if got = slices.Compact(got); !slices.Equal(got, want) {
					t.Errorf("%s has %v, want %v", path, got, want)
				}
			}
		}
		first, second := s.Doctors[0].Name("ja"), s.Doctors[1].Name("ja")
		order(first, second)
		admin.Post("/office/doctors/"+s.Doctors[0].ID+"/place", "do", "down").Want(http.StatusSeeOther)
		order(second, first)
		admin.Post("/office/branches/"+s.Other.ID+"/place", "do", "up").Want(http.StatusSeeOther)
		if got := patient.Get("/").Texts("#branches h3"); got[0] != s.Other.Name {
			t.Errorf("patients have the branches %v", got)
		}
	})
}
