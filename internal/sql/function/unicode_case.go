package function

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
)

// Full case mapping for no particular language: the one-to-one mappings of package unicode, and the characters below that map
// to several. (Unicode: SpecialCasing.txt; Spark: ICU with the root locale.)

// fullUpper lists characters followed by their upper case, if that is more than one character.
const fullUpper = "ßSS ŉʼN ǰJ\u030C ΐΙ\u0308\u0301 ΰΥ\u0308\u0301 ևԵՒ ẖH\u0331 ẗT\u0308 ẘW\u030A ẙY\u030A ẚAʾ ὐΥ\u0313 ὒΥ\u0313\u0300 ὔΥ\u0313\u0301 ὖΥ\u0313\u0342 ᾀἈΙ ᾁἉΙ ᾂἊΙ ᾃἋΙ ᾄἌΙ ᾅἍΙ ᾆἎΙ ᾇἏΙ ᾈἈΙ ᾉἉΙ ᾊἊΙ ᾋἋΙ ᾌἌΙ " +
	"ᾍἍΙ ᾎἎΙ ᾏἏΙ ᾐἨΙ ᾑἩΙ ᾒἪΙ ᾓἫΙ ᾔἬΙ ᾕἭΙ ᾖἮΙ ᾗἯΙ ᾘἨΙ ᾙἩΙ ᾚἪΙ ᾛἫΙ ᾜἬΙ ᾝἭΙ ᾞἮΙ ᾟἯΙ ᾠὨΙ ᾡὩΙ ᾢὪΙ ᾣὫΙ ᾤὬΙ ᾥὭΙ ᾦὮΙ ᾧὯΙ ᾨὨΙ ᾩὩΙ " +
	"ᾪὪΙ ᾫὫΙ ᾬὬΙ ᾭὭΙ ᾮὮΙ ᾯὯΙ ᾲᾺΙ ᾳΑΙ ᾴΆΙ ᾶΑ\u0342 ᾷΑ\u0342Ι ᾼΑΙ ῂῊΙ ῃΗΙ ῄΉΙ ῆΗ\u0342 ῇΗ\u0342Ι ῌΗΙ ῒΙ\u0308\u0300 ΐΙ\u0308\u0301 ῖΙ\u0342 ῗΙ\u0308\u0342 ῢΥ\u0308\u0300 ΰΥ\u0308\u0301 ῤΡ\u0313 ῦΥ\u0342 ῧΥ\u0308\u0342 " +
	"ῲῺΙ ῳΩΙ ῴΏΙ ῶΩ\u0342 ῷΩ\u0342Ι ῼΩΙ ﬀFF ﬁFI ﬂFL ﬃFFI ﬄFFL ﬅST ﬆST ﬓՄՆ ﬔՄԵ ﬕՄԻ ﬖՎՆ ﬗՄԽ"

// fullTitle lists characters whose title case is more than one character and differs from their upper case; sameTitle lists
// those for which both are equal.
const (
	fullTitle = "ßSs ևԵւ ᾲᾺ\u0345 ᾴΆ\u0345 ᾷΑ\u0342\u0345 ῂῊ\u0345 ῄΉ\u0345 ῇΗ\u0342\u0345 ῲῺ\u0345 ῴΏ\u0345 ῷΩ\u0342\u0345 ﬀFf ﬁFi ﬂFl ﬃFfi ﬄFfl ﬅSt ﬆSt ﬓՄն ﬔՄե ﬕՄի ﬖՎն ﬗՄխ"
	sameTitle = "ŉǰΐΰẖẗẘẙẚὐὒὔὖᾶῆῒΐῖῗῢΰῤῦῧῶ"
)

// firstFull is the first character with a mapping to several characters.
const firstFull = 'ß'

var (
	upperOf = sync.OnceValue(func() map[rune]string { return caseMap(fullUpper) })
	titleOf = sync.OnceValue(func() map[rune]string {
		m := caseMap(fullTitle)
		for _, r := range sameTitle {
			m[r] = upperOf()[r]
		}
		return m
	})
)

func caseMap(list string) map[rune]string {
	m := map[rune]string{}
	for item := range strings.FieldsSeq(list) {
		r, size := utf8.DecodeRuneInString(item)
		m[r] = item[size:]
	}
	return m
}

// appendUpper appends s in upper case.
func appendUpper(steps *halt.Steps, dst, s []byte) []byte {
	full := upperOf()
	for len(s) > 0 {
		steps.Take(1)
		var r rune
		r, s = nextRune(s)
		if r < firstFull {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		} else if many, ok := full[r]; ok {
			dst = append(dst, many...)
		} else {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		}
	}
	return dst
}

// appendTitle appends one character in title case.
func appendTitle(dst []byte, r rune) []byte {
	if many, ok := titleOf()[r]; ok {
		return append(dst, many...)
	}
	return utf8.AppendRune(dst, unicode.ToTitle(r))
}

// appendLower appends s in lower case. A sigma at the end of a word has a special form.
func appendLower(steps *halt.Steps, dst, s []byte) []byte {
	cased := false // the last character that is not case-ignorable is cased
	for len(s) > 0 {
		steps.Take(1)
		var r rune
		r, s = nextRune(s)
		switch {
		case r == 'Σ' && cased && !startsCased(steps, s):
			dst = append(dst, "ς"...)
		case r == 'İ':
			dst = append(dst, "i\u0307"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		if !caseIgnorable(r) {
			cased = isCased(r)
		}
	}
	return dst
}

// nextRune returns the first character of s and the rest; invalid UTF-8 becomes U+FFFD, as in Java strings.
func nextRune(s []byte) (rune, []byte) {
	r, size := utf8.DecodeRune(s)
	return r, s[size:]
}

func startsCased(steps *halt.Steps, s []byte) bool {
	for len(s) > 0 {
		steps.Take(1)
		var r rune
		if r, s = nextRune(s); !caseIgnorable(r) {
			return isCased(r)
		}
	}
	return false
}

func isCased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	return strings.ContainsRune("'.:^`¨\u00ad¯´·¸‘’․‧︓﹒﹕＇．：", r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
