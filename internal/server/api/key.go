package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"madoguchi/internal/clinic"
)

// keyScheme is how the description of the API calls its keys.
const keyScheme = "apiKey"

// keyValue is the key of the caller's API key in the context of a call.
type keyValue struct{}

// keyOf is the API key with which a call came.
func keyOf(ctx context.Context) clinic.APIKey {
	key, _ := ctx.Value(keyValue{}).(clinic.APIKey)
	return key
}

// wantKey lets a call through that comes with an API key of the clinic (RFC 6750, 2.1), before anything of its body is looked at.
func (a *API) wantKey(call huma.Context, next func(huma.Context)) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(call.Header("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	key, err := a.Store.APIKey(call.Context(), strings.TrimSpace(token))
	if err != nil {
		if clinic.CodeOf(err) == clinic.Unauthorized {
			call.SetHeader("WWW-Authenticate", "Bearer")
		}
		a.write(call, a.refuse(call.Context(), err))
		return
	}
	next(huma.WithValue(call, keyValue{}, key))
}

// write ends a call with a problem.
func (a *API) write(call huma.Context, refusal error) {
	status := http.StatusInternalServerError
	var p *Problem
	if errors.As(refusal, &p) {
		status = p.Status
	}
	call.SetHeader("Content-Type", ProblemType)
	call.SetStatus(status)
	if err := a.api.Marshal(call.BodyWriter(), ProblemType, p); err != nil {
		a.status(call.Context(), err) // which logs it
	}
}
