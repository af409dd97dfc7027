package clinic

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// quarters is a picture of four colours, so that it is seen how it lies: red, green above blue, white. What it has more of one side than of
// the other is grey.
func quarters(w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	side := min(w, h)
	for y := range h {
		for x := range w {
			c := color.NRGBA{0x80, 0x80, 0x80, 0xff}
			if x < side && y < side {
				c = [2][2]color.NRGBA{{{0xff, 0, 0, 0xff}, {0, 0xff, 0, 0xff}}, {{0, 0, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xff}}}[2*y/side][2*x/side]
			}
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}

// lain is a picture as a camera writes it that was held in a way: what upright would make of it is the picture.
func lain(picture *image.NRGBA, held int) *image.NRGBA {
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if held >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			// Where the pixel lies in the file, by the names that EXIF gives to the first row and the first column.
			to := map[int]image.Point{
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y}, 5: {y, x}, 6: {y, w - 1 - x}, 7: {h - 1 - y, w - 1 - x}, 8: {h - 1 - y, x},
			}[held]
			out.SetNRGBA(to.X, to.Y, picture.NRGBAAt(x, y))
		}
	}
	return out
}

// withEXIF puts an EXIF segment into a JPEG: how the camera was held, where it was, and a thumbnail's worth of text.
func withEXIF(file []byte, order binary.AppendByteOrder, held int) []byte {
	tiff := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II*\x00")
	}
	entry := func(b []byte, tag, kind uint16, n uint32, value []byte) []byte {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		return append(order.AppendUint32(b, n), append(value, make([]byte, 4-len(value))...)...)
	}
	tiff = order.AppendUint16(order.AppendUint32(tiff, 8), 3)
	tiff = entry(tiff, 0x010f, 2, 4, []byte("Cam\x00"))
	tiff = entry(tiff, 0x0112, 3, 1, order.AppendUint16(nil, uint16(held)))
	tiff = entry(tiff, 0x8825, 4, 1, order.AppendUint32(nil, 50)) // the directory of GPS
	tiff = append(order.AppendUint32(tiff, 0), "GPS 35.6895 139.6917 Secret Street 5"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := append([]byte{0xff, 0xe1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	return append(append(bytes.Clone(file[:2]), segment...), file[2:]...)
}

func jpegBytes(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func likeColor(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	for _, d := range [3]int{int(ar) - int(br), int(ag) - int(bg), int(ab) - int(bb)} {
		if max(d, -d) > 0x3000 {
			return false
		}
	}
	return true
}

// wantUpright says where a photo does not show the four colours where they belong.
func wantUpright(t *testing.T, what string, file []byte, side int) {
	t.Helper()
	shown, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(what, err)
	}
	if shown.Bounds().Dx() != side || shown.Bounds().Dy() != side {
		t.Errorf("%s: it is %v", what, shown.Bounds())
	}
	want := quarters(side, side)
	for _, at := range []image.Point{{side / 4, side / 4}, {3 * side / 4, side / 4}, {side / 4, 3 * side / 4}, {3 * side / 4, 3 * side / 4}} {
		if got := shown.At(at.X, at.Y); !likeColor(got, want.At(at.X, at.Y)) {
			t.Errorf("%s: at %v it is %v, want %v", what, at, got, want.At(at.X, at.Y))
		}
	}
}

// However the camera was held, the photo stands upright, and of a tall picture its upper part is kept.
func TestPhoto_StandsAsTheCameraWasHeld(t *testing.T) {
	for held := 1; held <= 8; held++ {
		for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
			file := withEXIF(jpegBytes(t, lain(quarters(600, 900), held)), order, held)
			p, errs := PhotoFor("doctor", file, CropTop)
			if len(errs) > 0 {
				t.Fatal(held, name, errs)
			}
			what := name + " " + string(rune('0'+held))
			wantUpright(t, what, p.Large, int(LargePhoto))
			wantUpright(t, what+", small", p.Small, int(SmallPhoto))
		}
	}
}

// Of a tall picture the middle is kept where somebody chose so, and of a wide one always.
func TestPhoto_IsCropped(t *testing.T) {
	grey := color.Gray{0x80}
	at := func(file []byte, x, y int) color.Color {
		shown, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		return shown.At(x, y)
	}
	tall, errs := PhotoFor("doctor", jpegBytes(t, quarters(300, 900)), CropMiddle) // from 300 to 600, where it is grey
	if len(errs) > 0 || !likeColor(at(tall.Large, 20, 20), grey) {
		t.Error("the middle of a tall picture is not kept", errs)
	}
	wide, errs := PhotoFor("doctor", jpegBytes(t, quarters(900, 300)), CropTop)
	if len(errs) > 0 || !likeColor(at(wide.Large, 20, 20), grey) {
		t.Error("the middle of a wide picture is not kept", errs)
	}
	small, errs := PhotoFor("doctor", jpegBytes(t, quarters(120, 200)), CropTop)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	wantUpright(t, "never made larger", small.Large, 120)
}

// Nothing of what the file says of itself is kept, and what cannot be seen through is white.
func TestPhoto_KeepsNothingButThePicture(t *testing.T) {
	file := withEXIF(jpegBytes(t, quarters(600, 600)), binary.LittleEndian, 1)
	if !bytes.Contains(file, []byte("GPS")) || !bytes.Contains(file, []byte("Exif")) {
		t.Fatal("the file has no EXIF: this test would notice nothing")
	}
	p, errs := PhotoFor("doctor", append(file, "#!/bin/sh\nrm"...), CropTop)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, kept := range [][]byte{p.Large, p.Small} {
		for _, hidden := range []string{"GPS", "Exif", "Secret", "Cam\x00", "/bin/sh"} {
			if bytes.Contains(kept, []byte(hidden)) {
				t.Errorf("the photo still says %q", hidden)
			}
		}
	}
	if len(p.Large) > 150_000 || len(p.Small) > 10_000 {
		t.Errorf("the photo has %d and %d bytes", len(p.Large), len(p.Small))
	}
	var glass bytes.Buffer
	if err := png.Encode(&glass, image.NewNRGBA(image.Rect(0, 0, 200, 200))); err != nil {
		t.Fatal(err)
	}
	white, errs := PhotoFor("doctor", glass.Bytes(), CropTop)
	shown, err := jpeg.Decode(bytes.NewReader(white.Large))
	if len(errs) > 0 || err != nil || !likeColor(shown.At(50, 50), color.White) {
		t.Error("what can be seen through is not white", errs, err)
	}
	other, _ := PhotoFor("another", file, CropTop)
	again, _ := PhotoFor("doctor", file, CropTop)
	if len(p.Hash) != 24 || again.Hash != p.Hash || other.Hash == p.Hash {
		t.Errorf("hashes %s, %s, of another %s", p.Hash, again.Hash, other.Hash)
	}
	for _, size := range []PhotoSize{LargePhoto, SmallPhoto} {
		if hash, got, ok := ParsePhotoFile(PhotoFile(p.Hash, size)); hash != p.Hash || got != size || !ok {
			t.Errorf("read back as %s in %d", hash, got)
		}
	}
	for _, name := range []string{"", "x", p.Hash, p.Hash + "-97.jpg", "-96.jpg", p.Hash + "-96.png"} {
		if _, _, ok := ParsePhotoFile(name); ok {
			t.Errorf("%q is read as a photo", name)
		}
	}
}

// bomb is a PNG of a few bytes that says that it is as large as that.
func bomb(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), width)
	head = append(binary.BigEndian.AppendUint32(head, height), 8, 6, 0, 0, 0)
	return append(binary.BigEndian.AppendUint32(head, crcOf(head[12:])), make([]byte, 100)...)
}

