package cli

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// headBytes is how much of standard input --infer-schema looks at, and headPause how long it waits for more once there is a line. Tests change them.
var (
	headBytes = 1 << 20
	headPause = time.Second
)

// standardInput is the name of standard input in messages.
const standardInput = "standard input"

// readHead reads the beginning of an input: up to limit bytes, its end, or a pause after a whole line. rest yields all of the input, with the head again.
func readHead(in io.Reader, limit int, pause time.Duration) (head []byte, rest io.Reader, ended bool, err error) {
	type part struct {
		data []byte
		err  error
	}
	for {
		next := make(chan part, 1)
		go func() {
			buf := make([]byte, 64<<10)
			n, err := in.Read(buf)
			next <- part{buf[:n], err}
		}()
		var late <-chan time.Time
		if bytes.IndexByte(head, '\n') >= 0 {
			late = time.After(pause)
		}
		select {
		case p := <-next:
			head = append(head, p.data...)
			switch {
			case errors.Is(p.err, io.EOF):
				return head, bytes.NewReader(head), true, nil
			case p.err != nil:
				return nil, nil, false, sparkerr.Plain("standard input cannot be read: %s", sparkerr.Reason(p.err))
			case len(head) >= limit:
				return head, io.MultiReader(bytes.NewReader(head), in), false, nil
			}
		case <-late: // the read goes on, and comes before others
			waiting, left := true, part{}
			pending := func(p []byte) (int, error) {
				if waiting {
					left, waiting = <-next, false
				}
				n := copy(p, left.data)
				if left.data = left.data[n:]; len(left.data) > 0 {
					return n, nil
				}
				return n, cmp.Or(left.err, io.EOF)
			}
			return head, io.MultiReader(bytes.NewReader(head), readerFunc(pending), in), false, nil
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// inferHead sets the format, if it is not given, and the schema of a source that is standard input, by the beginning of the input.
func (a *app) inferHead(j *job.Job, s *job.Source, place *sparkerr.Place) error {
	head, rest, ended, err := readHead(a.In, headBytes, headPause)
	if err != nil {
		return err
	}
	a.In = rest
	if s.FormatPlace == nil {
		s.Format = formatOfText(head)
	}
	if !ended {
		head = head[:bytes.LastIndexByte(head, '\n')+1] // a record may go on
	}
	schema, err := a.inferBytes(j, s, head)
	if err != nil {
		return err
	}
	if !ended {
		a.say("note: the columns are those of the first %s of standard input", count(int64(len(head)), "byte", "bytes"))
	}
	s.Schema = job.Schema{Given: true, Text: schema.JSON(), Place: place}
	return nil
}

// formatOfText returns the format that a text probably has: json if it begins with {, and csv otherwise.
func formatOfText(text []byte) string {
	if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n\ufeff"), []byte("{")) {
		return "json"
	}
	return job.DefaultSource(job.FileCommand)
}

// inferBytes infers the schema of data in the format of a source.
func (a *app) inferBytes(j *job.Job, s *job.Source, data []byte) (*types.Schema, error) {
	root, err := filepath.Abs(filepath.Join(os.TempDir(), "streamctl-standard-input"))
	if err != nil {
		return nil, err
	}
	memory := storage.NewMemory(storage.OS, root)
	if err := memory.Put(filepath.Join(root, standardInput), data, time.Now()); err != nil {
		return nil, err
	}
	source := job.Source{Format: strings.ToLower(s.Format), Options: s.Options, Place: s.Place, FormatPlace: s.FormatPlace}
	schema, err := a.inferFiles(j, &source, memory, []string{filepath.Join(root, standardInput)}, standardInput)
	if err != nil {
		return nil, err
	}
	a.sayCorrupt(&source, schema)
	a.sayHeader(j, &source, data)
	return schema, nil
}

// headerBytes is how much of a file sayHeader looks at.
const headerBytes = 64 << 10

// sayHeader notes that the first line of a CSV text looks like the names of columns: without it, values have types that they do not have with it.
func (a *app) sayHeader(j *job.Job, s *job.Source, text []byte) {
	f, ok := formats.Sources.Find(s.Format)
	if !ok {
		return
	}
	_, has := f.Find("header")
	if _, given := s.Options.Get("header"); given || !has || !utf8.Valid(text[:bytes.LastIndexByte(text, '\n')+1]) {
		return
	}
	if len(text) > headerBytes {
		text = text[:bytes.LastIndexByte(text[:headerBytes], '\n')+1]
	}
	root := filepath.Join(os.TempDir(), "streamctl-header")
	memory := storage.NewMemory(storage.OS, root)
	file := filepath.Join(root, "text.csv")
	with := *s
	with.Options = append(slices.Clone(s.Options), job.Option{Name: "header", Value: "true"})
	if memory.Put(file, text, time.Now()) != nil {
		return
	}
	plain, err := a.inferFiles(j, s, memory, []string{file}, file)
	if err != nil {
		return
	}
	named, err := a.inferFiles(j, &with, memory, []string{file}, file)
	if err != nil || len(named.Fields) != len(plain.Fields) {
		return
	}
	for i, f := range named.Fields {
		if plain.Fields[i].Type.Kind == types.KindString && f.Type.Kind != types.KindString && f.Type.Kind != types.KindVoid {
			a.say("note: the first line looks like the names of columns; if it is, add --option header=true")
			return
		}
	}
}

// sayHeaderOf is sayHeader for the beginning of a file.
func (a *app) sayHeaderOf(j *job.Job, s *job.Source, file string) {
	f, err := os.Open(file)
	if err != nil {
		return // inference has read it
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, headerBytes))
	if err == nil && len(text) == headerBytes {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	if err == nil {
		a.sayHeader(j, s, text)
	}
}
