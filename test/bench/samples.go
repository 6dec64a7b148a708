package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sampleBlock is the number of distinct rows.
const sampleBlock = 100_000

const sampleSchema = `a INT, b INT, m INT, x DOUBLE, y DOUBLE, p DECIMAL(10,2), q DECIMAL(6,3), s STRING, mail STRING, phone STRING, padded STRING,
	digits STRING, price STRING, day STRING, instant STRING, d DATE, t TIMESTAMP, j STRING`

// samples are the rows on which expressions are evaluated.
type samples struct {
	path    string // tab-separated, one block
	rows    int
	repeats int
}

// A sample is one row.
type sample struct {
	a, b, m             int // negative m means NULL
	x                   int // in thousandths
	y                   float64
	p, q                int // unscaled
	s, mail, phone, pad string
	digits, price, j    string
	instant             time.Time
	day, instantText    string
}

// eachSample yields the rows of the block, which are always the same.
func eachSample(n int, yield func(i int, r *sample)) {
	first := strings.Fields("Annabell Bogdan Cornelia Dmitri Elisabeth Fredegard Grace Jörg Ingeborg Johannes")
	last := strings.Fields("Andersen Bakerfield Chowdhury Dvorakova Eklund Fontainebleau Garcia Holmgren")
	hosts := strings.Fields("example.org mail.example.com news.net post.org company.com")
	random := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		f, l := first[random.IntN(len(first))], last[random.IntN(len(last))]
		r := sample{
			a: random.IntN(1_000_000), b: 1 + random.IntN(100), m: random.IntN(110) - 10, x: random.IntN(5_000_000), y: random.Float64(),
			p: random.IntN(100_000_000), q: random.IntN(1_000_000), s: f + " " + l,
			pad:     strings.Repeat(" ", random.IntN(4)) + f + strings.Repeat(" ", random.IntN(4)),
			phone:   fmt.Sprintf("+49 (%d) %03d-%04d", 100+random.IntN(900), random.IntN(1000), random.IntN(10000)),
			digits:  fmt.Sprint(random.IntN(2_000_000_000) - 1_000_000_000),
			price:   fmt.Sprintf("%d.%02d", random.IntN(100_000), random.IntN(100)),
			instant: time.Unix(int64(random.IntN(1_700_000_000)), 0).UTC(),
		}
		r.mail = fmt.Sprintf("%s.%s%d@%s", strings.ToLower(f), strings.ToLower(l), random.IntN(100), hosts[random.IntN(len(hosts))])
		r.j = fmt.Sprintf(`{"id":%d,"user":{"name":"%s","age":%d},"tags":["a","b"]}`, r.a, f, r.b)
		r.day, r.instantText = r.instant.Format(time.DateOnly), r.instant.Format(time.DateTime)
		yield(i, &r)
	}
}

// writeSamples writes one block for the other tools.
func writeSamples(dir string, rows int) (samples, error) {
	block := min(rows, sampleBlock)
	s := samples{path: filepath.Join(dir, "samples.tsv"), repeats: rows / block}
	s.rows = block * s.repeats
	f, err := os.Create(s.path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	eachSample(block, func(_ int, r *sample) {
		m := ""
		if r.m >= 0 {
			m = fmt.Sprint(r.m)
		}
		fmt.Fprintf(w, "%d\t%d\t%s\t%d.%03d\t%v\t%d.%02d\t%d.%03d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.a, r.b, m, r.x/1000, r.x%1000, r.y,
			r.p/100, r.p%100, r.q/1000, r.q%1000, r.s, r.mail, r.phone, r.pad, r.digits, r.price, r.day, r.instantText, r.day, r.instantText, r.j)
	})
	return s, w.Flush()
}

// batches returns one block as batches.
func (s samples) batches(schema *types.Schema) []*vector.Batch {
	var all []*vector.Batch
	block := s.rows / s.repeats
	var b *vector.Batch
	eachSample(block, func(i int, r *sample) {
		if i%vector.BatchRows == 0 {
			b = newBatch(schema, min(vector.BatchRows, block-i))
			all = append(all, b)
		}
		r.put(b.Cols, i%vector.BatchRows)
	})
	return all
}

func newBatch(schema *types.Schema, n int) *vector.Batch {
	b := &vector.Batch{N: n}
	for _, f := range schema.Fields {
		b.Cols = append(b.Cols, vector.New(f.Type, n))
	}
	return b
}

func (r *sample) put(c []*vector.Vector, i int) {
	c[0].I32[i], c[1].I32[i], c[2].I32[i] = int32(r.a), int32(r.b), int32(r.m)
	if r.m < 0 {
		c[2].SetNull(i)
	}
	c[3].F64[i], c[4].F64[i] = float64(r.x)/1000, r.y
	c[5].Dec[i], c[6].Dec[i] = decimal.FromInt64(int64(r.p)), decimal.FromInt64(int64(r.q))
	for k, text := range []string{r.s, r.mail, r.phone, r.pad, r.digits, r.price, r.day, r.instantText} {
		c[7+k].SetString(i, text)
	}
	micros := r.instant.UnixMicro()
	c[15].I32[i], c[16].I64[i] = datetime.DateOf(micros), micros
	c[17].SetString(i, r.j)
}
