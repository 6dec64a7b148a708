// Command casts draws terminal sessions as animated SVG pictures, from the blocks of pages that TestThePagesWorkFromTopToBottom runs. So a picture shows
// what the commands really print, and changes only when they do.
//
//	go run ./test/casts    # in the root of the repository; make casts does this
package main

import (
	"fmt"
	"html"
	"log"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/test/pages"
)

// A cast is a picture of a section of a page: its first terminal with the last commands before the second one is used, the second one, and what the
// first one then shows.
type cast struct {
	page, heading string // the heading with its marks
	title         string // for readers who do not see the picture
	file          string
}

var casts = []cast{
	{"docs/tutorial.md", "## 1. A file stream", "A file is moved into a directory, and a table of its rows appears in the terminal of streamctl", "docs/file-stream.svg"},
}

func main() {
	for _, c := range casts {
		picture, err := c.draw(".")
		if err == nil {
			err = os.WriteFile(c.file, []byte(picture), 0o644)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

// draw returns the picture, from the page in the tree at root.
func (c cast) draw(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, c.page))
	if err != nil {
		return "", err
	}
	_, section, found := strings.Cut(string(text), c.heading+"\n")
	if !found {
		return "", fmt.Errorf("%s has no section %q", c.page, c.heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var first, second, output []string
	for _, b := range pages.Blocks(section) {
		lines := strings.Split(strings.TrimRight(b.Text, "\n"), "\n")
		switch {
		case b.Language == "sh" && lines[0] == pages.Elsewhere:
			second = prompted(lines[1:])
		case b.Language == "sh":
			first = prompted(lines)
		case b.Language == "output":
			output = lines
		}
		if output != nil {
			break
		}
	}
	if first == nil || second == nil || output == nil {
		return "", fmt.Errorf("the section %q of %s has no two terminals with an output", c.heading, c.page)
	}
	return animate(c.title, first, second, output), nil
}

// prompted returns the lines of commands as a shell shows them.
func prompted(lines []string) []string {
	var out []string
	prompt, end := "$ ", ""
	for _, line := range lines {
		out = append(out, prompt+line)
		_, word, here := strings.Cut(line, "<<'")
		switch {
		case here:
			prompt, end = "> ", strings.TrimSuffix(word, "'")
		case line == end:
			prompt, end = "$ ", ""
		case end == "" && strings.HasSuffix(line, `\`):
			prompt = "> "
		case end == "":
			prompt = "$ "
		}
	}
	return out
}

// Sizes in pixels, those of wide monospaced fonts, and times in seconds.
const (
	charWidth, lineHeight = 8.7, 19.0
	margin, bar           = 14.0, 28.0
	pause, perChar, hold  = 0.8, 0.025, 6.0
)

// animate draws two terminals, one above the other. Commands are typed, and the output comes at once. Without animation, all is visible.
func animate(title string, first, second, output []string) string {
	s := &scene{}
	s.time = pause
	firstTop := bar + margin
	s.typed(firstTop, first)
	secondTop := firstTop + float64(len(first)+len(output))*lineHeight + margin
	s.time += pause
	s.typed(secondTop+bar+margin, second)
	s.time += pause / 4
	s.shown(firstTop+float64(len(first))*lineHeight, output)
	s.time += hold

	width := 0
	for _, line := range append(append(first, second...), output...) {
		width = max(width, utf8.RuneCountInString(line))
	}
	w := float64(width)*charWidth + 2*margin
	h := secondTop + bar + margin + float64(len(second))*lineHeight + margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-labelledby="title">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<style>\n%s", html.EscapeString(title), style)
	b.WriteString("@media (prefers-reduced-motion: no-preference) {\n")
	for i, e := range s.events {
		from, to := 100*e.from/s.time, 100*e.to/s.time
		if e.chars > 0 {
			fmt.Fprintf(&b, "@keyframes k%d { 0%%, %.2f%% { clip-path: inset(0 100%% 0 0); animation-timing-function: steps(%d) } %.2f%%, 100%% { clip-path: inset(0) } }\n", i, from, e.chars, to)
		} else {
			fmt.Fprintf(&b, "@keyframes k%d { 0%%, %.2f%% { opacity: 0 } %.2f%%, 100%% { opacity: 1 } }\n", i, from, from+0.01)
		}
		fmt.Fprintf(&b, "#e%d { animation: k%d %.1fs infinite }\n", i, i, s.time)
	}
	b.WriteString("}\n</style>\n")
	fmt.Fprintf(&b, `<rect class="ground" width="%.0f" height="%.0f" rx="8"/>`+"\n", w, h)
	for _, t := range []struct {
		top  float64
		name string
	}{{0, "terminal"}, {secondTop, "another terminal"}} {
		fmt.Fprintf(&b, `<rect class="bar" y="%.0f" width="%.0f" height="%.0f" rx="8"/><text class="name" x="%.0f" y="%.0f">%s</text>`+"\n", t.top, w, bar, margin, t.top+bar-9, t.name)
	}
	for i, e := range s.events {
		fmt.Fprintf(&b, `<g id="e%d">`+"\n", i)
		for n, line := range e.lines {
			y := e.top + float64(n+1)*lineHeight - 5
			if prompt, command, found := strings.Cut(line, " "); e.chars > 0 && found {
				fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" xml:space="preserve"><tspan class="prompt">%s</tspan> %s</text>`+"\n", margin, y, html.EscapeString(prompt), html.EscapeString(command))
			} else {
				fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" xml:space="preserve">%s</text>`+"\n", margin, y, html.EscapeString(line))
			}
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

const style = `text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #e6edf3 }
.ground { fill: #0d1117 } .bar { fill: #21262d } .name { fill: #9198a1 } .prompt { fill: #3fb950 }
`

// A scene is a sequence of events, up to a time.
type scene struct {
	events []event
	time   float64
}

// An event makes lines visible: one that is typed, or several at once.
type event struct {
	from, to, top float64
	chars         int // of a line that is typed; 0 if it is not
	lines         []string
}

// typed adds lines that are typed, one after the other.
func (s *scene) typed(top float64, lines []string) {
	for i, line := range lines {
		chars := utf8.RuneCountInString(line)
		s.events = append(s.events, event{s.time, s.time + float64(chars)*perChar, top + float64(i)*lineHeight, chars, []string{line}})
		s.time += float64(chars)*perChar + perChar
	}
}

// shown adds lines that come at once.
func (s *scene) shown(top float64, lines []string) {
	s.events = append(s.events, event{s.time, s.time, top, 0, lines})
}
