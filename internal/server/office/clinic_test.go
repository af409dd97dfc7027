package office_test

import (
	"bytes"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

func TestClinic_NameAndLogoAreSaved(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, patient := s.SignedIn(t, servertest.Admin), s.Visitor(t)
		form := admin.Get("/office/clinic").Want(http.StatusOK)
		revision := func() string { return admin.Get("/office/clinic").Revision() }
		wantTyped(t, form, "name", "見本クリニック")
		wantTyped(t, form, "name_en", "Mihon Clinic")
		if form.Find(".logo-now, [name=remove_logo]").Length() != 0 || strings.TrimSpace(form.Find("nav a[aria-current]").Text()) != "クリニック" {
			t.Error("a logo is shown that there is not, or the menu does not say where one is")
		}

		saved := admin.Upload("/office/clinic", "logo", "ロゴ.png", servertest.LogoFile(t, 1200, 200), "name", " 架空　クリニック ", "name_en", "Kaku Clinic", "seen-revision", form.Revision()).Want(http.StatusSeeOther)
		form = admin.Get(saved.Location()).Want(http.StatusOK)
		form.WantText("[role=status]", "保存しました")
		wantTyped(t, form, "name", "架空 クリニック")
		src := form.Find(".logo-now img").AttrOr("src", "")
		if home := patient.Get("/").Find("header .clinic img"); home.AttrOr("src", "none") != src || home.AttrOr("alt", "") != "架空 クリニック" {
			t.Errorf("the patients see %q, the office %q", home.AttrOr("src", ""), src)
		}
		logo := patient.Get(src).Want(http.StatusOK)
		if logo.Header.Get("Content-Type") != "image/png" || logo.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || logo.Header.Get("Set-Cookie") != "" {
			t.Errorf("the logo's headers are %v", logo.Header)
		}
		if size, err := png.DecodeConfig(strings.NewReader(logo.Body)); err != nil || size.Width != 600 || size.Height != 100 {
			t.Errorf("the logo is %d × %d, %v", size.Width, size.Height, err)
		}

		// The name alone leaves the logo as it is; another logo has another address, and the old one is no more.
		admin.Upload("/office/clinic", "logo", "", nil, "name", "例示クリニック", "seen-revision", form.Revision()).Want(http.StatusSeeOther)
		if home := patient.Get("/").Find("header .clinic img"); home.AttrOr("src", "") != src || home.AttrOr("alt", "") != "例示クリニック" {
			t.Errorf("after a new name, the logo is %q for %q", home.AttrOr("src", ""), home.AttrOr("alt", ""))
		}
		admin.Upload("/office/clinic", "logo", "b.png", servertest.LogoFile(t, 300, 300), "name", "例示クリニック", "remove_logo", "yes", "seen-revision", revision()).Want(http.StatusSeeOther)
		patient.Get(src).Want(http.StatusNotFound)
		square := patient.Get("/").Find("header .clinic img")
		if square.AttrOr("width", "") != "44" || square.AttrOr("height", "") != "44" {
			t.Errorf("a square logo is shown %s × %s", square.AttrOr("width", ""), square.AttrOr("height", ""))
		}
		admin.Upload("/office/clinic", "logo", "", nil, "name", "例示クリニック", "remove_logo", "yes", "seen-revision", revision()).Want(http.StatusSeeOther)
		patient.Get(square.AttrOr("src", "")).Want(http.StatusNotFound)
		patient.Get("/").WantText("header .clinic", "例示クリニック")
		patient.Get("/clinic/").Want(http.StatusNotFound)
	})
}

