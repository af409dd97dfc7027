package web

import (
	"context"

	"madoguchi/internal/clinic"
)

type (
	localeKey struct{}
	pathKey   struct{}
	siteKey   struct{}
)

// WithLocale gives a page or letter its language.
func WithLocale(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, localeKey{}, Find(lang))
}

// LocaleOf is the language of a page or letter; Japanese when none was given.
func LocaleOf(ctx context.Context) Locale {
	l, ok := ctx.Value(localeKey{}).(Locale)
	if !ok {
		return Find(languages[0])
	}
	return l
}

// WithPath tells a page its own address, path and query. The switch of language returns to it, so it must be one that
// can be opened with GET.
func WithPath(ctx context.Context, path string) context.Context {
	return context.WithValue(ctx, pathKey{}, path)
}

// PathOf is the page's own address, "/" when none was given.
func PathOf(ctx context.Context) string {
	if path, ok := ctx.Value(pathKey{}).(string); ok {
		return path
	}
	return "/"
}

// WithSite tells a page the clinic's name, as it stands in titles and at the foot of pages.
func WithSite(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, siteKey{}, name)
}

// SiteOf is the clinic's name, or Madoguchi's own where none was given.
func SiteOf(ctx context.Context) string {
	if name, ok := ctx.Value(siteKey{}).(string); ok && name != "" {
		return name
	}
	return T(ctx, "ui.name")
}

// T is the text of a key in the page's language.
func T(ctx context.Context, key string) string { return LocaleOf(ctx).T(key) }

// TArgs is the text of a key in the page's language with its arguments filled in.
func TArgs(ctx context.Context, key string, args map[string]string) string {
	return LocaleOf(ctx).TArgs(key, args)
}

// N is the text of a key in the page's language in the plural form that n asks for.
func N(ctx context.Context, key string, n int) string { return LocaleOf(ctx).N(key, n) }

// Sentence is what a person reads of a refusal in the page's language; empty for nil.
func Sentence(ctx context.Context, err *clinic.Error) string { return LocaleOf(ctx).Sentence(err) }
