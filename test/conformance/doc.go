// Package conformance compares streamctl with recorded output of Apache Spark 4.3.0. The recordings are in
// testdata, and the tests of this package compare streamctl with them. Stream cases run through the real
// command.
//
// testdata/open.txt lists the cases that do not pass yet, each with the reason. The tests fail if a case that
// is not listed fails, or if a listed case passes.
package conformance