// What the page about privacy says about who answers for the data is set here, in both languages; what is empty is left out.
func TestClinic_WhoAnswersForPersonalData(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, patient := s.SignedIn(t, servertest.Admin), s.Visitor(t)
		fields := []string{
			"operator", "医療法人社団 <b>例示会</b>", "address", "見本県架空市9-9-9", "contact", "相談係 03-0000-0009", "processors", "例示サーバー（運用）\r\n\r\n 例示メール（送信）",
			"operator_en", "Reiji-kai", "address_en", "9-9-9 Kaku-shi", "contact_en", "Privacy desk, 03-0000-0009", "processors_en", "Reiji Servers\nReiji Mail",
		}
		admin.Upload("/office/clinic", "logo", "", nil, append([]string{"name", "例示クリニック", "seen-revision", admin.Get("/office/clinic").Revision()}, fields...)...).Want(http.StatusSeeOther)
		form := admin.Get("/office/clinic").Want(http.StatusOK)
		for pair := range slices.Chunk(fields, 2) {
			wantTyped(t, form, pair[0], strings.ReplaceAll(pair[1], "\r\n", "\n"))
		}
		said := patient.Get("/privacy").Want(http.StatusOK).Text("main")
		for _, want := range []string{"例示クリニック", "医療法人社団 <b>例示会</b>", "見本県架空市9-9-9", "相談係 03-0000-0009", "例示サーバー（運用）", "例示メール（送信）", "03-0000-0001"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said in %q", want, said)
			}
		}
		said = patient.Speak("en").Get("/privacy").Want(http.StatusOK).Text("main")
		for _, want := range []string{"Reiji-kai", "9-9-9 Kaku-shi", "Privacy desk", "Reiji Servers", "Reiji Mail"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said in %q", want, said)
			}
		}

		a := admin.Upload("/office/clinic", "logo", "", nil, "name", "例示クリニック", "contact", strings.Repeat("長", 201), "processors", "例示").Want(http.StatusUnprocessableEntity)
		a.WantText("#contact-error", "200文字")
		wantTyped(t, a, "processors", "例示")

		admin.Upload("/office/clinic", "logo", "", nil, "name", "例示クリニック", "seen-revision", admin.Get("/office/clinic").Revision()).Want(http.StatusSeeOther)
		if said := s.Visitor(t).Get("/privacy").Text("main"); strings.Contains(said, "所在地") || strings.Contains(said, "委託先") || !strings.Contains(said, "例示クリニック") {
			t.Errorf("where nothing is set, it says %q", said)
		}
	})
}

// Whoever can fill in the page about personal data is told what it lacks, where they begin their day and where they fill it in;
// nobody else is, and nobody once it is filled in.
func TestClinic_SaysWhatThePrivacyPageLacks(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	admin := s.SignedIn(t, servertest.Admin)
	pages := []string{"/office/day?branch=" + s.Branch.ID, "/office/clinic"}
	save := func(fields ...string) {
		t.Helper()
		form := append([]string{"name", "例示クリニック", "seen-revision", admin.Get("/office/clinic").Revision()}, fields...)
		admin.Upload("/office/clinic", "logo", "", nil, form...).Want(http.StatusSeeOther)
	}
	for _, path := range pages {
		a := admin.Get(path).Want(http.StatusOK)
		a.WantText("#privacy-missing", "患者さんがご覧になる「個人情報の取り扱い」のページに、まだ載っていない項目があります（運営者、運営者の所在地、個人情報の相談窓口、業務の委託先）。入力する")
		if to := a.Find("#privacy-missing a").AttrOr("href", ""); to != "/office/clinic#operator" || admin.Get("/office/clinic").Find("#operator").Length() != 1 {
			t.Errorf("%s leads to %s", path, to)
		}
	}
	if said := s.SignedIn(t, servertest.FrontDesk).Get(pages[0]).Want(http.StatusOK); said.Find("#privacy-missing").Length() != 0 {
		t.Error("the front desk is asked for what it cannot fill in")
	}
	if admin.Get("/office/branches").Find("#privacy-missing").Length() != 0 {
		t.Error("every page asks for it")
	}
	save("operator", "例示会", "address", "見本県架空市9-9-9", "contact", "相談係")
	admin.Get(pages[0]).WantText("#privacy-missing", "患者さんがご覧になる「個人情報の取り扱い」のページに、まだ載っていない項目があります（業務の委託先）。入力する")
	save("operator", "例示会", "address", "見本県架空市9-9-9", "contact", "相談係", "processors", "なし")
	for _, path := range pages {
		if admin.Get(path).Want(http.StatusOK).Find("#privacy-missing").Length() != 0 {
			t.Errorf("%s still asks for it", path)
		}
	}
}

