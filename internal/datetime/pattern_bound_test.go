package datetime

import (
	"strings"
	"testing"
)

func TestPatternsAreBounded(t *testing.T) {
	if _, err := CompilePattern(strings.Repeat("'a'", maxPattern), "", false); err == nil || !strings.Contains(err.Error(), "196608 bytes is too long") {
		t.Error(err)
	}
	if _, err := LoadZone(strings.Repeat("a/", longestID)); err == nil {
		t.Error("there is a zone with an endless name")
	}
}
