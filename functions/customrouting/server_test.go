package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
)

// world is Global Accelerator on this machine, with what it has in store.
type world struct {
	*httptest.Server
	accelerators map[string]*fakeAccelerator
	tokens       map[string]string
	// calls are the names of the calls, all but those that only look.
	calls []string
	// fault is asked before each call, with its name and how often it was called so far; "" lets it through, "lost" too, but its answer gets lost.
	fault func(call string, n int) string
	// busy is how often the accelerator is looked at after a change until that is deployed.
	busy  int
	count map[string]int
	made  int
}

type object = map[string]any

type fakeAccelerator struct {
	name           string
	enabled        bool
	addresses      []any
	pending        int
	bucket, prefix string
	listeners      map[string]*fakeListener
}

type fakeListener struct {
	ports  any
	groups map[string]*fakeGroup
}

type fakeGroup struct {
	region       string
	destinations any
	subnets      []string
	open         map[string]bool
}

// newWorld also gives a client, which tries each call once: what is tried again is tried by the handler.
func newWorld(t *testing.T) (*world, handler) {
	t.Helper()
	w := &world{accelerators: map[string]*fakeAccelerator{}, tokens: map[string]string{}, count: map[string]int{}}
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w, handler{globalaccelerator.New(globalaccelerator.Options{
		BaseEndpoint: &w.URL, Region: controlRegion, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	})}
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	call := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "GlobalAccelerator_V20180706.")
	var in object
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &in)
	w.count[call]++
	looks := strings.HasPrefix(call, "Describe") || strings.HasPrefix(call, "List")
	fault := ""
	if w.fault != nil {
		fault = w.fault(call, w.count[call])
	}
	if !looks {
		w.calls = append(w.calls, strings.Replace(call, "CustomRouting", "", 1))
	}
	var out object
	code := fault
	if fault == "" || fault == "lost" {
		out, code = w.serve(call, in)
	}
	switch {
	case fault == "lost":
		c, _, err := rw.(http.Hijacker).Hijack()
		if err == nil {
			_ = c.Close()
		}
	case code != "":
		status := http.StatusBadRequest
		if code == "InternalServiceErrorException" {
			status = http.StatusInternalServerError
		}
		rw.WriteHeader(status)
		_ = json.NewEncoder(rw).Encode(object{"__type": code, "Message": "because"})
	default:
		_ = json.NewEncoder(rw).Encode(out)
	}
}

func text(in object, name string) string { s, _ := in[name].(string); return s }

// serve does a call, and returns its answer or the code of an error.
func (w *world) serve(call string, in object) (object, string) {
	arn := text(in, "AcceleratorArn")
	if call == "CreateCustomRoutingAccelerator" {
		return w.create(in), ""
	}
	if arn == "" {
		arn = strings.Split(text(in, "ListenerArn")+text(in, "EndpointGroupArn"), "/listener/")[0]
	}
	a := w.accelerators[arn]
	if a == nil {
		return nil, "AcceleratorNotFoundException"
	}
	if strings.HasPrefix(call, "Describe") || strings.HasPrefix(call, "List") {
		return w.look(call, arn, a, in)
	}
	a.pending = w.busy
	return w.change(call, arn, a, in)
}

func (w *world) create(in object) object {
	arn, ok := w.tokens[text(in, "IdempotencyToken")]
	if !ok {
		w.made++
		arn = fmt.Sprintf("arn:aws:globalaccelerator::111111111111:accelerator/%d", w.made)
		w.tokens[text(in, "IdempotencyToken")] = arn
		addresses, _ := in["IpAddresses"].([]any)
		for len(addresses) < 2 {
			addresses = append(addresses, fmt.Sprintf("192.0.2.%d", len(addresses)+1))
		}
		w.accelerators[arn] = &fakeAccelerator{
			name: text(in, "Name"), enabled: in["Enabled"].(bool), addresses: addresses, pending: w.busy, listeners: map[string]*fakeListener{},
		}
	}
	return object{"Accelerator": w.accelerators[arn].show(arn)}
}

func (a *fakeAccelerator) show(arn string) object {
	status := "DEPLOYED"
	if a.pending > 0 {
		a.pending--
		status = "IN_PROGRESS"
	}
	return object{
		"AcceleratorArn": arn, "Name": a.name, "Enabled": a.enabled, "Status": status, "DnsName": "x.awsglobalaccelerator.com",
		"IpSets": []any{object{"IpAddresses": a.addresses}},
	}
}

// look gives one item a page.
func (w *world) look(call, arn string, a *fakeAccelerator, in object) (object, string) {
	switch call {
	case "DescribeCustomRoutingAccelerator":
		return object{"Accelerator": a.show(arn)}, ""
	case "DescribeCustomRoutingAcceleratorAttributes":
		return object{"AcceleratorAttributes": object{"FlowLogsEnabled": a.bucket != "", "FlowLogsS3Bucket": a.bucket, "FlowLogsS3Prefix": a.prefix}}, ""
	case "ListCustomRoutingListeners":
		var all []object
		for id, l := range a.listeners {
			all = append(all, object{"ListenerArn": id, "PortRanges": reversed(l.ports)})
		}
		return page("Listeners", "ListenerArn", all, text(in, "NextToken")), ""
	case "ListCustomRoutingEndpointGroups":
		l := a.listeners[text(in, "ListenerArn")]
		if l == nil {
			return nil, "ListenerNotFoundException"
		}
		var all []object
		for id, g := range l.groups {
			all = append(all, g.show(id))
		}
		return page("EndpointGroups", "EndpointGroupArn", all, text(in, "NextToken")), ""
	default:
		return nil, "UnknownOperationException"
	}
}

