package file

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sources"
)

// omitted counts new files that Spark's rules leave out: those that are too old, and those with the name of one that was read.
type omitted struct {
	seen  *seenFiles
	env   *sources.Env
	names map[string]bool // of all that were counted
	again map[string]bool // of those that were read again
	old   omission
	same  omission
	twice omission // not left out, but read again
}

// An omission counts files that were left out for the same reason.
type omission struct {
	count int
	told  int
	first []string // what to say of the first ones that were not told of
}

// mostTold is how many files a message names.
const mostTold = 3

func newOmitted(seen *seenFiles, env *sources.Env) *omitted {
	return &omitted{seen: seen, env: env, names: map[string]bool{}}
}

// isFirst reports that a file was not counted yet.
func (o *omitted) isFirst(path string) bool {
	known := o.names[path]
	o.names[path] = true
	return !known
}

func (o *omission) add(text string) {
	if o.count++; len(o.first) < mostTold {
		o.first = append(o.first, text)
	}
}

// texts lists the first files that were not told of, and how many others there are.
func (o *omission) texts() string {
	text := strings.Join(o.first, "; ")
	if more := o.count - o.told - len(o.first); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// due reports whether to tell: at once of the first ones, of more of them in the end.
func (o *omission) due(end bool) bool {
	if o.count == o.told || o.told > 0 && !end {
		return false
	}
	o.told, o.first = o.count, nil
	return true
}

// tooOld counts a file that is too old to be taken.
func (o *omitted) tooOld(c *candidate) {
	if o.isFirst(c.path) {
		o.env.Stats.OldFiles.Add(1)
		o.old.add(c.path + " of " + timeText(c.modTime))
	}
}

// sameName counts a file that has the name of one in another directory that was read.
func (o *omitted) sameName(path string) {
	if o.isFirst(path) {
		o.env.Stats.SameNames.Add(1)
		o.same.add(path)
	}
}

// readAgain counts a file that was read before, once: its time and its identity both tell of it.
func (o *omitted) readAgain(path, what string) {
	if o.again[path] {
		return
	}
	if o.again == nil {
		o.again = map[string]bool{}
	}
	o.again[path] = true
	o.env.Stats.TwiceFiles.Add(1)
	o.twice.add(path + what)
}

// tell tells of the files that were left out.
func (o *omitted) tell(end bool) {
	o.tellFuture()
	o.tellTwice(end)
	if first := o.old.texts(); o.old.due(end) {
		o.env.Lost(&codec.Loss{
			Key: fmt.Sprint("old files ", end),
			Text: fmt.Sprintf("%s not read: more than maxFileAge (%s) older than the newest file, %s of %s; first: %s", were(o.old.count),
				ageText(o.seen.maxAge), o.seen.newestPath, timeText(time.UnixMilli(o.seen.newest)), first),
			Hint: "read them with a longer time: --option maxFileAge=365d (or source.options.maxFileAge), or give them a new time: touch FILE",
		})
	}
	if first := o.same.texts(); o.same.due(end) {
		o.env.Lost(&codec.Loss{
			Key:  fmt.Sprint("same names ", end),
			Text: fmt.Sprintf("%s not read: with fileNameOnly=true a file of the same name was read before; first: %s", were(o.same.count), first),
			Hint: "give each file a name that no other directory has, or leave fileNameOnly out",
		})
	}
}

// tellTwice tells of the files that are read again.
func (o *omitted) tellTwice(end bool) {
	if first := o.twice.texts(); o.twice.due(end) {
		o.env.Lost(&codec.Loss{
			Key:  fmt.Sprint("files read twice ", end),
			Text: fmt.Sprintf("%s read a second time, and the rows come twice; first: %s", were(o.twice.count), first),
			Hint: "drop files under names that stay: leave rotated ones out (such as --option pathGlobFilter='*.log'), and begin a file with a new name instead of renaming the old one; " +
				"what is written under a name that was read before is not read",
		})
	}
}

// tellFuture warns of a newest file so far in the future that all current files are too old compared with it.
func (o *omitted) tellFuture() {
	limit := o.seen.purged
	if limit <= o.env.Now().UnixMilli() {
		return
	}
	o.env.Lost(&codec.Loss{
		Key: "future file",
		Text: fmt.Sprintf("the time of %s, %s, lies in the future: files of before %s, all that come now, are not read (maxFileAge is %s)", o.seen.newestPath,
			timeText(time.UnixMilli(o.seen.newest)), timeText(time.UnixMilli(limit)), ageText(o.seen.maxAge)),
		Hint: "set the clock of the machine that wrote it; as the checkpoint remembers its time, go on with --option maxFileAge=36500d, or with a new checkpoint",
	})
}

func were(n int) string {
	if n == 1 {
		return "1 file is"
	}
	return fmt.Sprintf("%d files are", n)
}

// ageText writes a number of milliseconds as the option does.
func ageText(millis int64) string {
	d := time.Duration(millis) * time.Millisecond
	if day := 24 * time.Hour; d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}
