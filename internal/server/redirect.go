package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ToHTTPS leads whoever asks for a page by plain http to the same page by https, at the site's own address whatever host they named. What
// was sent without being asked for has been read on the way already, so it is refused and not led on: a program would never notice otherwise.
func ToHTTPS(base *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Type", "text/plain; charset=utf-8")
		header.Set("Connection", "close")
		if r.Method != http.MethodGet && r.Method != http.MethodHead || strings.HasPrefix(r.URL.Path, "/api/") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, "only %s\n", base)
			return
		}
		path := r.URL.RequestURI()
		if !strings.HasPrefix(path, "/") {
			path = "/"
		}
		header.Set("Location", base.String()+path)
		w.WriteHeader(http.StatusPermanentRedirect)
	})
}
