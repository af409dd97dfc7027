package store_test

import (
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

// A key opens until it is revoked, by its token alone, of which the database has only the hash.
func TestAPIKey_OpensUntilItIsRevoked(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, t.TempDir()+"/keys", clock.Now)
			ctx := t.Context()
			key, token, err := s.AddAPIKey(ctx, storetest.Owner, "見本サイト")
			check(t, err)
			for _, row := range storetest.Read(t, at)["api_keys"] {
				if strings.Contains(row, token) {
					t.Errorf("the token is stored: %s", row)
				}
			}
			_, _, err = s.AddAPIKey(ctx, storetest.Owner, "見本サイト")
			wantCode(t, err, clinic.Conflict)
			clock.Advance(time.Hour)
			found, err := s.APIKey(ctx, token)
			check(t, err)
			c := storetest.NewClinic(t, s)
			_, err = s.Book(ctx, clinic.API(found), storetest.Request(c.Slots[0].ID, 1))
			check(t, err)
			if found.ID != key.ID || found.Name != "見本サイト" {
				t.Errorf("the token opens %+v", found)
			}
			for _, wrong := range []string{"", token[1:], strings.ToUpper(token), token + "a", key.ID, "\x00"} {
				_, err := s.APIKey(ctx, wrong)
				wantCode(t, err, clinic.Unauthorized)
			}
			wantCode(t, s.RevokeAPIKey(ctx, storetest.Owner, "another"), clinic.NotFound)
			check(t, s.RevokeAPIKey(ctx, storetest.Owner, "見本サイト"))
			wantCode(t, s.RevokeAPIKey(ctx, storetest.Owner, key.ID), clinic.NotFound)
			_, err = s.APIKey(ctx, token)
			wantCode(t, err, clinic.Unauthorized)
			_, second, err := s.AddAPIKey(ctx, storetest.Owner, "見本サイト") // the name is free again
			check(t, err)
			_, err = s.APIKey(ctx, second)
			check(t, err)
			keys, err := s.APIKeys(ctx)
			check(t, err)
			if len(keys) != 2 || keys[0].RevokedAt == nil || keys[0].UsedAt == nil || !keys[0].UsedAt.Equal(storetest.Begin.Add(time.Hour)) || keys[1].RevokedAt != nil {
				t.Errorf("the keys are %+v", keys)
			}
		})
	}
}
