package recovery

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/constructs/failover"
	"github.com/strata-cdk/strata/internal/awsid"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Strategy is one of the four that AWS knows, from the cheapest and slowest to the dearest and fastest.
type Strategy string

const (
	// BackupAndRestore copies backups to the standby region. Nothing runs there until it is restored.
	BackupAndRestore Strategy = "backup-and-restore"
	// PilotLight replicates data to the standby region all the time. What computes is defined there, and stopped.
	PilotLight Strategy = "pilot-light"
	// WarmStandby is PilotLight with a small version of everything that serves all the time.
	WarmStandby Strategy = "warm-standby"
	// ActiveActive serves from both regions all the time, each with room for all clients.
	ActiveActive Strategy = "active-active"
)

// Strategies are all, the cheapest first.
var Strategies = []Strategy{BackupAndRestore, PilotLight, WarmStandby, ActiveActive}

// Plan says what is to survive the loss of a region, how soon it must serve again, and how that is reached. Both regions are
// defined from the same plan.
type Plan struct {
	// Name is what names in both regions begin with: 3 to 20 lower-case letters, digits and hyphens, a letter first and no hyphen last.
	// It is required, and part of the names of what holds data: another name is another resource.
	Name string
	// Strategy is how the loss of the primary region is survived.
	// Default: WarmStandby.
	Strategy Strategy
	// Primary is the region that serves, such as "us-east-1", and Standby the one that is to take over. They are required, and
	// differ.
	Primary, Standby string
	// RPO is how much of the newest data may be lost, as the time in which it was written, and RTO how long it may take until the
	// standby region serves. They are required; a strategy that cannot meet them is refused.
	RPO, RTO time.Duration
	// Data is what is to survive.
	// Default: none, the workload has no state.
	Data Data
	// Services are what computes.
	// Default: none.
	Services []Service
	// FailedOver says that the standby region has taken over: everything there has its full size, so that a deployment does not undo the
	// failover. Set it once the region was failed over to, and take it away once the primary region serves again.
	// Default: false.
	FailedOver bool
	// LastDrill is the day of the last drill, such as "2026-11-25". Nobody knows whether a plan works that was never tried.
	// Default: none, which is a warning.
	LastDrill string
	// Times are how long the steps of a failover take where AWS names no figure: those of your last drill.
	// Default: see Times.
	Times Times
	// RemovalPolicy says what becomes of data, backups and keys when a stack is deleted.
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// Service is a service of Amazon ECS that has the same name in both regions.
type Service struct {
	// Cluster and Name are those of ECS. They are required: the runbook names them.
	Cluster, Name string
	// Tasks is how many it has when it serves all clients, 1 or more.
	Tasks int
}

var (
	planName = regexp.MustCompile(`^[a-z](-?[a-z0-9]){2,19}$`)
	ecsName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
)

func (p *Plan) withDefaults() Plan {
	d := Plan{}
	if p != nil {
		d = *p
	}
	if d.Strategy == "" {
		d.Strategy = WarmStandby
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	d.Times = d.Times.withDefaults(d.Strategy)
	return d
}

// Validate reports every invalid field at once. It refuses a strategy that cannot meet the stated RPO and RTO, with what it and the others
// can meet.
func (p *Plan) Validate() error {
	d, c := p.withDefaults(), check.For("recovery.Plan")
	c.That(planName.MatchString(d.Name) && len(d.Name) <= 20, "Name", "must be 3 to 20 lower-case letters, digits and single hyphens, a letter first, got %q", d.Name)
	for field, region := range sorted.All(map[string]string{"Primary": d.Primary, "Standby": d.Standby}) {
		c.That(!check.IsToken(region), field, "must be known now: stacks of a plan need a region")
		awsid.Region(c, field, region)
	}
	c.That(d.Primary == "" || d.Primary != d.Standby, "Standby", "must be another region than Primary: both would be lost together")
	if c.Err() == nil { // data is made from name and regions
		d.validateData(c.At("Data"))
	}
	check.OneOf(c, "Strategy", d.Strategy, Strategies...)
	c.That(partition(d.Primary) == partition(d.Standby), "Standby", "must be of the same partition as Primary: nothing is replicated from %s to %s", partition(d.Primary), partition(d.Standby))
	for i, s := range d.Services {
		c := c.At(check.Index("Services", i))
		c.That(ecsName.MatchString(s.Cluster), "Cluster", "must be 1 to 255 letters, digits, hyphens and underscores, got %q", s.Cluster)
		c.That(ecsName.MatchString(s.Name), "Name", "must be 1 to 255 letters, digits, hyphens and underscores, got %q", s.Name)
		check.Range(c, "Tasks", s.Tasks, 1, 5000)
	}
	if d.LastDrill != "" {
		_, err := time.Parse(time.DateOnly, d.LastDrill)
		c.That(err == nil, "LastDrill", "must be a day such as 2026-11-25, got %q", d.LastDrill)
	}
	d.Times.validate(c.At("Times"))
	c.That(d.RPO > 0, "RPO", "must be stated: how much of the newest data may be lost")
	c.That(d.RTO > 0, "RTO", "must be stated: how long it may take until the standby region serves")
	check.OneOf(c, "RemovalPolicy", d.RemovalPolicy, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY)
	if c.Err() == nil {
		p.refuse(c)
	}
	return c.Err()
}

// refuse records the figures that the strategy cannot meet, and which strategies can.
func (p *Plan) refuse(c *check.List) {
	figures := map[Strategy]Outcome{}
	var able []string
	for _, s := range Strategies {
		figures[s] = p.with(s).Simulate(RegionLost)
		if figures[s].meets(p) {
			able = append(able, string(s))
		}
	}
	strategy := p.withDefaults().Strategy
	mine := figures[strategy]
	if mine.meets(p) {
		return
	}
	help := "no strategy meets both"
	if len(able) > 0 {
		help = able[0] + " is the cheapest that meets both"
	}
	var all []string
	for _, s := range Strategies {
		all = append(all, fmt.Sprintf("%s %v/%v", s, figures[s].RPO, figures[s].RTO))
	}
	c.Add("Strategy", "must meet the RPO of %v and the RTO of %v: %s has %v and %v with this data; %s (RPO/RTO: %s)",
		p.RPO, p.RTO, strategy, mine.RPO, mine.RTO, help, strings.Join(all, ", "))
}

// partition is what ARNs of a region begin with.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// Computes tells whether what computes is to be defined in a region: everywhere but in the standby region of BackupAndRestore, which has none
// until it is FailedOver.
func (p *Plan) Computes(side Side) bool {
	d := p.withDefaults()
	return side == PrimarySide || d.Strategy != BackupAndRestore || d.FailedOver
}

func (p *Plan) with(s Strategy) *Plan {
	other := *p
	other.Strategy = s
	return &other
}

// Side is a region of a plan.
type Side string

const (
	// PrimarySide is the region that serves.
	PrimarySide Side = "primary"
	// StandbySide is the region that is to take over.
	StandbySide Side = "standby"
)

// Tasks gives how many tasks or instances a service has in a region before any disaster, of the full number that serve all clients: none, a
// small part (a quarter, one at least) or all. Once FailedOver, the standby region has all.
func (p *Plan) Tasks(side Side, full int) int {
	d := p.withDefaults()
	switch {
	case side == PrimarySide || d.Strategy == ActiveActive || d.FailedOver:
		return full
	case d.Strategy == WarmStandby:
		return (full + 3) / 4
	}
	return 0
}

func (p *Plan) has(kind Kind) bool { return slices.Contains(p.Data.kinds(), kind) }

// Route is how clients reach both regions by one name, in the public hosted zone of the given id and name: with ActiveActive each goes to the nearest healthy region, else all
// go to the standby region once the primary one is unhealthy. Give it to failover.NewRecord in both stacks.
func (p *Plan) Route(name, zoneID, zoneName string) failover.Route {
	route := failover.Route{Name: name, ZoneID: zoneID, ZoneName: zoneName, Policy: failover.Failover, Regions: []string{p.Primary, p.Standby}}
	if p.withDefaults().Strategy == ActiveActive {
		route.Policy = failover.Latency
	}
	return route
}
