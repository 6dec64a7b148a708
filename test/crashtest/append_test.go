package crashtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRowsAddedToAFileAfterAKill kills runs that append rows to a file (>> out.jsonl), and lets the last one
// finish. Each row must be there on a separate line, as must the remains of a killed write, and repeated
// batches must be announced.
func TestRowsAddedToAFileAfterAKill(t *testing.T) {
	const files, rows, kills = 12, 20_000, 8
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.jsonl")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	for f := range files {
		var text strings.Builder
		for i := range rows {
			fmt.Fprintln(&text, f*rows+i)
		}
		if err := dropText(in, fmt.Sprintf("%02d.csv", f), text.String()); err != nil {
			t.Fatal(err)
		}
	}
	again := 0
	for run := 0; ; run++ {
		said, ended := addTo(t, out, dir, run < kills)
		if strings.Contains(said, "was cut off and runs again: its rows may be in the output twice") {
			again++
		}
		if ended && run >= kills {
			break
		}
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	seen, twice, cut := wholeRows(t, text)
	if len(seen) != files*rows {
		t.Errorf("%d of %d rows are in the output", len(seen), files*rows)
	}
	if cut > kills {
		t.Errorf("%d lines are cut off after %d kills", cut, kills)
	}
	if twice > 0 && again == 0 {
		t.Errorf("%d rows came twice, and no run said so", twice)
	}
	t.Logf("%d kills: %d rows twice, %d lines cut off, %d batches announced to run again", kills, twice, cut, again)
}

// wholeRows returns the ids on complete lines, the number of duplicates, and the number of incomplete lines.
func wholeRows(t *testing.T, text []byte) (seen map[int]bool, twice, cut int) {
	t.Helper()
	seen = map[int]bool{}
	for line := range bytes.Lines(text) {
		var row struct {
			ID *int `json:"id"`
		}
		switch {
		case json.Unmarshal(line, &row) != nil || row.ID == nil || !bytes.HasSuffix(line, []byte("\n")):
			cut++
			if bytes.Count(line, []byte("{")) != 1 {
				t.Errorf("a row follows on a line that was cut off: %s", line)
			}
		case seen[*row.ID]:
			twice++
		default:
			seen[*row.ID] = true
		}
	}
	return seen, twice, cut
}

// addTo runs the program, appending its rows to a file. If kill is set, it kills the program after the first
// rows.
func addTo(t *testing.T, out, dir string, kill bool) (said string, ended bool) {
	t.Helper()
	f, err := os.OpenFile(out, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := program("file", "--dir", filepath.Join(dir, "in"), "--schema", "id INT", "--option", "maxFilesPerTrigger=1", "--available-now",
		"--checkpoint", filepath.Join(dir, "checkpoint"), "-o", "json")
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = f, &stderr
	before, _ := f.Seek(0, 2)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); kill && time.Now().Before(end); {
		if info, err := f.Stat(); err == nil && info.Size() > before {
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			_ = cmd.Process.Kill()
			break
		}
	}
	err = cmd.Wait()
	if err != nil && !kill {
		t.Fatalf("%v: %s", err, &stderr)
	}
	return stderr.String(), err == nil
}
