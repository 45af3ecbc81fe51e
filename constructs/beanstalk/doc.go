// Package beanstalk defines applications of AWS Elastic Beanstalk: an App with its versions, WebEnvironment and WorkerEnvironment,
// each with any of the deployment policies, BlueGreen with weights between two environments, and a Database outside of them.
//
// Requests reach a load balancer over TLS and go to instances in private subnets, whose security group admits nobody else. What
// the environment manages is set explicitly, so that nothing lives on after it left the program. It costs, in us-east-1, about 15
// USD a month for a t3.small, from about 16 USD for a load balancer, and about 6 USD for the key, metrics and dashboard.
//
// A Bundle is the source bundle of an application: a zip with its files, its .ebextensions, hooks, Procfile and cron.yaml, checked
// before it is uploaded, and the same, byte for byte, for the same content. Options of environments are checked against a table
// of all that AWS documents, so that a typo fails at synth and not after minutes of a deployment.
//
// See https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-sourcebundle.html and
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options.html.
package beanstalk
