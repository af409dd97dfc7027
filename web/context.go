package web

import "context"

type (
	localeKey struct{}
	pathKey   struct{}
	siteKey   struct{}
)

// WithLocale gives a page its language.
func WithLocale(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, localeKey{}, Find(lang))
}

// LocaleOf is the language of a page; Japanese when none was given. It has every text and date that the page shows.
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
	return LocaleOf(ctx).T("ui.name")
}
