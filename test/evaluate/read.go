package evaluate

import (
	"fmt"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A File is a CSV or JSON file and the way it is read.
type File struct {
	Format  string // csv or json
	Schema  string // DDL
	Options map[string]string
	Select  []string // expressions; all columns if empty
	Data    []byte
}

// Read returns the rows of a file in the form of Cells. A panic is a Failure with phase Panic.
func (f *File) Read() (rows [][]string, fail *Failure) {
	defer func() {
		if r := recover(); r != nil {
			fail = &Failure{Phase: Panic, Err: fmt.Errorf("%v", r)}
		}
	}()
	schema, err := types.ParseDDL(f.Schema)
	if err != nil {
		return nil, &Failure{Phase: Analysis, Err: err}
	}
	if err := codec.CheckColumns(schema); err != nil {
		return nil, &Failure{Phase: Analysis, Err: err}
	}
	options := codec.NewValues(f.Options)
	if err := codec.CheckSingleVariantNamed(options, schema.Fields); err != nil {
		return nil, &Failure{Phase: Analysis, Err: err}
	}
	if err := codec.CheckCorruptRecord(options.Text("columnNameOfCorruptRecord", codec.CorruptRecordColumn), schema.Fields); err != nil {
		return nil, &Failure{Phase: Analysis, Err: err}
	}
	_, plan, fail := Query(schema, f.Format, f.Options, f.Select)
	if fail != nil {
		return nil, fail
	}
	r, rerr := f.open(&codec.Scan{Fields: inputOf(plan).Fields, Schema: schema, PruneColumns: true})
	if rerr != nil {
		return nil, &Failure{Phase: Run, Err: rerr}
	}
	defer r.Close()
	batches, rerr := Collect(plan, r)
	if rerr != nil {
		return nil, &Failure{Phase: Run, Err: rerr}
	}
	return Cells(batches), nil
}

func (f *File) open(scan *codec.Scan) (vector.Reader, error) {
	in := codec.FromBytes(nil, f.Data)
	format, ok := formats.Sources.Find(f.Format)
	if !ok {
		return nil, fmt.Errorf("there is no format %s", f.Format)
	}
	d, err := format.Codec.NewDecoder(f.Options, scan.Schema)
	if err != nil {
		return nil, err
	}
	return d.NewReader(scan, in)
}
