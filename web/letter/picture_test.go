package letter

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/web"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// pictured is a letter of a kind about an obviously fictional booking.
func pictured(kind clinic.LetterKind, lang string) clinic.Letter {
	l := ofKind(kind, lang)
	if lang == "en" {
		c := &l.Content
		c.ClinicName, c.BranchName, c.BranchAddress, c.BranchAccess = "Mihon Clinic", "Chuo", "1-2-3 Mihon, Kaku-ku, Tokyo", "3 minutes on foot from Mihon Station"
		c.ToName, c.PhoneHours, c.DoctorName = "Hanako Shiken", "Mon–Fri 10:00–18:00", "Hana Mihon"
	}
	if kinds[kind].nameless {
		l.Content.ToName = ""
	}
	return l
}

// TestLetters_AsPeopleSeeThem draws every kind of letter in a browser: in both languages, on a phone, light and dark. None is wider than its window,
// and axe finds nothing, the contrast of the dark colours among it. With MADOGUCHI_LETTERS set to a folder, pictures of all of them are left
// there, of a wide window as well.
func TestLetters_AsPeopleSeeThem(t *testing.T) {
	folder, widths := os.Getenv("MADOGUCHI_LETTERS"), []int64{browsertest.Phone}
	if folder != "" {
		widths = append(widths, 700)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/letter" {
			http.NotFound(w, r) // the browser asks for an icon
			return
		}
		rendered, err := Write(pictured(clinic.LetterKind(r.URL.Query().Get("kind")), r.URL.Query().Get("lang")), base)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := w.Write([]byte(rendered.HTML)); err != nil {
			t.Log(err) // the browser may close a tab before it has read everything
		}
	}))
	defer server.Close()
	v := browsertest.Visit(t, server.URL, browsertest.Phone)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, lang := range web.Languages() {
			v.Open("/letter?kind=" + string(kind) + "&lang=" + lang)
			for _, width := range widths {
				var light []byte
				for _, scheme := range []string{"light", "dark"} {
					name := fmt.Sprintf("%s-%s-%d-%s", kind, lang, width, scheme)
					picture := v.LookAtMail(name, width, scheme)
					if scheme == "light" {
						light = picture
					} else if bytes.Equal(picture, light) {
						t.Errorf("%s is not dark", name)
					}
					if folder != "" {
						if err := os.WriteFile(filepath.Join(folder, name+".png"), small(t, picture), 0o600); err != nil { //nolint:gosec // who runs the tests names the folder
							t.Fatal(err)
						}
					}
				}
			}
		}
	}
}

// pictureColours is how many colours a kept picture has. A letter has few, and text is smoothed by those between.
const pictureColours = 8

// small is a picture in few colours, the most frequent ones, so that it does not weigh much.
func small(t *testing.T, file []byte) []byte {
	t.Helper()
	whole, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[color.RGBA]int{}
	for y := whole.Bounds().Min.Y; y < whole.Bounds().Max.Y; y++ {
		for x := whole.Bounds().Min.X; x < whole.Bounds().Max.X; x++ {
			r, g, b, _ := whole.At(x, y).RGBA()
			counts[color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	var palette color.Palette
	for _, c := range frequent[:min(len(frequent), pictureColours)] {
		palette = append(palette, c)
	}
	few := image.NewPaletted(whole.Bounds(), palette)
	draw.Draw(few, few.Bounds(), whole, whole.Bounds().Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
