package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// duckdbPath returns the native executable. The package's bin/duckdb is a Python wrapper.
func duckdbPath() string {
	if found, _ := filepath.Glob(filepath.Join(*peers, "lib/python*/site-packages/duckdb_cli/duckdb")); len(found) > 0 {
		return found[0]
	}
	return filepath.Join(*peers, "bin", "duckdb")
}

func pythonPath() string { return filepath.Join(*peers, "bin", "python") }

// A session is a tool that answers each line on its standard input with one line.
type session struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	err error // of the start
}

func startSession(env []string, argv ...string) session {
	s := session{cmd: exec.Command(argv[0], argv[1:]...)}
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stderr = os.Stderr
	var out io.ReadCloser
	if s.in, s.err = s.cmd.StdinPipe(); s.err != nil {
		return s
	}
	if out, s.err = s.cmd.StdoutPipe(); s.err != nil {
		return s
	}
	s.out = bufio.NewReader(out)
	s.err = s.cmd.Start()
	return s
}

func (s *session) ask(line string) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		return "", err
	}
	answer, err := s.out.ReadString('\n')
	return strings.TrimRight(answer, "\n"), err
}

// answer returns the answer to a request and the CPU time that it takes.
func (s *session) answer(line string) (answer string, took time.Duration, err error) {
	if s.err != nil {
		return "", 0, s.err
	}
	took, err = cpuTimed(s.cmd.Process.Pid, func() error {
		answer, err = s.ask(line)
		return err
	})
	return answer, took, err
}

// timed returns the CPU time for a request.
func (s *session) timed(line string) (time.Duration, error) {
	_, took, err := s.answer(line)
	return took, err
}

// orNothing returns text, or "" if the tool is missing.
func (s *session) orNothing(text string) string {
	if s.err != nil {
		return ""
	}
	return text
}

func (s *session) close() {
	if s.err == nil {
		_ = s.in.Close()
		_ = s.cmd.Wait()
	}
}

type duckdb struct{ session }

func newDuckDB(s samples) *duckdb {
	d := &duckdb{startSession(nil, duckdbPath(), "-list", "-noheader", "-bail")}
	columns := strings.ReplaceAll(strings.ReplaceAll(sampleSchema, " STRING", " VARCHAR"), " INT", " INTEGER")
	_, err := d.ask(fmt.Sprintf("CREATE TABLE block (%s); COPY block FROM '%s' (DELIMITER '\\t', QUOTE '', ESCAPE '', HEADER false, NULLSTR '');"+
		" SET threads=1; CREATE TABLE samples AS SELECT block.* FROM range(%d), block; SELECT count(*) FROM samples;", strings.Join(strings.Fields(columns), " "), s.path, s.repeats))
	if d.err == nil {
		d.err = err
	}
	return d
}

func (d *duckdb) text(e expression) string { return d.orNothing(e.duckdb) }

func (d *duckdb) summary(text string) (string, error) {
	kind, err := d.ask("SELECT typeof(" + text + ") FROM samples LIMIT 1;")
	if err != nil {
		return "", err
	}
	size := "0"
	if kind == "VARCHAR" {
		size = "sum(strlen(" + text + "))"
	}
	return d.ask(fmt.Sprintf("SELECT concat_ws('|', count(x), min(x), max(x), %s) FROM (SELECT %s AS x, * FROM samples);", size, text))
}

func (d *duckdb) take(text string) (time.Duration, error) {
	return d.timed("SELECT any_value(" + text + ") FROM samples;")
}

//go:embed expressions.py
var polarsProgram string

type polars struct{ session }

func newPolars(s samples) *polars {
	return &polars{startSession([]string{"POLARS_MAX_THREADS=1"}, pythonPath(), "-c", polarsProgram, s.path, strconv.Itoa(s.repeats))}
}

func (p *polars) text(e expression) string { return p.orNothing(e.polars) }

func (p *polars) summary(text string) (string, error) { return p.ask("summary " + text) }

func (p *polars) take(text string) (time.Duration, error) { return p.timed("take " + text) }
