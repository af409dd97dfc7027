// Package browsertest gives tests people with browsers: a real Chromium that clicks, types and looks as a person does. All
// visitors of a package's tests share its process and nothing else. Whatever goes wrong ends the test, saying where the
// visitor stood.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Widths of the windows that Madoguchi is made for, in CSS pixels.
const (
	Phone   = 390
	Tablet  = 1024
	Desktop = 1280
)

// patience is how long a single step may take. It is for a machine that is busy with other tests; a step that works takes
// a fraction of a second.
const patience = time.Minute

// Visitor is a person with a browser of their own: own cookies, own history.
type Visitor struct {
	tb        testing.TB
	ctx       context.Context //nolint:containedctx // the browser's, which lives as long as the test
	base      string
	width     int64 // of the window that the visitor came with
	window    int64 // as wide as the window is drawn now
	scriptOff bool
	downloads string

	mu     sync.Mutex
	faults []string // what the browser complained about since the last Look
	meant  string   // what stands in every complaint that a test has brought about; "" while it brings none about
}

// Visit is somebody who comes to a site with a window of the given width. base is the site's address, such as
// http://127.0.0.1:8080.
func Visit(tb testing.TB, base string, width int64) *Visitor {
	tb.Helper()
	browserCtx, err := chromium()
	if err != nil {
		tb.Fatalf("browsertest: %v", err)
	}
	v := &Visitor{tb: tb, base: base, width: width, downloads: tb.TempDir()}
	v.openTab(chromedp.NewContext(browserCtx, chromedp.WithNewBrowserContext()))
	v.do("keep downloads", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		events := true
		c := chromedp.FromContext(ctx)
		_, err := cdp.Call(ctx, c.Browser, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: c.BrowserContextID, DownloadPath: v.downloads, EventsEnabled: &events,
		})
		return err
	}))
	return v
}

// Tab is the same person in a second tab.
func (v *Visitor) Tab() *Visitor {
	v.tb.Helper()
	tab := &Visitor{tb: v.tb, base: v.base, width: v.width, downloads: v.downloads}
	tab.openTab(chromedp.NewContext(v.ctx))
	return tab
}

// openTab opens the tab of a new context, which is closed with the test.
func (v *Visitor) openTab(ctx context.Context, closeTab context.CancelFunc) {
	v.tb.Helper()
	v.ctx = ctx
	v.tb.Cleanup(closeTab)
	// The first run opens the tab and must have no deadline: with it the tab would close.
	if err := chromedp.Do(v.ctx); err != nil {
		v.tb.Fatalf("browsertest: no tab opens: %v", err)
	}
	if err := chromedp.Listen(v.ctx, v.notice); err != nil {
		v.tb.Fatalf("browsertest: %v", err)
	}
	v.leave()
	v.resize(v.width)
}

// leave answers a page that asks whether something is to be lost: whoever goes to another one means it.
func (v *Visitor) leave() {
	ctx, asked := v.ctx, chromedp.Events(v.ctx, page.JavascriptDialogOpening)
	go func() {
		for question, err := range asked {
			if err != nil {
				return // the tab is closed
			}
			if question.Type == page.DialogTypeBeforeunload {
				_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}) // or the step fails that waits
			}
		}
	}()
}

// resize draws the window to a width, unless it is that wide already.
func (v *Visitor) resize(width int64) {
	v.tb.Helper()
	if v.window == width {
		return
	}
	size := chromedp.EmulateViewport(width, 768)
	if width < Tablet {
		size = chromedp.EmulateViewport(width, 844, chromedp.EmulateMobile)
	}
	v.do("size the window", size)
	v.window = width
}

// TurnScriptsOff makes the browser run no script of any page it opens from now on.
func (v *Visitor) TurnScriptsOff() {
	v.tb.Helper()
	v.do("turn scripts off", setScripts(false))
	v.scriptOff = true
}

func setScripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// SetCookie puts a cookie of the site into the browser.
func (v *Visitor) SetCookie(name, value string) {
	v.tb.Helper()
	v.do("set the cookie "+name, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: v.base})
		return err
	}))
}

// Click presses what a CSS selector finds first, without leaving the page.
func (v *Visitor) Click(selector string) {
	v.tb.Helper()
	v.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Tap presses the place in the window, as it is scrolled now, with a finger or a mouse.
func (v *Visitor) Tap(x, y float64) {
	v.tb.Helper()
	v.do(fmt.Sprintf("tap at %v, %v", x, y), chromedp.MouseClickXY(x, y))
}

// Press presses what shows the words, without leaving the page.
func (v *Visitor) Press(words string) {
	v.tb.Helper()
	v.do("press "+words, chromedp.Click(saying(words)))
}

// saying is the first visible link or button that shows the words.
func saying(words string) chromedp.JSPath {
	return chromedp.JSPath(`[...document.querySelectorAll("a, button, summary")].find(e => e.checkVisibility() && e.textContent.includes(` + quote(words) + `))`)
}

// Choose ticks boxes or radio buttons of a field by their values, as a finger on the tile does.
func (v *Visitor) Choose(name string, values ...string) {
	v.tb.Helper()
	for _, value := range values {
		v.Click(fmt.Sprintf(`label:has(> input[name=%q][value=%q])`, name, value))
	}
}

// Type replaces what stands in a field.
func (v *Visitor) Type(name, text string) {
	v.tb.Helper()
	selector := chromedp.CSS(fmt.Sprintf(`main [name=%q]`, name)) // and not in the bar above
	write := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		// As a Japanese keyboard does: the finished word arrives at once.
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
	if text == "" {
		write = chromedp.KeyEvent(kb.Backspace)
	}
	v.do("type into "+name, chromedp.WaitVisible(selector), chromedp.Focus(selector),
		chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`), write)
}

// Attach chooses a file of this machine for a field.
func (v *Visitor) Attach(name, file string) {
	v.tb.Helper()
	v.do("attach to "+name, chromedp.SetUploadFiles(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name)), []string{file}))
}

func (v *Visitor) do(step string, actions ...chromedp.Action[chromedp.Void]) {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		v.fail(step, err)
	}
}

// fail ends the test with what the visitor sees, since that says more than the error.
func (v *Visitor) fail(step string, err error) {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	page, pageErr := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText`))
	if pageErr != nil {
		page = pageErr.Error()
	}
	v.tb.Fatalf("%s: %v\nthe page: %s", step, err, page)
}

// quote writes a text as JavaScript does.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can always be written
	}
	return string(b)
}

// Drag carries what one selector finds first, with the mouse, to what another finds first.
func (v *Visitor) Drag(from, to string) {
	v.tb.Helper()
	middle := func(selector string) (x, y float64) {
		at := Read[[]float64](v, `(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector(`+quote(selector)+`).getBoundingClientRect())`)
		return at[0], at[1]
	}
	x, y := middle(from)
	toX, toY := middle(to)
	left := chromedp.ButtonType(input.MouseButtonLeft)
	v.do("drag "+from+" to "+to,
		chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, left, chromedp.ClickCount(1)),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+10, y+10, left),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, toX, toY, left),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, toX, toY, left, chromedp.ClickCount(1)))
}
