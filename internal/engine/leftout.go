package engine

import "github.com/streamctl/streamctl/internal/sources"

// A LeftOut counts files that were not read, were read twice or were not put away.
type LeftOut struct {
	ChangedFiles int64 // files that were not as they were read
	UnreadBytes  int64 // bytes in them that no batch has read, as far as that is known
	OldFiles     int64 // files beyond maxFileAge
	SameNames    int64 // files with the name of another one (fileNameOnly)
	TwiceFiles   int64 // files that were read before, under another name or long ago
	KeptFiles    int64 // files that cleanSource left where they are
}

func leftOutOf(s *sources.LeftOut) LeftOut {
	return LeftOut{
		ChangedFiles: s.ChangedFiles.Load(), UnreadBytes: s.UnreadBytes.Load(), OldFiles: s.OldFiles.Load(), SameNames: s.SameNames.Load(),
		TwiceFiles: s.TwiceFiles.Load(), KeptFiles: s.KeptFiles.Load(),
	}
}

func (l *LeftOut) add(x *LeftOut) {
	l.ChangedFiles += x.ChangedFiles
	l.UnreadBytes += x.UnreadBytes
	l.OldFiles += x.OldFiles
	l.SameNames += x.SameNames
	l.TwiceFiles += x.TwiceFiles
	l.KeptFiles += x.KeptFiles
}
