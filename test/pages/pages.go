// Package pages reads the code blocks of the documentation, for the tests that run and check them.
package pages

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Elsewhere is the first line of a block of commands for a second terminal.
const Elsewhere = "# in another terminal"

// A Block is a code block of a page.
type Block struct {
	Line     int    // of its first line, from 1
	Language string // the word after the fence; "" for an indented block
	Text     string
}

// Blocks returns the code blocks of a text: lines between fences, and lines that are indented by four columns or more after an empty line.
func Blocks(text string) []Block {
	var blocks []Block
	add := func(line string) { blocks[len(blocks)-1].Text += line + "\n" }
	fenced, indented, before := false, false, ""
	for i, line := range strings.Split(text, "\n") {
		fence, found := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case found:
			if fenced, indented = !fenced, false; fenced {
				language, _, _ := strings.Cut(fence, " ")
				blocks = append(blocks, Block{Line: i + 2, Language: language})
			}
		case fenced:
			add(line)
		case strings.HasPrefix(line, "    ") && (indented || strings.TrimSpace(before) == ""):
			if !indented {
				indented = true
				blocks = append(blocks, Block{Line: i + 1})
			}
			add(line[4:])
		case strings.TrimSpace(line) == "" && indented:
			add("") // within a block, or after it
		default:
			indented = false
		}
		before = line
	}
	return blocks
}

// Files returns the paths of README.md and of the pages in docs and below it, in the tree at root.
func Files(root string) ([]string, error) {
	files := []string{filepath.Join(root, "README.md")}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	return files, err
}

// Read returns the code blocks of a file.
func Read(file string) ([]Block, error) {
	text, err := os.ReadFile(file)
	return Blocks(string(text)), err
}
