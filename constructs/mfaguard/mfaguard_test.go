package mfaguard_test

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/stretchr/testify/assert"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/mfaguard"
)

func TestGuardProps_Validate(t *testing.T) {
	type props = mfaguard.GuardProps
	cdktest.ValidateTable(t, func() props { return props{} }, []cdktest.Case[props]{
		{Name: "zero", Edit: func(*props) {}},
		{Name: "shortest", Edit: func(p *props) { p.MaxSessionAge = 15 * time.Minute }},
		{Name: "longest", Edit: func(p *props) { p.MaxSessionAge = 36 * time.Hour }},
		{Name: "too short", Edit: func(p *props) { p.MaxSessionAge = 15*time.Minute - time.Second }, Want: []string{"MaxSessionAge: must be between 15m0s and 36h0m0s, got 14m59s"}},
		{Name: "negative", Edit: func(p *props) { p.MaxSessionAge = -1 }, Want: []string{"MaxSessionAge: must be between 15m0s and 36h0m0s, got -1ns", "MaxSessionAge: must be whole seconds, got -1ns"}},
		{Name: "all", Edit: func(p *props) {
			p.Users, p.Groups, p.MaxSessionAge = []awsiam.IUser{nil}, []awsiam.IGroup{nil}, 36*time.Hour+time.Millisecond
		}, Want: []string{
			"Users[0]: must be given", "Groups[0]: must be given",
			"MaxSessionAge: must be between 15m0s and 36h0m0s, got 36h0m0.001s", "MaxSessionAge: must be whole seconds, got 36h0m0.001s",
		}},
	})
	assert.NoError(t, (*mfaguard.GuardProps)(nil).Validate())
}
