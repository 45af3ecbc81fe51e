package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/strata-cdk/strata/cfnresource"
	"github.com/strata-cdk/strata/internal/provider"
)

// answer is what CloudFormation is told.
type answer struct {
	Status, Reason, PhysicalResourceID string
	Data                               map[string]string
}

// run does a request of CloudFormation as the state machine of customresource does: call after call, without the pauses.
func run(t *testing.T, h handler, kind, id, physical string, props, old object) (a answer, calls int) {
	t.Helper()
	t.Setenv(provider.Waiter, "arn:aws:states:us-east-1:111111111111:stateMachine:x")
	cloudformation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.NoError(t, json.Unmarshal(body, &a))
	}))
	defer cloudformation.Close()
	step, err := json.Marshal(object{
		"event": object{
			"RequestType": kind, "RequestId": id, "ResponseURL": cloudformation.URL, "StackId": "arn:aws:cloudformation:us-east-1:111111111111:stack/Game/1",
			"LogicalResourceId": "Routing", "PhysicalResourceId": physical, "ResourceProperties": props, "OldResourceProperties": old,
		},
		"started": "2999-01-01T00:00:00Z", // in this test no hour passes
	})
	require.NoError(t, err)
	f := cfnresource.New[properties](h)
	for calls = 1; calls < 60; calls++ {
		step, err = f.Invoke(t.Context(), step)
		require.NoError(t, err)
		var s struct{ Done bool }
		require.NoError(t, json.Unmarshal(step, &s))
		if s.Done {
			return a, calls
		}
	}
	require.Fail(t, "the request never ends")
	return a, calls
}

func wanted() object {
	return object{
		"Name": "game", "FlowLogsBucket": "logs", "FlowLogsPrefix": "edge",
		"Listeners": []any{object{
			"Ports": []any{object{"From": "5000", "To": "9000"}}, // CloudFormation makes strings of numbers
			"Groups": []any{
				object{"Region": "us-east-1", "Destinations": []any{object{"From": 80, "To": 81, "Protocols": []any{"UDP", "TCP"}}}, "Subnets": []any{
					object{"ID": "subnet-1", "Allow": "true"}, object{"ID": "subnet-2"},
				}},
				object{"Region": "eu-west-1", "Destinations": []any{object{"From": 80, "To": 80, "Protocols": []any{"TCP"}}}},
			},
		}},
	}
}

const (
	inPlace = `game enabled=true logs=logs/edge
  [map[FromPort:5000 ToPort:9000]]: eu-west-1 [map[FromPort:80 Protocols:[TCP] ToPort:80]] subnets=[] open=map[]` +
		` us-east-1 [map[FromPort:80 Protocols:[UDP TCP] ToPort:81]] subnets=[subnet-1 subnet-2] open=map[subnet-1:true]`
	firstARN = "arn:aws:globalaccelerator::111111111111:accelerator/1"
)

var creation = []string{
	"CreateAccelerator", "UpdateAcceleratorAttributes", "CreateListener", "CreateEndpointGroup", "AddEndpoints", "AllowTraffic", "CreateEndpointGroup",
}

func TestCreate(t *testing.T) {
	w, h := newWorld(t)
	a, calls := run(t, h, "Create", "1", "", wanted(), nil)
	assert.Equal(t, answer{Status: "SUCCESS", PhysicalResourceID: firstARN, Data: map[string]string{
		"DnsName": "x.awsglobalaccelerator.com", "Address1": "192.0.2.1", "Address2": "192.0.2.2",
	}}, a)
	assert.Equal(t, 1, calls)
	assert.Equal(t, inPlace, w.String())
	assert.Equal(t, creation, w.calls)
}

func TestCreate_OwnAddressesDisabledWithoutLogs(t *testing.T) {
	w, h := newWorld(t)
	a, _ := run(t, h, "Create", "1", "", object{"Name": "game", "Disabled": "true", "IPAddresses": []any{"198.51.100.1"}}, nil)
	assert.Equal(t, "198.51.100.1", a.Data["Address1"])
	assert.Equal(t, "game enabled=false logs=/", w.String())
	assert.Equal(t, []string{"CreateAccelerator"}, w.calls)
}

