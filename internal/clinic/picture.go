package clinic

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// decodePicture draws an uploaded PNG or JPEG, or says what is wrong with it. It is drawn and later written anew, so that nothing is
// served that was hidden in the file: where it was taken, other formats behind it, scripts. SVG is refused because it may carry
// scripts. fits looks at the size before the picture is unfolded, because a small file can unfold into one that fills the memory.
func decodePicture(file []byte, fits func(width, height int) (problem string)) (image.Image, string) {
	decodeSize, decode := png.DecodeConfig, png.Decode
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
	case isJPEG(file):
		decodeSize, decode = jpeg.DecodeConfig, jpeg.Decode
	case bytes.Contains(file[:min(len(file), 4096)], []byte("<svg")):
		return nil, "error.picture.svg"
	default:
		return nil, "error.picture.kind"
	}
	size, err := decodeSize(bytes.NewReader(file))
	if err != nil {
		return nil, "error.picture.broken"
	}
	if problem := fits(size.Width, size.Height); problem != "" {
		return nil, problem
	}
	picture, err := decode(bytes.NewReader(file))
	if err != nil {
		return nil, "error.picture.broken"
	}
	return picture, ""
}

func isJPEG(file []byte) bool { return bytes.HasPrefix(file, []byte("\xff\xd8\xff")) }

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

// shrink draws a part of a picture in w × h pixels, no more than the part has: the colour of each pixel is the mean of the area that it
// covers. The standard library has no scaling, and the rules have no other library.
func shrink(picture image.Image, part image.Rectangle, w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	stepX, stepY := float64(part.Dx())/float64(w), float64(part.Dy())/float64(h)
	// Colours are multiplied by their opacity here, so that what cannot be seen does not tint what can. It is drawn in stripes, one for
	// each row, because a whole photograph would fill the memory.
	stripe := image.NewRGBA64(image.Rect(0, 0, part.Dx(), min(int(stepY)+2, part.Dy())))
	for y := range h {
		top, bottom := float64(y)*stepY, float64(y+1)*stepY
		first := min(int(top), part.Dy()-stripe.Rect.Dy())
		draw.Draw(stripe, stripe.Rect, picture, part.Min.Add(image.Pt(0, first)), draw.Src)
		for x := range w {
			out.Set(x, y, mean(stripe, float64(x)*stepX, top-float64(first), float64(x+1)*stepX, bottom-float64(first)))
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
