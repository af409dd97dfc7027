// Package browsertest gives tests people with browsers: a real Chromium that clicks, types and looks as a person does. All
// visitors of a package's tests share its process and nothing else. Whatever goes wrong ends the test, saying where the
// visitor stood.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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

// Open goes to a path of the site, or to an address as it stands in a letter, and expects to be answered with 200.
func (v *Visitor) Open(address string) {
	v.tb.Helper()
	v.OpenTo(200, address)
}

// OpenTo is Open with another status expected.
func (v *Visitor) OpenTo(status int64, address string) {
	v.tb.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.base + address
	}
	v.arrive(status, "open "+address, chromedp.Navigate(address))
}

// Follow presses the link or button that shows the words and waits for the next page, which must come with 200.
func (v *Visitor) Follow(words string) {
	v.tb.Helper()
	v.FollowTo(200, words)
}

// FollowTo is Follow with another status expected.
func (v *Visitor) FollowTo(status int64, words string) {
	v.tb.Helper()
	v.arrive(status, "follow "+words, chromedp.Click(saying(words)))
}

// FollowAt is Follow for what a CSS selector finds first.
func (v *Visitor) FollowAt(selector string) {
	v.tb.Helper()
	v.FollowAtTo(200, selector)
}

// FollowAtTo is FollowAt with another status expected.
func (v *Visitor) FollowAtTo(status int64, selector string) {
	v.tb.Helper()
	v.arrive(status, "follow "+selector, chromedp.Click(chromedp.CSS(selector)))
}

func (v *Visitor) arrive(status int64, step string, action chromedp.Action[chromedp.Void]) {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, action)
	switch {
	case err != nil:
		v.fail(step, err)
	case response == nil:
		v.fail(step, fmt.Errorf("no page came"))
	case response.Status != status:
		v.fail(step, fmt.Errorf("answered with %d instead of %d", response.Status, status))
	}
}

// Click presses what a CSS selector finds first, without leaving the page.
func (v *Visitor) Click(selector string) {
	v.tb.Helper()
	v.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

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

// Write types into whatever has the focus. As with a Japanese keyboard the finished word arrives at once.
func (v *Visitor) Write(text string) {
	v.tb.Helper()
	v.do("write "+text, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Keys presses keys, one after the other, wherever the focus is: those of package kb, and letters and digits.
func (v *Visitor) Keys(keys ...string) {
	v.tb.Helper()
	for _, key := range keys {
		action := chromedp.KeyEvent(key)
		switch {
		case key == kb.Enter:
			action = pressKey(input.DispatchKeyEventParams{Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: enterCode})
		case len(key) == 1 && key >= "!" && key <= "z":
			action = pressKey(input.DispatchKeyEventParams{Key: key, Text: key})
		}
		v.do("press "+quote(key), action)
	}
}

// enterCode is the Enter key's, as browsers count keys.
const enterCode = 13

// pressKey presses and releases a key. Down and typed are one event, so that a page that acts on the key keeps it from doing what it does
// elsewhere.
func pressKey(key input.DispatchKeyEventParams) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, key.Type = range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, key); err != nil {
				return err
			}
			key.Text = ""
		}
		return nil
	})
}

// CtrlEnter presses Enter while Ctrl is down.
func (v *Visitor) CtrlEnter() {
	v.tb.Helper()
	v.do("press Ctrl+Enter", pressKey(input.DispatchKeyEventParams{Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: enterCode, Modifiers: int64(chromedp.ModifierCtrl)}))
}

// Focused is the id of what has the focus.
func (v *Visitor) Focused() string {
	v.tb.Helper()
	return Read[string](v, `document.activeElement?.id ?? ""`)
}

// EnterTo presses the Enter key in a field, as a phone's Go key does, and waits for the next page, which must come with the status.
func (v *Visitor) EnterTo(status int64, name string) {
	v.tb.Helper()
	v.do("go to "+name, chromedp.Focus(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name))))
	v.arrive(status, "press Enter in "+name, chromedp.KeyEvent(kb.Enter))
}

// Attach chooses a file of this machine for a field.
func (v *Visitor) Attach(name, file string) {
	v.tb.Helper()
	v.do("attach to "+name, chromedp.SetUploadFiles(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name)), []string{file}))
}

// Back is the browser's back button.
func (v *Visitor) Back() {
	v.tb.Helper()
	v.do("go back", chromedp.NavigateBack())
}

// Reload loads the page again.
func (v *Visitor) Reload() {
	v.tb.Helper()
	v.do("reload", chromedp.Reload())
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

// Key presses a key, or several one after the other, where the focus is.
func (v *Visitor) Key(keys string) {
	v.tb.Helper()
	v.do("press the key "+keys, chromedp.KeyEvent(keys))
}

// KeyTo is Key for one that leads to another page, which must come with the status.
func (v *Visitor) KeyTo(status int64, keys string) {
	v.tb.Helper()
	v.arrive(status, "press the key "+keys, chromedp.KeyEvent(keys))
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
