// Package recovery plans how a workload survives the loss of its region, and defines both regions from the plan.
//
// A Plan states how much data may be lost (RPO) and how long nobody may be served (RTO), and one of the four strategies of AWS. A simulation of a
// failover gives what the strategy can meet; a plan that asks for more is refused, with what the others can.
//
// https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html
package recovery
