package beanstalk_test

import (
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/beanstalk"
)

func ExampleNewBundle() {
	bundle, err := beanstalk.NewBundle(&beanstalk.BundleProps{
		FS: fstest.MapFS{ // Or Directory: "app", or an embed.FS.
			"bin/web":                   {Data: []byte("a program")},
			".ebextensions/size.config": {Data: []byte("option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n")},
		},
		Procfile: []beanstalk.Process{{Name: "web", Command: "bin/web"}},
		Hooks:    map[string]string{"predeploy/10_migrate.sh": "#!/bin/sh\nbin/web migrate\n"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bundle.Options())
	fmt.Println(bundle.Masked([]beanstalk.Option{{Namespace: "aws:autoscaling:asg", Name: "MinSize", Value: "1"}}))
	// Output:
	// [aws:autoscaling:asg MinSize]
	// [.ebextensions/size.config:3: aws:autoscaling:asg MinSize has no effect: the environment sets it itself]
}

func ExampleCheckOptions() {
	c := check.For("app.Props")
	beanstalk.CheckOptions(c, "RawOptions", []beanstalk.Option{
		{Namespace: "aws:elasticbeanstalk:command", Name: "Timeout", Value: "2h"},
		{Namespace: "aws:autoscaling:asg", Name: "MinSise", Value: "2"},
	})
	var e *check.Error
	if errors.As(c.Err(), &e) {
		for _, p := range e.Problems {
			fmt.Println(p)
		}
	}
	// Output:
	// RawOptions[0].Value: must be a whole number between 1 and 3600, got 2h
	// RawOptions[1].Name: is not an option of aws:autoscaling:asg: MinSise; did you mean MinSize?
}
