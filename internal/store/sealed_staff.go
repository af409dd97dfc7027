package store

import "madoguchi/internal/clinic"

// storedStaff is the Name and the Email of a member of staff.
type storedStaff struct {
	Format format `json:"format"`
	Name   string `json:"name"`
	Email  string `json:"email"`
}

func storeStaff(s clinic.Staff) storedStaff {
	return storedStaff{Format: newestFormat, Name: s.Name, Email: s.Email}
}

func (s storedStaff) staff() clinic.Staff { return clinic.Staff{Name: s.Name, Email: s.Email} }

// storedBrowser is a clinic.Browser.
type storedBrowser struct {
	Format  format `json:"format"`
	Agent   string `json:"agent"`
	Network string `json:"network"`
}

func storeBrowser(b clinic.Browser) storedBrowser {
	return storedBrowser{Format: newestFormat, Agent: b.Agent, Network: b.Network}
}

func (b storedBrowser) browser() clinic.Browser {
	return clinic.Browser{Agent: b.Agent, Network: b.Network}
}

// storedTOTP is the secret of an app.
type storedTOTP struct {
	Format format `json:"format"`
	Secret []byte `json:"secret"`
}

func storeTOTP(secret []byte) storedTOTP { return storedTOTP{newestFormat, secret} }

func (t storedTOTP) secret() []byte { return t.Secret }

// storedPasskey is the Name of a passkey.
type storedPasskey struct {
	Format format `json:"format"`
	Name   string `json:"name"`
}

func storePasskey(p clinic.Passkey) storedPasskey {
	return storedPasskey{Format: newestFormat, Name: p.Name}
}

func (p storedPasskey) passkey() clinic.Passkey { return clinic.Passkey{Name: p.Name} }
