package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"madoguchi/config"
)

func TestTLS(t *testing.T) {
	const directory = "https://acme-v02.api.letsencrypt.org/directory"
	for what, c := range map[string]struct {
		set  map[string]string
		want config.TLS
	}{
		"a proxy does": {map[string]string{"BASE_URL": "https://yoyaku.example"}, config.TLS{Folder: "data/acme"}},
		"files":        {map[string]string{"BASE_URL": "https://yoyaku.example", "TLS_CERT": "/c", "TLS_KEY": "/k"}, config.TLS{Cert: "/c", Key: "/k", Folder: "data/acme"}},
		"authority": {
			map[string]string{"BASE_URL": "https://yoyaku.example", "KEYS": "/k/m.keys", "ACME": directory, "ACME_MAIL": "it@yoyaku.example", "PLAIN_ADDR": ":80"},
			config.TLS{Directory: directory, Mail: "it@yoyaku.example", Folder: "/k/acme", PlainAddr: ":80"},
		},
	} {
		if diff := cmp.Diff(c.want, load(t, c.set).TLS); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	for what, set := range map[string]map[string]string{
		"TLS_CERT":            {"TLS_CERT": "/c", "TLS_KEY": "/k"}, // base_url is http
		"TLS_KEY":             {"BASE_URL": "https://yoyaku.example", "TLS_CERT": "/c"},
		"TLS_KEY alone":       {"BASE_URL": "https://yoyaku.example", "TLS_KEY": "/k"},
		"ACME plain":          {"ACME": directory},
		"ACME by http":        {"BASE_URL": "https://yoyaku.example", "ACME": "http://acme.example/directory"},
		"ACME on":             {"BASE_URL": "https://yoyaku.example", "ACME": "on"},
		"ACME and files":      {"BASE_URL": "https://yoyaku.example", "TLS_CERT": "/c", "TLS_KEY": "/k", "ACME": directory},
		"ACME for an address": {"BASE_URL": "https://203.0.113.7", "ACME": directory},
		"ACME for a machine":  {"BASE_URL": "https://madoguchi", "ACME": directory},
		"ACME_MAIL":           {"BASE_URL": "https://yoyaku.example", "ACME": directory, "ACME_MAIL": "IT <it@yoyaku.example>"},
		"PLAIN_ADDR":          {"BASE_URL": "https://yoyaku.example", "PLAIN_ADDR": ":80"},
		"PLAIN_ADDR port":     {"BASE_URL": "https://yoyaku.example", "ACME": directory, "PLAIN_ADDR": "80"},
		"PLAIN_ADDR same":     {"BASE_URL": "https://yoyaku.example", "ACME": directory, "ADDR": ":443", "PLAIN_ADDR": ":443"},
	} {
		variable, _, _ := strings.Cut(what, " ")
		if _, err := config.Load("", environment(set)); err == nil || !strings.Contains(err.Error(), "MADOGUCHI_"+variable+")") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
