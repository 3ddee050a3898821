// Package jaegerstorage in the place of Jaeger's own: which stores there can be, badger and memory.
// Jaeger's links a thousand packages of Elasticsearch, Cassandra, Kafka and ClickHouse.
package jaegerstorage

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/extension"

	badgerconfig "github.com/jaegertracing/jaeger/internal/storage/v1/badger"
	memoryconfig "github.com/jaegertracing/jaeger/internal/storage/v1/memory"

	"github.com/jaegertracing/jaeger/internal/metrics"
	"github.com/jaegertracing/jaeger/internal/storage/v1"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/tracestore"
	"github.com/jaegertracing/jaeger/internal/storage/v2/badger"
	"github.com/jaegertracing/jaeger/internal/storage/v2/memory"
	"github.com/jaegertracing/jaeger/internal/telemetry"
)

// Config says which stores there are, by their names.
type Config struct {
	TraceBackends map[string]TraceBackend `mapstructure:"backends"`
}

// TraceBackend is one store, of one of the kinds.
type TraceBackend struct {
	Memory *memoryconfig.Configuration `mapstructure:"memory"`
	Badger *badgerconfig.Config        `mapstructure:"badger"`
}

// Unmarshal reads a store over what holds where nothing is said.
func (b *TraceBackend) Unmarshal(conf *confmap.Conf) error {
	if conf.IsSet("memory") {
		b.Memory = &memoryconfig.Configuration{MaxTraces: 100_000}
	}
	if conf.IsSet("badger") {
		b.Badger = badgerconfig.DefaultConfig()
	}
	return conf.Unmarshal(b)
}

// Extension is what other parts find the stores by.
type Extension interface {
	extension.Extension
	TraceStorageFactory(name string) (tracestore.Factory, bool)
	MetricStorageFactory(name string) (storage.MetricStoreFactory, bool)
}

type stores struct {
	config *Config
	telset component.TelemetrySettings
	opened map[string]tracestore.Factory
}

func newStorageExt(config *Config, telset component.TelemetrySettings) *stores {
	return &stores{config, telset, map[string]tracestore.Factory{}}
}

func (s *stores) Start(_ context.Context, host component.Host) error {
	for name, backend := range s.config.TraceBackends {
		factory, err := s.open(backend, host)
		if err != nil {
			return fmt.Errorf("store %q: %w", name, err)
		}
		s.opened[name] = factory
	}
	return nil
}

func (s *stores) open(backend TraceBackend, host component.Host) (tracestore.Factory, error) {
	telset := telemetry.FromOtelComponent(s.telset, host)
	telset.Metrics = telset.Metrics.Namespace(metrics.NSOptions{Name: "jaeger"})
	switch {
	case backend.Badger != nil:
		return badger.NewFactory(*backend.Badger, telset.Metrics, s.telset.Logger)
	case backend.Memory != nil:
		return memory.NewFactory(*backend.Memory, telset)
	default:
		return nil, errors.New("this build knows badger and memory alone")
	}
}

func (s *stores) Shutdown(context.Context) error {
	var errs []error
	for _, factory := range s.opened {
		if closer, ok := factory.(io.Closer); ok {
			errs = append(errs, closer.Close())
		}
	}
	return errors.Join(errs...)
}

func (s *stores) TraceStorageFactory(name string) (tracestore.Factory, bool) {
	factory, ok := s.opened[name]
	return factory, ok
}

func (*stores) MetricStorageFactory(string) (storage.MetricStoreFactory, bool) {
	return nil, false
}

// GetTraceStoreFactory finds a store by its name.
func GetTraceStoreFactory(name string, host component.Host) (tracestore.Factory, error) {
	if found, ok := host.GetExtensions()[ID].(Extension); ok {
		if factory, ok := found.TraceStorageFactory(name); ok {
			return factory, nil
		}
	}
	return nil, fmt.Errorf("no store %q is configured", name)
}

// GetMetricStorageFactory finds none: this build has no stores of metrics.
func GetMetricStorageFactory(name string, _ component.Host) (storage.MetricStoreFactory, error) {
	return nil, fmt.Errorf("no store of metrics %q: this build has none", name)
}
