// Package sketch summarizes the distribution of many numbers in little memory: Quantiles for percentile_approx, and Histogram for
// histogram_numeric. A sketch takes one number at a time, is written to bytes, and merges the bytes of another; the results
// depend on the order and equal those of Spark's QuantileSummaries and NumericHistogram. Frequent does the same for the most frequent items,
// for approx_top_k. HLL, KLL, Theta and Tuple are the sketches of Apache DataSketches 6.2.0, which Spark 4.3.0 uses: with their bytes, hashes and orders
// of floating-point operations.
package sketch
