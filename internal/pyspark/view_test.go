package pyspark

import "testing"

func TestTheViewIsQuoted(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT s.k FROM stream s":                                   "SELECT s.k FROM `stream` s",
		"select stream.k from Stream AS s where 'FROM stream s' = k": "select stream.k from `Stream` AS s where 'FROM stream s' = k",
		"SELECT * FROM (SELECT k FROM stream) t":                     "SELECT * FROM (SELECT k FROM `stream`) t",
		"SELECT * FROM STREAM stream":                                "SELECT * FROM STREAM stream",
		"SELECT * FROM STREAM(stream)":                               "SELECT * FROM STREAM(stream)",
		"SELECT * FROM `stream` s":                                   "SELECT * FROM `stream` s",
	} {
		if got := quoteView(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
