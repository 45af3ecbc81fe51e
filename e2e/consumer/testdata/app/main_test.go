package main

import (
	"os"
	"testing"

	"github.com/strata-cdk/strata/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

func TestGreeter(t *testing.T) {
	app := cdktest.App(t, nil)
	stack := newGreeter(app, os.Getenv("FUNCTION"))
	tpl := cdktest.Synth(t, stack)
	tpl.Has("AWS::Lambda::Function", cdktest.Object{"Architectures": cdktest.Array{"arm64"}})
	tpl.Snapshot("greeter")
}
