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

// The output of input_file_name() in Spark 4.3.0 for files with each of these characters in their names.
func TestCharactersAreEncodedAsByJava(t *testing.T) {
	const plain = "!$&'()*+,-.0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~" +
		"é漢😀\u200b\u00ad\ufeff\ufffd\ue000\u0378\u0301\U000e0001\U0010ffff\ufffe"
	if got := Escape(plain); got != plain {
		t.Errorf("Escape(%q) = %s", plain, got)
	}
	for c, want := range map[string]string{
		"\x01": "%01", "\n": "%0A", "\x1f": "%1F", " ": "%20", `"`: "%22", "#": "%23", "%": "%25", "<": "%3C", ">": "%3E", "?": "%3F", "[": "%5B",
		`\`: "%5C", "]": "%5D", "^": "%5E", "`": "%60", "{": "%7B", "|": "%7C", "}": "%7D", "\x7f": "%7F", "\u0085": "%C2%85", "\u009f": "%C2%9F",
		"\u00a0": "%C2%A0", "\u2003": "%E2%80%83", "\u2028": "%E2%80%A8", "\u3000": "%E3%80%80",
	} {
		if got := Escape(c); got != want {
			t.Errorf("Escape(%q) = %s, want %s", c, got, want)
		}
	}
}
