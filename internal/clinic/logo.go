package clinic

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// Logo is the clinic's picture, which stands in place of its name over the patients' pages. The zero Logo is none.
type Logo struct {
	PNG    []byte
	Hash   string // of PNG; part of its address, so that browsers may keep it for good
	Width  int    // in pixels
	Height int
}

// What may be uploaded as a logo, and within which size it is kept: several times as large as it is shown, for screens with
// small pixels.
const (
	MaxLogoBytes   = 1 << 20
	maxLogoSide    = 2000 // pixels
	keptLogoWidth  = 600
	keptLogoHeight = 160
)

// NewLogo makes a logo of an uploaded PNG or JPEG. The picture is drawn and written anew, so that nothing is served that
// was hidden in the file: where it was taken, other formats behind it, scripts. SVG is refused because it may carry
// scripts. What is wrong is said at the field "logo".
func NewLogo(file []byte) (Logo, Errors) {
	refuse := func(message string) (Logo, Errors) { return Logo{}, Errors{invalid("logo", message)} }
	if len(file) > MaxLogoBytes {
		return Logo{}, Errors{LogoTooLarge()}
	}
	decodeSize, decode := png.DecodeConfig, png.Decode
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		decodeSize, decode = jpeg.DecodeConfig, jpeg.Decode
	case bytes.Contains(file[:min(len(file), 4096)], []byte("<svg")):
		return refuse("error.logo.svg")
	default:
		return refuse("error.logo.kind")
	}
	// The size is read first, because a small file can unfold into a picture that fills the memory.
	size, err := decodeSize(bytes.NewReader(file))
	if err != nil {
		return refuse("error.logo.broken")
	}
	if size.Width > maxLogoSide || size.Height > maxLogoSide {
		return refuse("error.logo.pixels")
	}
	picture, err := decode(bytes.NewReader(file))
	if err != nil {
		return refuse("error.logo.broken")
	}
	kept := shrink(picture, keptLogoWidth, keptLogoHeight)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, kept); err != nil {
		return refuse("error.logo.broken")
	}
	hash := sha256.Sum256(out.Bytes())
	return Logo{PNG: out.Bytes(), Hash: hex.EncodeToString(hash[:8]), Width: kept.Bounds().Dx(), Height: kept.Bounds().Dy()}, nil
}

// LogoTooLarge is the refusal of a file with more than MaxLogoBytes, of which nobody needs to read the rest.
func LogoTooLarge() *Error { return invalid("logo", "error.logo.large") }

// IsZero reports whether there is no logo.
func (l Logo) IsZero() bool { return len(l.PNG) == 0 }

// File is the name under which the logo is served; empty for none.
func (l Logo) File() string {
	if l.IsZero() {
		return ""
	}
	return "logo-" + l.Hash + ".png"
}

// Within is the size of the logo, in the same unit as the box, when it is made small enough for a box. It is never made
// larger.
func (l Logo) Within(width, height int) (int, int) { return fit(l.Width, l.Height, width, height) }

// fit is the size that a picture of w × h has in a box, in the same proportions and no larger than it is.
func fit(w, h, width, height int) (int, int) {
	if w > width {
		w, h = width, h*width/w
	}
	if h > height {
		w, h = w*height/h, height
	}
	return max(w, 1), max(h, 1)
}

// shrink draws a picture small enough for a box: the colour of each pixel is the mean of the area that it covers. The
// standard library has no scaling, and the rules have no other library.
func shrink(picture image.Image, width, height int) *image.NRGBA {
	size := picture.Bounds().Size()
	w, h := fit(size.X, size.Y, width, height)
	// Colours are multiplied by their opacity here, so that what cannot be seen does not tint what can.
	from := image.NewRGBA64(image.Rectangle{Max: size})
	draw.Draw(from, from.Bounds(), picture, picture.Bounds().Min, draw.Src)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	stepX, stepY := float64(size.X)/float64(w), float64(size.Y)/float64(h)
	for y := range h {
		for x := range w {
			out.Set(x, y, mean(from, float64(x)*stepX, float64(y)*stepY, float64(x+1)*stepX, float64(y+1)*stepY))
		}
	}
	return out
}

// mean is the mean colour of an area, in which pixels at the edge count by the part that lies within.
func mean(from *image.RGBA64, left, top, right, bottom float64) color.RGBA64 {
	var sum [4]float64
	var area float64
	for y := int(top); float64(y) < bottom && y < from.Rect.Max.Y; y++ {
		for x := int(left); float64(x) < right && x < from.Rect.Max.X; x++ {
			part := (min(right, float64(x+1)) - max(left, float64(x))) * (min(bottom, float64(y+1)) - max(top, float64(y)))
			c := from.RGBA64At(x, y)
			for i, v := range [4]uint16{c.R, c.G, c.B, c.A} {
				sum[i] += part * float64(v)
			}
			area += part
		}
	}
	of := func(i int) uint16 { return uint16(sum[i]/area + 0.5) }
	return color.RGBA64{R: of(0), G: of(1), B: of(2), A: of(3)}
}
