package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// spark is a running driver: a Python process with a Spark session.
type spark struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	asked   int
	spent   time.Duration
	patient time.Duration
}

func startSpark(python, driver string, table tableSpec) (*spark, error) {
	s := &spark{cmd: exec.Command(python, driver), patient: 10 * time.Minute}
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
	return s, s.send(table)
}

func (s *spark) send(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.in.Write(append(line, '\n'))
	return err
}

// ask gives the answers in the order of the questions.
func (s *spark) ask(questions []question) ([]*answer, error) {
	start := time.Now()
	defer func() { s.spent += time.Since(start) }()
	if err := s.send(questions); err != nil {
		return nil, fmt.Errorf("ask Spark: %w", err)
	}
	hung := time.AfterFunc(s.patient, func() { s.cmd.Process.Kill() })
	defer hung.Stop()
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("answer of Spark: %w", err)
	}
	var answers []*answer
	if err := json.Unmarshal(line, &answers); err != nil {
		return nil, fmt.Errorf("answer of Spark: %w", err)
	}
	if len(answers) != len(questions) {
		return nil, fmt.Errorf("%d answers of Spark to %d questions", len(answers), len(questions))
	}
	s.asked += len(questions)
	return answers, nil
}

func (s *spark) close() {
	s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, "Spark ended:", err)
	}
}
