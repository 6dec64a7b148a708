package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTheCastsAreUpToDate(t *testing.T) {
	for _, c := range casts {
		want, err := c.draw("../..")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile("../../" + c.file); err != nil || string(got) != want {
			t.Errorf("%s is out of date: make casts", c.file)
		}
		if len(want) > 100_000 {
			t.Errorf("%s has %d bytes", c.file, len(want))
		}
		for d := xml.NewDecoder(strings.NewReader(want)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", c.file, err)
			}
		}
	}
}

func TestCommandsHaveThePromptsOfAShell(t *testing.T) {
	got := prompted([]string{"cat > a <<'END'", `1 \`, "END", `ls \`, "  -l", "pwd"})
	want := []string{"$ cat > a <<'END'", `> 1 \`, "> END", `$ ls \`, ">   -l", "$ pwd"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestTheOutputComesAfterTheCommands(t *testing.T) {
	picture := animate("a <b>", []string{"$ one"}, []string{"$ two"}, []string{"three", "four"})
	for _, part := range []string{"a &lt;b&gt;", `<g id="e2">`, `xml:space="preserve">three<`, "another terminal", "steps(5)"} {
		if !strings.Contains(picture, part) {
			t.Errorf("no %s in\n%s", part, picture)
		}
	}
	if strings.Index(picture, "two") > strings.Index(picture, "three") {
		t.Error("the output comes before the last command")
	}
}
