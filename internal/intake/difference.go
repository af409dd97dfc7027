package intake

import "reflect"

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
