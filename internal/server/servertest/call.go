package servertest

import (
	"encoding/json"
	"strings"
)

// CallBody is the body of a call of the API without a mistake.
func CallBody(slotID string) string { return CallBodyWith(slotID, "slot_id", slotID) }

// CallBodyWith is CallBody with something else at one place, such as patient.phone; nil leaves it out.
func CallBodyWith(slotID, path string, value any) string {
	call := map[string]any{
		"slot_id": slotID,
		"patient": map[string]any{
			"family_name": "試験", "given_name": "花子", "family_kana": "シケン", "given_kana": "ハナコ", "birth_date": "1990-04-01", "sex": "f",
			"phone": "090-0000-0001", "email": "hanako@example.jp",
		},
		"areas": []string{"back"}, "consents": map[string]any{"privacy": true, "cancellation": true},
		"source": map[string]any{"article": "back-fat", "campaign": "autumn"},
	}
	at, name := call, path
	if group, inner, nested := strings.Cut(path, "."); nested {
		if in, ok := call[group].(map[string]any); ok {
			at, name = in, inner
		}
	}
	if at[name] = value; value == nil {
		delete(at, name)
	}
	body, err := json.Marshal(call)
	if err != nil {
		panic(err) // what a test writes there can be written
	}
	return string(body)
}
