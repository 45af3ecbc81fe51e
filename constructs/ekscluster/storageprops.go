package ekscluster

import (
	"regexp"
	"slices"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
	"github.com/strata-cdk/strata/internal/sorted"
)

// Storage has the StorageClasses of a cluster. Its zero value has the class gp3 alone: encrypted volumes of Amazon EBS, the default of claims
// that name no class, made in the zone of the pod that asks for them; in a cluster with Auto Mode and other nodes, also the class gp3-auto for
// pods on Auto Mode. All are encrypted with the cluster's key, may be made larger, and are deleted with their claims unless said otherwise.
type Storage struct {
	// EFS has a file system of Amazon EFS and a class that gives each claim an access point of it, for many pods at a time.
	// Default: nil, none.
	EFS *EFS
	// Lustre has classes that make a file system of Amazon FSx for Lustre for each claim, by the names of the classes. It asks for node groups.
	// Default: none.
	Lustre map[string]Lustre
	// ONTAP has a file system of Amazon FSx for NetApp ONTAP and a class of volumes of it. It asks for node groups, and for a subscription to
	// the add-on Trident in the AWS Marketplace.
	// Default: nil, none.
	ONTAP *ONTAP
}

// EFS configures the class efs.
//
// https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html
type EFS struct {
	// ClassName is the name of the class.
	// Default: "efs".
	ClassName string
	// DisableBackups leaves the file system out of the daily backups of AWS Backup.
	// Default: false.
	DisableBackups bool
}

// Lustre configures a class of FSx for Lustre.
//
// https://docs.aws.amazon.com/eks/latest/userguide/fsx-csi.html
type Lustre struct {
	// Deployment is Scratch or Persistent.
	// Default: Scratch.
	Deployment LustreDeployment
	// MBpsPerTiB is the throughput of Persistent, in MB/s for each TiB: 125, 250, 500 or 1000; with S3Import 50, 100 or 200.
	// Default: 125, with S3Import 50; nothing with Scratch.
	MBpsPerTiB int
	// S3Import is a bucket, or a prefix in one, whose objects are the files at the start, such as "s3://bucket/prefix". New and changed objects
	// follow.
	// Default: none.
	S3Import string
	// S3Export is where files can be exported to, in the bucket of S3Import.
	// Default: none.
	S3Export string
}

// LustreDeployment says how long data is to last.
type LustreDeployment string

const (
	// Scratch is for data that can be computed anew: a server that fails takes its files with it. The zero value of LustreDeployment means this.
	Scratch LustreDeployment = "SCRATCH_2"
	// Persistent keeps two copies of files in its zone.
	Persistent LustreDeployment = "PERSISTENT"
)

// ONTAP configures the class ontap.
//
// https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/what-is-fsx-ontap.html
type ONTAP struct {
	// ClassName is the name of the class.
	// Default: "ontap".
	ClassName string
	// CapacityGiB is the size of the SSD storage of the file system, in GiB: 1024 to 196608.
	// Default: 1024.
	CapacityGiB int
	// MBps is the throughput of the file system: 128, 256, 512, 1024, 2048 or 4096 MB/s.
	// Default: 128.
	MBps int
	// SingleZone has one copy, in the first of the subnets, at about half the price.
	// Default: false, a copy in the second subnet takes over.
	SingleZone bool
	// RouteTableIDs are the route tables of the clients, which are told of the file system's addresses in both zones. It goes without SingleZone.
	// Default: those of the cluster's subnets, which the VPC must know.
	RouteTableIDs []string
	// BackupDays is how long daily backups are kept, 1 to 90 days.
	// Default: 30.
	BackupDays int
}

