package clinic

// LinkEnd says why a patient's link opens nothing.
type LinkEnd string

// The ends of a link.
const (
	LinkUnknown LinkEnd = "unknown" // there is no such link: it was copied in part, or mistyped
	LinkExpired LinkEnd = "expired" // the counseling is past
	LinkRevoked LinkEnd = "revoked" // another link took its place
)
