// Package delivery delivers an app of the CDK: a pipeline that synthesises it, updates itself and deploys the app's stages one after the other, and, for
// those who deploy from GitHub Actions, a role and a workflow without long-term keys.
//
//	source (connection, or S3) -> synth -> update of the pipeline itself -> images: build, scan
//	  -> assets -> Dev: pre, stacks, post, smoke tests -> approval -> Prod -> ...
//	each stage that fails rolls back to what it ran before, or is retried
//	artifacts and logs are encrypted with one key; failures and long runs alarm a topic, which gets notifications too
//
// NewPipeline is CDK Pipelines (aws-cdk-lib/pipelines) on a CodePipeline of type V2. That type has what CDK Pipelines does not offer: filters of
// branches, tags, paths and pull requests, and what happens when a stage fails. A pipeline costs a key (1 USD a month), the minutes of its actions
// (0.002 USD each) and those of CodeBuild.
//
// NewGitHubRole lets workflows of one repository assume the roles of the CDK's bootstrap stack, and Workflow writes such a workflow.
//
// https://docs.aws.amazon.com/cdk/v2/guide/cdk-pipeline.html
// https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html
// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
package delivery
