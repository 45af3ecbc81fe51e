// Package defaults fills in props.
package defaults

// Or sets a field that has its zero value to its default.
func Or[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
