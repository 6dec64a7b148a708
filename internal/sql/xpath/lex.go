package xpath

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Default limits of the JDK.
const (
	maxOperators = 100
	maxGroups    = 10
)

// A lexer splits an expression into tokens: names and numbers are what lies between special characters and blanks. It is as
// lenient as Xalan's, and keeps its counts of operators and groups. (com.sun.org.apache.xpath.internal.compiler.Lexer)
type lexer struct {
	text   []rune
	tokens []string
	start  int // start of a name or number; -1 between them
	colon  int // position of the name's colon, or -1
	number bool
	axis   bool
	word   bool // the last token is not an operator, so parentheses after it hold arguments
	ops    int
	groups int
}

func tokenize(expression string) ([]string, error) {
	l := &lexer{text: []rune(expression), start: -1, colon: -1}
	for i := 0; i < len(l.text); i++ {
		var err error
		if i, err = l.character(i); err != nil {
			return nil, err
		}
		if l.groups > maxGroups {
			return nil, fmt.Errorf("it has more than %d groups in parentheses", maxGroups)
		}
		if l.ops > maxOperators {
			return nil, fmt.Errorf("it has more than %d operators", maxOperators)
		}
	}
	if err := l.endWord(len(l.text)); err != nil {
		return nil, err
	}
	if len(l.tokens) == 0 {
		return nil, errors.New("it is blank")
	}
	return l.tokens, nil
}

// character consumes the character at i and returns the position of the last one consumed.
func (l *lexer) character(i int) (int, error) {
	switch c := l.text[i]; c {
	case '"', '\'':
		return l.literal(i, c)
	case ' ', '\t', '\n', '\r':
		if l.start >= 0 && l.colon < 0 && slices.Contains(wordOperators, string(l.text[l.start:i])) {
			l.operator()
		}
		return i, l.endWord(i)
	case '-':
		if l.start >= 0 && !l.number {
			return i, nil // part of a name
		}
		return i, l.special(i, c)
	case '@', '(', '[', ')', ']', '|', '/', '*', '+', '=', ',', '\\', '^', '!', '$', '<', '>':
		return i, l.special(i, c)
	case ':':
		if i > 0 && l.colon == i-1 && l.colon >= 0 {
			l.axisName(i)
			return i, nil
		}
		if i > 0 {
			l.colon = i
		}
	}
	l.wordCharacter(i)
	return i, nil
}

var wordOperators = []string{"or", "and", "div", "mod", "quo", "..", "::", "attribute", "child"}

func (l *lexer) literal(i int, quote rune) (int, error) {
	if err := l.endWord(i); err != nil {
		return i, err
	}
	end := slices.Index(l.text[i+1:], quote)
	if end < 0 {
		return i, errors.New("a literal has no closing quote")
	}
	l.tokens = append(l.tokens, string(l.text[i:i+end+2]))
	return i + end + 1, nil
}

func (l *lexer) wordCharacter(i int) {
	c := l.text[i]
	l.word = true
	if !l.number && c == '.' && l.peek(i) != '.' {
		l.operator()
	}
	if l.start < 0 {
		l.start, l.number = i, unicode.IsDigit(c)
	} else if l.number {
		l.number = unicode.IsDigit(c)
	}
}

func (l *lexer) peek(i int) rune {
	if i+1 < len(l.text) {
		return l.text[i+1]
	}
	return 0
}

func (l *lexer) operator() { l.ops, l.word = l.ops+1, false }

// special consumes a character that is a token by itself.
func (l *lexer) special(i int, c rune) error {
	if err := l.endWord(i); err != nil {
		return err
	}
	l.count(i, c)
	l.tokens = append(l.tokens, string(c))
	return nil
}

func (l *lexer) count(i int, c rune) {
	switch c {
	case '[':
		l.operator()
	case '(':
		if !l.word {
			l.groups++
		}
		if !l.word || !l.axis {
			l.operator()
		}
	case '>', '<', '=', '!':
		if l.peek(i) != '=' {
			l.operator()
		}
		return
	case '/':
		if l.peek(i) != '/' {
			l.operator()
		}
	case ')', ']', ',':
		return
	default:
		if c != '*' || !l.axis {
			l.operator()
		}
	}
	l.axis = false
}

// axisName consumes the second colon after the name of an axis.
func (l *lexer) axisName(i int) {
	if l.start >= 0 && l.start < i-1 {
		l.tokens = append(l.tokens, string(l.text[l.start:i-1]))
	}
	l.start, l.colon, l.number, l.axis = -1, -1, false, true
	l.ops++
	l.tokens = append(l.tokens, "::")
}

// endWord adds the name or number that ends before i. A name with a prefix is three tokens.
func (l *lexer) endWord(i int) error {
	if l.start < 0 {
		return nil
	}
	from, colon := l.start, l.colon
	l.start, l.colon, l.number = -1, -1, false
	if colon < 0 {
		l.tokens = append(l.tokens, string(l.text[from:i]))
		return nil
	}
	if from >= colon {
		return errors.New("a name has a colon but no prefix")
	}
	l.tokens = append(l.tokens, string(l.text[from:colon]), ":")
	if colon+1 < i {
		l.tokens = append(l.tokens, string(l.text[colon+1:i]))
	}
	return nil
}

func isLiteral(token string) bool {
	return strings.HasPrefix(token, `"`) || strings.HasPrefix(token, "'")
}