// It is done when Global Accelerator has deployed it, and what is done is not done again meanwhile.
func TestCreate_Waits(t *testing.T) {
	w, h := newWorld(t)
	w.busy = 7
	a, calls := run(t, h, "Create", "1", "", wanted(), nil)
	assert.Equal(t, "SUCCESS", a.Status, a.Reason)
	assert.Greater(t, calls, 3)
	assert.Equal(t, creation, w.calls)
}

// Whatever call fails, and however, in the end everything is there once.
func TestCreate_Faults(t *testing.T) {
	changes := slices.Compact(slices.Sorted(slices.Values(creation)))
	for _, call := range append(changes, "DescribeAccelerator", "DescribeAcceleratorAttributes", "ListListeners", "ListEndpointGroups") {
		for _, fault := range []string{"ThrottlingException", "TransactionInProgressException", "InternalServiceErrorException", "ConflictException", "lost"} {
			t.Run(call+" "+fault, func(t *testing.T) {
				w, h := newWorld(t)
				hit := false
				w.fault = func(name string, n int) string {
					if strings.Replace(name, "CustomRouting", "", 1) == call && n == 1 {
						hit = true
						return fault
					}
					return ""
				}
				a, calls := run(t, h, "Create", "1", "", wanted(), nil)
				require.Equal(t, "SUCCESS", a.Status, a.Reason)
				assert.True(t, hit)
				assert.Equal(t, 2, calls)
				assert.Equal(t, inPlace, w.String())
			})
		}
	}
}

// A request that comes again makes no second accelerator, one for another resource does.
func TestCreate_Repeated(t *testing.T) {
	w, h := newWorld(t)
	first, _ := run(t, h, "Create", "1", "", wanted(), nil)
	second, _ := run(t, h, "Create", "1", "", wanted(), nil)
	assert.Equal(t, first, second)
	assert.Len(t, w.accelerators, 1)
	other, _ := run(t, h, "Create", "2", "", wanted(), nil)
	assert.NotEqual(t, first.PhysicalResourceID, other.PhysicalResourceID)
	assert.Len(t, w.accelerators, 2)
}

// What will not pass fails, and CloudFormation is told what to delete.
func TestCreate_Refused(t *testing.T) {
	for call, want := range map[string]string{
		"CreateAccelerator": "cannot make the accelerator: ", "DescribeAccelerator": "cannot look at the accelerator: ", "DescribeAcceleratorAttributes": "cannot look at the flow logs: ",
		"UpdateAcceleratorAttributes": "cannot change the flow logs: ", "ListListeners": "cannot list the listeners: ", "CreateListener": "cannot make the listener of 5000-9000: ",
		"ListEndpointGroups": "cannot list the endpoint groups: ", "CreateEndpointGroup": "cannot make the endpoint group of us-east-1 80-81 TCP+UDP: ",
		"AddEndpoints": "cannot add subnets: ", "AllowTraffic": "cannot change who reaches subnet-1: ",
	} {
		t.Run(call, func(t *testing.T) {
			w, h := newWorld(t)
			w.fault = func(name string, _ int) string {
				return map[bool]string{true: "AccessDeniedException"}[strings.Replace(name, "CustomRouting", "", 1) == call]
			}
			a, _ := run(t, h, "Create", "1", "", wanted(), nil)
			assert.Equal(t, "FAILED", a.Status)
			assert.Contains(t, a.Reason, want)
			assert.Contains(t, a.Reason, "AccessDeniedException")
			if call == "CreateAccelerator" {
				assert.True(t, strings.HasPrefix(a.PhysicalResourceID, "create-failed:"))
				return
			}
			assert.Equal(t, firstARN, a.PhysicalResourceID)
			w.fault = nil
			gone, _ := run(t, h, "Delete", "2", a.PhysicalResourceID, wanted(), nil)
			assert.Equal(t, "SUCCESS", gone.Status, gone.Reason)
			assert.Empty(t, w.accelerators)
		})
	}
}

