package function_test

import "testing"

// Cases found by comparing random expressions with Spark.
func TestAgreesWithSpark(t *testing.T) {
	for _, c := range [][2]string{
		{"try_add('x', 1)", "NULL"},
		{"try_multiply('3', 4)", "12"},
		{"try_divide(make_interval(0, 1, 0, 3, 26), 100)", "58 minutes 48 seconds"},
		{"try_to_binary('616', 'hex')", "[06 16]"},
		{"make_interval(0, 0, 0, -5) * 1.5", "-7 days -12 hours"},
		{"pmod(-1Y, -128Y)", "-1"},
		{"pmod(-1, -2147483648)", "2147483647"},
		{"hex(from_base32('Z=ZZ'))", "06"},
		{"hex(from_base32('zz 1é0zzzzzzz'))", "CE739CE739CE"},
		{"array_union(array(1), array(1.5F))", "[1.0, 1.5]"},
		{"element_at(map(16777217, 1), 1.6777216E7F)", "1"},
		{"acos(-1)", "3.141592653589793"},
		{"reverse(X'0102')", "[02 01]"},
		{"parse_url('no url', 'HOST', 'd')", "NULL"},
	} {
		if got := show(t, c[0]); got != c[1] {
			t.Errorf("%s: got %q, want %q", c[0], got, c[1])
		}
	}
}
