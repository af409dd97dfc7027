package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// PDF is the page as it comes out of a printer, on the paper that its style sheet asks for.
func (v *Visitor) PDF() []byte {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		v.fail("print", err)
	}
	return pdf
}

// Focused is the id of what has the focus.
func (v *Visitor) Focused() string {
	v.tb.Helper()
	return Read[string](v, `document.activeElement?.id ?? ""`)
}

// WaitFor waits until a selector finds something visible.
func (v *Visitor) WaitFor(selector string) {
	v.tb.Helper()
	v.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// WaitToSay waits until the first element of a selector shows some words among others.
func (v *Visitor) WaitToSay(selector, words string) {
	v.tb.Helper()
	v.do("wait until "+selector+" says "+words, chromedp.Poll[chromedp.Void](
		`(document.querySelector(`+quote(selector)+`)?.innerText ?? "").includes(`+quote(words)+`)`, chromedp.WithPollingTimeout(0)))
}

// Path is where the visitor stands: path, query and fragment.
func (v *Visitor) Path() string {
	v.tb.Helper()
	address := Read[string](v, `location.href`)
	u, err := url.Parse(address)
	if err != nil {
		v.fail("read the address", err)
	}
	return strings.TrimPrefix(address, u.Scheme+"://"+u.Host)
}

// Text is what the first element of a selector shows, its white space folded.
func (v *Visitor) Text(selector string) string {
	v.tb.Helper()
	v.do("find "+selector, chromedp.WaitReady(chromedp.CSS(selector)))
	return strings.Join(strings.Fields(Read[string](v, `document.querySelector(`+quote(selector)+`).innerText`)), " ")
}

// Sees reports whether a selector finds something visible.
func (v *Visitor) Sees(selector string) bool {
	v.tb.Helper()
	return Read[bool](v, `[...document.querySelectorAll(`+quote(selector)+`)].some(e => e.checkVisibility())`)
}

// Values are what a field holds: the text, or the values of the boxes that are ticked.
func (v *Visitor) Values(name string) []string {
	v.tb.Helper()
	return Read[[]string](v, fmt.Sprintf(
		`[...document.querySelectorAll('[name=%q]')].filter(e => !/checkbox|radio/.test(e.type) || e.checked).map(e => e.value)`, name))
}

// Read evaluates an expression in the page.
func Read[T any](v *Visitor, expression string) T {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		v.fail("read "+expression, err)
	}
	return value
}

// Download presses what shows the words and returns the file that comes of it.
func (v *Visitor) Download(words string) (name string, file []byte) {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	tab := chromedp.FromContext(v.ctx).Target.TargetID // which is its main frame's id as well
	begun, finished := chromedp.BrowserEvents(ctx, browser.DownloadWillBegin), chromedp.BrowserEvents(ctx, browser.DownloadProgress)
	v.Press(words)
	id := ""
	for event, err := range begun {
		if err != nil {
			v.fail("download "+words, err)
		}
		if string(event.FrameID) == string(tab) { // and not another visitor's
			id, name = event.GUID, event.SuggestedFilename
			break
		}
	}
	for event, err := range finished {
		if err == nil && event.GUID != id {
			continue
		}
		if err != nil || event.State == browser.DownloadProgressStateCanceled {
			v.fail("download "+words, fmt.Errorf("it ended as %s: %w", event.State, err))
		}
		if event.State == browser.DownloadProgressStateCompleted {
			break
		}
	}
	file, err := os.ReadFile(filepath.Join(v.downloads, filepath.Base(name)))
	if err != nil {
		v.fail("download "+words, err)
	}
	return name, file
}
