package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/streamctl/streamctl/test/difftest/ask"
)

// A spark answers questions. What it has answered once stays in a file, so that jobs can be compared again, with another streamctl, without
// Spark: a seed draws the same jobs. It must be used by one goroutine.
type spark struct {
	python, driver string
	salt           []byte // what answers depend on besides the question: the text of the driver
	session        *ask.Session
	file           *os.File // of answers; nil: they are not kept
	answers        map[string]json.RawMessage
}

// A kept answer is a line of the file.
type kept struct {
	Question string          `json:"question"` // its hash
	Answer   json.RawMessage `json:"answer"`
}

// newSpark reads the answers in a file; an empty path keeps none. Spark starts with the first new question.
func newSpark(python, driver, path string) (*spark, error) {
	salt, err := os.ReadFile(driver)
	if err != nil {
		return nil, err
	}
	s := &spark{python: python, driver: driver, salt: salt, answers: map[string]json.RawMessage{}}
	if path == "" {
		return s, nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// A run that was stopped may have left a part of a line at the end.
	whole := bytes.LastIndexByte(text, '\n') + 1
	for n, line := range bytes.Split(bytes.TrimSuffix(text[:whole], []byte("\n")), []byte("\n")) {
		var k kept
		if len(line) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &k); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, n+1, err)
		}
		s.answers[k.Question] = k.Answer
	}
	if s.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, err
	}
	if err := s.file.Truncate(int64(whole)); err != nil {
		return nil, err
	}
	_, err = s.file.Seek(int64(whole), 0)
	return s, err
}

// ask returns the answers in the order of the questions.
func (s *spark) ask(questions []question) ([]*answer, error) {
	keys, missing := make([]string, len(questions)), []question{}
	var places []int
	for i, q := range questions {
		text, err := json.Marshal(q)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(append(bytes.Clone(s.salt), text...))
		keys[i] = hex.EncodeToString(sum[:])
		if s.answers[keys[i]] == nil {
			missing, places = append(missing, q), append(places, i)
		}
	}
	if err := s.answer(missing, places, keys); err != nil {
		return nil, err
	}
	list := make([]*answer, len(questions))
	for i, key := range keys {
		if err := json.Unmarshal(s.answers[key], &list[i]); err != nil {
			return nil, fmt.Errorf("answer of Spark: %w", err)
		}
	}
	return list, nil
}

// answer has Spark answer the questions at some places, and keeps the answers.
func (s *spark) answer(missing []question, places []int, keys []string) error {
	if len(missing) == 0 {
		return nil
	}
	if s.session == nil {
		var err error
		if s.session, err = ask.Start(s.python, s.driver); err != nil {
			return err
		}
	}
	fresh, err := ask.All[question, json.RawMessage](s.session, missing)
	if err != nil {
		return err
	}
	out := &bytes.Buffer{}
	for n, i := range places {
		s.answers[keys[i]] = fresh[n]
		line, err := json.Marshal(kept{keys[i], fresh[n]})
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	}
	if s.file == nil {
		return nil
	}
	_, err = out.WriteTo(s.file)
	return err
}

// close ends Spark.
func (s *spark) close() {
	if s.session != nil {
		s.session.Close()
	}
	if s.file != nil {
		_ = s.file.Close()
	}
}
