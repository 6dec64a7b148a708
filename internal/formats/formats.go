// Package formats holds the tables of source and sink formats. Everything that depends on a format asks its value here; no code
// compares the names of formats.
package formats

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/codec/arrow"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/markdown"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	kafkasink "github.com/streamctl/streamctl/internal/sinks/kafka"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sources/kafka"
	"github.com/streamctl/streamctl/internal/sources/rate"
	"github.com/streamctl/streamctl/internal/sources/socket"
)

// Sources are the source formats, in the order in which help lists them.
var Sources = job.Registry[*sources.Format]{
	file.Format(csv.Codec), file.Format(json.Codec), file.Format(text.Codec), file.Format(parquet.Codec),
	socket.Format, rate.PerSecond, rate.PerBatch,
	kafka.Format,
	{Format: missing("orc")}, {Format: missing("avro")}, {Format: missing("xml")}, {Format: missing("binaryFile")}, {Format: missing("delta")},
}

// Sinks are the sink formats, in the order in which help lists them.
var Sinks = job.Registry[*sinks.Format]{
	sinks.Console,
	sinks.Of(csv.Codec), sinks.Of(json.Codec), sinks.Of(text.Codec), sinks.Of(csv.Tabs), sinks.Tables, sinks.Of(markdown.Codec), sinks.Of(parquet.Codec), sinks.Of(arrow.Codec),
	kafkasink.Format, sinks.Noop,
	{Format: missing("orc")}, {Format: missing("avro")}, {Format: missing("xml")}, {Format: missing("memory")}, {Format: missing("delta")},
	{Format: missing("foreachBatch")},
}

// OfPath returns the name of the source format that the extension of a file implies, whatever its compression; "" if none does. The format may be
// one that is missing.
func OfPath(path string) string {
	path = strings.ToLower(path)
	path = strings.TrimSuffix(path, compress.ByPath(path).Extension)
	for _, f := range Sources {
		if slices.Contains(f.Reading().Extensions, filepath.Ext(path)) || f.Missing && "."+f.Name == filepath.Ext(path) {
			return f.Name
		}
	}
	return ""
}

// missing describes a format of Spark that the embedded engine does not have yet.
func missing(name string) job.Format { return job.Format{Name: name, Missing: true} }