var s3Path = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$`)

func (s *Storage) withDefaults() Storage {
	d := *s
	if s.EFS != nil {
		efs := *s.EFS
		defaults.Or(&efs.ClassName, "efs")
		d.EFS = &efs
	}
	d.Lustre = map[string]Lustre{}
	for name, l := range s.Lustre {
		defaults.Or(&l.Deployment, Scratch)
		if l.Deployment == Persistent {
			defaults.Or(&l.MBpsPerTiB, map[bool]int{false: 125, true: 50}[l.S3Import != ""])
		}
		d.Lustre[name] = l
	}
	if s.ONTAP != nil {
		ontap := *s.ONTAP
		defaults.Or(&ontap.ClassName, "ontap")
		defaults.Or(&ontap.CapacityGiB, 1024)
		defaults.Or(&ontap.MBps, 128)
		defaults.Or(&ontap.BackupDays, 30)
		d.ONTAP = &ontap
	}
	return d
}

// validate reports problems of s, for a cluster with node groups or without.
func (s *Storage) validate(c *check.List, nodes bool) {
	names := map[string]bool{"gp3": true, "gp3-auto": true}
	className := func(field, name string) {
		c.That(dnsName.MatchString(name), field, "must be the name of a class, got %q", name)
		c.That(!names[name], field, "must be another name than those of the other classes, got %q", name)
		names[name] = true
	}
	if s.EFS != nil {
		className("EFS.ClassName", s.EFS.ClassName)
	}
	for name, l := range sorted.All(s.Lustre) {
		className(check.Key("Lustre", name), name)
		l.validate(c.At(check.Key("Lustre", name)))
	}
	c.That(nodes || len(s.Lustre) == 0, "Lustre", "needs NodeGroups: there is no Lustre client elsewhere")
	if s.ONTAP != nil {
		className("ONTAP.ClassName", s.ONTAP.ClassName)
		c.That(nodes, "ONTAP", "needs NodeGroups: Trident does not run elsewhere")
		c := c.At("ONTAP")
		check.Range(c, "CapacityGiB", s.ONTAP.CapacityGiB, 1024, 196608)
		check.OneOf(c, "MBps", s.ONTAP.MBps, 128, 256, 512, 1024, 2048, 4096)
		c.That(!s.ONTAP.SingleZone || len(s.ONTAP.RouteTableIDs) == 0, "RouteTableIDs", "must be left out with SingleZone")
		check.Range(c, "BackupDays", s.ONTAP.BackupDays, 1, 90)
	}
}

func (l *Lustre) validate(c *check.List) {
	check.OneOf(c, "Deployment", l.Deployment, Scratch, Persistent)
	allowed := []int{0}
	switch {
	case l.Deployment == Persistent && l.S3Import != "":
		allowed = []int{50, 100, 200}
	case l.Deployment == Persistent:
		allowed = []int{125, 250, 500, 1000}
	}
	c.That(slices.Contains(allowed, l.MBpsPerTiB), "MBpsPerTiB", "must be one of %v with this deployment, got %d", allowed, l.MBpsPerTiB)
	for _, f := range []struct{ field, value string }{{"S3Import", l.S3Import}, {"S3Export", l.S3Export}} {
		c.That(f.value == "" || s3Path.MatchString(f.value) || check.IsToken(f.value), f.field, "must be like s3://bucket/prefix, got %q", f.value)
	}
	c.That(l.S3Export == "" || l.S3Import != "", "S3Export", "needs S3Import")
}

// Namespace is a namespace with limits. Its zero value takes every default.
type Namespace struct {
	// PodSecurity is the Pod Security Standard that pods must meet: Restricted, Baseline or Privileged.
	// Default: Restricted.
	PodSecurity PodSecurity
	// Quota limits what the namespace takes, such as {"requests.cpu": "20", "pods": "50"}.
	// Default: {"pods": "100"}.
	Quota map[string]string
	// ContainerRequests and ContainerLimits are what a container that names none gets, such as {"memory": "256Mi"}.
	// Default: requests of 100m cpu and 128Mi memory, and a limit of 512Mi memory.
	ContainerRequests, ContainerLimits map[string]string
	// AllowFrom are namespaces whose pods may connect to those of this one.
	// Default: none, pods of this namespace alone.
	AllowFrom []string
	// AllowAllIngress leaves out the network policy. It goes without AllowFrom.
	// Default: false.
	AllowAllIngress bool
}

// PodSecurity is a Pod Security Standard.
//
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
type PodSecurity string

const (
	// Restricted follows what is best for hardening. The zero value of PodSecurity means this.
	Restricted PodSecurity = "restricted"
	// Baseline forbids known ways to more privileges.
	Baseline PodSecurity = "baseline"
	// Privileged forbids nothing.
	Privileged PodSecurity = "privileged"
)

func (n *Namespace) withDefaults() Namespace {
	d := *n
	defaults.Or(&d.PodSecurity, Restricted)
	if len(d.Quota) == 0 {
		d.Quota = map[string]string{"pods": "100"}
	}
	if len(d.ContainerRequests) == 0 {
		d.ContainerRequests = map[string]string{"cpu": "100m", "memory": "128Mi"}
	}
	if len(d.ContainerLimits) == 0 {
		d.ContainerLimits = map[string]string{"memory": "512Mi"}
	}
	return d
}

var reservedNamespace = regexp.MustCompile(`^(kube-.*|default)$`)

func (n *Namespace) validate(c *check.List, name string) {
	c.That(dnsLabel.MatchString(name) && !reservedNamespace.MatchString(name), "", "must have the name of a namespace of yours, not default or kube-..., got %q", name)
	check.OneOf(c, "PodSecurity", n.PodSecurity, Restricted, Baseline, Privileged)
	quantities(c, "Quota", n.Quota)
	requests, limits := quantities(c, "ContainerRequests", n.ContainerRequests), quantities(c, "ContainerLimits", n.ContainerLimits)
	for resource, request := range sorted.All(requests) {
		limit, ok := limits[resource]
		c.That(!ok || request.Cmp(limit) <= 0, check.Key("ContainerRequests", resource), "must be at most ContainerLimits, %s, got %s", limit.String(), request.String())
	}
	for i, from := range n.AllowFrom {
		c.That(dnsLabel.MatchString(from), check.Index("AllowFrom", i), "must be the name of a namespace, got %q", from)
	}
	c.That(!n.AllowAllIngress || len(n.AllowFrom) == 0, "AllowFrom", "must be left out with AllowAllIngress")
}
