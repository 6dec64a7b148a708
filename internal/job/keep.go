package job

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// Keep removes the streams that are not named. If names is empty, it keeps all.
func (j *Job) Keep(names []string) error {
	if len(names) == 0 {
		return nil
	}
	var known []string
	for _, s := range j.Streams {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return sparkerr.Plain("%s has no stream named %q", j.File, name).WithHint("%s", DidYouMean(name, known))
		}
	}
	j.Streams = slices.DeleteFunc(j.Streams, func(s *Stream) bool { return !slices.Contains(names, s.Name) })
	return nil
}

// ReadSchema parses a schema in any form that the flag --schema accepts.
func ReadSchema(text string) (*types.Schema, error) {
	var s Schema
	if err := s.read(text, ""); err != nil {
		return nil, err
	}
	return s.Types()
}