func wantTyped(t *testing.T, a *servertest.Answer, name, want string) {
	t.Helper()
	field := a.Find("#" + name)
	if got := field.AttrOr("value", field.Text()); got != want {
		t.Errorf("%s holds %q, want %q", name, got, want)
	}
}

// What cannot be taken is said at its field; what was typed, and the logo there is, stay.
func TestBadInput_Clinic(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		good := servertest.LogoFile(t, 600, 100)
		admin.Upload("/office/clinic", "logo", "a.png", good, "name", "見本クリニック", "name_en", "Mihon Clinic", "seen-revision", admin.Get("/office/clinic").Revision()).Want(http.StatusSeeOther)
		src := admin.Get("/office/clinic").Find(".logo-now img").AttrOr("src", "none")
		before := s.Facts(t)
		for what, c := range map[string]struct {
			file    []byte
			message string
		}{
			"no image":       {[]byte("logo"), "PNGかJPEGの画像"},
			"an empty file":  {nil, "PNGかJPEGの画像"},
			"an SVG":         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "SVGの画像は使えません"},
			"a broken PNG":   {good[:len(good)/2], "読み取れませんでした"},
			"too many bytes": {append(bytes.Clone(good), make([]byte, clinic.MaxLogoBytes)...), "1MBまで"},
			"a photograph":   {make([]byte, 8<<20), "1MBまで"},
			"too wide":       {servertest.LogoFile(t, 2001, 10), "2000ピクセル"},
		} {
			t.Run(what, func(t *testing.T) {
				a := admin.For(t).Upload("/office/clinic", "logo", "ロゴ.png", c.file, "name", "新しい名前", "name_en", "New name", "remove_logo", "yes").Want(http.StatusUnprocessableEntity)
				a.WantText("#logo-error", c.message)
				a.WantText(".wrongs", c.message)
				wantTyped(t, a, "name", "新しい名前")
				wantTyped(t, a, "name_en", "New name")
				if a.Find(".wrongs a").AttrOr("href", "") != "#logo" || a.Find("#logo").AttrOr("aria-invalid", "") != "true" || a.Find("[name=remove_logo][checked]").Length() != 1 {
					t.Error("the field is not marked, or what was ticked is lost")
				}
				if a.Find(".logo-now img").AttrOr("src", "") != src || a.Find("form [name=back]").AttrOr("value", "") != "/office/clinic" {
					t.Error("the logo that there is, or the way back, is not shown")
				}
			})
		}
		a := admin.Upload("/office/clinic", "logo", "a.svg", []byte("<svg/>"), "name", "\x00", "name_en", strings.Repeat("a", 61)).Want(http.StatusUnprocessableEntity)
		for _, field := range []string{"name", "name_en", "logo"} {
			if a.Find("#"+field+"-error").Length() != 1 {
				t.Errorf("nothing is said about %s", field)
			}
		}
		s.WantUnchanged(t, before)
	})
}

// The clinic as a whole is for who manages every branch of it. Others neither find the page nor can send its form.
func TestClinic_IsForWhoManagesEveryBranch(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Employ(t, clinic.Staff{Role: clinic.Admin, Name: "院の管理 見本", Email: "branch@example.jp", Branches: []string{s.Branch.ID, s.Other.ID}})
		one := s.SignedIn(t, "branch@example.jp")
		if menu := one.Get("/office/branches").Want(http.StatusOK).Find("nav a[href='/office/clinic']").Length(); menu != 0 {
			t.Error("the menu leads to what the person may not open")
		}
		before := s.Facts(t)
		one.Get("/office/clinic").Want(http.StatusForbidden)
		one.Upload("/office/clinic", "logo", "", nil, "name", "のっとり").Want(http.StatusForbidden)
		s.WantUnchanged(t, before)
	})
}
