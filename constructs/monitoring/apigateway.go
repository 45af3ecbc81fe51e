package monitoring

const httpPage = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"

var stageDimensions = []dimension{byProperty("ApiId", "ApiId"), byRef("Stage")}

var apiServices = []service{{
	kind: "AWS::ApiGateway::Stage", title: "REST APIs", namespace: "AWS/ApiGateway", dimensions: []dimension{{"ApiName", apiName}, byRef("Stage")},
	page:    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
	metrics: requestMetrics("5XXError", "4XXError"),
}, {
	kind: "AWS::ApiGatewayV2::Stage", title: "HTTP APIs", namespace: "AWS/ApiGateway", dimensions: stageDimensions, page: httpPage,
	when:    func(r *resource) bool { return !isWebSocket(r) },
	metrics: requestMetrics("5xx", "4xx"),
}, {
	kind: "AWS::ApiGatewayV2::Stage", title: "WebSocket APIs", namespace: "AWS/ApiGateway", dimensions: stageDimensions,
	page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html",
	when: isWebSocket,
	metrics: []metric{{
		name: "ConnectCount", statistic: "Sum", unit: "connections", graph: "Messages a minute",
	}, {
		name: "MessageCount", statistic: "Sum", unit: "messages", graph: "Messages a minute",
	}, {
		name: "IntegrationErrorPercent", expression: "100*FILL({Errors},0)/{Messages}", unit: "%", graph: "Errors, %",
		using: []metric{{name: "Errors", metricName: "IntegrationError", statistic: "Sum"}, {name: "Messages", metricName: "MessageCount", statistic: "Sum"}},
		alarm: &alarm{
			text: "Integrations answer messages with errors", threshold: 1, datapoints: 3, of: 5, severity: Critical,
			reason: "One message in a hundred, for three minutes, is more than what clients make up for by trying again.",
		},
	}, {
		name: "ExecutionError", statistic: "Sum", unit: "errors", graph: "Errors",
		alarm: &alarm{
			text: "Integrations cannot be called", threshold: 0, datapoints: 3, of: 5, severity: Critical,
			reason: "Such errors come from a lack of permission or an integration that is gone, which do not pass by themselves.",
		},
	}},
}}

// requestMetrics are those of requests: the names of two differ between REST and HTTP APIs.
func requestMetrics(serverErrors, clientErrors string) []metric {
	return []metric{{
		name: "Count", statistic: "Sum", unit: "requests", graph: "Requests a minute",
	}, {
		name: "ServerErrors", metricName: serverErrors, statistic: "Average", unit: "of the requests", graph: "Share of errors",
		alarm: &alarm{
			text: "Requests fail with 5xx", threshold: 0.01, datapoints: 3, of: 5, severity: Critical,
			reason: "One request in a hundred, for three minutes, is more than what clients make up for by trying again.",
		},
	}, {
		name: "ClientErrors", metricName: clientErrors, statistic: "Average", unit: "of the requests", graph: "Share of errors",
	}, {
		name: "Latency", statistic: "p99", unit: "ms", graph: "Time to answer, ms",
		alarm: &alarm{
			text: "Requests take long", threshold: 3000, datapoints: 3, of: 5, severity: Warning,
			reason: "People leave a page that takes longer than some three seconds.",
		},
	}, {
		name: "IntegrationLatency", statistic: "p99", unit: "ms", graph: "Time to answer, ms",
	}}
}

// apiName gives the name of a REST API, which is a dimension of its metrics. It is empty when the API is not in the tree, or is named by a
// document of OpenAPI.
func apiName(r *resource) string {
	api := r.target("RestApiId")
	if api == nil {
		return ""
	}
	return api.rawText("Name")
}

func isWebSocket(r *resource) bool {
	api := r.target("ApiId")
	if api == nil {
		return false
	}
	protocol, _ := api.text("ProtocolType")
	return protocol == "WEBSOCKET"
}
