package fileuri

import "testing"

func TestPathsSurviveTheirURI(t *testing.T) {
	for path, uri := range map[string]string{
		"/d/a.csv":  "file:///d/a.csv",
		"/d/a b":    "file:///d/a%20b",
		"/d/100%":   "file:///d/100%25",
		"/d/k=v/x":  "file:///d/k=v/x",
		"/d/[x]{y}": "file:///d/%5Bx%5D%7By%7D",
		"/d/é":      "file:///d/é",
		"/d/\xff":   "file:///d/%FF",
	} {
		if got := FromPath(path); got != uri {
			t.Errorf("FromPath(%q) = %s, want %s", path, got, uri)
		}
		if got := ToPath(uri); got != path {
			t.Errorf("ToPath(%q) = %q, want %q", uri, got, path)
		}
	}
}
