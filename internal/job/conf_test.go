package job

import "testing"

func TestBytesOfSettingsHaveUnits(t *testing.T) {
	for text, want := range map[string]int64{"134217728": 1 << 27, "128m": 1 << 27, " 128MB ": 1 << 27, "1g": 1 << 30, "2k": 2048, "7b": 7} {
		if n, ok := ParseBytes(text); !ok || n != want {
			t.Errorf("%q: %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "many", "m", "1.5g", "-1", "9223372036854775807k", "1x"} {
		if n, ok := ParseBytes(text); ok {
			t.Errorf("%q is %d bytes", text, n)
		}
	}
}
