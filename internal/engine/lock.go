package engine

import (
	"context"
	"io"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
)

// locks are the checkpoints that a run has for itself.
type locks []io.Closer

// Lock takes all checkpoints that the job names for a run outside the engine. The function returned gives them back.
func Lock(ctx context.Context, j *job.Job, env Env) (func(), error) {
	env = env.withDefaults()
	taken, err := lockCheckpoints(ctx, j, &env)
	return taken.release, err
}

// lockCheckpoints takes all checkpoints that the job names before any query starts, or none.
func lockCheckpoints(ctx context.Context, j *job.Job, env *Env) (locks, error) {
	var taken locks
	for _, s := range j.Streams {
		if s.Sink.Checkpoint == "" || j.Mode == job.DStream || !job.Local(s.Sink.Checkpoint) {
			continue
		}
		dir, err := absolute(j, s.Sink.Checkpoint)
		if err == nil {
			var l io.Closer
			if l, err = checkpoint.Lock(ctx, env.FS, dir, env.WaitLock); err == nil {
				taken = append(taken, l)
			}
		}
		if err != nil {
			taken.release()
			return nil, &Error{Stream: s.Name, Phase: PhaseRun, Err: reported(err)}
		}
	}
	return taken, nil
}

func (l locks) release() {
	for _, c := range l {
		_ = c.Close()
	}
}
