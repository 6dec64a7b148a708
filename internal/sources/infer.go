package sources

import (
	"errors"
	"io"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// InferOptions returns the options for the inference of a schema: those of the source, and Spark's settings for others.
func InferOptions(c *codec.Codec, options job.Options, conf map[string]string) job.Options {
	for name, setting := range c.InferDefaults {
		value, set := conf[setting]
		if _, given := options.Get(name); set && !given {
			options = append(slices.Clone(options), job.Option{Name: name, Value: value})
		}
	}
	return options
}

// InferSchema finds out the columns of files by Spark's rules: csv and json from all records, or the share that samplingRatio
// says, Parquet from the footer of the first file, or with mergeSchema of all files.
func InferSchema(fsys storage.FS, c *codec.Codec, options job.Options, zone *datetime.Zone, paths []string) (*types.Schema, error) {
	if s := c.KnownColumns(options.Values()); s != nil {
		return s, nil
	}
	inputs := make([]codec.Input, len(paths))
	for i, path := range paths {
		inputs[i] = inputOf(fsys, path)
	}
	return c.Infer(inputs, options.Values(), zone)
}

func inputOf(fsys storage.FS, path string) codec.Input {
	open := func() (io.ReadCloser, error) {
		f, err := fsys.Open(path)
		if err != nil {
			return nil, err
		}
		r, err := compress.ByPath(path).NewReader(f)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return r, nil
	}
	in := codec.Input{File: &vector.File{Path: path}, Open: open, Length: -1}
	if st, err := fsys.Stat(path); err == nil { // else opening it fails
		in.File.Size = st.Size
	}
	return in
}
