package codec

import (
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Loss is input that yields no rows, or values that become NULL or change, without a malformed record.
type Loss struct {
	Key  string // identifies the kind: one loss of each kind is reported
	Text string // what is lost, and where this happened first
	Hint string
}

// Lose reports a loss.
func (s *Scan) Lose(l Loss) {
	if s.OnLoss != nil {
		s.OnLoss(&l)
	}
}

// NameOf returns the name of a file for messages; nil is a stream.
func NameOf(file *vector.File) string {
	if file == nil {
		return "the input"
	}
	return filepath.Base(file.Path)
}

// A Presence tracks which fields of a schema have occurred in any record. The readers of a query share it; a nil Presence
// tracks nothing.
type Presence struct {
	absent atomic.Int32 // number of fields not seen in any record
	mu     sync.Mutex
	fields []presence
}

type presence struct {
	seen  bool
	alike string // a name in the records that differs only in case
}

// NewPresence returns a Presence for fields.
func NewPresence(fields []types.Field) *Presence {
	p := &Presence{fields: make([]presence, len(fields))}
	p.absent.Store(int32(len(fields)))
	return p
}

// Complete reports whether every field has been seen.
func (p *Presence) Complete() bool { return p == nil || p.absent.Load() == 0 }

// See records that field i has occurred.
func (p *Presence) See(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fields[i].seen {
		p.fields[i].seen = true
		p.absent.Add(-1)
	}
}

// Alike records a name in the data that differs from the name of field i only in case.
func (p *Presence) Alike(i int, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fields[i].alike == "" {
		p.fields[i].alike = name
	}
}

// Absent returns the fields that have not occurred and, for each, the similar name recorded by Alike.
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
