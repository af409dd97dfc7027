package page

// Beside begins something that the request needs and that takes a while, and lets the request go on meanwhile. What it returns waits for the end, and must
// be called. A panic is that of the request, as it would be without. begun must not use the request's gin.Context, which is of one goroutine.
func Beside(begun func() error) (wait func() error) {
	var err error
	var panicked any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		err = begun()
	}()
	return func() error {
		<-done
		if panicked != nil {
			panic(panicked)
		}
		return err
	}
}
