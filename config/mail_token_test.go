package config_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"madoguchi/config"
)

// TestLoad_MailToken: where the token comes from is taken only together with what it needs, and no part of it shows up anywhere.
func TestLoad_MailToken(t *testing.T) {
	command := map[string]string{"MAIL": "smtp://yoyaku@h.example?auth=xoauth2", "MAIL_TOKEN": "exec:/bin/token  --account yoyaku"}
	c := load(t, command)
	if fmt.Sprint(c.MailToken.Command) != "[/bin/token --account yoyaku]" || c.Mail.User != "yoyaku" || c.Mail.Password != "" {
		t.Errorf("%+v", c.MailToken)
	}
	endpoint := map[string]string{
		"MAIL": "smtp://yoyaku@h.example?auth=oauthbearer", "MAIL_TOKEN": "https://login.example/token",
		"MAIL_TOKEN_CLIENT": "client", "MAIL_TOKEN_SECRET": "hunter2", "MAIL_TOKEN_REFRESH": "hunter3",
	}
	c = load(t, endpoint)
	if string(c.MailToken.Secret) != "hunter2" || string(c.MailToken.Refresh) != "hunter3" || strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, c), "hunter") {
		t.Errorf("%+v", c.MailToken)
	}
	for name, change := range map[string]map[string]string{
		"a password as well":      {"MAIL": "smtp://yoyaku:hunter2@h.example?auth=xoauth2"},
		"no user":                 {"MAIL": "smtp://h.example"},
		"a mechanism without one": {"MAIL": "smtp://yoyaku@h.example?auth=plain"},
		"unencrypted":             {"MAIL": "smtp://yoyaku@h.example?auth=xoauth2&tls=none"},
		"a folder":                {"MAIL": "dir:letters"},
		"no client":               {"MAIL_TOKEN_CLIENT": ""},
		"no refresh token":        {"MAIL_TOKEN_REFRESH": ""},
	} {
		wrong := maps.Clone(endpoint)
		maps.Copy(wrong, change)
		if _, err := config.Load("", environment(wrong)); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
