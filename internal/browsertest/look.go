package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// wrongs are what a look at a page finds: axe's violations, a page wider than its window, and targets too small for a
// finger (the main ones 44 pixels high; WCAG 2.2, 2.5.8 asks for 24 by 24, which is what the front desk's dense pages and the doctor's note keep to
// where they are wider than a phone). A target that a bar at the foot of the window happens to cover is measured in the middle of the window, to
// which anybody can scroll it. On a phone a page for patients must also fit with text of twice the size (WCAG 2.2, 1.4.4).
const wrongs = `(async width => {
	while (!matchMedia("(width: " + width + "px)").matches) await new Promise(requestAnimationFrame);
	// A colour on its way is nobody's.
	await Promise.allSettled(document.getAnimations().filter(a => a instanceof CSSTransition && a.playState === "running").map(a => a.finished));
	const found = [];
	const {violations} = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]});
	const top = scrollY;
	for (const v of violations) for (const n of v.nodes) {
		if (v.id === "target-size") {
			document.querySelector(n.target.at(-1))?.scrollIntoView({block: "center", behavior: "instant"});
			if ((await axe.run(n.target.at(-1), {runOnly: ["target-size"], resultTypes: ["violations"]})).violations.length === 0) continue;
		}
		found.push("axe " + v.id + ": " + n.target.join(" ") + ": " + n.failureSummary);
	}
	scrollTo({top, behavior: "instant"});
	const wide = document.documentElement.scrollWidth;
	if (wide > width) found.push("the page is " + wide + " pixels wide");
	if (width < 400 && document.body.matches(".patient")) {
		const root = document.documentElement;
		root.style.fontSize = "200%";
		const large = root.scrollWidth;
		if (large > width) {
			const beyond = [...document.body.querySelectorAll("*")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 1);
			found.push("with text of twice the size the page is " + large + " pixels wide: " + beyond.map(e => e.outerHTML.slice(0, 90)).slice(0, 4).join(" … "));
		}
		root.style.fontSize = "";
	}
	for (const e of document.querySelectorAll("button:not([data-enter]), summary, .choice, .scale label, a.button, input:not([type=hidden], [type=checkbox], [type=radio]), select")) {
		const {width: w, height: h} = e.getBoundingClientRect();
		const least = width >= 768 && e.closest(".bar, .desk, .panel, .hours, .numbers, .consult, .note") ? 24 : 44;
		if (e.checkVisibility() && (h < least || w < 24)) found.push("a target of " + w + " by " + h + " pixels: " + e.outerHTML.slice(0, 120));
	}
	return found;
})`

// Look examines the page on which the visitor stands and fails the test for each violation of WCAG 2.2 AA that axe-core
// finds, for a page that is wider than its window, for targets that are too small, and for everything that the browser
// wrote to its console since the last look, refusals by the content security policy among it.
//
// With MADOGUCHI_SCREENSHOTS set to a folder it leaves a picture of the page there, for people to look at.
func (v *Visitor) Look(name string) {
	v.tb.Helper()
	v.LookAt(name, v.width)
}

// LookAt is Look at several widths, to each of which the window is drawn; it ends at the width that it began with.
func (v *Visitor) LookAt(name string, widths ...int64) {
	v.tb.Helper()
	if v.scriptOff { // axe is a script; the page's own do not start after the page has loaded
		v.do("turn scripts on", setScripts(true))
	}
	v.do("bring axe", chromedp.Evaluate[chromedp.Void](axe(v)+";0"))
	for _, width := range widths {
		v.resize(width)
		for _, f := range v.wrongs(name, width) {
			v.tb.Errorf("%s at %d pixels: %s", name, width, strings.Join(strings.Fields(f), " "))
		}
	}
	v.resize(v.width)
	if v.scriptOff {
		v.do("turn scripts off", setScripts(false))
	}
	v.picture(name)
}

