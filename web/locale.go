package web

import (
	"embed"
	"log/slog"
	"strings"
	"sync"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"madoguchi/internal/clinic"
)

// The texts, one file for each language and page: ja.patient.home.json has the Japanese keys that begin with
// "patient.home.", and ja.patient.json those that several pages for patients use.
//
//go:embed locales/*.json
var localeFiles embed.FS

// Locale is one language to read in. Its zero value is Japanese, the default.
type Locale struct{ texts *texts }

// texts are the messages of one language. Nearly all of them are plain, or leave open nothing but names, so they are resolved once; only
// what has plural forms goes through go-i18n and its templates.
type texts struct {
	lang      string
	plain     map[string]string
	open      map[string][]string // what stands between the names that a message leaves open, and the names, in turn
	localizer *i18n.Localizer
	missing   sync.Map // keys already complained about
}

var languages = []string{"ja", "en"}

// Languages are the codes of the languages there are, the default one first.
func Languages() []string { return append([]string(nil), languages...) }

var allTexts = sync.OnceValue(mustReadTexts)

func mustReadTexts() map[string]*texts {
	bundle := i18n.NewBundle(language.Japanese)
	all := map[string]*texts{}
	for _, lang := range languages {
		all[lang] = &texts{lang: lang, plain: map[string]string{}, open: map[string][]string{}, localizer: i18n.NewLocalizer(bundle, lang)}
	}
	files, err := localeFiles.ReadDir("locales")
	if err != nil {
		panic("web: locales: " + err.Error())
	}
	for _, file := range files {
		lang, _, _ := strings.Cut(file.Name(), ".")
		content, err := localeFiles.ReadFile("locales/" + file.Name())
		if err != nil || all[lang] == nil {
			panic("web: locales/" + file.Name() + ": no such language, or unreadable")
		}
		read, err := bundle.ParseMessageFileBytes(content, "locales/"+lang+".json")
		if err != nil {
			panic("web: locales/" + file.Name() + ": " + err.Error())
		}
		for _, m := range read.Messages {
			switch {
			case m.One != "":
			case !strings.Contains(m.Other, "{{"):
				all[lang].plain[m.ID] = m.Other
			default:
				if parts := split(m.Other); parts != nil {
					all[lang].open[m.ID] = parts
				}
			}
		}
	}
	return all
}

// split takes a message apart at what it leaves open, each {{.Name}}; nil where it has anything else of a template.
func split(message string) (parts []string) {
	rest := message
	for {
		text, after, found := strings.Cut(rest, "{{.")
		parts = append(parts, text)
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}}")
		if !closed || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			return nil
		}
		parts, rest = append(parts, name), after
	}
	if strings.Contains(strings.Join(parts, ""), "{{") {
		return nil
	}
	return parts
}

// fill puts what is given for each name into a message; false where one is missing.
func fill(parts, args []string) (string, bool) {
	var b strings.Builder
	for i, part := range parts {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		at := 0
		for at+1 < len(args) && args[at] != part {
			at += 2
		}
		if at+1 >= len(args) {
			return "", false
		}
		b.WriteString(args[at+1])
	}
	return b.String(), true
}

// Find returns the locale of a language code, Japanese for any that is not known.
func Find(lang string) Locale {
	if t, ok := allTexts()[lang]; ok {
		return Locale{t}
	}
	return Locale{allTexts()[languages[0]]}
}

func (l Locale) get() *texts {
	if l.texts == nil {
		return allTexts()[languages[0]]
	}
	return l.texts
}

// Lang is the language's code: ja or en.
func (l Locale) Lang() string { return l.get().lang }

// T is the text of a key. What the text leaves open, such as {{.Name}}, is filled in from args, a name and its value in
// turn. A key that is nowhere is shown as it stands and logged once: a patient who reads an odd word can still book. The
// tests of this package find such keys before a patient does.
func (l Locale) T(key string, args ...string) string {
	if text, ok := l.get().plain[key]; ok {
		return text
	}
	if parts, ok := l.get().open[key]; ok {
		if text, ok := fill(parts, args); ok {
			return text
		}
	}
	var data map[string]string
	if len(args) > 0 {
		data = make(map[string]string, len(args)/2)
	}
	for i := 0; i+1 < len(args); i += 2 {
		data[args[i]] = args[i+1]
	}
	return l.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// N is the text of a key in the plural form that n asks for; the text names the number as {{.N}}.
func (l Locale) N(key string, n int) string {
	return l.localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]int{"N": n}})
}

// List joins words as the language does: 背中、裏もも, or Back, Back of the thighs.
func (l Locale) List(words []string) string { return strings.Join(words, l.T("ui.comma")) }

// Sentence is what a person reads of a refusal; empty for nil.
func (l Locale) Sentence(err *clinic.Error) string {
	if err == nil {
		return ""
	}
	if len(err.Args) == 0 {
		return l.T(err.Message)
	}
	return l.localize(&i18n.LocalizeConfig{MessageID: err.Message, TemplateData: err.Args})
}

func (l Locale) localize(config *i18n.LocalizeConfig) string {
	t := l.get()
	text, err := t.localizer.Localize(config)
	if err != nil {
		if _, before := t.missing.LoadOrStore(config.MessageID, true); !before {
			slog.Error("a text is missing or broken", "key", config.MessageID, "lang", t.lang, "err", err)
		}
		if text == "" {
			return config.MessageID
		}
	}
	return text
}
