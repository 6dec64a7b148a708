package checkpoint

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// HeldBackName is the file that records which inputs held the watermark back when the last run ended. The dot hides it from Spark.
const HeldBackName = ".heldback.json"

// HeldBack says which inputs keep the watermark of a query with several watermarks back, and what waits for them.
type HeldBack struct {
	Batch     int64    `json:"-"`
	Inputs    []string `json:"inputs"`              // whose watermarks are behind
	Watermark string   `json:"watermark,omitempty"` // of the query; "": none yet
	Others    string   `json:"others"`              // what it would be without these inputs
	Held
}

// Held counts what the state would emit or forget if the watermark moved.
type Held struct {
	Windows int `json:"windows,omitempty"` // groups by a window that would come out
	Groups  int `json:"groups,omitempty"`  // other groups that would come out
	Rows    int `json:"rows,omitempty"`    // rows without a match that an outer join would return
	Kept    int `json:"kept,omitempty"`    // further rows that joins would forget
}

// Any reports whether anything is held.
func (h *Held) Any() bool { return *h != Held{} }

// Text says it in a sentence: "waiting for input clicks: watermark 2024-01-01T10:00:00.000Z holds back 312 windows".
func (h *HeldBack) Text() string {
	var parts []string
	add := func(n int, one, many string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(h.Windows, "window", "windows")
	add(h.Groups, "group", "groups")
	add(h.Rows, "row without a match", "rows without a match")
	add(h.Kept, "row that a join keeps", "rows that joins keep")
	input := "input "
	if len(h.Inputs) > 1 {
		input = "inputs "
	}
	mark := "watermark " + h.Watermark
	if h.Watermark == "" {
		mark = "the lack of a watermark"
	}
	return "waiting for " + input + strings.Join(h.Inputs, " and ") + ": " + mark + " holds back " + strings.Join(parts, " and ")
}

type heldBackFile struct {
	Batch int64 `json:"batch"` // the last one that was committed
	*HeldBack
}

// SetHeldBack records what is held back after a batch.
func (c *Checkpoint) SetHeldBack(h *HeldBack) error {
	if c.fs == nil {
		return nil
	}
	text, err := json.Marshal(heldBackFile{h.Batch, h})
	if err != nil {
		return err
	}
	return atomicfile.Write(c.fs, filepath.Join(c.Dir, HeldBackName), text, true)
}

// readHeldBack returns what was held back after a batch; nil if nothing was, or if that is not known.
func readHeldBack(fsys storage.FS, dir string, batch int64) *HeldBack {
	text, err := atomicfile.Read(fsys, filepath.Join(dir, HeldBackName))
	var f heldBackFile
	if err != nil || json.Unmarshal(text, &f) != nil || f.Batch != batch || f.HeldBack == nil {
		return nil
	}
	return f.HeldBack
}
