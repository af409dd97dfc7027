package intake

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Place is a place in a questionnaire: a section, a question, an option of a question, or none of them, which is the questionnaire
// as a whole.
type Place struct {
	Section, Question, Option string
}

// EditKind is what an Edit says.
type EditKind string

// The kinds of changes. Each is one of a section, a question, an option or, where the place names none of them, of something that
// the questionnaire has as a whole.
const (
	Added   EditKind = "added"
	Retired EditKind = "retired"
	Moved   EditKind = "moved"   // Old and New are sections, where it was and is in another
	Changed EditKind = "changed" // Field says what; Old and New are its values
)

// Edit is one difference between two questionnaires.
type Edit struct {
	Kind  EditKind
	Where Place
	Field string // the field as the file of config/ calls it: label, show_if, required…; of a whole questionnaire with its part: uses.areas
	Lang  string // of a text that is there in both languages: ja or en
	Old   string // the values as they are written: a text, a condition, or else JSON; empty where there is none
	New   string
}

// Difference is what has changed from one questionnaire to another, as they are written, in the order in which they are asked; what
// was retired stands first within its section. The versions' names do not count. It is empty exactly when both say the same.
func Difference(before, after *Questionnaire) []Edit {
	var d differ
	a, b := asTree(before), asTree(after)
	was, is := sectionsOf(a), sectionsOf(b)
	d.sections(was, is)
	for _, field := range fieldsOf(a, b, "version", "booking", "intake") {
		if !d.each(field, a[field], b[field]) {
			d.whole(field, a[field], b[field])
		}
	}
	return d.out
}

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

// differ gathers changes.
type differ struct{ out []Edit }

func (d *differ) add(kind EditKind, where Place, field, lang, old, now string) {
	d.out = append(d.out, Edit{kind, where, field, lang, old, now})
}

// home is where a question stands.
type home struct {
	section string
	item
}

func (d *differ) sections(was, is []item) {
	wasAt, isAt := homes(was), homes(is)
	for _, s := range was {
		if _, stays := find(is, s.id); !stays {
			d.add(Retired, Place{Section: s.id}, "", "", "", "")
			d.retired(s, isAt)
		}
	}
	still := stay(was, is)
	for _, s := range is {
		before, known := find(was, s.id)
		switch {
		case !known:
			d.add(Added, Place{Section: s.id}, "", "", "", "")
		case !still[s.id]:
			d.add(Moved, Place{Section: s.id}, "", "", "", "")
		}
		if known {
			d.fields(Place{Section: s.id}, before.body, s.body, "id", "questions")
			d.retired(before, isAt)
		}
		d.questions(before, s, wasAt)
	}
}

// homes are where the questions of some sections stand, by their ids.
func homes(sections []item) map[string]home {
	out := map[string]home{}
	for _, s := range sections {
		for _, q := range items(s.body["questions"], "id") {
			out[q.id] = home{s.id, q}
		}
	}
	return out
}

// retired names the questions of a section that are nowhere any more.
func (d *differ) retired(section item, isAt map[string]home) {
	for _, q := range items(section.body["questions"], "id") {
		if _, stays := isAt[q.id]; !stays {
			d.add(Retired, Place{Section: section.id, Question: q.id}, "", "", "", "")
		}
	}
}

func (d *differ) questions(before, after item, wasAt map[string]home) {
	now := items(after.body["questions"], "id")
	still := stay(items(before.body["questions"], "id"), now)
	for _, q := range now {
		where := Place{Section: after.id, Question: q.id}
		old, known := wasAt[q.id]
		switch {
		case !known:
			d.add(Added, where, "", "", "", "")
			continue
		case old.section != after.id:
			d.add(Moved, where, "", "", old.section, after.id)
		case !still[q.id]:
			d.add(Moved, where, "", "", "", "")
		}
		d.fields(where, old.body, q.body, "id", "options")
		d.options(where, items(old.body["options"], "code"), items(q.body["options"], "code"))
	}
}

