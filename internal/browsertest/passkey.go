package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Passkeys is a device of a visitor that keeps passkeys and knows its owner.
type Passkeys struct {
	v  *Visitor
	id webauthn.AuthenticatorID
}

// HavePasskeys gives the visitor such a device.
func (v *Visitor) HavePasskeys() *Passkeys {
	v.tb.Helper()
	d := &Passkeys{v: v}
	v.do("have passkeys", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		d.id = made.AuthenticatorID
		return err
	}))
	return d
}

// Know says whether the device knows its owner from now on. A browser that is told that it does not ends the question.
func (d *Passkeys) Know(owner bool) {
	d.v.tb.Helper()
	d.v.do("know the owner", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: d.id, IsUserVerified: owner})
		return err
	}))
}
