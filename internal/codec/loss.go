package codec

import (
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Loss is input that has no rows, or values that are NULL or changed, without a malformed record.
type Loss struct {
	Key  string // of the kind: one of each is told
	Text string // what is lost, and where it was seen first
	Hint string
}

// Lose reports a loss.
func (s *Scan) Lose(l Loss) {
	if s.OnLoss != nil {
		s.OnLoss(&l)
	}
}

// NameOf is how a message names a file; nil is a stream.
func NameOf(file *vector.File) string {
	if file == nil {
		return "the input"
	}
	return filepath.Base(file.Path)
}

// A Presence notes which fields of a schema any record has had. Readers of a query share it; nil notes nothing.
type Presence struct {
	absent atomic.Int32 // fields that no record has had
	mu     sync.Mutex
	fields []presence
}

type presence struct {
	seen  bool
	alike string // a name in the records that differs in case only
}

// NewPresence makes one for the fields.
func NewPresence(fields []types.Field) *Presence {
	p := &Presence{fields: make([]presence, len(fields))}
	p.absent.Store(int32(len(fields)))
	return p
}

// Complete reports that every field was seen.
func (p *Presence) Complete() bool { return p == nil || p.absent.Load() == 0 }

// See notes that a record has had field i.
func (p *Presence) See(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fields[i].seen {
		p.fields[i].seen = true
		p.absent.Add(-1)
	}
}

// Alike notes a name in the records that differs from that of field i in case only.
func (p *Presence) Alike(i int, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fields[i].alike == "" {
		p.fields[i].alike = name
	}
}

// Absent lists the fields that no record has had, and for each the name that is like it.
func (p *Presence) Absent() (fields []int, alike []string) {
	if p.Complete() {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, f := range p.fields {
		if !f.seen {
			fields, alike = append(fields, i), append(alike, f.alike)
		}
	}
	return fields, alike
}
