package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Run runs the tests of a package and ends its browser afterwards. A package whose tests visit pages calls it in TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }
func Run(m *testing.M) int {
	running = true
	code := m.Run()
	if stop != nil {
		stop()
	}
	return code
}

var (
	running bool
	stop    func() // ends the browser, once there is one
)

// chromium is the one browser of this process, started when its first visitor comes. Starting one takes longer than many a
// test, while a browser context within it, which shares neither cookies nor storage nor history with others, takes nothing.
//
// The program is the one that MADOGUCHI_TEST_CHROMIUM names, or Chromium or Chrome as installed.
var chromium = sync.OnceValues(func() (context.Context, error) {
	if !running {
		return nil, errors.New("TestMain must call browsertest.Run, or the browser would never end")
	}
	// The pages are our own, and as root, as in most containers, Chromium has no sandbox.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox,
		// A page that is gone back to is loaded again, as where memory is short: from memory it would come as it was.
		chromedp.Flag("disable-features", "Translate,BackForwardCache"))
	if path := os.Getenv("MADOGUCHI_TEST_CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	stop = func() {
		stopBrowser()
		stopAllocator()
	}
	// The first run starts the browser and must have no deadline: with it the browser would end.
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	return ctx, nil
})
