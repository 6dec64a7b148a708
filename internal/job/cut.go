package job

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/yamlerr"
)

// Within { } and [ ], YAML ends a value at a comma: {r: concat(a, b)} has the key r with the value "concat(a",
// and the key "b)" without a value. The parser reports such a mistake once and suggests the quoted form.

// cutEntries reports values of a mapping that were split at commas. It returns the keys involved, which the
// caller skips.
func (p *parser) cutEntries(m *yaml.Node, path string) map[*yaml.Node]bool {
	if m.Style&yaml.FlowStyle == 0 {
		return nil
	}
	cut := map[*yaml.Node]bool{}
	for i := 2; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i-2], m.Content[i-1]
		last := i
		for last+1 < len(m.Content) && p.bare(m.Content[last], m.Content[last+1]) {
			cut[m.Content[last]] = true
			last += 2
		}
		if last == i || value.Kind != yaml.ScalarNode {
			continue
		}
		cut[key] = true
		whole := p.between(value, m.Content[last-2])
		p.errs.addf(p.place(value, join(path, key.Value)), "a comma ends the value of %s: YAML reads only %q", key.Value, value.Value).
			Hint = cutHint(key.Value+": ", whole)
		i = last
	}
	return cut
}

// bare reports whether key is a key of a flow mapping without a colon.
func (p *parser) bare(key, value *yaml.Node) bool {
	if key.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode || value.Value != "" || value.ShortTag() != "!!null" {
		return false
	}
	rest := strings.TrimLeft(p.after(key), " ")
	return !strings.HasPrefix(rest, ":")
}

// cutElements is like cutEntries, for the elements of a sequence: it looks for brackets that a later element
// closes.
func (p *parser) cutElements(l *yaml.Node, path string) map[*yaml.Node]bool {
	if l.Style&yaml.FlowStyle == 0 {
		return nil
	}
	cut := map[*yaml.Node]bool{}
	for i := 0; i < len(l.Content); i++ {
		depth := openBrackets(l.Content[i])
		last := i
		for depth > 0 && last+1 < len(l.Content) && l.Content[last+1].Kind == yaml.ScalarNode {
			last++
			depth += openBrackets(l.Content[last])
		}
		if last == i || depth != 0 {
			continue
		}
		first := l.Content[i]
		p.errs.addf(p.place(first, fmt.Sprintf("%s[%d]", path, i)), "a comma ends an element of the list: YAML reads only %q", first.Value).
			Hint = cutHint("", p.between(first, l.Content[last]))
		for ; i < last; i++ {
			cut[l.Content[i]] = true
		}
		cut[l.Content[last]] = true
	}
	return cut
}

// openBrackets returns the number of parentheses that an unquoted text opens and does not close.
func openBrackets(n *yaml.Node) int {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return 0
	}
	return strings.Count(n.Value, "(") - strings.Count(n.Value, ")")
}

func cutHint(key, whole string) string {
	if whole == "" {
		return "put the whole text in quotes"
	}
	return key + yamlerr.Quote(whole)
}

// between returns the source text from the start of one scalar to the end of another on the same line, or "".
func (p *parser) between(first, last *yaml.Node) string {
	if first.Line != last.Line || first.Line < 1 || first.Line > len(p.lines) {
		return ""
	}
	from := dropRunes(p.lines[first.Line-1], first.Column-1)
	return strings.TrimSpace(strings.TrimSuffix(from, p.after(last)))
}

// after returns the text after a scalar on its line.
func (p *parser) after(n *yaml.Node) string {
	if n.Line < 1 || n.Line > len(p.lines) {
		return ""
	}
	rest := dropRunes(p.lines[n.Line-1], n.Column-1)
	switch {
	case n.Style&yaml.SingleQuotedStyle != 0:
		return rest[min(quotedEnd(rest, '\''), len(rest)):]
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return rest[min(quotedEnd(rest, '"'), len(rest)):]
	}
	return dropRunes(rest, utf8.RuneCountInString(n.Value))
}

// quotedEnd returns the length of the quoted text at the start of s.
func quotedEnd(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch {
		case quote == '"' && s[i] == '\\':
			i++
		case s[i] == quote && quote == '\'' && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return len(s)
}
