package server

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web/letter"
	view "madoguchi/web/patient"
)

// maxLetters is how many letters the demo's letter box lists.
const maxLetters = 100

// showLetters is a demo's letter box. Outside a demo there is no such page.
func (s *Server) showLetters(c *gin.Context) error {
	names, err := s.letterFiles()
	if err != nil {
		return err
	}
	var data view.Letters
	for _, name := range names[:min(len(names), maxLetters)] {
		l, err := s.readLetter(name)
		if err != nil {
			return err
		}
		data.Letters = append(data.Letters, l)
	}
	page.Private(c)
	return page.Show(c, http.StatusOK, view.LettersPage(data))
}

// showLetter is one letter of the box.
func (s *Server) showLetter(c *gin.Context) error {
	names, err := s.letterFiles()
	if err != nil {
		return err
	}
	// Only a name that the folder itself lists is opened.
	if !slices.Contains(names, c.Param("name")) {
		return store.NotFound()
	}
	l, err := s.readLetter(c.Param("name"))
	if err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, http.StatusOK, view.LetterPage(l))
}

// letterFiles are the letters in the demo's folder, newest first.
func (s *Server) letterFiles() ([]string, error) {
	if s.Letters == "" {
		return nil, store.NotFound()
	}
	entries, err := os.ReadDir(s.Letters)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".eml") {
			names = append(names, e.Name())
		}
	}
	slices.Reverse(names)
	return names, nil
}

func (s *Server) readLetter(name string) (view.BoxedLetter, error) {
	f, err := os.Open(filepath.Join(s.Letters, name)) //nolint:gosec // the name was listed by the folder
	if err != nil {
		return view.BoxedLetter{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	l, err := letter.Read(f)
	if err != nil {
		return view.BoxedLetter{}, err
	}
	boxed := view.BoxedLetter{Name: name, To: l.To, Subject: l.Subject}
	for line := range strings.Lines(l.Text) {
		line = strings.TrimRight(line, "\r\n")
		// Links of the letter lead to this site, whatever it is called, so that the box works where the demo runs.
		path, ok := strings.CutPrefix(strings.TrimSpace(line), s.BaseURL.String())
		if !ok {
			path = ""
		}
		boxed.Lines = append(boxed.Lines, view.LetterLine{Text: line, Path: path})
	}
	return boxed, nil
}
