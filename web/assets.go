// Package web is everything people read: the texts in each language (locale.go), dates as people write them (dates.go),
// and the built scripts and styles (assets.go). The pages are in its subpackages: ui has the components and the page
// shells, patient and office have the pages, letter has the letters.
package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// dist is written by `npm run build` in this folder; without it this package does not compile.
//
//go:embed all:dist
var dist embed.FS

// The manifest stands by itself too, so that an empty dist is a build error and not a page without styles.
//
//go:embed dist/manifest.json
var manifestJSON []byte

// assetsPath is where the built files are served.
const assetsPath = "/assets/"

// contentTypes are spelled out because the system's table of them differs from machine to machine.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".png": "image/png",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// manifest maps patient.js to patient.3f2a9c1b77d0.js.
var manifest = mustReadManifest()

func mustReadManifest() map[string]string {
	var names map[string]string
	if err := json.Unmarshal(manifestJSON, &names); err != nil {
		panic("web: dist/manifest.json: " + err.Error()) // a broken build, found by any test
	}
	return names
}

// Script is the URL path of the script of a kind of pages, "patient" or "office".
func Script(kind string) string { return assetURL(kind + ".js") }

// Style is the URL path of the style sheet of a kind of pages, "patient" or "office".
func Style(kind string) string { return assetURL(kind + ".css") }

// Icon is the URL path of the picture in the browser's tab.
func Icon() string { return assetURL("icon.svg") }

// TouchIcon is the URL path of the picture on a phone's home screen.
func TouchIcon() string { return assetURL("touch.png") }

// SharePicture is the URL path of the picture that messengers and social networks show of a link.
func SharePicture() string { return assetURL("share.png") }

func assetURL(name string) string {
	hashed, ok := manifest[name]
	if !ok {
		panic("web: no asset " + name) // the caller's literal is wrong, found by any test
	}
	return assetsPath + hashed
}

// Sizes are the bytes of each built file as a browser that accepts gzip receives it, by plain name (patient.js).
func Sizes() map[string]int {
	sizes := make(map[string]int, len(manifest))
	for name, hashed := range manifest {
		packed, err := fs.ReadFile(dist, "dist/"+hashed+".gz")
		if err != nil {
			panic("web: " + err.Error())
		}
		sizes[name] = len(packed)
	}
	return sizes
}

// Assets serves the built files under /assets/. Their names change with their content, so browsers may keep them for
// good.
func Assets() http.Handler {
	served := make(map[string]bool, len(manifest))
	for _, hashed := range manifest {
		served[assetsPath+hashed] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !served[r.URL.Path] || r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.NotFound(w, r)
			return
		}
		name := path.Base(r.URL.Path)
		file := "dist/" + name
		header := w.Header()
		header.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			file += ".gz"
			header.Set("Content-Encoding", "gzip")
		}
		content, err := fs.ReadFile(dist, file)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Type", contentTypes[path.Ext(name)])
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}
