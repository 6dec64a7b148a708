package spark

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/streamctl/streamctl/internal/engine"
)

// realSpark returns the Spark in STREAMCTL_SPARK, a directory for Find. Without it, the test is skipped.
func realSpark(t *testing.T) Installation {
	t.Helper()
	home := os.Getenv("STREAMCTL_SPARK")
	if home == "" {
		t.Skip("STREAMCTL_SPARK names no Spark: make spark-test runs this")
	}
	in, err := Find(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

const twoBatches = `
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
q = (spark.readStream.format("csv").schema("a INT, b STRING").option("maxFilesPerTrigger", 1).load("DIR")
     .selectExpr("100 / a AS q", "b").writeStream.queryName("people").format("console").trigger(availableNow=True).start())
q.awaitTermination()
`

func TestAProgramOnSparkReportsItsBatches(t *testing.T) {
	in := realSpark(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"1.csv": "1,é\n2,b\n", "2.csv": "4,c\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errText bytes.Buffer
	var batches []int64
	p := &Process{
		Installation: in, Submission: Submission{Master: "local[1]", Conf: map[string]string{"spark.ui.enabled": "false"}},
		Program: strings.ReplaceAll(twoBatches, "DIR", dir), Out: &out, Err: &errText, LogLevel: "error",
		OnProgress: func(p *engine.Progress) { batches = append(batches, p.BatchID) },
	}
	s, err := p.Run(context.Background(), func() syscall.Signal { return syscall.SIGTERM })
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, &out, &errText)
	}
	if total := s.Total(); total.Batches != 2 || total.RowsIn != 3 || total.RowsOut != 3 || len(batches) != 2 {
		t.Errorf("summary %+v, batches %v", total, batches)
	}
	if !strings.Contains(out.String(), "|100.0|  é|\n") || errText.Len() > 0 {
		t.Errorf("out %s err %s", &out, &errText)
	}
	if err := os.WriteFile(filepath.Join(dir, "3.csv"), []byte("0,d\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	_, err = p.Run(context.Background(), func() syscall.Signal { return syscall.SIGTERM })
	if err == nil || engine.PhaseOf(err) != engine.PhaseRun || !strings.HasPrefix(err.Error(), "[DIVIDE_BY_ZERO] Division by zero.") {
		t.Errorf("%v, phase %v, out %s, err %s", err, engine.PhaseOf(err), &out, &errText)
	}
	p.Program = strings.ReplaceAll(p.Program, "100 / a", "100 / x")
	_, err = p.Run(context.Background(), func() syscall.Signal { return syscall.SIGTERM })
	if err == nil || engine.PhaseOf(err) != engine.PhaseStart || !strings.HasPrefix(err.Error(), "[UNRESOLVED_COLUMN.WITH_SUGGESTION]") {
		t.Errorf("%v, phase %v", err, engine.PhaseOf(err))
	}
	if errText.Len() > 0 {
		t.Errorf("err %s", &errText)
	}
}
