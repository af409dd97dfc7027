package letter

import (
	"embed"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var locales embed.FS

// bundle holds every sentence of the letters in every language.
var bundle = loadBundle()

func loadBundle() *i18n.Bundle {
	b := i18n.NewBundle(language.Japanese)
	for _, file := range []string{"locales/ja.json", "locales/en.json"} {
		if _, err := b.LoadMessageFileFS(locales, file); err != nil {
			panic(err) // the files are compiled in, so a test has read them before
		}
	}
	return b
}

// words says sentences in one language.
type words struct {
	localizer *i18n.Localizer
	lang      string // ja or en
}

// speak chooses the language of a letter; anything unknown is Japanese.
func speak(lang string) words {
	if lang != "en" {
		lang = "ja"
	}
	return words{i18n.NewLocalizer(bundle, lang), lang}
}

// fill names what a sentence leaves open: {{.Phone}}.
type fill map[string]string

// say returns the sentence of a key. A missing key panics; a test says every one in every language.
func (w words) say(key string, open fill) string {
	return w.localizer.MustLocalize(&i18n.LocalizeConfig{MessageID: key, TemplateData: open})
}
