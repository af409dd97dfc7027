// Package api is the JSON API, thin over the same store calls as the pages. It is described by OpenAPI 3.1 at
// /api/openapi.json, and refuses with problems as RFC 9457 has them.
package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
)

// API answers the calls of a site. status logs a failure inside and gives its HTTP status.
type API struct {
	*page.Site
	status func(ctx context.Context, err error) int
	api    huma.API
}

// Register adds the API to an engine.
func Register(engine *gin.Engine, site *page.Site, status func(ctx context.Context, err error) int) {
	config := huma.DefaultConfig("Madoguchi", site.Version)
	config.OpenAPIPath = "/api/openapi"
	// The documentation page would load scripts from elsewhere; the schemas are in the description already.
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.Info.Description = "Free counseling of the clinic: branches, free slots and bookings. Instants are RFC 3339 in the zone of the branch. " +
		"Reading is open to everybody; booking wants an API key of the clinic (Authorization: Bearer …)."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		keyScheme: {Type: "http", Scheme: "bearer", Description: "An API key of the clinic (madoguchi api-key add NAME)"},
	}
	huma.NewError = newProblem
	huma.ValidateStrictCasing = true

	a := &API{Site: site, status: status}
	api := humagin.New(engine, config)
	a.api = api
	huma.Register(api, huma.Operation{
		OperationID: "list-branches", Method: http.MethodGet, Path: "/api/v1/branches", Summary: "The branches of the clinic",
	}, a.listBranches)
	huma.Register(api, huma.Operation{
		OperationID: "list-free-slots", Method: http.MethodGet, Path: "/api/v1/slots", Summary: "The free slots of a branch",
		Middlewares: huma.Middlewares{a.wantOneMeaning},
		Errors:      []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, a.listSlots)
	huma.Register(api, huma.Operation{
		OperationID: "create-booking", Method: http.MethodPost, Path: "/api/v1/bookings", Summary: "Book a slot",
		Description: "The same Idempotency-Key with the same body has one effect and answers the same again; with another body it is refused. " +
			"A slot that somebody else has answers 409 with the code slot_taken, and a person who has as many bookings to come as " +
			"the branch allows 409 with the code conflict.",
		Security: []map[string][]string{{keyScheme: {}}}, Middlewares: huma.Middlewares{a.wantKey, a.wantOneMeaning},
		DefaultStatus: http.StatusCreated, MaxBodyBytes: maxBody,
		Errors: []int{http.StatusUnauthorized, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}, a.createBooking)
}

// maxBody is the largest booking that is read.
const maxBody = 64 << 10