func crcOf(b []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			crc = crc>>1 ^ 0xedb88320&-(crc&1)
		}
	}
	return ^crc
}

func TestPhoto_Refuses(t *testing.T) {
	good := jpegBytes(t, quarters(300, 300))
	for what, c := range map[string]struct {
		file    []byte
		message string
	}{
		"nothing":              {nil, "error.picture.kind"},
		"a GIF":                {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "error.picture.kind"},
		"a WebP":               {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 "), "error.picture.kind"},
		"a HEIC":               {[]byte("\x00\x00\x00\x18ftypheic"), "error.picture.kind"},
		"an SVG":               {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "error.picture.svg"},
		"half a JPEG":          {good[:len(good)/2], "error.picture.broken"},
		"a JPEG's head":        {good[:4], "error.picture.broken"},
		"a bomb":               {bomb(50_000, 50_000), "error.photo.pixels"},
		"a bomb in a row":      {bomb(1<<30, 1<<30), "error.picture.broken"},
		"a picture for an ant": {jpegBytes(t, quarters(95, 300)), "error.photo.small"},
		"20 MB":                {append(bytes.Clone(good), strings.Repeat("x", 20<<20)...), "error.photo.large"},
	} {
		p, errs := PhotoFor("doctor", c.file, CropTop)
		if len(errs) != 1 || errs[0].Field != "photo" || errs[0].Message != c.message || p.Hash != "" {
			t.Errorf("%s: %v", what, errs)
		}
	}
}

// Whatever a file says, reading it ends well, and what is made of it can be read.
func FuzzPhotoFor(f *testing.F) {
	good := jpegBytes(f, quarters(100, 120))
	for held := range 10 {
		f.Add(withEXIF(good, binary.BigEndian, held))
	}
	f.Add(withEXIF(good, binary.LittleEndian, 6)[:60])
	f.Add(bomb(100, 100))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if o := orientationOf(file); o < 1 || o > 8 {
			t.Fatalf("held as %d", o)
		}
		p, errs := PhotoFor("doctor", file, CropTop)
		if len(errs) > 0 {
			return
		}
		for kept, most := range map[*[]byte]PhotoSize{&p.Large: LargePhoto, &p.Small: SmallPhoto} {
			size, err := jpeg.DecodeConfig(bytes.NewReader(*kept))
			if err != nil || size.Width != size.Height || size.Width > int(most) {
				t.Errorf("%v, %v", size, err)
			}
		}
	})
}
