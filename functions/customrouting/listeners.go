package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"
)

// key names what never changes of a listener or an endpoint group: those with another one are others.
func (l *listener) key() string {
	var all []string
	for _, p := range l.Ports {
		all = append(all, fmt.Sprintf("%d-%d", p.From, p.To))
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

func (g *group) key() string {
	var all []string
	for _, d := range g.Destinations {
		all = append(all, fmt.Sprintf("%d-%d %s", d.From, d.To, strings.Join(slices.Sorted(slices.Values(d.Protocols)), "+")))
	}
	slices.Sort(all)
	return g.Region + " " + strings.Join(all, ",")
}

// listeners makes the listeners of an accelerator those that are wanted. What is not wanted goes first: it may have their ports.
func (h handler) listeners(ctx context.Context, request string, p *progress, want []listener) error {
	wanted := map[string]*listener{}
	for i := range want {
		wanted[want[i].key()] = &want[i]
	}
	there := map[string]string{}
	pages := globalaccelerator.NewListCustomRoutingListenersPaginator(h.api, &globalaccelerator.ListCustomRoutingListenersInput{AcceleratorArn: &p.ARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("cannot list the listeners: %w", err)
		}
		for _, l := range page.Listeners {
			var got listener
			for _, r := range l.PortRanges {
				got.Ports = append(got.Ports, ports{*r.FromPort, *r.ToPort})
			}
			there[got.key()] = *l.ListenerArn
		}
	}
	for key, arn := range there {
		if wanted[key] != nil {
			continue
		}
		if err := h.groups(ctx, "", arn, &progress{}, nil); err != nil {
			return err
		}
		if _, err := h.api.DeleteCustomRoutingListener(ctx, &globalaccelerator.DeleteCustomRoutingListenerInput{ListenerArn: &arn}); err != nil && !is(err, "ListenerNotFoundException") {
			return fmt.Errorf("cannot delete the listener of %s: %w", key, err)
		}
	}
	for i := range want {
		l := &want[i]
		arn, ok := there[l.key()]
		if !ok {
			in := &globalaccelerator.CreateCustomRoutingListenerInput{AcceleratorArn: &p.ARN, IdempotencyToken: token(request, l.key())}
			for _, r := range l.Ports {
				in.PortRanges = append(in.PortRanges, types.PortRange{FromPort: &r.From, ToPort: &r.To})
			}
			out, err := h.api.CreateCustomRoutingListener(ctx, in)
			if err != nil {
				return fmt.Errorf("cannot make the listener of %s: %w", l.key(), err)
			}
			arn = *out.Listener.ListenerArn
		}
		if err := h.groups(ctx, request, arn, p, l.Groups); err != nil {
			return err
		}
	}
	return nil
}

// groups does the same for the endpoint groups of a listener.
func (h handler) groups(ctx context.Context, request, listenerARN string, p *progress, want []group) error {
	wanted := map[string]bool{}
	for i := range want {
		wanted[want[i].key()] = true
	}
	there := map[string]types.CustomRoutingEndpointGroup{}
	pages := globalaccelerator.NewListCustomRoutingEndpointGroupsPaginator(h.api, &globalaccelerator.ListCustomRoutingEndpointGroupsInput{ListenerArn: &listenerARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if is(err, "ListenerNotFoundException") {
			break
		} else if err != nil {
			return fmt.Errorf("cannot list the endpoint groups: %w", err)
		}
		for _, g := range page.EndpointGroups {
			got := group{Region: *g.EndpointGroupRegion}
			for _, d := range g.DestinationDescriptions {
				protocols := make([]string, len(d.Protocols))
				for i, protocol := range d.Protocols {
					protocols[i] = string(protocol)
				}
				got.Destinations = append(got.Destinations, destination{*d.FromPort, *d.ToPort, protocols})
			}
			there[got.key()] = g
		}
	}
	for key, g := range there {
		if wanted[key] {
			continue
		}
		if _, err := h.api.DeleteCustomRoutingEndpointGroup(ctx, &globalaccelerator.DeleteCustomRoutingEndpointGroupInput{EndpointGroupArn: g.EndpointGroupArn}); err != nil && !is(err, "EndpointGroupNotFoundException") {
			return fmt.Errorf("cannot delete the endpoint group of %s: %w", key, err)
		}
	}
	for i := range want {
		g := &want[i]
		got, ok := there[g.key()]
		if !ok {
			in := &globalaccelerator.CreateCustomRoutingEndpointGroupInput{
				ListenerArn: &listenerARN, EndpointGroupRegion: &g.Region, IdempotencyToken: token(request, listenerARN, g.key()),
			}
			for _, d := range g.Destinations {
				c := types.CustomRoutingDestinationConfiguration{FromPort: &d.From, ToPort: &d.To}
				for _, protocol := range d.Protocols {
					c.Protocols = append(c.Protocols, types.CustomRoutingProtocol(protocol))
				}
				in.DestinationConfigurations = append(in.DestinationConfigurations, c)
			}
			out, err := h.api.CreateCustomRoutingEndpointGroup(ctx, in)
			if err != nil {
				return fmt.Errorf("cannot make the endpoint group of %s: %w", g.key(), err)
			}
			got = *out.EndpointGroup
		}
		if err := h.subnets(ctx, &got, p, g.Subnets); err != nil {
			return err
		}
	}
	return nil
}

// subnets does the same for the subnets of an endpoint group, and lets clients in or keeps them out.
func (h handler) subnets(ctx context.Context, g *types.CustomRoutingEndpointGroup, p *progress, want []subnet) error {
	var there, surplus []string
	for _, e := range g.EndpointDescriptions {
		id := *e.EndpointId
		there = append(there, id)
		if !slices.ContainsFunc(want, func(s subnet) bool { return s.ID == id }) {
			surplus = append(surplus, id)
		}
	}
	if len(surplus) > 0 {
		if _, err := h.api.RemoveCustomRoutingEndpoints(ctx, &globalaccelerator.RemoveCustomRoutingEndpointsInput{
			EndpointGroupArn: g.EndpointGroupArn, EndpointIds: surplus,
		}); err != nil && !is(err, "EndpointNotFoundException") {
			return fmt.Errorf("cannot remove the subnets %s: %w", strings.Join(surplus, ", "), err)
		}
	}
	var missing []types.CustomRoutingEndpointConfiguration
	for _, s := range want {
		if !slices.Contains(there, s.ID) {
			missing = append(missing, types.CustomRoutingEndpointConfiguration{EndpointId: &s.ID})
		}
	}
	if len(missing) > 0 {
		if _, err := h.api.AddCustomRoutingEndpoints(ctx, &globalaccelerator.AddCustomRoutingEndpointsInput{
			EndpointGroupArn: g.EndpointGroupArn, EndpointConfigurations: missing,
		}); err != nil && !is(err, "EndpointAlreadyExistsException") {
			return fmt.Errorf("cannot add subnets: %w", err)
		}
	}
	for _, s := range want {
		var err error
		all := true
		switch {
		case p.Settled:
		case s.Allow:
			_, err = h.api.AllowCustomRoutingTraffic(ctx, &globalaccelerator.AllowCustomRoutingTrafficInput{EndpointGroupArn: g.EndpointGroupArn, EndpointId: &s.ID, AllowAllTrafficToEndpoint: &all})
		case slices.Contains(p.Close, s.ID):
			_, err = h.api.DenyCustomRoutingTraffic(ctx, &globalaccelerator.DenyCustomRoutingTrafficInput{EndpointGroupArn: g.EndpointGroupArn, EndpointId: &s.ID, DenyAllTrafficToEndpoint: &all})
		}
		if err != nil {
			return fmt.Errorf("cannot change who reaches %s: %w", s.ID, err)
		}
	}
	return nil
}
