package operator

import "testing"

// SampleRows changes for the time of a test after how many rows a partial aggregation decides whether to group them.
func SampleRows(t testing.TB, n int) {
	before := sampledRows
	sampledRows = n
	t.Cleanup(func() { sampledRows = before })
}
