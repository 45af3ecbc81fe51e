// Command thing is a handler of custom resources for tests.
package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/strata-cdk/strata/cfnresource"
)

type properties struct {
	Name      string
	Calls     int
	Fail, Die bool
}

type handler struct{}

func (handler) Create(_ context.Context, r *cfnresource.Request[properties]) (*cfnresource.Response, error) {
	return do(r)
}

func (handler) Update(_ context.Context, r *cfnresource.Request[properties]) (*cfnresource.Response, error) {
	return do(r)
}

func (handler) Delete(context.Context, *cfnresource.Request[properties]) (*cfnresource.Response, error) {
	return nil, nil
}

func do(r *cfnresource.Request[properties]) (*cfnresource.Response, error) {
	switch {
	case r.Properties.Die:
		os.Exit(3)
	case r.Properties.Fail:
		return nil, errors.New("the quota of things is used up")
	case r.Call < r.Properties.Calls:
		return &cfnresource.Response{Again: &cfnresource.Again{After: 2 * time.Second, State: r.Call}}, nil
	}
	var before int
	if err := r.State(&before); err != nil {
		return nil, err
	}
	return &cfnresource.Response{Data: map[string]string{"Calls": strconv.Itoa(before + 1), "Name": r.Properties.Name}}, nil
}

func main() { cfnresource.Start(handler{}) }