func (g *fakeGroup) show(arn string) object {
	subnets := []any{}
	for _, id := range g.subnets {
		subnets = append(subnets, object{"EndpointId": id})
	}
	return object{"EndpointGroupArn": arn, "EndpointGroupRegion": g.region, "DestinationDescriptions": reversed(g.destinations), "EndpointDescriptions": subnets}
}

// reversed is a list in another order than it was given in.
func reversed(list any) []any {
	all := slices.Clone(list.([]any))
	slices.Reverse(all)
	return all
}

func page(name, key string, all []object, after string) object {
	slices.SortFunc(all, func(a, b object) int { return strings.Compare(a[key].(string), b[key].(string)) })
	for i, one := range all {
		if id := one[key].(string); id > after {
			out := object{name: []object{one}}
			if i < len(all)-1 {
				out["NextToken"] = id
			}
			return out
		}
	}
	return object{name: []object{}}
}

func (w *world) change(call, arn string, a *fakeAccelerator, in object) (object, string) {
	switch call {
	case "UpdateCustomRoutingAccelerator":
		if name := text(in, "Name"); name != "" {
			a.name = name
		}
		a.enabled = in["Enabled"].(bool)
		return object{"Accelerator": a.show(arn)}, ""
	case "UpdateCustomRoutingAcceleratorAttributes":
		on := in["FlowLogsEnabled"].(bool)
		if on != (text(in, "FlowLogsS3Bucket") != "") || on != (text(in, "FlowLogsS3Prefix") != "") {
			return nil, "InvalidArgumentException"
		}
		a.bucket, a.prefix = text(in, "FlowLogsS3Bucket"), text(in, "FlowLogsS3Prefix")
		return object{}, ""
	case "DeleteCustomRoutingAccelerator":
		switch {
		case a.enabled:
			return nil, "AcceleratorNotDisabledException"
		case len(a.listeners) > 0:
			return nil, "AssociatedListenerFoundException"
		case a.bucket != "":
			return nil, "LogsStillOn" // the real one would leave a log delivery behind
		}
		delete(w.accelerators, arn)
		return object{}, ""
	case "CreateCustomRoutingListener":
		id, ok := w.tokens[text(in, "IdempotencyToken")]
		if !ok {
			w.made++
			id = fmt.Sprintf("%s/listener/%d", arn, w.made)
			w.tokens[text(in, "IdempotencyToken")] = id
			a.listeners[id] = &fakeListener{ports: in["PortRanges"], groups: map[string]*fakeGroup{}}
		}
		return object{"Listener": object{"ListenerArn": id, "PortRanges": in["PortRanges"]}}, ""
	}
	return w.changeListener(call, a, in)
}

func (w *world) changeListener(call string, a *fakeAccelerator, in object) (object, string) {
	id := text(in, "ListenerArn")
	if id == "" {
		id = strings.Split(text(in, "EndpointGroupArn"), "/endpoint-group/")[0]
	}
	l := a.listeners[id]
	switch {
	case l == nil:
		return nil, "ListenerNotFoundException"
	case call == "DeleteCustomRoutingListener" && len(l.groups) > 0:
		return nil, "AssociatedEndpointGroupFoundException"
	case call == "DeleteCustomRoutingListener":
		delete(a.listeners, id)
		return object{}, ""
	case call == "CreateCustomRoutingEndpointGroup":
		w.made++
		arn := fmt.Sprintf("%s/endpoint-group/%d", id, w.made)
		for _, g := range l.groups {
			if g.region == text(in, "EndpointGroupRegion") {
				return nil, "EndpointGroupAlreadyExistsException"
			}
		}
		l.groups[arn] = &fakeGroup{region: text(in, "EndpointGroupRegion"), destinations: in["DestinationConfigurations"], open: map[string]bool{}}
		return object{"EndpointGroup": l.groups[arn].show(arn)}, ""
	}
	g := l.groups[text(in, "EndpointGroupArn")]
	if g == nil {
		return nil, "EndpointGroupNotFoundException"
	}
	subnet := text(in, "EndpointId")
	switch call {
	case "DeleteCustomRoutingEndpointGroup":
		delete(l.groups, text(in, "EndpointGroupArn"))
	case "AddCustomRoutingEndpoints":
		for _, e := range in["EndpointConfigurations"].([]any) {
			g.subnets = append(g.subnets, text(e.(object), "EndpointId"))
		}
	case "RemoveCustomRoutingEndpoints":
		for _, gone := range in["EndpointIds"].([]any) {
			g.subnets = slices.DeleteFunc(g.subnets, func(id string) bool { return id == gone })
			delete(g.open, gone.(string))
		}
	case "AllowCustomRoutingTraffic", "DenyCustomRoutingTraffic":
		if !slices.Contains(g.subnets, subnet) {
			return nil, "EndpointNotFoundException"
		}
		g.open[subnet] = in["AllowAllTrafficToEndpoint"] == true
	default:
		return nil, "UnknownOperationException"
	}
	return object{}, ""
}

// String is what is there.
func (w *world) String() string {
	var all []string
	for _, a := range w.accelerators {
		line := fmt.Sprintf("%s enabled=%v logs=%s/%s", a.name, a.enabled, a.bucket, a.prefix)
		var lines []string
		for _, l := range a.listeners {
			text := fmt.Sprintf("%v:", l.ports)
			var groups []string
			for _, g := range l.groups {
				groups = append(groups, fmt.Sprintf(" %s %v subnets=%v open=%v", g.region, g.destinations, g.subnets, g.open))
			}
			slices.Sort(groups)
			lines = append(lines, text+strings.Join(groups, ""))
		}
		slices.Sort(lines)
		all = append(all, strings.Join(append([]string{line}, lines...), "\n  "))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