func (d *differ) options(where Place, was, is []item) {
	at := func(id string) Place { return Place{where.Section, where.Question, id} }
	for _, o := range was {
		if _, stays := find(is, o.id); !stays {
			d.add(Retired, at(o.id), "", "", "", "")
		}
	}
	still := stay(was, is)
	for _, o := range is {
		before, known := find(was, o.id)
		switch {
		case !known:
			d.add(Added, at(o.id), "", "", "", "")
			continue
		case !still[o.id]:
			d.add(Moved, at(o.id), "", "", "", "")
		}
		d.fields(at(o.id), before.body, o.body, "code")
	}
}

// fields compares what a section, a question or an option has beside its parts. The text of an option stands in the fields ja and en.
func (d *differ) fields(where Place, was, is tree, without ...string) {
	for _, field := range fieldsOf(was, is, without...) {
		old, now := was[field], is[field]
		switch {
		case reflect.DeepEqual(old, now):
		case field == "ja" || field == "en":
			d.add(Changed, where, "text", field, written(old), written(now))
		case isText(old) && isText(now):
			d.texts(where, field, old, now)
		default:
			d.add(Changed, where, field, "", written(old), written(now))
		}
	}
}

func (d *differ) texts(where Place, field string, old, now any) {
	was, _ := old.(tree)
	is, _ := now.(tree)
	for _, lang := range []string{"ja", "en"} {
		if a, b := written(was[lang]), written(is[lang]); a != b {
			d.add(Changed, where, field, lang, a, b)
		}
	}
}

// whole compares a part of the questionnaire that belongs to no section, field by field where it has some.
func (d *differ) whole(field string, old, now any) {
	was, wasTree := old.(tree)
	is, isTree := now.(tree)
	if !wasTree && !isTree {
		if !reflect.DeepEqual(old, now) {
			d.add(Changed, Place{}, field, "", written(old), written(now))
		}
		return
	}
	for _, part := range fieldsOf(was, is) {
		if !reflect.DeepEqual(was[part], is[part]) {
			d.add(Changed, Place{}, field+"."+part, "", written(was[part]), written(is[part]))
		}
	}
}

// each compares two lists of things with ids, such as the causes, thing by thing. It reports false where they are no such lists.
func (d *differ) each(field string, old, now any) bool {
	was, okWas := things(old)
	is, okIs := things(now)
	if !okWas || !okIs || len(was)+len(is) == 0 {
		return false
	}
	for _, each := range was {
		if _, stays := find(is, each.id); !stays {
			d.add(Changed, Place{}, field+"."+each.id, "", written(each.body), "")
		}
	}
	still := stay(was, is)
	for _, each := range is {
		before, stays := find(was, each.id)
		switch {
		case !stays:
			d.add(Changed, Place{}, field+"."+each.id, "", "", written(each.body))
		case !reflect.DeepEqual(before.body, each.body):
			d.add(Changed, Place{}, field+"."+each.id, "", written(before.body), written(each.body))
		}
		if stays && !still[each.id] {
			d.add(Moved, Place{}, field+"."+each.id, "", "", "")
		}
	}
	return true
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

// stay are the ids that keep their order from one list to the other: as many as can, so that as few as can have moved.
func stay(was, is []item) map[string]bool {
	var old, now []string
	for _, each := range was {
		if _, in := find(is, each.id); in {
			old = append(old, each.id)
		}
	}
	for _, each := range is {
		if _, in := find(was, each.id); in {
			now = append(now, each.id)
		}
	}
	// The longest list that both have in order.
	longest := make([][]int, len(old)+1)
	for i := range longest {
		longest[i] = make([]int, len(now)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if old[i] == now[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	out := map[string]bool{}
	for i, j := 0, 0; i < len(old) && j < len(now); {
		switch {
		case old[i] == now[j]:
			out[old[i]] = true
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}
