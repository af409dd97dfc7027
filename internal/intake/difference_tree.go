package intake

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// tree is a JSON object.
type tree = map[string]any

// asTree is a questionnaire as its file has it, so that no field can be forgotten.
func asTree(q *Questionnaire) tree {
	body, err := json.Marshal(q)
	if err != nil {
		panic(err) // it consists of texts and numbers
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	out := tree{}
	if err := d.Decode(&out); err != nil {
		panic(err)
	}
	return out
}

// item is a section, a question or an option, with its id.
type item struct {
	id   string
	body tree
}

func items(list any, key string) []item {
	all, _ := list.([]any)
	out := make([]item, 0, len(all))
	for _, each := range all {
		body, _ := each.(tree)
		id, _ := body[key].(string)
		out = append(out, item{id, body})
	}
	return out
}

func sectionsOf(q tree) []item {
	booking, _ := q["booking"].(tree)
	id, _ := booking["id"].(string)
	return append([]item{{id, booking}}, items(q["intake"], "id")...)
}

func find(list []item, id string) (item, bool) {
	for _, each := range list {
		if each.id == id {
			return each, true
		}
	}
	return item{}, false
}

// things are those of a list by their ids; ok is false where it is something else, or where two have the same id.
func things(list any) (all []item, ok bool) {
	bodies, isList := list.([]any)
	if !isList && list != nil {
		return nil, false
	}
	all = items(list, "id")
	ids := map[string]bool{}
	for i, each := range all {
		if each.id == "" || ids[each.id] || bodies[i] == nil {
			return nil, false
		}
		ids[each.id] = true
	}
	return all, true
}

// isText reports whether a value is a text in both languages, or none.
func isText(value any) bool {
	t, ok := value.(tree)
	if !ok {
		return value == nil
	}
	for key := range t {
		if key != "ja" && key != "en" {
			return false
		}
	}
	return true
}

// written is a value as it is written: a text as it is, nothing as nothing, and everything else as JSON.
func written(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was JSON
	}
	return string(body)
}

// inOrder are the fields in the order in which their changes are told; those of no known name come after them.
var inOrder = []string{"code", "title", "intro", "doctor_only", "label", "ja", "en", "short", "help", "type", "required", "required_if", "show_if", "unit", "min", "max", "decimals", "options_of", "excludes", "zone", "uses", "summary", "strip", "facts", "contradictions", "causes", "known"}

// fieldsOf are the fields that either of two objects has.
func fieldsOf(a, b tree, without ...string) []string {
	all := maps.Clone(a)
	if all == nil {
		all = tree{}
	}
	maps.Copy(all, b)
	for _, field := range without {
		delete(all, field)
	}
	rank := func(field string) int {
		if at := slices.Index(inOrder, field); at >= 0 {
			return at
		}
		return len(inOrder)
	}
	names := slices.Sorted(maps.Keys(all))
	slices.SortStableFunc(names, func(x, y string) int { return rank(x) - rank(y) })
	return names
}
