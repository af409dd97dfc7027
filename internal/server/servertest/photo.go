package servertest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// PhotoFile is a picture as a camera writes it, of a size in pixels: of somebody before a green wall.
func PhotoFile(tb testing.TB, width, height int) []byte {
	tb.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	face, body := image.Pt(width/2, width/2), image.Pt(width/2, width+width/5)
	within := func(at, middle image.Point, radius int) bool {
		d := at.Sub(middle)
		return d.X*d.X+d.Y*d.Y < radius*radius
	}
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 0x9f, G: 0xc4, B: 0xb2, A: 0xff}
			switch at := image.Pt(x, y); {
			case within(at, face, width/5):
				c = color.NRGBA{R: 0xec, G: 0xd0, B: 0xb6, A: 0xff}
			case within(at, body, width/2):
				c = color.NRGBA{R: 0x23, G: 0x53, B: 0x7f, A: 0xff}
			}
			picture.SetNRGBA(x, y, c)
		}
	}
	var file bytes.Buffer
	Must(tb, jpeg.Encode(&file, picture, nil))
	return file.Bytes()
}
