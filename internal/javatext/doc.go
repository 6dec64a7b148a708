// Package javatext formats numbers and text as Java and Spark do: Format applies formats of java.util.Formatter such as "%-8s|%,.2f",
// DecimalFormat patterns of java.text.DecimalFormat such as "#,##0.00", and NumberFormat formats of to_number and to_char such as
// "$99,999.99S". The first two follow OpenJDK 17, including the digits that java.text derives from a double, which are not those of
// Double.toString; the last follows Spark's ToNumberParser. All are for the US locale.
package javatext
