// Package passkeytest gives tests an authenticator: what a security key, or a telephone, does when a browser asks it.
package passkeytest

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Authenticator holds one passkey.
type Authenticator struct {
	Origin   string // of the page that asks; the browser says it
	Count    uint32 // that of the next answer; 0 for a key that does not count
	Unproved bool   // it does not look who holds it
	Host     string // for which it signs; "" for the one that it is asked for

	id     []byte
	handle string // of its person, in base64url
	host   string
	key    *ecdsa.PrivateKey
}

// flags of the authenticator data (WebAuthn, 6.1).
const (
	present  = 0x01
	verified = 0x04
	attested = 0x40
)

var url64 = base64.RawURLEncoding

// asked is what both kinds of questions hold.
type asked struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func read(t *testing.T, options []byte) (q asked) {
	t.Helper()
	if err := json.Unmarshal(options, &q); err != nil {
		t.Fatal(err)
	}
	return q
}

func (a *Authenticator) client(kind, challenge string) []byte {
	data, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	return data
}

// data is the authenticator data before what is only there for a new key.
func (a *Authenticator) data(flags byte) []byte {
	host := sha256.Sum256([]byte(cmp.Or(a.Host, a.host)))
	if !a.Unproved {
		flags |= verified
	}
	return binary.BigEndian.AppendUint32(append(host[:], flags|present), a.Count)
}

// Make makes a passkey as it is asked, and returns the answer. Another one of the same authenticator has the same id.
func (a *Authenticator) Make(t *testing.T, options []byte) string {
	t.Helper()
	q := read(t, options)
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	a.host, a.handle = q.PublicKey.RP.ID, q.PublicKey.User.ID
	if a.id == nil {
		a.id = make([]byte, 32)
		_, _ = rand.Read(a.id)
	}
	public, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	data := append(a.data(attested), make([]byte, 16)...) // of no model
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(data, a.id...)
	// The key in CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(append(data, public[1:33]...), 0x22, 0x58, 0x20)
	data = append(data, public[33:]...)
	// {"fmt": "none", "attStmt": {}, "authData": data}
	object := append([]byte{0xa3, 0x63}, "fmt\x64none\x67attStmt\xa0\x68authData\x58"...)
	object = append(append(object, byte(len(data))), data...)
	return a.answer(t, map[string]any{"clientDataJSON": url64.EncodeToString(a.client("webauthn.create", q.PublicKey.Challenge)), "attestationObject": url64.EncodeToString(object), "transports": []string{"usb"}})
}

// Show signs what is asked with the passkey, and returns the answer.
func (a *Authenticator) Show(t *testing.T, options []byte) string {
	t.Helper()
	client, data := a.client("webauthn.get", read(t, options).PublicKey.Challenge), a.data(0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return a.answer(t, map[string]any{
		"clientDataJSON": url64.EncodeToString(client), "authenticatorData": url64.EncodeToString(data), "signature": url64.EncodeToString(signature), "userHandle": a.handle,
	})
}

func (a *Authenticator) answer(t *testing.T, response map[string]any) string {
	t.Helper()
	id := url64.EncodeToString(a.id)
	out, err := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
