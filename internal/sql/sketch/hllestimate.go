package sketch

import (
	_ "embed"
	"encoding/binary"
	"math"
	"sort"
)

// hllCurves holds, for each number of registers, raw estimates whose corrections are multiples of a step.
// (CompositeInterpolationXTable of Apache DataSketches; little-endian doubles.)
//
//go:embed hllestimate.bin
var hllCurves []byte

// hllSteps are the steps by the binary logarithm of the number of registers.
var hllSteps = [...]float64{1, 2, 3, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 40960, 81920}

const hllPoints = 257

// hllCurve returns the points of the curve for 1<<lgK registers.
func hllCurve(lgK int) []float64 {
	curve := make([]float64, hllPoints)
	for i := range curve {
		curve[i] = math.Float64frombits(binary.LittleEndian.Uint64(hllCurves[8*((lgK-LeastHLL)*hllPoints+i):]))
	}
	return curve
}

// Estimate returns the approximate number of different values.
func (h *HLL) Estimate() float64 {
	if h.mode != hllArray {
		n := float64(h.count)
		return max(interpolate(couponCounts, func(i int) float64 { return couponEstimates[i] }, n), n)
	}
	if !h.outOfOrder {
		return h.hip
	}
	h.Settle()
	return h.composite()
}

// composite is the estimate from the registers alone. (HllEstimators.hllCompositeEstimate.)
func (h *HLL) composite() float64 {
	k := float64(len(h.values))
	raw := rawFactor(h.lgK) * k * k / (h.kxq0 + h.kxq1)
	curve, step := hllCurve(h.lgK), hllSteps[h.lgK-LeastHLL]
	last := len(curve) - 1
	switch {
	case raw < curve[0]:
		return 0
	case raw > curve[last]:
		return raw * (step * float64(last) / curve[last])
	}
	adjusted := interpolate(curve, func(i int) float64 { return step * float64(i) }, raw)
	if adjusted > 3*k {
		return adjusted
	}
	linear := h.linear()
	if (adjusted+linear)/2 > crossover(h.lgK)*k {
		return adjusted
	}
	return linear
}

func rawFactor(lgK int) float64 {
	switch lgK {
	case 4:
		return 0.673
	case 5:
		return 0.697
	case 6:
		return 0.709
	}
	return 0.7213 / (1 + 1.079/float64(int(1)<<lgK))
}

func crossover(lgK int) float64 {
	switch lgK {
	case 4:
		return 0.718
	case 5:
		return 0.672
	}
	return 0.64
}

// linear is the estimate from the number of registers that have no value.
func (h *HLL) linear() float64 {
	k := len(h.values)
	if h.least != 0 || h.atLeast == 0 {
		return float64(k) * math.Log(float64(k)/0.5)
	}
	return float64(k) * (harmonic(k) - harmonic(h.atLeast))
}

// exactHarmonics is how many harmonic numbers are fractions in Apache DataSketches; others are a series.
var exactHarmonics = [...]float64{
	0, 1, 1.5, 11.0 / 6, 25.0 / 12, 137.0 / 60, 49.0 / 20, 363.0 / 140, 761.0 / 280, 7129.0 / 2520, 7381.0 / 2520, 83711.0 / 27720, 86021.0 / 27720,
	1145993.0 / 360360, 1171733.0 / 360360, 1195757.0 / 360360, 2436559.0 / 720720, 42142223.0 / 12252240, 14274301.0 / 4084080, 275295799.0 / 77597520,
	55835135.0 / 15519504, 18858053.0 / 5173168, 19093197.0 / 5173168, 444316699.0 / 118982864, 1347822955.0 / 356948592,
}

func harmonic(n int) float64 {
	if n < len(exactHarmonics) {
		return exactHarmonics[n]
	}
	x := float64(n)
	inverse := 1 / (x * x)
	sum := math.Log(x) + 0.577215664901532860606512090082 + 1/(2*x)
	power := inverse
	for _, term := range [...]float64{-1.0 / 12, 1.0 / 120, -1.0 / 252, 1.0 / 240} {
		sum += float64(power * term) // not fused
		power *= inverse
	}
	return sum
}

// interpolate returns the value at x of a curve through points with ascending x: the cubic polynomial through the four points around it.
func interpolate(xs []float64, y func(int) float64, x float64) float64 {
	last := len(xs) - 1
	if x >= xs[last] {
		return y(last)
	}
	at := sort.Search(len(xs), func(i int) bool { return xs[i] > x }) - 1
	at = min(max(at-1, 0), last-3)
	var sum float64
	for i := range 4 {
		numerator, denominator := 1.0, 1.0
		for j := range 4 {
			if j != i {
				numerator *= x - xs[at+j]
				denominator *= xs[at+i] - xs[at+j]
			}
		}
		sum += y(at+i) * numerator / denominator
	}
	return sum
}

// couponCounts and couponEstimates say how many different values a number of coupons is likely to come from. (CouponMapping.)
var (
	couponCounts = []float64{
		0, 1, 20, 400, 8000, 160000, 300000, 600000, 900000, 1200000,
		1500000, 1800000, 2100000, 2400000, 2700000, 3000000, 3300000, 3600000, 3900000, 4200000,
		4500000, 4800000, 5100000, 5400000, 5700000, 6000000, 6300000, 6600000, 6900000, 7200000,
		7500000, 7800000, 8100000, 8400000, 8700000, 9000000, 9300000, 9600000, 9900000, 10200000,
	}
	couponEstimates = []float64{
		0, 1, 20.0000009437402611, 400.000396371338411, 8000.1589294602090376, 160063.6067763759638183,
		300223.7071597663452849, 600895.5933856170158833, 902016.8065120954997838, 1203588.4983199508860707, 1505611.8245524743106216, 1808087.9449319066479802,
		2111018.0231759352609515, 2414403.2270142501220107, 2718244.7282051891088486, 3022543.7025524540804327, 3327301.3299219091422856, 3632518.7942584538832307,
		3938197.2836029687896371, 4244337.9901093561202288, 4550942.1100616492331028, 4858010.8438911894336343, 5165545.3961938973516226, 5473546.9757476449012756,
		5782016.7955296505242586, 6090956.0727340159937739, 6400366.0287892958149314, 6710247.889376200735569, 7020602.8844453142955899, 7331432.2482349723577499,
		7642737.2192891482263803, 7954519.0404754765331745, 8266778.9590033423155546, 8579518.2264420464634895, 8892738.0987390466034412, 9206439.8362383283674717,
		9520624.7036988288164139, 9835293.9703129194676876, 10150448.9097250290215015, 10466090.8000503256917,
	}
)
