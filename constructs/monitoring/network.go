package monitoring

import "time"

var networkServices = []service{{
	kind: "AWS::EC2::NatGateway", title: "NAT gateways", namespace: "AWS/NATGateway", dimensions: []dimension{byRef("NatGatewayId")},
	page: "https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html",
	metrics: []metric{{
		name: "ActiveConnectionCount", statistic: "Maximum", unit: "connections", graph: "Connections",
	}, {
		name: "BytesOutToDestination", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "BytesInFromDestination", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "ErrorPortAllocation", statistic: "Sum", unit: "connections", graph: "Refused connections",
		alarm: &alarm{
			text: "The gateway has no port left for connections", threshold: 0, datapoints: 3, of: 5, severity: Critical,
			reason: "Each is a connection that failed: 55000 at a time to one destination are the limit for an address.",
		},
	}, {
		name: "DroppedPercent", expression: "100*{Dropped}/({FromSource}+{FromDestination})", unit: "%", graph: "Dropped packets, %",
		using: []metric{
			{name: "Dropped", metricName: "PacketsDropCount", statistic: "Sum"}, {name: "FromSource", metricName: "PacketsInFromSource", statistic: "Sum"},
			{name: "FromDestination", metricName: "PacketsInFromDestination", statistic: "Sum"},
		},
		alarm: &alarm{
			text: "The gateway drops packets", threshold: 0.01, datapoints: 5, of: 5, severity: Warning,
			reason: "AWS names 0.01 % of the traffic as what points to an event of the service.",
		},
	}},
}, {
	kind: "AWS::EC2::VPNConnection", title: "VPN connections", namespace: "AWS/VPN", dimensions: []dimension{byRef("VpnId")},
	page: "https://docs.aws.amazon.com/vpn/latest/s2svpn/monitoring-cloudwatch-vpn.html",
	metrics: []metric{{
		name: "TunnelState", statistic: "Maximum", period: 5 * time.Minute, unit: "(1 up, 0 down)", graph: "Tunnels up",
		alarm: &alarm{
			text: "Both tunnels are down", threshold: 1, lessThan: true, datapoints: 1, of: 1, severity: Critical,
			reason: "The other network is out of reach.",
		},
	}, {
		name: "WorstTunnelState", metricName: "TunnelState", statistic: "Minimum", period: 5 * time.Minute, unit: "(1 up, 0 down)", graph: "Tunnels up",
		alarm: &alarm{
			text: "A tunnel is down", threshold: 1, lessThan: true, datapoints: 3, of: 3, severity: Warning,
			reason: "AWS takes down one at a time for maintenance, which is over within a quarter of an hour; until then nothing is left for a failure.",
		},
	}, {
		name: "TunnelDataIn", statistic: "Sum", period: 5 * time.Minute, unit: "bytes", graph: "Bytes",
	}, {
		name: "TunnelDataOut", statistic: "Sum", period: 5 * time.Minute, unit: "bytes", graph: "Bytes",
	}},
}, {
	kind: "AWS::EC2::TransitGateway", title: "Transit gateways", namespace: "AWS/TransitGateway", dimensions: []dimension{byRef("TransitGateway")},
	page: "https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-cloudwatch-metrics.html",
	metrics: []metric{{
		name: "BytesIn", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "BytesOut", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "PacketDropCountNoRoute", statistic: "Sum", unit: "packets", graph: "Dropped packets",
		alarm: &alarm{
			text: "Packets have no route", threshold: 0, datapoints: 15, of: 15, severity: Warning,
			reason: "Scans meet addresses without a route now and then; a quarter of an hour without a pause is a missing route.",
		},
	}, {
		name: "PacketDropCountBlackhole", statistic: "Sum", unit: "packets", graph: "Dropped packets",
		alarm: &alarm{
			text: "Packets match a blackhole route", threshold: 0, datapoints: 15, of: 15, severity: Warning,
			reason: "A route whose attachment is gone is a blackhole; a quarter of an hour without a pause means that something needs it.",
		},
	}},
}}
