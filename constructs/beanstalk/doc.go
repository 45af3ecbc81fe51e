// Package beanstalk builds applications of Elastic Beanstalk.
//
// A Bundle is the source bundle of an application: a zip with its files, its .ebextensions, hooks, Procfile and cron.yaml, checked
// before it is uploaded, and the same, byte for byte, for the same content. Options of environments are checked against a table
// of all that AWS documents, so that a typo fails at synth and not after minutes of a deployment.
//
// See https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/applications-sourcebundle.html and
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options.html.
package beanstalk