func TestUpdate(t *testing.T) {
	group := func(properties object, i int) object {
		return properties["Listeners"].([]any)[0].(object)["Groups"].([]any)[i].(object)
	}
	for name, c := range map[string]struct {
		edit  func(object)
		calls []string
		want  func(string) string
	}{
		"nothing": {func(object) {}, []string{"AllowTraffic"}, func(s string) string { return s }},
		"name": {
			func(p object) { p["Name"] = "play" }, []string{"UpdateAccelerator", "AllowTraffic"},
			func(s string) string { return strings.Replace(s, "game", "play", 1) },
		},
		"disabled": {
			func(p object) { p["Disabled"] = true }, []string{"UpdateAccelerator", "AllowTraffic"},
			func(s string) string { return strings.Replace(s, "enabled=true", "enabled=false", 1) },
		},
		"logs elsewhere": {
			func(p object) { p["FlowLogsPrefix"] = "play" }, []string{"UpdateAcceleratorAttributes", "AllowTraffic"},
			func(s string) string { return strings.Replace(s, "logs/edge", "logs/play", 1) },
		},
		"no logs": {
			func(p object) { delete(p, "FlowLogsBucket") }, []string{"UpdateAcceleratorAttributes", "AllowTraffic"},
			func(s string) string { return strings.Replace(s, "logs/edge", "/", 1) },
		},
		"other subnets": {
			func(p object) {
				group(p, 0)["Subnets"] = []any{object{"ID": "subnet-2", "Allow": true}, object{"ID": "subnet-3"}}
			}, []string{"RemoveEndpoints", "AddEndpoints", "AllowTraffic"},
			func(s string) string {
				return strings.Replace(s, "[subnet-1 subnet-2] open=map[subnet-1:true]", "[subnet-2 subnet-3] open=map[subnet-2:true]", 1)
			},
		},
		"closed": { // those that the application admits elsewhere are left alone
			func(p object) { group(p, 0)["Subnets"] = []any{object{"ID": "subnet-1"}, object{"ID": "subnet-2"}} }, []string{"DenyTraffic"},
			func(s string) string { return strings.Replace(s, "subnet-1:true", "subnet-1:false", 1) },
		},
		"other destinations": {
			func(p object) {
				group(p, 1)["Destinations"] = []any{object{"From": 443, "To": 443, "Protocols": []any{"TCP"}}}
			},
			[]string{"DeleteEndpointGroup", "AllowTraffic", "CreateEndpointGroup"},
			func(s string) string {
				return strings.Replace(s, "[map[FromPort:80 Protocols:[TCP] ToPort:80]]", "[map[FromPort:443 Protocols:[TCP] ToPort:443]]", 1)
			},
		},
		"other ports": {
			func(p object) { p["Listeners"].([]any)[0].(object)["Ports"] = []any{object{"From": 5000, "To": 8000}} },
			[]string{"DeleteEndpointGroup", "DeleteEndpointGroup", "DeleteListener", "CreateListener", "CreateEndpointGroup", "AddEndpoints", "AllowTraffic", "CreateEndpointGroup"},
			func(s string) string { return strings.Replace(s, "ToPort:9000", "ToPort:8000", 1) },
		},
		"no listeners": {
			func(p object) { delete(p, "Listeners") }, []string{"DeleteEndpointGroup", "DeleteEndpointGroup", "DeleteListener"},
			func(s string) string { s, _, _ = strings.Cut(s, "\n"); return s },
		},
	} {
		for _, fault := range []string{"", "ThrottlingException", "lost"} {
			t.Run(name+" "+fault, func(t *testing.T) {
				w, h := newWorld(t)
				made, _ := run(t, h, "Create", "1", "", wanted(), nil)
				clear(w.count)
				w.calls = nil
				if fault != "" {
					w.fault = func(_ string, n int) string { return map[bool]string{true: fault}[n == 1] }
				}
				edited := wanted()
				c.edit(edited)
				a, _ := run(t, h, "Update", "2", made.PhysicalResourceID, edited, wanted())
				require.Equal(t, "SUCCESS", a.Status, a.Reason)
				assert.Equal(t, made.PhysicalResourceID, a.PhysicalResourceID)
				assert.Equal(t, c.want(inPlace), w.String())
				if fault == "" {
					assert.Equal(t, c.calls, w.calls)
				}
			})
		}
	}
}

