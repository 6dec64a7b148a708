package engine

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// locks are the directories that a run has for itself.
type locks []io.Closer

// Lock takes all checkpoints and outputs that the job names for a run on another engine, and refuses the run where that engine
// would take the batches of another query for its own. The function returned releases them.
func Lock(ctx context.Context, j *job.Job, env Env) (func(), error) {
	env = env.withDefaults()
	taken, err := lockDirectories(ctx, j, &env)
	if err != nil {
		return nil, err
	}
	if err := admitStreams(j, &env); err != nil {
		taken.release()
		return nil, err
	}
	return taken.release, nil
}

// admitStreams admits every stream of a job that is not analysed here, or none; all errors are reported together.
func admitStreams(j *job.Job, env *Env) error {
	var errs []error
	for _, s := range j.Streams {
		a, err := newAdmission(j, s, "", env.FS)
		if a != nil && err == nil {
			a.acceptChanges = true // the steps are not analysed here
			_, err = a.admit()
		}
		if err != nil {
			errs = append(errs, &Error{Stream: s.Name, Phase: PhaseStart, Err: err})
		}
	}
	return errors.Join(errs...)
}

// A claim is a directory that a run needs for itself.
type claim struct {
	stream, dir string
	lock        func(context.Context, storage.FS, string, time.Duration) (io.Closer, error)
}

// claims lists the checkpoints and outputs of a job, in an order that is the same for every job. Otherwise, two jobs that wait for
// each other's directories would wait forever.
func claims(j *job.Job) ([]claim, error) {
	var all []claim
	add := func(s *job.Stream, path string, lock func(context.Context, storage.FS, string, time.Duration) (io.Closer, error)) error {
		if path == "" || path == "-" || !job.Local(path) {
			return nil
		}
		dir, err := j.Absolute(path)
		all = append(all, claim{s.Name, dir, lock})
		return err
	}
	for _, s := range j.Streams {
		if s.Sink.Checkpoint == "" || j.Mode == job.DStream {
			continue
		}
		if err := add(s, s.Sink.Checkpoint, checkpoint.Lock); err != nil {
			return nil, err
		}
		if err := add(s, s.Sink.Path, checkpoint.LockOutput); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b claim) int { return cmp.Compare(job.RealPath(a.dir), job.RealPath(b.dir)) })
	return all, nil
}

// lockDirectories takes all checkpoints and outputs that the job names before any query starts, or none.
func lockDirectories(ctx context.Context, j *job.Job, env *Env) (locks, error) {
	all, err := claims(j)
	if err != nil {
		return nil, err
	}
	var taken locks
	for _, c := range all {
		l, err := c.lock(ctx, env.FS, c.dir, env.WaitLock)
		if err != nil {
			taken.release()
			return nil, &Error{Stream: c.stream, Phase: PhaseRun, Err: reported(err)}
		}
		taken = append(taken, l)
	}
	return taken, nil
}

func (l locks) release() {
	for _, c := range l {
		_ = c.Close()
	}
}
