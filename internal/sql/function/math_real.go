package function

import "math"

// The functions below are those of Java where Go's differ in the last digit or at the edges.

func javaLog(x float64) float64 { return math.Log(x) }
func log2(x float64) float64    { return math.Log(x) / math.Log(2) }
func log10(x float64) float64   { return math.Log10(x) }
func log1p(x float64) float64   { return math.Log1p(x) }
func exp(x float64) float64     { return math.Exp(x) }
func expm1(x float64) float64   { return math.Expm1(x) }
func cbrt(x float64) float64    { return math.Cbrt(x) }
func sin(x float64) float64     { return math.Sin(x) }
func cos(x float64) float64     { return math.Cos(x) }
func tan(x float64) float64     { return math.Tan(x) }
func asin(x float64) float64    { return math.Asin(x) }
func acos(x float64) float64    { return math.Acos(x) }
func atan(x float64) float64    { return math.Atan(x) }
func sinh(x float64) float64    { return math.Sinh(x) }
func cosh(x float64) float64    { return math.Cosh(x) }
func tanh(x float64) float64    { return math.Tanh(x) }

func atan2(y, x float64) float64 { return math.Atan2(y, x) }
func hypot(x, y float64) float64 { return math.Hypot(x, y) }
func pow(x, y float64) float64   { return math.Pow(x, y) }

func asinh(x float64) float64 { return math.Asinh(x) }
func acosh(x float64) float64 { return math.Acosh(x) }
func atanh(x float64) float64 { return math.Atanh(x) }
