package clinic

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strconv"
	"strings"
)

// Photo is the picture of a doctor or a branch: a square, in the two sizes in which pages show it. The zero Photo is none.
type Photo struct {
	Hash  string // part of its address, so that browsers may keep it for good
	Large []byte // JPEG
	Small []byte
}

// PhotoSize is the side of a photo in pixels, at the most.
type PhotoSize int

// The sizes.
const (
	LargePhoto PhotoSize = 512 // on the patients' pages
	SmallPhoto PhotoSize = 96  // in lists
)

// What may be uploaded as a photo: what telephones take today.
const (
	MaxPhotoBytes  = 12 << 20
	maxPhotoPixels = 25_000_000
	minPhotoSide   = int(SmallPhoto)
)

// PhotoCrop is which square of a picture that is higher than it is wide becomes the photo. Of one that is wider it is always the middle.
type PhotoCrop string

// The crops.
const (
	CropTop    PhotoCrop = "top" // where faces are
	CropMiddle PhotoCrop = "middle"
)

// PhotoFor makes the photo of a doctor or a branch from an uploaded PNG or JPEG. It stands as the camera was held, and nothing else that was
// written into the file is kept. What is wrong is said at the field "photo".
func PhotoFor(id string, file []byte, crop PhotoCrop) (Photo, Errors) {
	refuse := func(message string) (Photo, Errors) { return Photo{}, Errors{invalid("photo", message)} }
	if len(file) > MaxPhotoBytes {
		return Photo{}, Errors{PhotoTooLarge()}
	}
	picture, problem := decodePicture(file, func(width, height int) string {
		switch {
		case int64(width)*int64(height) > maxPhotoPixels:
			return "error.photo.pixels"
		case min(width, height) < minPhotoSide:
			return "error.photo.small"
		}
		return ""
	})
	if problem != "" {
		return refuse(problem)
	}
	turned := orientationOf(file)
	part := turned.square(picture.Bounds(), crop != CropMiddle)
	side := min(part.Dx(), int(LargePhoto))
	square := turned.upright(onWhite(shrink(picture, part, side, side)))
	var p Photo
	var err error
	if p.Large, err = encodePhoto(square); err == nil {
		p.Small, err = encodePhoto(shrink(square, square.Rect, int(SmallPhoto), int(SmallPhoto)))
	}
	if err != nil {
		return refuse("error.picture.broken")
	}
	// Whose it is is part of the hash, so that the same picture of two of them can be taken away from one.
	hash := sha256.Sum256(append([]byte(id+"\n"), p.Large...))
	p.Hash = hex.EncodeToString(hash[:12])
	return p, nil
}

// PhotoTooLarge is the refusal of a file with more than MaxPhotoBytes, of which nobody needs to read the rest.
func PhotoTooLarge() *Error { return invalid("photo", "error.photo.large") }

// NoPhoto is the refusal of a form without a file.
func NoPhoto() *Error { return invalid("photo", "error.photo.none") }

// PhotoFile is the name under which a photo is served in a size.
func PhotoFile(hash string, size PhotoSize) string {
	return hash + "-" + strconv.Itoa(int(size)) + ".jpg"
}

// ParsePhotoFile reads what PhotoFile wrote. ok is false for what it cannot have written.
func ParsePhotoFile(name string) (hash string, size PhotoSize, ok bool) {
	for _, size := range []PhotoSize{LargePhoto, SmallPhoto} {
		if hash, ok := strings.CutSuffix(name, PhotoFile("", size)); ok && hash != "" {
			return hash, size, true
		}
	}
	return "", 0, false
}

func encodePhoto(picture image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 86})
	return out.Bytes(), err
}

// onWhite lays a picture on white, because a JPEG has no opacity.
func onWhite(picture *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(picture.Rect)
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, picture, picture.Rect.Min, draw.Over)
	return out
}

// orientation is how a camera was held, as EXIF numbers it (CIPA DC-008, tag 0112): 1 is upright, 6 and 8 lie on a side, 3 is upside
// down, and the even ones of the rest and 5 and 7 are mirrored.
type orientation int

const upright orientation = 1

// lies reports whether the rows of the file are the columns of the picture.
func (o orientation) lies() bool { return o >= 5 }

// square is the part of a picture, as it lies in its file, that becomes the photo.
func (o orientation) square(whole image.Rectangle, top bool) image.Rectangle {
	side := min(whole.Dx(), whole.Dy())
	part := image.Rect(0, 0, side, side).Add(whole.Min)
	spare := whole.Size().Sub(part.Size())
	high := spare.Y > 0
	if o.lies() {
		high = spare.X > 0
	}
	switch {
	case !high || !top:
		return part.Add(spare.Div(2))
	case o == 3 || o == 4 || o == 7 || o == 8: // the top lies where the file ends
		return part.Add(spare)
	}
	return part
}

// upright turns a square as it lies in its file.
func (o orientation) upright(square *image.NRGBA) *image.NRGBA {
	if o == upright {
		return square
	}
	last := square.Rect.Dx() - 1
	out := image.NewNRGBA(square.Rect)
	for y := range last + 1 {
		for x := range last + 1 {
			from := [...]image.Point{
				2: {last - x, y}, 3: {last - x, last - y}, 4: {x, last - y}, 5: {y, x}, 6: {y, last - x}, 7: {last - y, last - x}, 8: {last - y, x},
			}[o]
			out.SetNRGBA(x, y, square.NRGBAAt(from.X, from.Y))
		}
	}
	return out
}

// orientationOf reads the orientation of a JPEG, or upright where none can be read: a photo that lies on its side is seen at once and can be
// turned and uploaded again.
func orientationOf(file []byte) orientation {
	if !isJPEG(file) {
		return upright
	}
	// Segments: FF, their kind, and their length with its own two bytes. The picture itself begins with DA.
	for rest := file[2:]; len(rest) >= 4 && rest[0] == 0xff && rest[1] != 0xda; {
		length := int(rest[2])<<8 | int(rest[3])
		if length < 2 || 2+length > len(rest) {
			return upright
		}
		if tiff, ok := bytes.CutPrefix(rest[4:2+length], []byte("Exif\x00\x00")); ok && rest[1] == 0xe1 {
			return orientationIn(tiff)
		}
		rest = rest[2+length:]
	}
	return upright
}

// byteOrders are the two that a TIFF file may begin with.
var byteOrders = map[string]binary.ByteOrder{"II*\x00": binary.LittleEndian, "MM\x00*": binary.BigEndian}

// orientationIn reads the tag of the first directory of a TIFF file.
func orientationIn(tiff []byte) orientation {
	order, ok := byteOrders[string(tiff[:min(len(tiff), 4)])]
	if !ok || len(tiff) < 8 {
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return upright
		}
		if order.Uint16(entries) == 0x0112 {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}