// wrongs are what is wrong with the page as it stands, and what the browser complained about until now.
func (v *Visitor) wrongs(name string, width int64) []string {
	v.tb.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf("%s(%d)", wrongs, width), chromedp.EvalAwaitPromise))
	if err != nil {
		v.fail("look at "+name, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	found = append(v.faults, found...)
	v.faults = nil
	return found
}

// LookAtMail draws a mail in a window of a width, light or dark, and returns the picture of it. It fails the test for each violation of WCAG 2.2
// AA, and for a mail that is wider than the window. A mail stands within a page of somebody else's, so that it needs no landmarks.
func (v *Visitor) LookAtMail(name string, width int64, scheme string) (png []byte) {
	v.tb.Helper()
	v.do("choose the colours", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return err
	}))
	v.do("bring axe", chromedp.Evaluate[chromedp.Void](axe(v)+";0"))
	v.resize(width)
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`(async () => {
		const {violations} = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]});
		const found = violations.flatMap(v => v.nodes.map(n => "axe " + v.id + ": " + n.target.join(" ") + ": " + n.failureSummary));
		const wide = document.documentElement.scrollWidth;
		if (wide > innerWidth) found.push("it is " + wide + " pixels wide");
		return found;
	})()`, chromedp.EvalAwaitPromise))
	if err == nil {
		png, err = chromedp.Run(ctx, chromedp.FullScreenshot(100))
	}
	if err != nil {
		v.fail("look at "+name, err)
	}
	for _, f := range found {
		v.tb.Errorf("%s, %s at %d pixels: %s", name, scheme, width, strings.Join(strings.Fields(f), " "))
	}
	return png
}

// axe is the source of axe-core, as the workshop of the pages installed it.
func axe(v *Visitor) string {
	v.tb.Helper()
	script, err := readAxe()
	if err != nil {
		v.tb.Fatalf("browsertest: axe-core is missing (make web installs it): %v", err)
	}
	return script
}

var readAxe = sync.OnceValues(func() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", fmt.Errorf("no go.mod above this folder")
		}
		root = filepath.Dir(root)
	}
	script, err := os.ReadFile(filepath.Join(root, "web", "node_modules", "axe-core", "axe.min.js"))
	return string(script), err
})

// picture takes the whole page, at every width, as TEST-NAME-WIDTH.png.
func (v *Visitor) picture(name string) {
	v.tb.Helper()
	folder := os.Getenv("MADOGUCHI_SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, width := range []int64{Phone, Tablet, Desktop} {
		v.resize(width)
		ctx, cancel := context.WithTimeout(v.ctx, patience)
		png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		cancel()
		if err == nil {
			file := fmt.Sprintf("%s-%s-%d.png", strings.ReplaceAll(v.tb.Name(), "/", "-"), name, width)
			err = os.WriteFile(filepath.Join(folder, file), png, 0o600) //nolint:gosec // who runs the tests names the folder
		}
		if err != nil {
			v.fail("take a picture of "+name, err)
		}
	}
	v.resize(v.width)
}

// FirstScreen takes a picture of what is to be seen without scrolling, in a window as the visitor came with, as TEST-NAME-first.png.
func (v *Visitor) FirstScreen(name string) {
	v.tb.Helper()
	folder := os.Getenv("MADOGUCHI_SCREENSHOTS")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		file := fmt.Sprintf("%s-%s-first.png", strings.ReplaceAll(v.tb.Name(), "/", "-"), name)
		err = os.WriteFile(filepath.Join(folder, file), png, 0o600) //nolint:gosec // who runs the tests names the folder
	}
	if err != nil {
		v.fail("take a picture of "+name, err)
	}
}

// notice keeps what the browser complains about. It runs while the browser's messages are read, so it only notes.
func (v *Visitor) notice(event any) {
	fault := faultOf(event)
	if fault == "" {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.meant == "" || !strings.Contains(fault, v.meant) {
		v.faults = append(v.faults, fault)
	}
}

// faultOf is the complaint in an event of the browser, if it is one. A page answered with an error is none: the step that
// asked for the page knows which status is right. What a page fails to load is one.
func faultOf(event any) string {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, arg := range e.Args {
				words = append(words, string(arg.Value)+arg.Description)
			}
			return "console: " + strings.Join(words, " ")
		}
	case *runtime.EventExceptionThrown:
		return "exception: " + (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error()
	case *log.EventEntryAdded:
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) && e.Entry.Source != log.EntrySourceNetwork {
			return "browser: " + e.Entry.Text
		}
	case *network.EventResponseReceived:
		refused := (e.Type == network.ResourceTypeXHR || e.Type == network.ResourceTypeFetch) && (e.Response.Status == 409 || e.Response.Status == 422) // a part of the page that says why
		if e.Type != network.ResourceTypeDocument && e.Response.Status >= 400 && !refused {
			return fmt.Sprintf("loading %s: %d", e.Response.URL, e.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.Type != network.ResourceTypeDocument {
			return "loading a " + e.Type.String() + ": " + e.ErrorText + e.BlockedReason.String()
		}
	}
	return ""
}

// Meant says that what the browser complains about from now on is no fault where it contains a text, such as ": 401" while the visitor is signed
// out and their page goes on asking. "" ends it.
func (v *Visitor) Meant(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.meant = text
}

// Forgive forgets what the browser has complained about since the last look: what a test has brought about, such as a server that is gone.
func (v *Visitor) Forgive() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults = nil
}
