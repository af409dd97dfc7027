package page

// Policy is the content security policy of every page: nothing from elsewhere, nothing inline, and in no frame.
var Policy = PolicyIn("'none'")

// PolicyIn is Policy for a page that may stand in the frames of some ancestors.
func PolicyIn(ancestors string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
}
