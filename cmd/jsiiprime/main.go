// Command jsiiprime gets jsii's type index of the CDK written; see package jsiiprime. With -check it only tells, by its
// exit code and in a sentence, whether that is done.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/strata-cdk/strata/jsiiprime"
)

func main() {
	check := flag.Bool("check", false, "only tell whether the index is there")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "jsiiprime:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	if check {
		done, err := jsiiprime.Done()
		if err == nil && !done {
			err = errors.New("jsii's type index is missing: every synth takes about three times as long; run cmd/jsiiprime once")
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return jsiiprime.Prime(ctx)
}
