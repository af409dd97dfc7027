package web

import (
	"context"

	"madoguchi/internal/clinic"
)

type (
	localeKey struct{}
	pathKey   struct{}
	baseKey   struct{}
	clinicKey struct{}
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

// WithBaseURL tells a page the address of the site, with nothing after the host: what is read elsewhere, such as the preview of
// a link, needs whole addresses.
func WithBaseURL(ctx context.Context, base string) context.Context {
	return context.WithValue(ctx, baseKey{}, base)
}

// BaseURLOf is the address of the site, empty when none was given.
func BaseURLOf(ctx context.Context) string {
	base, _ := ctx.Value(baseKey{}).(string)
	return base
}

// WithClinic tells a page whose it is: the clinic's name and logo, as they stand over the page and in its title.
func WithClinic(ctx context.Context, s clinic.Settings) context.Context {
	return context.WithValue(ctx, clinicKey{}, s)
}

// ClinicOf is the clinic of a page, with its texts in the page's language; without a name when none was given.
func ClinicOf(ctx context.Context) clinic.Settings {
	s, ok := ctx.Value(clinicKey{}).(clinic.Settings)
	if !ok {
		return clinic.Settings{}
	}
	return s.In(LocaleOf(ctx).Lang())
}

// LogoURL is the address of a clinic's logo.
func LogoURL(l clinic.Logo) string { return "/clinic/" + l.File() }
