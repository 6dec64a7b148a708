package arrow

import "github.com/streamctl/streamctl/internal/codec"

// Codec is the format arrow of standard output: an IPC stream.
var Codec = &codec.Codec{Name: "arrow", Writing: codec.Writing{
	Doc: "an Arrow IPC stream on standard output", InFiles: "--output arrow; for files use parquet",
	Binary: true, NoAppend: "readers of Arrow streams would stop before the new rows",
	Stream: func(r codec.Rows) (*codec.Encoding, error) {
		return codec.ToStream(func() (codec.Encoder, error) { return NewEncoder(r.Fields, r.Zone), nil }), nil
	},
}}
