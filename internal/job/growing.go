package job

// A Growing is a step whose state is never removed, since no watermark says when its keys are old.
type Growing struct {
	Stream *Stream
	Step   Step
}

// Growing lists the steps of streams that run on, or go on from their checkpoint, and keep every key of their input. Queries of the step sql
// are not looked into.
func (j *Job) Growing() []Growing {
	if j.Mode == DStream {
		return nil
	}
	var list []Growing
	for _, s := range j.Streams {
		ends := s.Source.Path == "-" || s.Sink.Trigger.Kind == Once || s.Sink.Trigger.Kind == AvailableNow
		if ends && s.Sink.Checkpoint == "" {
			continue
		}
		if step := growing(s.Steps); step != nil {
			list = append(list, Growing{s, step})
		}
	}
	return list
}

// growing returns the first step that keeps every key. Behind a watermark, a step may forget its keys.
func growing(steps []Step) Step {
	for _, step := range steps {
		switch s := step.(type) {
		case WithWatermark:
			return nil
		case GroupBy:
			if len(s.Keys) > 0 {
				return step
			}
		case Distinct, DropDuplicates:
			return step
		}
	}
	return nil
}
