package office

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)
	afterEnd     = regexp.MustCompile(`something follows the end$`)
)

// importProblem says in words what is wrong with a file that is no questionnaire, and where. The sentences are those of the locale files alone.
func importProblem(file []byte, err error) *clinic.Error {
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	say := func(message string, pairs ...string) *clinic.Error {
		args := map[string]string{}
		for i := 0; i+1 < len(pairs); i += 2 {
			args[pairs[i]] = clinic.Showable(clipped(pairs[i+1]))
		}
		return &clinic.Error{Code: clinic.Invalid, Message: "error.questionnaire.import." + message, Args: args}
	}
	var syntax *json.SyntaxError
	var written *intake.WrittenError
	var kind *json.UnmarshalTypeError
	switch unknown := unknownField.FindStringSubmatch(err.Error()); {
	case len(bytes.TrimSpace(file)) == 0:
		return say("blank")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return say("cut")
	case errors.As(err, &syntax):
		line, column := placeIn(file, syntax.Offset)
		return say("syntax", "Line", line, "Column", column)
	case errors.As(err, &kind):
		line, column := placeIn(file, kind.Offset)
		return say("type", "Line", line, "Column", column, "Name", kind.Field)
	case unknown != nil:
		line, _ := placeIn(file, int64(bytes.Index(file, []byte(strconv.Quote(unknown[1])))+1))
		return say("unknown", "Line", line, "Name", unknown[1])
	case errors.As(err, &written):
		return say("condition", "Written", written.Written)
	case afterEnd.MatchString(err.Error()):
		return say("after")
	}
	return say("file")
}

// placeIn is the line and the character in it of an offset in bytes, as people count.
func placeIn(file []byte, offset int64) (line, column string) {
	before := file[:max(0, min(int(offset)-1, len(file)))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return strconv.Itoa(bytes.Count(before, []byte{'\n'}) + 1), strconv.Itoa(len([]rune(string(before[start:]))) + 1)
}

// clipped is no more of a developer's sentence than fits beside a field.
func clipped(s string) string {
	if runes := []rune(s); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return s
}
