package file

import (
	"errors"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

const (
	// listedBytes is about how much memory a listed file takes until its batch is committed: its path and what the plan of the batch
	// makes of it. seenBytes is that of one that was read.
	listedBytes = 300
	seenBytes   = 64
	// countedAtOnce is how many files a listing finds before they are counted.
	countedAtOnce = 4096
)

// hold counts the files that the source knows, and found that it has just listed.
func (s *Source) hold(found int) error {
	if !memory.Limited() {
		return nil
	}
	listed := found + len(s.unread) + len(s.known)
	for _, files := range s.batches {
		listed += len(files)
	}
	err := s.held.Hold(listed*listedBytes + len(s.seen.times)*seenBytes)
	if _, limited := errors.AsType[*memory.Exceeded](err); !limited {
		return err
	}
	e := sparkerr.Plain("the list of the files in %s: %d to be read, %d that were read: %s", s.path, listed, len(s.seen.times), err).
		WithHint("%s, or keep fewer files there: cleanSource puts away those that were read", memory.Raise())
	e.Cause = err
	return e
}
