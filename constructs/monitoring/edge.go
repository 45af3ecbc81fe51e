package monitoring

import (
	"math"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// originTimeout is how long CloudFront waits for an origin without another setting, in seconds.
const originTimeout = 30

var edgeServices = []service{{
	kind: "AWS::CloudFront::Distribution", title: "CloudFront distributions", namespace: "AWS/CloudFront", region: "us-east-1",
	dimensions: []dimension{byRef("DistributionId"), fixed("Region", "Global")},
	page:       "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html",
	metrics: []metric{{
		name: "Requests", statistic: "Sum", unit: "requests", graph: "Requests a minute",
	}, {
		name: "ClientErrorRate", metricName: "4xxErrorRate", statistic: "Average", unit: "%", graph: "Errors, %",
	}, {
		name: "ServerErrorRate", metricName: "5xxErrorRate", statistic: "Average", unit: "%", graph: "Errors, %",
		alarm: &alarm{
			text: "The distribution answers with errors", threshold: 1, datapoints: 5, of: 5, severity: Critical,
			reason: "One failed request in a hundred, for five minutes, means that an origin or a function at the edge fails.",
		},
	}, {
		name: "OriginLatency", statistic: "p90", unit: "ms", graph: "Time of the origin, ms", when: hasMoreMetrics,
		alarm: &alarm{
			text: "The origin answers slowly", from: func(r *resource) (float64, bool) {
				least := math.Inf(1)
				for _, origin := range r.list("DistributionConfig", "Origins") {
					timeout, ok := dig(origin, "CustomOriginConfig", "OriginReadTimeout").(float64)
					if !ok {
						timeout = originTimeout
					}
					least = math.Min(least, timeout)
				}
				return 0.8 * 1000 * least, !math.IsInf(least, 1)
			},
			thresholdText: "80 % of the shortest time that the distribution waits for an origin", datapoints: 5, of: 5, severity: Warning,
			reason: "At the timeout viewers get a 504; a fifth leaves time to find what is slow.",
		},
	}, {
		name: "CacheHitRate", statistic: "Average", unit: "%", graph: "Cache hits, %", when: hasMoreMetrics,
	}},
}, {
	kind: "AWS::GlobalAccelerator::Accelerator", title: "Global Accelerators", namespace: "AWS/GlobalAccelerator", region: "us-west-2",
	// The Ref is the ARN, which ends in the id.
	dimensions: []dimension{{"Accelerator", func(r *resource) string {
		return *awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("/"), jsii.String(r.ref()), nil))
	}}},
	page: "https://docs.aws.amazon.com/global-accelerator/latest/dg/cloudwatch-monitoring.html",
	metrics: []metric{{
		name: "NewFlowCount", statistic: "Sum", unit: "flows", graph: "New flows a minute",
	}, {
		name: "ProcessedBytesIn", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "ProcessedBytesOut", statistic: "Sum", unit: "bytes", graph: "Bytes a minute",
	}, {
		name: "HealthyEndpointCount", statistic: "Minimum", unit: "endpoints", graph: "Endpoints",
		alarm: &alarm{
			text: "No endpoint is healthy", threshold: 1, lessThan: true, datapoints: 2, of: 2, severity: Critical,
			reason: "Without a healthy endpoint traffic goes to endpoints that do not answer.",
		},
	}, {
		name: "UnhealthyEndpointCount", statistic: "Maximum", unit: "endpoints", graph: "Endpoints",
		alarm: &alarm{
			text: "Endpoints are unhealthy", threshold: 0, datapoints: 5, of: 5, severity: Warning,
			reason: "The others carry its traffic, perhaps from farther away; a deployment is through within five minutes.",
		},
	}},
}, {
	kind: "AWS::CertificateManager::Certificate", title: "Certificates", namespace: "AWS/CertificateManager", dimensions: []dimension{byRef("CertificateArn")},
	page: "https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html",
	metrics: []metric{{
		name: "DaysToExpiry", statistic: "Minimum", period: 24 * time.Hour, unit: "days", graph: "Days to expiry",
		alarm: &alarm{
			text: "The certificate was not renewed", threshold: 30, lessThan: true, datapoints: 1, of: 1, severity: Warning,
			reason: "ACM renews by itself 45 days or more before the end; with fewer than 30 left it cannot, most often as a DNS record is missing.",
		},
	}, {
		name: "LastDays", metricName: "DaysToExpiry", statistic: "Minimum", period: 24 * time.Hour, unit: "days", graph: "Days to expiry",
		alarm: &alarm{
			text: "The certificate is about to expire", threshold: 7, lessThan: true, datapoints: 1, of: 1, severity: Critical,
			reason: "After it every client refuses to connect; a week is what a validation and a change of all that use it may take.",
		},
	}},
}, {
	kind: "AWS::KMS::Key", title: "KMS keys", namespace: "AWS/KMS", dimensions: []dimension{byRef("KeyId")},
	page: "https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-cloudwatch.html",
	// There is no metric of a key that waits for its deletion.
	metrics: []metric{{
		name: "SecondsUntilKeyMaterialExpiration", statistic: "Minimum", period: time.Hour, unit: "s", graph: "Time to the expiry of the key material, s",
		when: hasText("EXTERNAL", "Origin"),
		alarm: &alarm{
			text: "The imported key material is about to expire", threshold: 14 * 24 * 3600, lessThan: true, datapoints: 1, of: 1, severity: Critical,
			reason: "Then all that the key encrypts is out of reach; 14 days leave time for the ceremony that imports it again.",
		},
	}},
}}

// hasMoreMetrics tells whether the additional metrics of distribution r are on.
func hasMoreMetrics(r *resource) bool {
	for _, subscription := range r.tree.of("AWS::CloudFront::MonitoringSubscription") {
		status, _ := subscription.text("MonitoringSubscription", "RealtimeMetricsSubscriptionConfig", "RealtimeMetricsSubscriptionStatus")
		if status == "Enabled" && subscription.target("DistributionId") == r {
			return true
		}
	}
	return false
}
