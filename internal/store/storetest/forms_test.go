package storetest_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/store/storetest"
)

// TestFormsOf: what is encoded in one of these ways, in the middle of something else, is found.
func TestFormsOf(t *testing.T) {
	const word = "鑞蠑髙 quartz"
	for name, text := range map[string]string{
		"plain": word, "json": fmt.Sprintf("%+q", word), "hex": fmt.Sprintf("%x", word), "HEX": fmt.Sprintf("%X", word), "percent": url.QueryEscape(word),
		"utf-16": string([]byte{0x5e, 0x94, 0x11, 0x88, 0xd9, 0x9a, ' ', 0, 'q', 0, 'u', 0, 'a', 0, 'r', 0, 't', 0, 'z', 0}),
		"base64": base64.StdEncoding.EncodeToString([]byte("a" + word + "b")), "base64 2": base64.URLEncoding.EncodeToString([]byte("ab" + word + "ccc")),
		"base64 3": base64.RawStdEncoding.EncodeToString([]byte("abc" + word)),
	} {
		found := slices.ContainsFunc(slices.Collect(maps.Values(storetest.FormsOf(word))), func(form []byte) bool { return strings.Contains("before "+text+" after", string(form)) })
		if !found {
			t.Errorf("%s is not found in %s", name, text)
		}
	}
	for form, text := range storetest.FormsOf("1987-03-17") {
		if len(text) < 10 {
			t.Errorf("%s is too short to mean anything: %q", form, text)
		}
	}
}
