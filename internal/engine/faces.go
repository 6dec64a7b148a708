package engine

import (
	"context"
	"io"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
)

// Sources and sinks implement only the interfaces that they need. The functions of this file ask them, and say what holds for the others.

// wakeOf returns the channel on which a source tells of news; nil if it never does.
func wakeOf(s sources.Source) <-chan struct{} {
	if w, ok := s.(sources.Waker); ok {
		return w.Wake()
	}
	return nil
}

// doneOf returns the channel that is closed at the end of a source; nil if it has none.
func doneOf(s sources.Source) <-chan struct{} {
	if e, ok := s.(sources.Ender); ok {
		return e.Done()
	}
	return nil
}

// freeze fixes the current end of a source.
func freeze(ctx context.Context, s sources.Source) error {
	if f, ok := s.(sources.Freezer); ok {
		return f.FreezeEnd(ctx)
	}
	return nil
}

// recheck returns what belongs to a batch because it came while the batch was read.
func recheck(ctx context.Context, s sources.Source) ([]sources.Partition, error) {
	if r, ok := s.(sources.Rechecker); ok {
		return r.Recheck(ctx)
	}
	return nil, nil
}

// commit tells a source that everything up to an offset was processed for good.
func commit(ctx context.Context, s sources.Source, to sources.Offset) error {
	if c, ok := s.(sources.Committer); ok {
		return c.Commit(ctx, to)
	}
	return nil
}

// waitingOf returns what says what a source waits for; nil if the source has no words for it.
func waitingOf(s sources.Source) func() string {
	if w, ok := s.(sources.Waiter); ok {
		return w.Waiting
	}
	return nil
}

// metricsOf returns the figures that a source has for progress events; nil if it has none.
func metricsOf(s sources.Source) map[string]string {
	if m, ok := s.(sources.Metered); ok {
		return m.Metrics()
	}
	return nil
}

// lagOf returns how much input of a source waits; nil if the source does not know.
func lagOf(s sources.Source) *sources.Lag {
	if l, ok := s.(sources.Lagger); ok {
		lag := l.Lag()
		return &lag
	}
	return nil
}

// tidy lets a source or sink do what can wait until a batch is done.
func tidy(part any) {
	if t, ok := part.(sources.Tidier); ok {
		t.Tidy()
	}
}

// closePart closes a source or sink.
func closePart(part any) error {
	if c, ok := part.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// own tells a sink whose batches it writes, before the first one.
func own(s sinks.Sink, o checkpoint.Owner) {
	if s, ok := s.(sinks.Owned); ok {
		s.Owner(o)
	}
}

// mayRepeat reports whether a sink cannot take back what it has written of a batch.
func mayRepeat(s sinks.Sink) bool {
	r, ok := s.(sinks.Repeater)
	return ok && r.MayRepeat()
}
