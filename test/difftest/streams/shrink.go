package main

import "slices"

// mostTries limits the variants of one finding to try at a time.
const mostTries = 20

// shrink replaces findings with smaller ones that still differ in the same way. more reports whether it found any. It shrinks all findings
// together.
func (f *fuzzer) shrink(list []*finding) (more bool, err error) {
	var jobs []*job
	var of []*finding
	for _, x := range list {
		if x.done {
			continue
		}
		x.done = true
		for _, j := range smaller(x.job) {
			jobs, of = append(jobs, j), append(of, x)
		}
	}
	for part := range slices.Chunk(jobs, batchSize) {
		found, err := f.compare(part)
		if err != nil {
			return false, err
		}
		for i, better := range found {
			x := of[i]
			if better.kind == x.kind && (x.done || better.size() < x.size()) {
				*x, more = *better, true
			}
		}
		of = of[len(part):]
	}
	return more, nil
}

// size measures a job: files and steps weigh more than rows.
func (j *job) size() int {
	n := 30*len(j.Runs) + 20*len(j.Conf) + 10*len(j.Fields)
	if j.Conf[partitions] != "1" {
		n += 5
	}
	for i, run := range j.Runs {
		n += 20 * len(run)
		for _, f := range run {
			n += 4 * len(f)
		}
		if i < len(j.Kills) && j.Kills[i] > 0 {
			n += 50
		}
	}
	if j.Other != nil {
		n += 40 * len(j.Other.Steps)
	}
	for _, s := range j.Steps {
		n += 40 + len(s.name()) + len(s.text) + len(s.after)
		if s.kind == "query" {
			n += 10
		}
		for _, e := range append(append([]string{}, s.list...), s.aggs...) {
			n += 10 + len(e)
		}
	}
	return n
}

// smaller returns simpler forms of a job, the most promising first: without kills, steps, aggregates, keys, files, settings, rows.
func smaller(j *job) []*job {
	out := slices.Concat(withoutKills(j), withoutSteps(j), withoutOther(j), withoutParts(j), withoutFiles(j), withoutRows(j))
	for name := range j.Conf {
		c := j.clone()
		switch {
		case name != partitions:
			delete(c.Conf, name)
		case j.Conf[name] == "1":
			continue
		default:
			c.Conf[name] = "1"
		}
		out = append(out, c)
	}
	return out[:min(len(out), mostTries)]
}

func (j *job) clone() *job {
	c := *j
	c.Steps, c.Kills, c.Conf = slices.Clone(j.Steps), slices.Clone(j.Kills), map[string]string{}
	for name, value := range j.Conf {
		c.Conf[name] = value
	}
	c.Runs = nil
	for _, run := range j.Runs {
		c.Runs = append(c.Runs, slices.Clone(run))
	}
	return &c
}

// withoutOther removes a step of the second input.
func withoutOther(j *job) (out []*job) {
	if j.Other == nil {
		return nil
	}
	for i := range j.Other.Steps {
		c, o := j.clone(), *j.Other
		o.Steps = slices.Delete(slices.Clone(o.Steps), i, i+1)
		c.Other = &o
		out = append(out, c)
	}
	return out
}

func withoutKills(j *job) []*job {
	if !slices.ContainsFunc(j.Kills, func(n int) bool { return n > 0 }) {
		return nil
	}
	c := j.clone()
	c.Kills = make([]int, len(j.Kills))
	return []*job{c}
}

func withoutSteps(j *job) (out []*job) {
	for i := range j.Steps {
		if len(j.Steps) > 1 {
			c := j.clone()
			c.Steps = slices.Delete(c.Steps, i, i+1)
			out = append(out, c)
		}
	}
	return out
}

// withoutParts removes a key, an aggregate, or what follows GROUP BY.
func withoutParts(j *job) (out []*job) {
	for i, s := range j.Steps {
		without := func(change func(*step)) {
			c := j.clone()
			change(&c.Steps[i])
			out = append(out, c)
		}
		for k := range s.aggs {
			if len(s.aggs) > 1 {
				without(func(s *step) { s.aggs = slices.Delete(slices.Clone(s.aggs), k, k+1) })
			}
		}
		for k := range s.list {
			if len(s.list) > 1 || len(s.aggs) > 0 {
				without(func(s *step) { s.list = slices.Delete(slices.Clone(s.list), k, k+1) })
			}
		}
		if s.after != "" {
			without(func(s *step) { s.after = "" })
		}
		if s.kind == "query" && s.text != "" {
			without(func(s *step) { s.text = "" })
		}
		if s.kind == "query" && s.text == "" && s.after == "" {
			without(func(s *step) { s.kind = "groupBy" })
		}
	}
	return out
}

// withoutFiles removes a file, or the end of a run.
func withoutFiles(j *job) (out []*job) {
	for i, run := range j.Runs {
		for k := range run {
			c := j.clone()
			c.Runs[i] = slices.Delete(c.Runs[i], k, k+1)
			if len(c.Runs[i]) == 0 {
				c.Runs, c.Kills = slices.Delete(c.Runs, i, i+1), slices.Delete(c.Kills, i, i+1)
			}
			if len(c.Runs) > 0 {
				out = append(out, c)
			}
		}
		if i > 0 {
			c := j.clone()
			c.Runs[i-1] = append(c.Runs[i-1], c.Runs[i]...)
			c.Runs, c.Kills = slices.Delete(c.Runs, i, i+1), slices.Delete(c.Kills, i, i+1)
			out = append(out, c)
		}
	}
	return out
}

// withoutRows removes a row, or half of a file.
func withoutRows(j *job) (out []*job) {
	for i, run := range j.Runs {
		for k, f := range run {
			for n := len(f) / 2; n >= 1; n /= 2 {
				for at := 0; at+n <= len(f); at += n {
					c := j.clone()
					c.Runs[i][k] = slices.Concat(f[:at], f[at+n:])
					out = append(out, c)
				}
			}
		}
	}
	return out
}
