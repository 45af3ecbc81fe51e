// Package cdkval turns plain Go values into those of the CDK.
package cdkval

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// Duration gives d in whole seconds where it is that, else in milliseconds.
func Duration(d time.Duration) awscdk.Duration {
	if d%time.Second == 0 {
		return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
	}
	return awscdk.Duration_Millis(jsii.Number(float64(d.Milliseconds())))
}

// Number gives nil for nil, so that CloudFormation takes its default.
func Number(n *int) *float64 {
	if n == nil {
		return nil
	}
	return jsii.Number(*n)
}

// Text gives nil for the empty string, so that CloudFormation takes its default.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// TextMap gives nil for an empty map.
func TextMap(m map[string]string) *map[string]*string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]*string, len(m))
	for k, v := range m {
		out[k] = &v
	}
	return &out
}

// Texts gives nil for an empty slice.
func Texts(s []string) *[]*string {
	if len(s) == 0 {
		return nil
	}
	return jsii.Strings(s...)
}

// Inherit sets the fields of to, a pointer to a struct of props, that from, such a pointer too, has by the same names: Go's
// props of the CDK do not embed those that they extend.
func Inherit(to, from any) {
	source, target := reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem()
	for i := range source.NumField() {
		if v := source.Field(i); !v.IsZero() {
			target.FieldByName(source.Type().Field(i).Name).Set(v)
		}
	}
}

// retentions are the periods that CloudWatch Logs takes, by their days.
var retentions = map[int]awslogs.RetentionDays{
	1:    awslogs.RetentionDays_ONE_DAY,
	3:    awslogs.RetentionDays_THREE_DAYS,
	5:    awslogs.RetentionDays_FIVE_DAYS,
	7:    awslogs.RetentionDays_ONE_WEEK,
	14:   awslogs.RetentionDays_TWO_WEEKS,
	30:   awslogs.RetentionDays_ONE_MONTH,
	60:   awslogs.RetentionDays_TWO_MONTHS,
	90:   awslogs.RetentionDays_THREE_MONTHS,
	120:  awslogs.RetentionDays_FOUR_MONTHS,
	150:  awslogs.RetentionDays_FIVE_MONTHS,
	180:  awslogs.RetentionDays_SIX_MONTHS,
	365:  awslogs.RetentionDays_ONE_YEAR,
	400:  awslogs.RetentionDays_THIRTEEN_MONTHS,
	545:  awslogs.RetentionDays_EIGHTEEN_MONTHS,
	731:  awslogs.RetentionDays_TWO_YEARS,
	1096: awslogs.RetentionDays_THREE_YEARS,
	1827: awslogs.RetentionDays_FIVE_YEARS,
	2192: awslogs.RetentionDays_SIX_YEARS,
	2557: awslogs.RetentionDays_SEVEN_YEARS,
	2922: awslogs.RetentionDays_EIGHT_YEARS,
	3288: awslogs.RetentionDays_NINE_YEARS,
	3653: awslogs.RetentionDays_TEN_YEARS,
}

// Named gives the removal policy of what has a certain name: what stays otherwise goes when the creation of its stack fails. If it stayed behind then, the
// next try would fail, as the name is taken.
func Named(removal awscdk.RemovalPolicy) awscdk.RemovalPolicy {
	if removal == awscdk.RemovalPolicy_RETAIN {
		return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	return removal
}

// RetentionDays lists the retention periods that CloudWatch Logs takes, in days.
func RetentionDays() []int { return slices.Sorted(maps.Keys(retentions)) }

// Retention gives the CDK's value for a number of days that RetentionDays lists.
func Retention(days int) awslogs.RetentionDays { return retentions[days] }
