package ecsservice

import (
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Volume is what the containers of a task share by Mounts. Without EFS and EBS it is scratch space: empty at the start of
// each task, part of the task's own storage.
type Volume struct {
	// Name is the volume's name: 1 to 255 letters, digits, hyphens and underscores. It is its construct id too.
	Name string
	// EFS keeps files in an Amazon EFS file system, which tasks in every Availability Zone share.
	// Default: nil.
	EFS *EFS
	// EBS attaches an Amazon EBS volume of its own to each task, at most one in a service. It is deleted with the task.
	// Default: nil.
	EBS *EBS
}

// EFS is a volume in an EFS file system. TLS in transit is always on, and so is IAM with an access point.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
type EFS struct {
	// FileSystem is an existing file system. Its security group must admit the tasks on port 2049; one of the same app is
	// made to.
	// Default: nil, a new one: encrypted with Key, backed up daily, in the subnets of the tasks, with elastic throughput.
	FileSystem awsefs.IFileSystem
	// AccessPoint is an existing access point of FileSystem.
	// Default: nil; a new file system gets one for UID, GID and Path.
	AccessPoint awsefs.IAccessPoint
	// RootDirectory is the directory of FileSystem to mount; "" or "/" with an access point.
	// Default: "/".
	RootDirectory string
	// UID and GID are the POSIX user and group that the tasks act as in a new file system, 1 to 4294967295: the access
	// point enforces them, whatever the containers run as.
	// Default: 1000.
	UID, GID int
	// Path is the directory of a new file system that the access point shows as its root.
	// Default: "/" and the volume's name.
	Path string
	// DisableBackups leaves a new file system out of the account's daily AWS Backup plan.
	// Default: false.
	DisableBackups bool
}

// EBS is an EBS volume that ECS makes for each task.
//
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html
type EBS struct {
	// SizeGiB is the size, from 1 (125 for st1 and sc1) to 16384.
	SizeGiB int
	// Type is gp2, gp3, io1, io2, sc1 or st1.
	// Default: awsec2.EbsDeviceVolumeType_GP3.
	Type awsec2.EbsDeviceVolumeType
	// IOPS are the operations a second, for gp3 (3000 to 16000), io1 (100 to 64000) and io2 (100 to 256000).
	// Default: 3000 with gp3; needed with io1 and io2.
	IOPS int
	// ThroughputMiB is the throughput of gp3 in MiB a second, 125 to 1000.
	// Default: 125.
	ThroughputMiB int
	// SnapshotID is the snapshot that the volume starts from.
	// Default: "", empty.
	SnapshotID string
	// XFS formats the volume with XFS.
	// Default: false, ext4.
	XFS bool
}

func (v *Volume) setDefaults() {
	if v.EFS != nil {
		e := *v.EFS
		if e.FileSystem == nil {
			defaults.Or(&e.UID, 1000)
			defaults.Or(&e.GID, 1000)
			defaults.Or(&e.Path, "/"+v.Name)
		}
		v.EFS = &e
	}
	if v.EBS != nil {
		b := *v.EBS
		defaults.Or(&b.Type, awsec2.EbsDeviceVolumeType_GP3)
		v.EBS = &b
	}
}

var efsPath = regexp.MustCompile(`^(/[A-Za-z0-9._-]+){1,4}$`)

func (p *CommonProps) checkVolumes(c *check.List) {
	attached := 0
	for i := range p.Volumes {
		v, at := &p.Volumes[i], c.At(check.Index("Volumes", i))
		at.That(containerName.MatchString(v.Name), "Name", "must be 1 to 255 letters, digits, hyphens and underscores, got %q", v.Name)
		at.That(!slices.ContainsFunc(p.Volumes[:i], func(o Volume) bool { return o.Name == v.Name }), "Name", "must differ from the others, got %q again", v.Name)
		at.That(v.EFS == nil || v.EBS == nil, "EBS", "must be left out with EFS")
		v.EFS.check(at.At("EFS"))
		if v.EBS != nil {
			attached++
			at.That(attached == 1, "EBS", "must be given once in a service: ECS attaches one volume to a task")
			v.EBS.check(at.At("EBS"))
		}
		mounted := slices.ContainsFunc(p.Containers, func(k Container) bool {
			return slices.ContainsFunc(k.Mounts, func(m Mount) bool { return m.Volume == v.Name })
		})
		at.That(mounted, "Name", "must be mounted by a container, got %q, which none mounts", v.Name)
	}
}

func (e *EFS) check(c *check.List) {
	switch {
	case e == nil:
	case e.FileSystem == nil:
		c.That(e.AccessPoint == nil, "AccessPoint", "needs its FileSystem")
		c.That(e.RootDirectory == "", "RootDirectory", "must be left out with a new file system: its access point decides, see Path")
		check.Range(c, "UID", e.UID, 1, 4294967295)
		check.Range(c, "GID", e.GID, 1, 4294967295)
		c.That(check.IsToken(e.Path) || efsPath.MatchString(e.Path) && len(e.Path) <= 100, "Path", "must be 1 to 4 directories such as /data, 100 characters at most, got %q", e.Path)
	default:
		for _, f := range []struct {
			name  string
			given bool
		}{{"UID", e.UID != 0}, {"GID", e.GID != 0}, {"Path", e.Path != ""}, {"DisableBackups", e.DisableBackups}} {
			c.That(!f.given, f.name, "must be left out with an existing file system")
		}
		c.That(e.AccessPoint == nil || e.RootDirectory == "" || e.RootDirectory == "/", "RootDirectory",
			`must be "" or "/" with an access point, which has a root of its own, got %q`, e.RootDirectory)
		c.That(e.RootDirectory == "" || check.IsToken(e.RootDirectory) || mountPath.MatchString(e.RootDirectory), "RootDirectory",
			"must be an absolute path, got %q", e.RootDirectory)
	}
}

// iopsOf are the limits of the operations a second of the types of volumes that let them be chosen.
var iopsOf = map[awsec2.EbsDeviceVolumeType][2]int{
	awsec2.EbsDeviceVolumeType_GP3: {3000, 16000},
	awsec2.EbsDeviceVolumeType_IO1: {100, 64000},
	awsec2.EbsDeviceVolumeType_IO2: {100, 256000},
}

func (b *EBS) check(c *check.List) {
	check.OneOf(c, "Type", b.Type, awsec2.EbsDeviceVolumeType_GP2, awsec2.EbsDeviceVolumeType_GP3, awsec2.EbsDeviceVolumeType_IO1,
		awsec2.EbsDeviceVolumeType_IO2, awsec2.EbsDeviceVolumeType_SC1, awsec2.EbsDeviceVolumeType_ST1)
	least := 1
	switch b.Type {
	case awsec2.EbsDeviceVolumeType_SC1, awsec2.EbsDeviceVolumeType_ST1:
		least = 125
	case awsec2.EbsDeviceVolumeType_IO1, awsec2.EbsDeviceVolumeType_IO2:
		least = 4
		c.That(b.IOPS != 0, "IOPS", "must be given with %s", b.Type)
	}
	c.That(b.SizeGiB >= least && b.SizeGiB <= 16384 || b.SizeGiB == 0 && b.SnapshotID != "", "SizeGiB",
		"must be between %d and 16384 with %s, got %d", least, b.Type, b.SizeGiB)
	if b.IOPS != 0 {
		limits, chosen := iopsOf[b.Type]
		c.That(chosen, "IOPS", "must be left out with %s", b.Type)
		c.That(!chosen || b.IOPS >= limits[0] && b.IOPS <= limits[1], "IOPS", "must be between %d and %d with %s, got %d", limits[0], limits[1], b.Type, b.IOPS)
	}
	if b.ThroughputMiB != 0 {
		c.That(b.Type == awsec2.EbsDeviceVolumeType_GP3, "ThroughputMiB", "must be left out with %s", b.Type)
		check.Range(c, "ThroughputMiB", b.ThroughputMiB, 125, 1000)
	}
}
