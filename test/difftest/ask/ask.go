// Package ask sends questions to a driver, a Python process with a Spark session. Questions and answers are
// lines of JSON.
package ask

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// patience limits the wait for the answers to one list of questions.
const patience = 10 * time.Minute

// A Session is a running driver. It must be used by one goroutine.
type Session struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Start runs a driver with a Python interpreter that has pyspark. Its log goes to standard error.
func Start(python, driver string) (*Session, error) {
	s := &Session{cmd: exec.Command(python, driver)}
	s.cmd.Stderr = os.Stderr
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.in, s.out = in, bufio.NewReaderSize(out, 1<<20)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Spark: %w", err)
	}
	return s, nil
}

// Send writes one line to the driver.
func (s *Session) Send(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.in.Write(append(line, '\n'))
	return err
}

// All returns the driver's answers in the order of the questions.
func All[Q, A any](s *Session, questions []Q) ([]A, error) {
	if err := s.Send(questions); err != nil {
		return nil, fmt.Errorf("ask Spark: %w", err)
	}
	hung := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
	defer hung.Stop()
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("answer of Spark: %w", err)
	}
	var answers []A
	if err := json.Unmarshal(line, &answers); err != nil {
		return nil, fmt.Errorf("answer of Spark: %w", err)
	}
	if len(answers) != len(questions) {
		return nil, fmt.Errorf("%d answers of Spark to %d questions", len(answers), len(questions))
	}
	return answers, nil
}

// Close ends the driver.
func (s *Session) Close() {
	_ = s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, "Spark ended:", err)
	}
}
