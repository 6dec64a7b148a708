package status

import "testing"

func TestSizesForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 9_949: "9.9 kB", 9_950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB", 12e12: "12 TB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestRatesForPeople(t *testing.T) {
	for rate, want := range map[float64]string{0: "0", 0.04: "0", 0.5: "0.5", 3: "3", 9.96: "10", 1234.4: "1234", 12_345: "12k", 2_500_000: "2.5M"} {
		if got := Rate(rate); got != want {
			t.Errorf("%v: %q, want %q", rate, got, want)
		}
	}
}
