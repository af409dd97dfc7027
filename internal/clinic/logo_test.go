package clinic

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func pngOf(t interface{ Fatal(...any) }, picture image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t interface{ Fatal(...any) }, picture image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// striped is a picture whose left half is red and whose right half cannot be seen, though it is green underneath.
func striped(width, height int) image.Image {
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			if x < width/2 {
				p.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
			} else {
				p.SetNRGBA(x, y, color.NRGBA{G: 255})
			}
		}
	}
	return p
}

func TestNewLogo_IsDrawnAnew(t *testing.T) {
	file := pngOf(t, striped(1201, 100))
	hidden := append(bytes.Clone(file), "<script>alert(1)</script>GPS 35.68 139.76"...)
	l, errs := NewLogo(hidden)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if l.Width != 600 || l.Height != 49 || len(l.Hash) != 16 || l.File() != "logo-"+l.Hash+".png" || l.IsZero() {
		t.Errorf("%d × %d, hash %q, file %q", l.Width, l.Height, l.Hash, l.File())
	}
	if bytes.Contains(l.PNG, []byte("script")) || bytes.Contains(l.PNG, []byte("GPS")) {
		t.Error("what was hidden behind the picture is still there")
	}
	shown, err := png.Decode(bytes.NewReader(l.PNG))
	if err != nil || shown.Bounds().Dx() != l.Width || shown.Bounds().Dy() != l.Height {
		t.Fatalf("%v, %v", shown.Bounds(), err)
	}
	// The pixel in which the two halves meet is red and nearly as opaque as it is red; none of the green is seen.
	for _, at := range []struct {
		x    int
		want color.NRGBA
	}{{0, color.NRGBA{R: 255, A: 255}}, {299, color.NRGBA{R: 255, A: 255}}, {300, color.NRGBA{}}, {599, color.NRGBA{}}} {
		got, ok := color.NRGBAModel.Convert(shown.At(at.x, 20)).(color.NRGBA)
		if !ok || got.G != 0 || got.R != at.want.R && at.x != 299 || max(got.A, at.want.A)-min(got.A, at.want.A) > 64 {
			t.Errorf("pixel %d is %v, want %v", at.x, got, at.want)
		}
	}
	if same, _ := NewLogo(hidden); same.Hash != l.Hash {
		t.Error("the same picture has another hash")
	}
	if other, _ := NewLogo(pngOf(t, striped(1200, 100))); other.Hash == l.Hash {
		t.Error("another picture has the same hash")
	}
}

func TestNewLogo_TakesPNGAndJPEG(t *testing.T) {
	gray, palette := image.NewGray16(image.Rect(5, 5, 105, 35)), image.NewPaletted(image.Rect(0, 0, 100, 30), color.Palette{color.White, color.Black})
	for what, file := range map[string][]byte{
		"PNG": pngOf(t, striped(100, 30)), "JPEG": jpegOf(t, striped(100, 30)), "gray PNG": pngOf(t, gray), "gray JPEG": jpegOf(t, gray), "palette": pngOf(t, palette),
	} {
		if l, errs := NewLogo(file); len(errs) > 0 || l.Width != 100 || l.Height != 30 {
			t.Errorf("%s: %d × %d, %v", what, l.Width, l.Height, errs)
		}
	}
}

func TestNewLogo_Refuses(t *testing.T) {
	good := pngOf(t, striped(100, 30))
	for what, c := range map[string]struct {
		file    []byte
		message string
	}{
		"nothing":        {nil, "error.picture.kind"},
		"a text":         {[]byte("logo"), "error.picture.kind"},
		"a GIF":          {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "error.picture.kind"},
		"an SVG":         {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "error.picture.svg"},
		"an XML SVG":     {[]byte(`<?xml version="1.0"?>` + "\n<!-- drawn by hand -->\n<svg/>"), "error.picture.svg"},
		"half a PNG":     {good[:len(good)/2], "error.picture.broken"},
		"a PNG's head":   {good[:8], "error.picture.broken"},
		"half a JPEG":    {jpegOf(t, striped(100, 30))[:300], "error.picture.broken"},
		"a large file":   {append(bytes.Clone(good), strings.Repeat("x", MaxLogoBytes)...), "error.logo.large"},
		"a wide picture": {pngOf(t, image.NewGray(image.Rect(0, 0, 2001, 1))), "error.logo.pixels"},
		"a high picture": {pngOf(t, image.NewGray(image.Rect(0, 0, 1, 2001))), "error.logo.pixels"},
		"a huge JPEG":    {jpegOf(t, image.NewGray(image.Rect(0, 0, 3000, 8))), "error.logo.pixels"},
		"an endless PNG": {append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00"), make([]byte, 4)...), "error.picture.broken"},
	} {
		l, errs := NewLogo(c.file)
		if len(errs) != 1 || errs[0].Field != "logo" || errs[0].Message != c.message || !l.IsZero() {
			t.Errorf("%s: %v", what, errs)
		}
	}
}

// Whatever the size, the logo is kept in its proportions, as far as whole pixels allow, inside of its box, and never made larger.
func TestLogo_Within(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 2000)
		l := Logo{Width: side.Draw(t, "width"), Height: side.Draw(t, "height")}
		w, h := l.Within(240, 44)
		if w < 1 || h < 1 || w > min(240, l.Width) || h > min(44, l.Height) {
			t.Fatalf("%+v is %d × %d", l, w, h)
		}
		if (w == l.Width) != (h == l.Height) && w > 1 && h > 1 {
			t.Fatalf("%+v lost its proportions: %d × %d", l, w, h)
		}
		if l.Width <= 240 && l.Height <= 44 && (w != l.Width || h != l.Height) {
			t.Fatalf("%+v fits and became %d × %d", l, w, h)
		}
	})
	if (Logo{}).File() != "" || !(Logo{}).IsZero() {
		t.Error("no logo has a file")
	}
}
