package clinic

import "testing"

func TestWideNetwork(t *testing.T) {
	for client, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:7:41::/64": "2001:db8:7::/48", "2001:db8:7:ffff::1": "2001:db8:7::/48", "": "", "unix": "unix",
	} {
		if got := WideNetwork(client); got != want {
			t.Errorf("%q is in %q, want %q", client, got, want)
		}
	}
}
