// Package conformance holds the corpus of what Apache Spark 4.3.0 did (testdata) and, in its tests, the runner that compares
// streamctl with it. The stream cases go through the real command.
//
// testdata/open.txt lists the cases that do not pass yet, each with its reason. The tests fail when a case that is not listed
// fails, and when a listed one passes.
package conformance
