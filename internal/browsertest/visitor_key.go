package browsertest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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

// EnterTo presses the Enter key in a field, as a phone's Go key does, and waits for the next page, which must come with the status.
func (v *Visitor) EnterTo(status int64, name string) {
	v.tb.Helper()
	v.do("go to "+name, chromedp.Focus(chromedp.CSS(fmt.Sprintf(`[name=%q]`, name))))
	v.arrive(status, "press Enter in "+name, chromedp.KeyEvent(kb.Enter))
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
