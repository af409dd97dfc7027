// Package passkey asks browsers for passkeys and checks what they answer (WebAuthn Level 3). It keeps nothing: what must be remembered
// between a question and its answer is handed to whoever asks, and what is known of a key comes from them.
package passkey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// What is wrong with an answer. Nothing that came in is part of the error.
var (
	ErrOrigin = errors.New("passkey: the answer was made for another address")
	ErrWrong  = errors.New("passkey: the answer does not hold")
)

// maxAnswer is the longest answer that is looked at, in bytes. One of the largest keys (RSA with 4096 bits) stays below a third.
const maxAnswer = 16 << 10

// Site is the one place for which passkeys are made and shown.
type Site struct {
	host   string
	origin string
	name   string
}

// SiteAt is the site at an address. The name is what an authenticator may show beside its host.
func SiteAt(base *url.URL, name string) Site {
	return Site{host: base.Hostname(), origin: base.Scheme + "://" + base.Host, name: name}
}

// Possible reports whether there can be passkeys for it: they belong to the name of a host, and to no network address. Whether the way there is
// safe enough for them is known to the browser.
func (s Site) Possible() bool { return protocol.ValidateRPID(s.host) == nil }

// Key is what is kept of a passkey.
type Key struct {
	ID         []byte // what its authenticator calls it
	PublicKey  []byte // COSE
	Count      uint32 // how often it was used, as it says itself; always 0 for keys that do not count
	Synced     bool   // it may be on several devices of its owner
	Transports []string
}

// Person is whose passkeys they are.
type Person struct {
	Handle string // tells the key whose it is, and nobody else: random
	Name   string // under which the authenticator shows the key to its owner
	Called string
	Keys   []Key
}

// WebAuthnID is part of webauthn.User.
func (p Person) WebAuthnID() []byte { return []byte(p.Handle) }

// WebAuthnName is part of webauthn.User.
func (p Person) WebAuthnName() string { return p.Name }

// WebAuthnDisplayName is part of webauthn.User.
func (p Person) WebAuthnDisplayName() string { return p.Called }

// WebAuthnCredentials is part of webauthn.User.
func (p Person) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(p.Keys))
	for i, k := range p.Keys {
		out[i] = webauthn.Credential{
			ID: k.ID, PublicKey: k.PublicKey, Flags: webauthn.CredentialFlags{BackupEligible: k.Synced}, Authenticator: webauthn.Authenticator{SignCount: k.Count},
		}
		for _, t := range k.Transports {
			out[i].Transport = append(out[i].Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return out
}

// Question is what a browser is asked, and what has to be remembered until it answers.
type Question struct {
	Options []byte // JSON, for the browser
	Kept    []byte // for nobody but the server
}

func (s Site) party() (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{RPID: s.host, RPDisplayName: s.name, RPOrigins: []string{s.origin}, AttestationPreference: protocol.PreferNoAttestation})
}

// AskToAdd asks for a new passkey. Keys that the person has already are named, so that none is made twice on one authenticator. It is one
// that can be found without an address where the authenticator can do that.
func (s Site) AskToAdd(p Person) (Question, error) {
	party, err := s.party()
	if err != nil {
		return Question{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, c := range p.WebAuthnCredentials() {
		known = append(known, c.Descriptor())
	}
	options, kept, err := party.BeginRegistration(p, webauthn.WithExclusions(known), webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
	}))
	if err != nil {
		return Question{}, err
	}
	return question(options, kept)
}

// Added is the passkey that a browser has made for a person.
func (s Site) Added(kept []byte, p Person, answer string) (Key, error) {
	party, session, err := s.remember(kept)
	if err != nil {
		return Key{}, err
	}
	if len(answer) > maxAnswer {
		return Key{}, ErrWrong
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return Key{}, ErrWrong
	}
	if err := s.isHere(parsed.Response.CollectedClientData); err != nil {
		return Key{}, err
	}
	made, err := party.CreateCredential(p, session, parsed)
	if err != nil {
		return Key{}, ErrWrong
	}
	key := Key{ID: made.ID, PublicKey: made.PublicKey, Count: made.Authenticator.SignCount, Synced: made.Flags.BackupEligible}
	for _, t := range made.Transport {
		switch t {
		case protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal:
			key.Transports = append(key.Transports, string(t))
		}
	}
	return key, nil
}

// AskAnybody asks for a passkey of whoever is there, with the fingerprint, face or PIN of its owner.
func (s Site) AskAnybody() (Question, error) {
	party, err := s.party()
	if err != nil {
		return Question{}, err
	}
	options, kept, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Question{}, err
	}
	return question(options, kept)
}

// Ask asks a person for one of their passkeys. verified says that it must have looked who holds it, because nothing else is asked.
func (s Site) Ask(p Person, verified bool) (Question, error) {
	party, err := s.party()
	if err != nil {
		return Question{}, err
	}
	wanted := protocol.VerificationPreferred
	if verified {
		wanted = protocol.VerificationRequired
	}
	options, kept, err := party.BeginLogin(p, webauthn.WithUserVerification(wanted))
	if err != nil {
		return Question{}, err
	}
	return question(options, kept)
}

// KeyOf is which passkey an answer is of, as it says itself.
func KeyOf(answer string) ([]byte, error) {
	parsed, err := parse(answer)
	if err != nil {
		return nil, err
	}
	return parsed.RawID, nil
}

func parse(answer string) (*protocol.ParsedCredentialAssertionData, error) {
	if len(answer) > maxAnswer {
		return nil, ErrWrong
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, ErrWrong
	}
	return parsed, nil
}

// Shown checks the answer of a person's passkey, and returns how often the key says that it was used. Whether that is more than before is
// decided where the count is kept.
func (s Site) Shown(kept []byte, p Person, answer string) (count uint32, err error) {
	party, session, err := s.remember(kept)
	if err != nil {
		return 0, err
	}
	parsed, err := parse(answer)
	if err != nil {
		return 0, err
	}
	if err := s.isHere(parsed.Response.CollectedClientData); err != nil {
		return 0, err
	}
	if session.UserID == nil {
		_, err = party.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			if !bytes.Equal(handle, p.WebAuthnID()) {
				return nil, ErrWrong
			}
			return p, nil
		}, session, parsed)
	} else {
		_, err = party.ValidateLogin(p, session, parsed)
	}
	if err != nil {
		return 0, ErrWrong
	}
	return parsed.Response.AuthenticatorData.Counter, nil
}

// isHere reports an answer that was made for another place as what it is. The library refuses it as well.
func (s Site) isHere(data protocol.CollectedClientData) error {
	if !protocol.IsOriginInHaystack(data.Origin, []string{s.origin}) {
		return ErrOrigin
	}
	return nil
}

func question(options any, kept *webauthn.SessionData) (q Question, err error) {
	if q.Options, err = json.Marshal(options); err != nil {
		return q, err
	}
	q.Kept, err = json.Marshal(kept)
	return q, err
}

func (s Site) remember(kept []byte) (*webauthn.WebAuthn, webauthn.SessionData, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(kept, &session); err != nil {
		return nil, session, fmt.Errorf("passkey: what was kept of a question: %w", err)
	}
	party, err := s.party()
	return party, session, err
}
