package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newDriver makes a driver that answers a list of one question: with the number of the list, as the condition of an error.
func newDriver(t *testing.T, more string) string {
	path := filepath.Join(t.TempDir(), "driver.sh")
	text := "n=0\nwhile read -r line; do n=$((n+1)); echo \"[{\\\"batches\\\":[[0,\\\"t\\\"]],\\\"error\\\":{\\\"condition\\\":\\\"$n\\\"}}]\"; done\n" + more
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// answered returns what Spark answers to questions, each of which is a list.
func answered(t *testing.T, driver, file string, schemas ...string) string {
	s, err := newSpark("sh", driver, file)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var conditions []string
	for _, schema := range schemas {
		list, err := s.ask([]question{{Schema: schema}})
		if err != nil {
			t.Fatal(err)
		}
		if len(list[0].Batches) != 1 || list[0].Batches[0].table != "t" {
			t.Errorf("%+v", list[0])
		}
		conditions = append(conditions, list[0].Error.Condition)
	}
	return strings.Join(conditions, " ")
}

func TestSparkAnswersAQuestionOnce(t *testing.T) {
	driver, file := newDriver(t, ""), filepath.Join(t.TempDir(), "answers")
	if got := answered(t, driver, file, "a", "b", "a"); got != "1 2 1" {
		t.Errorf("first run: %s", got)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"question":"stopped while wri`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if got := answered(t, driver, file, "b", "c", "a", "d"); got != "2 1 1 2" {
		t.Errorf("second run: %s", got)
	}
	if got := answered(t, driver, file, "c", "d"); got != "1 2" {
		t.Errorf("third run: %s", got)
	}
	if got := answered(t, newDriver(t, "# another driver\n"), file, "e", "a"); got != "1 2" {
		t.Errorf("answers of another driver are used: %s", got)
	}
}

func TestWithoutAFileAnswersAreKeptForARun(t *testing.T) {
	driver := newDriver(t, "")
	for range 2 {
		if got := answered(t, driver, "", "a", "b", "a"); got != "1 2 1" {
			t.Error(got)
		}
	}
}
