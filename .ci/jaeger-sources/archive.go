// Package factory in the place of Jaeger's own, of which the query service needs this one type.
package factory

import "github.com/jaegertracing/jaeger/internal/storage/v1/api/spanstore"

// ArchiveStorage is where traces are kept for good; nobody here has one.
type ArchiveStorage struct {
	Reader spanstore.Reader
	Writer spanstore.Writer
}
