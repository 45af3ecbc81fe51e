// Package jsiiprime gets jsii's type index of the CDK written, which makes each later start of a CDK app in Go about three
// times as fast.
//
// jsii unpacks the CDK's JavaScript into a cache for the user and lets a worker write an index of its types beside it. The
// worker needs some seconds; an app that synthesises in less kills it, run after run, and then reads nine megabytes of
// type descriptions at every start. Prime keeps a process open until the index is there. Once for each version of the CDK
// and each user is enough; the command is
//
//	go run github.com/strata-cdk/strata/cmd/jsiiprime
package jsiiprime

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// index is the file that the worker writes last.
const index = ".jsii.runtime.v1.json"

// Done tells whether the index is there for the CDK that this program is built with.
func Done() (bool, error) {
	root, err := cacheRoot()
	if err != nil {
		return false, err
	}
	found, err := filepath.Glob(filepath.Join(root, "aws-cdk-lib", cdkVersion(), "*", index))
	return len(found) > 0, err
}

// Prime starts the CDK and waits until the index is there, or ctx ends. It does nothing when the index is there already.
func Prime(ctx context.Context) error {
	if done, err := Done(); done || err != nil {
		return err
	}
	awscdk.NewApp(nil)
	defer jsii.Close()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for jsii's type index: %w", ctx.Err())
		case <-tick.C:
			if done, err := Done(); done || err != nil {
				return err
			}
		}
	}
}

// cacheRoot is where jsii keeps packages; see jsii's DiskCache.
func cacheRoot() (string, error) {
	if root := os.Getenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT"); root != "" {
		return root, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("jsii's cache is below the home folder: %w", err)
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Caches", "com.amazonaws.jsii", "package-cache"), nil
	case "windows":
		return filepath.Join(os.Getenv("LOCALAPPDATA"), "AWS", "jsii", "package-cache"), nil
	default:
		return filepath.Join(home, ".cache", "aws", "jsii", "package-cache"), nil
	}
}

// cdkVersion is the version of aws-cdk-lib, which is that of its Go module; any when it cannot be told.
func cdkVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "github.com/aws/aws-cdk-go/awscdk/v2" {
				return strings.TrimPrefix(dep.Version, "v")
			}
		}
	}
	return "*"
}
