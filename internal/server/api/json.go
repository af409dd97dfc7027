package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"madoguchi/web"
)

// wantOneMeaning refuses a call that says something twice: a key of an object, a parameter of the query or the idempotency key. Of
// two values Go takes one and others the other (RFC 8259, 4), so that who checks a call on its way could read another than we.
func (a *API) wantOneMeaning(call huma.Context, next func(huma.Context)) {
	r := humagin.Unwrap(call).Request
	body, err := io.ReadAll(r.Body) // which has been read once, so that this is memory
	if err != nil {
		a.write(call, a.refuse(call.Context(), err))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	location := repeatedKey(body)
	for name, values := range r.URL.Query() {
		if len(values) > 1 {
			location = "query." + name
		}
	}
	if len(r.Header.Values("Idempotency-Key")) > 1 {
		location = "header.Idempotency-Key"
	}
	if location == "" {
		next(call)
		return
	}
	l := web.LocaleOf(call.Context())
	a.write(call, newProblem(http.StatusUnprocessableEntity, l.T("error.fields"), &huma.ErrorDetail{Location: location, Message: l.T("error.json.repeated")}))
}

// maxDepth is how deeply a call may nest. What is deeper is in no call that we know, and the description refuses it.
const maxDepth = 16

// errRepeated ends the search for a key that is there twice.
var errRepeated = errors.New("a key is there twice")

// repeatedKey is where the first key stands that its object has twice; empty where there is none. What is no JSON at all is left to
// the decoder.
func repeatedKey(data []byte) (location string) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if errors.Is(checkKeys(d, "body", maxDepth, &location), errRepeated) {
		return location
	}
	return ""
}

func checkKeys(d *json.Decoder, at string, depth int, location *string) error {
	token, err := d.Token()
	if err != nil || token != json.Delim('{') && token != json.Delim('[') {
		return err
	}
	if depth == 0 {
		return io.ErrUnexpectedEOF
	}
	seen := map[json.Token]bool{}
	for i := 0; d.More(); i++ {
		inside := fmt.Sprintf("%s[%d]", at, i)
		if token == json.Delim('{') {
			key, err := d.Token()
			if err != nil {
				return err
			}
			inside = fmt.Sprintf("%s.%s", at, key)
			if seen[key] {
				*location = inside
				return errRepeated
			}
			seen[key] = true
		}
		if err := checkKeys(d, inside, depth-1, location); err != nil {
			return err
		}
	}
	_, err = d.Token() // the end
	return err
}
