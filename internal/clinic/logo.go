package clinic

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

// NewLogo makes a logo of an uploaded PNG or JPEG. What is wrong is said at the field "logo".
func NewLogo(file []byte) (Logo, Errors) {
	refuse := func(message string) (Logo, Errors) { return Logo{}, Errors{invalid("logo", message)} }
	if len(file) > MaxLogoBytes {
		return Logo{}, Errors{LogoTooLarge()}
	}
	picture, problem := decodePicture(file, func(width, height int) string {
		if width > maxLogoSide || height > maxLogoSide {
			return "error.logo.pixels"
		}
		return ""
	})
	if problem != "" {
		return refuse(problem)
	}
	w, h := fit(picture.Bounds().Dx(), picture.Bounds().Dy(), keptLogoWidth, keptLogoHeight)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, shrink(picture, picture.Bounds(), w, h)); err != nil {
		return refuse("error.picture.broken")
	}
	hash := sha256.Sum256(out.Bytes())
	return Logo{PNG: out.Bytes(), Hash: hex.EncodeToString(hash[:8]), Width: w, Height: h}, nil
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
