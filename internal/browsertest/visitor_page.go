package browsertest

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

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
