package job

import (
	"maps"
	"slices"
)

// NoEffects lists the options and settings of the job that are known but have no effect here.
func (j *Job) NoEffects(sources, sinks Formats) []string {
	var out []string
	add := func(table Formats, what, format string, opts Options) {
		f, ok := table.Describe(format)
		for _, o := range opts {
			if spec, known := f.find(o.Name, ok); known && spec.Effect == NoEffect {
				out = append(out, "option "+spec.Name+" of the "+f.Name+" "+what)
			}
		}
	}
	for _, s := range j.Streams {
		for _, in := range j.inputsOf(s) {
			add(sources, "source", in.Format, in.Options)
		}
		add(sinks, "sink", s.Sink.Format, s.Sink.Options)
	}
	for _, name := range slices.Sorted(maps.Keys(j.Conf)) {
		if s, ok := findSetting(name); ok && s.Effect == NoEffect {
			out = append(out, "setting "+name)
		}
	}
	return out
}

func (f *Format) find(name string, ok bool) (*OptionSpec, bool) {
	if !ok {
		return nil, false
	}
	return f.Find(name)
}
