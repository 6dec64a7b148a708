package operator

import (
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A joinPair is a row of a batch and a stored row of the other side.
type joinPair struct {
	at      int32 // the row's position in its block
	alone   bool  // there is no stored row: the row comes out with NULLs
	matched bool  // the stored row had a match before
}

// joinPairs are pairs that wait to be checked.
type joinPairs struct {
	list  []joinPair
	rows  vector.Selection // by pair: its row in the batch
	keys  []byte           // of the stored rows, one after another
	ends  []int            // by pair: of its key
	types []*types.Type    // of the columns of a stored row, the last one being its mark
	other []*vector.Vector // the stored rows
	mine  []*vector.Vector
	out   vector.Batch

	candidates, selected, results vector.Selection // scratch memory
}

// begin prepares for pairs with stored rows of given types.
func (p *joinPairs) begin(list []*types.Type) {
	p.types = list
	for len(p.other) < len(list) {
		p.other = append(p.other, &vector.Vector{})
	}
	p.other = p.other[:len(list)]
	p.reset()
}

func (p *joinPairs) reset() {
	p.list, p.rows, p.keys, p.ends = p.list[:0], p.rows[:0], p.keys[:0], p.ends[:0]
	for i, v := range p.other {
		v.Reset(p.types[i], 0)
	}
}

// add adds a pair with the stored row of a key that has an index.
func (p *joinPairs) add(row int32, at int, other *joinStore, key []byte, index int64) {
	p.list = append(p.list, joinPair{at: int32(at)})
	p.rows = append(p.rows, row)
	p.keys = other.extend.Append(p.keys, key, index)
	p.ends = append(p.ends, len(p.keys))
}

// addAlone adds a row that matches nothing.
func (p *joinPairs) addAlone(row int32) {
	p.list = append(p.list, joinPair{alone: true})
	p.rows = append(p.rows, row)
	p.ends = append(p.ends, len(p.keys))
}

// key returns the key of the stored row of a pair.
func (p *joinPairs) key(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.keys[from:p.ends[i]]
}

// load decodes the stored rows.
func (p *joinPairs) load(other *joinStore) error {
	other.rows.Prefetch(p.keys, p.ends)
	marks := p.other[len(p.other)-1]
	for i := range p.list {
		if p.list[i].alone {
			appendNull(p.other)
			continue
		}
		value, err := other.row(p.key(i))
		if err != nil {
			return err
		}
		if err := other.value.dec.Append(value, p.other); err != nil {
			return err
		}
		p.list[i].matched = marks.Bool[i]
	}
	return nil
}

// appendNull appends a NULL to each column.
func appendNull(cols []*vector.Vector) {
	for _, v := range cols {
		n := v.Len()
		v.Extend(n + 1)
		v.SetNull(n)
	}
}
