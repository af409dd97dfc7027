package storetest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// FormsOf are the ways in which a text can lie about without being sealed.
func FormsOf(word string) map[string][]byte {
	forms := map[string][]byte{"UTF-8": []byte(word)}
	var little, big, escaped []byte
	for _, unit := range utf16.Encode([]rune(word)) {
		little, big = append(little, byte(unit), byte(unit>>8)), append(big, byte(unit>>8), byte(unit))
		if unit < 0x80 {
			escaped = append(escaped, byte(unit))
		} else {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	forms["UTF-16 LE"], forms["UTF-16 BE"], forms["JSON"] = little, big, escaped
	forms["hex"] = []byte(hex.EncodeToString([]byte(word)))
	forms["HEX"] = bytes.ToUpper(forms["hex"])
	forms["percent"] = []byte(url.QueryEscape(word))
	forms["percent in small letters"] = []byte(strings.ToLower(url.QueryEscape(word)))
	// A text within a longer one begins anywhere in base64's groups of three bytes; the letters at its ends depend on its
	// neighbours and are left out.
	for before := range 3 {
		padded := append(bytes.Repeat([]byte{0}, before), word...)
		padded = padded[:len(padded)/3*3]
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64 of URLs": base64.URLEncoding} {
			text := encoding.EncodeToString(padded)
			forms[fmt.Sprint(name, " from ", before)] = []byte(text[min((before*4+2)/3, len(text)):])
		}
	}
	return forms
}
