package javatext

import (
	"strconv"
	"testing"
)

func TestJavaDigitsMatchJava17(t *testing.T) {
	for _, c := range []struct {
		x      float64
		digits string
		at     int
	}{
		{1e23, "9999999999999999", 23}, {2e23, "19999999999999998", 24}, {5e-324, "49", -323}, {0.3, "3", 0}, {2e-3, "2", -2},
		{9007199254740993, "9007199254740992", 16}, {1 << 62, "46116860184273879", 19}, {3.4028234663852886e38, "34028234663852886", 39},
		{12345.678, "12345678", 5}, {1.7976931348623157e308, "17976931348623157", 309}, {2.2250738585072014e-308, "22250738585072014", -307},
	} {
		digits, at := javaDigits(c.x)
		if string(digits) != c.digits || at != c.at {
			t.Errorf("%s: 0.%se%d, want 0.%se%d", strconv.FormatFloat(c.x, 'g', -1, 64), digits, at, c.digits, c.at)
		}
	}
}
