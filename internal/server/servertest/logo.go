package servertest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// LogoFile is a picture as somebody uploads it, of a size in pixels.
func LogoFile(tb testing.TB, width, height int) []byte {
	tb.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.SetNRGBA(x, y, color.NRGBA{R: 0x23, G: 0x53, B: 0x7f, A: uint8(255 * ((x/20 + y/20) % 2))})
		}
	}
	var file bytes.Buffer
	Must(tb, png.Encode(&file, picture))
	return file.Bytes()
}