// In which order AWS lists ranges does not matter.
func TestUpdate_OtherOrder(t *testing.T) {
	w, h := newWorld(t)
	ranges := []any{object{"From": 80, "To": 80}, object{"From": 443, "To": 443}}
	p := object{"Name": "game", "Listeners": []any{object{"Ports": ranges, "Groups": []any{object{"Region": "us-east-1", "Destinations": []any{
		object{"From": 80, "To": 80, "Protocols": []any{"TCP", "UDP"}}, object{"From": 443, "To": 443, "Protocols": []any{"TCP"}},
	}}}}}}
	made, _ := run(t, h, "Create", "1", "", p, nil)
	w.calls = nil
	a, _ := run(t, h, "Update", "2", made.PhysicalResourceID, p, p)
	assert.Equal(t, "SUCCESS", a.Status, a.Reason)
	assert.Empty(t, w.calls)
}

func TestUpdate_AddressesStay(t *testing.T) {
	w, h := newWorld(t)
	made, _ := run(t, h, "Create", "1", "", wanted(), nil)
	edited := maps.Clone(wanted())
	edited["IPAddresses"] = []any{"198.51.100.1"}
	a, _ := run(t, h, "Update", "2", made.PhysicalResourceID, edited, wanted())
	assert.Equal(t, "FAILED", a.Status)
	assert.Contains(t, a.Reason, "the addresses of an accelerator cannot change: make another one, with another construct id")
	assert.Equal(t, inPlace, w.String())
}

func TestDelete(t *testing.T) {
	deletion := []string{"UpdateAcceleratorAttributes", "UpdateAccelerator", "DeleteEndpointGroup", "DeleteListener", "DeleteAccelerator"}
	faults := []string{"", "ThrottlingException", "TransactionInProgressException", "InternalServiceErrorException", "lost", "AcceleratorNotDisabledException", "AssociatedListenerFoundException"}
	for _, call := range append(deletion, "DescribeAccelerator", "DescribeAcceleratorAttributes", "ListListeners", "ListEndpointGroups") {
		for _, fault := range faults {
			t.Run(fmt.Sprint(call, " ", fault), func(t *testing.T) {
				w, h := newWorld(t)
				made, _ := run(t, h, "Create", "1", "", wanted(), nil)
				clear(w.count)
				w.calls = nil
				w.fault = func(name string, n int) string {
					return map[bool]string{true: fault}[strings.Replace(name, "CustomRouting", "", 1) == call && n == 1]
				}
				a, _ := run(t, h, "Delete", "2", made.PhysicalResourceID, wanted(), nil)
				assert.Equal(t, "SUCCESS", a.Status, a.Reason)
				assert.Empty(t, w.accelerators)
				if fault == "" {
					assert.Equal(t, []string{"UpdateAcceleratorAttributes", "UpdateAccelerator", "DeleteEndpointGroup", "DeleteEndpointGroup", "DeleteListener", "DeleteAccelerator"}, w.calls)
				}
				again, calls := run(t, h, "Delete", "3", made.PhysicalResourceID, wanted(), nil)
				assert.Equal(t, "SUCCESS", again.Status, "it is gone already")
				assert.Equal(t, 1, calls)
			})
		}
	}
}

func TestDelete_Refused(t *testing.T) {
	for call, want := range map[string]string{
		"DescribeAccelerator": "cannot look at the accelerator: ", "UpdateAccelerator": "cannot disable the accelerator: ", "DeleteAccelerator": "cannot delete the accelerator: ",
		"DeleteListener": "cannot delete the listener of 5000-9000: ", "DeleteEndpointGroup": "cannot delete the endpoint group of ",
	} {
		w, h := newWorld(t)
		made, _ := run(t, h, "Create", "1", "", wanted(), nil)
		w.fault = func(name string, _ int) string {
			return map[bool]string{true: "AccessDeniedException"}[strings.Replace(name, "CustomRouting", "", 1) == call]
		}
		a, _ := run(t, h, "Delete", "2", made.PhysicalResourceID, wanted(), nil)
		assert.Equal(t, "FAILED", a.Status)
		assert.Contains(t, a.Reason, want)
	}
}
