package ecsservice

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/strata-cdk/strata/check"
	"github.com/strata-cdk/strata/internal/defaults"
)

// Container is one container of a task.
type Container struct {
	// Name is the container's name: 1 to 255 letters, digits, hyphens and underscores. It is its construct id too.
	Name string
	// Image is what the container runs, such as from awsecs.ContainerImage_FromEcrRepository.
	Image awsecs.ContainerImage
	// Ports are the ports that the container listens on.
	// Default: none.
	Ports []Port
	// Command and EntryPoint replace those of the image.
	// Default: those of the image.
	Command, EntryPoint []string
	// User is the user that the process runs as, such as "1000:1000".
	// Default: that of the image.
	User string
	// WorkingDirectory is where the process starts.
	// Default: that of the image.
	WorkingDirectory string
	// Environment are plain variables. Everybody who may describe the task definition reads them: secrets go to Secrets.
	// Default: none.
	Environment map[string]string
	// Parameters are variables whose values ECS reads from the Systems Manager Parameter Store when a task starts.
	// Default: none.
	Parameters map[string]awsssm.IParameter
	// Secrets are variables whose values ECS reads from Secrets Manager when a task starts.
	// Default: none.
	Secrets map[string]Secret
	// EnvironmentFiles are files with variables, a line NAME=value each, at most 10. ECS reads them when a task starts; it is
	// let to, except for the key of a bucket that is encrypted with one: grant that to TaskDefinition.ExecutionRole.
	// Default: none.
	EnvironmentFiles []awsecs.EnvironmentFile
	// Mounts are the volumes that the container sees.
	// Default: none.
	Mounts []Mount
	// WritableRoot lets the container write to its root file system.
	// Default: false, it writes to ScratchDirs and volumes only.
	WritableRoot bool
	// ScratchDirs are absolute paths that the container may write to, empty at the start of each task and not shared.
	// Default: none.
	ScratchDirs []string
	// DependsOn says what must have happened to other containers before this one starts.
	// Default: nothing.
	DependsOn []Dependency
	// Health is a command in the container that tells whether it works.
	// Default: nil, none.
	Health *ContainerHealth
	// Restart starts the container again by itself when it ends, without a new task.
	// Default: nil, off: the task ends with an essential container.
	Restart *Restart
	// NonEssential lets the task go on when this container ends. One container at least is essential.
	// Default: false.
	NonEssential bool
	// CPU is the share of the task's CPU, in units of 1/1024 vCPU.
	// Default: 0, what the others leave.
	CPU int
	// Memory is the limit in MiB, from 6, over which the container is ended.
	// Default: 0, that of the task.
	Memory int
	// MemoryReservation is what is set aside in MiB, from 6, at most Memory.
	// Default: 0.
	MemoryReservation int
	// StopTimeout is how long the container has to end after SIGTERM, in whole seconds, up to 120 s.
	// Default: 30 s.
	StopTimeout time.Duration
}

// Port is a port that a container listens on.
type Port struct {
	// Number is the port, 1 to 65535.
	Number int
	// Name is what Service Connect calls the port: 1 to 64 lower-case letters, digits, hyphens and underscores. Not with
	// ecsec2.Host.
	// Default: none.
	Name string
	// AppProtocol is what Service Connect understands of the traffic.
	// Default: TCP.
	AppProtocol AppProtocol
	// UDP listens for UDP instead of TCP.
	// Default: false.
	UDP bool
	// HostPort is the port of the instance that leads to this one, 1 to 65535, for package ecsec2 with ecsec2.Bridge. With a
	// network interface for each task, and with ecsec2.Host, the two are the same.
	// Default: 0, one that is free.
	HostPort int
}

// AppProtocol is a protocol that Service Connect understands.
type AppProtocol string

// The protocols that Service Connect understands.
const (
	AppHTTP  AppProtocol = "http"
	AppHTTP2 AppProtocol = "http2"
	AppGRPC  AppProtocol = "grpc"
)

// Secret is a secret of Secrets Manager, or one field of it.
type Secret struct {
	// Secret is the secret.
	Secret awssecretsmanager.ISecret
	// Field is a field of a secret that is a JSON object.
	// Default: "", the whole secret.
	Field string
}

// Mount shows a volume to a container.
type Mount struct {
	// Volume is the name of a volume in Volumes.
	Volume string
	// Path is the absolute path in the container.
	Path string
	// ReadOnly keeps the container from writing to it.
	// Default: false.
	ReadOnly bool
}

// Condition is what must have happened to a container.
type Condition string

const (
	// Started means that the container was started. The zero value of Condition means this.
	Started Condition = "START"
	// Healthy means that its health check passes.
	Healthy Condition = "HEALTHY"
	// Succeeded means that it ended with exit code 0; for a NonEssential container.
	Succeeded Condition = "SUCCESS"
	// Completed means that it ended; for a NonEssential container.
	Completed Condition = "COMPLETE"
)

// Dependency is what a container waits for.
type Dependency struct {
	// Container is the name of the other container.
	Container string
	// Condition is Started, Healthy, Succeeded or Completed.
	// Default: Started.
	Condition Condition
}

// ContainerHealth is a health check that runs in the container.
type ContainerHealth struct {
	// Command is run in the container; exit code 0 means healthy. It starts with "CMD" (arguments) or "CMD-SHELL" (a line
	// for the shell).
	Command []string
	// Interval is the time between checks, 5 s to 300 s.
	// Default: 30 s.
	Interval time.Duration
	// Timeout is how long a check may take, 2 s to 60 s, less than Interval.
	// Default: 5 s.
	Timeout time.Duration
	// Retries is the number of failed checks that make the container unhealthy, 1 to 10.
	// Default: 3.
	Retries int
	// StartPeriod is how long failed checks do not count at the start, up to 300 s.
	// Default: 0.
	StartPeriod time.Duration
}

// Restart is a container's restart policy.
type Restart struct {
	// IgnoredExitCodes are the exit codes after which it is not started again, at most 50.
	// Default: none.
	IgnoredExitCodes []int
	// AttemptPeriod is how long the container must have run before it may be started again, 60 s to 1800 s.
	// Default: 300 s.
	AttemptPeriod time.Duration
}

func (k *Container) setDefaults() {
	defaults.Or(&k.StopTimeout, 30*time.Second)
	k.DependsOn = withDefaults(k.DependsOn, func(d *Dependency) { defaults.Or(&d.Condition, Started) })
	if k.Health != nil {
		h := *k.Health
		defaults.Or(&h.Interval, 30*time.Second)
		defaults.Or(&h.Timeout, 5*time.Second)
		defaults.Or(&h.Retries, 3)
		k.Health = &h
	}
	if k.Restart != nil {
		r := *k.Restart
		defaults.Or(&r.AttemptPeriod, 300*time.Second)
		k.Restart = &r
	}
}

var (
	containerName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	portName      = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)
	mountPath     = regexp.MustCompile(`^/[A-Za-z0-9._/-]*$`)
)

// maxContainers is the number of containers that a task may have.
const maxContainers = 10

func (p *CommonProps) checkContainers(c *check.List) {
	n := len(p.Containers)
	c.That(n >= 1 && n <= maxContainers, "Containers", "must be 1 to %d, sidecars included, got %d", maxContainers, n)
	essential := n == 0
	ports := map[string]int{}
	for i := range p.Containers {
		k, at := &p.Containers[i], c.At(check.Index("Containers", i))
		essential = essential || !k.NonEssential
		at.That(containerName.MatchString(k.Name), "Name", "must be 1 to 255 letters, digits, hyphens and underscores, got %q", k.Name)
		at.That(!slices.ContainsFunc(p.Containers[:i], func(o Container) bool { return o.Name == k.Name }), "Name", "must differ from the others, got %q again", k.Name)
		at.That(k.Image != nil, "Image", "must be given")
		k.checkPorts(at, ports)
		k.checkVariables(at)
		k.checkFiles(at, p)
		k.checkResources(at)
		k.checkHealth(at)
		k.checkDependencies(at, p)
	}
	c.That(essential, "Containers", "must have one that is not NonEssential")
	if cycle := p.dependencyCycle(); cycle != "" {
		c.Add("Containers", "must not wait for each other in a circle, got %s", cycle)
	}
}

func (k *Container) checkPorts(c *check.List, seen map[string]int) {
	for i, port := range k.Ports {
		at := c.At(check.Index("Ports", i))
		check.Range(at, "Number", port.Number, 1, 65535)
		check.Range(at, "HostPort", port.HostPort, 0, 65535)
		protocol := map[bool]string{false: "TCP", true: "UDP"}[port.UDP]
		key := fmt.Sprintf("%d/%s", port.Number, protocol)
		seen[key]++
		at.That(seen[key] == 1, "Number", "must be used once in a task, got %s again", key)
		if port.Name != "" {
			at.That(portName.MatchString(port.Name), "Name", "must be 1 to 64 lower-case letters, digits, hyphens and underscores, got %q", port.Name)
			seen[port.Name]++
			at.That(seen[port.Name] == 1, "Name", "must differ from the others, got %q again", port.Name)
		}
		if port.AppProtocol != "" {
			check.OneOf(at, "AppProtocol", port.AppProtocol, AppHTTP, AppHTTP2, AppGRPC)
			at.That(!port.UDP, "AppProtocol", "must be left out with UDP")
			at.That(port.Name != "", "AppProtocol", "needs a Name: it is for Service Connect")
		}
	}
}

// CheckHostPorts records each HostPort that differs from its port, where the two must be the same. reason says why.
func (p *CommonProps) CheckHostPorts(c *check.List, reason string) {
	for i := range p.Containers {
		for j, port := range p.Containers[i].Ports {
			c.At(check.Index("Containers", i)).That(port.HostPort == 0 || port.HostPort == port.Number, check.Index("Ports", j)+".HostPort",
				"must be left out, or %d: %s; got %d", port.Number, reason, port.HostPort)
		}
	}
}

// CheckSizes records what the containers ask for beyond what a task has: CPU in units of 1/1024 vCPU, and MiB of memory.
func (p *CommonProps) CheckSizes(c *check.List, cpu, memory int) {
	sum, reserved := 0, 0
	for i := range p.Containers {
		k := &p.Containers[i]
		sum, reserved = sum+k.CPU, reserved+k.MemoryReservation
		c.That(k.Memory <= memory, check.Index("Containers", i)+".Memory", "must be at most the task's Memory, %d MiB, got %d", memory, k.Memory)
	}
	c.That(sum <= cpu, "CPU", "must be at least what the containers ask for together, %d, got %d", sum, cpu)
	c.That(reserved <= memory, "Memory", "must be at least what the containers reserve together, %d MiB, got %d", reserved, memory)
}

func (k *Container) checkVariables(c *check.List) {
	names := map[string]string{}
	for _, from := range []struct {
		field string
		names []string
	}{
		{"Environment", slices.Sorted(maps.Keys(k.Environment))},
		{"Parameters", slices.Sorted(maps.Keys(k.Parameters))},
		{"Secrets", slices.Sorted(maps.Keys(k.Secrets))},
	} {
		for _, name := range from.names {
			at := check.Key(from.field, name)
			c.That(name != "" && !strings.Contains(name, "="), at, "must have a name without =")
			c.That(names[name] == "", at, "must not be in %s too", names[name])
			names[name] = from.field
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.Parameters)) {
		c.That(k.Parameters[name] != nil, check.Key("Parameters", name), "must be a parameter, got nil")
	}
	for _, name := range slices.Sorted(maps.Keys(k.Secrets)) {
		c.That(k.Secrets[name].Secret != nil, check.Key("Secrets", name)+".Secret", "must be given")
	}
	c.That(len(k.EnvironmentFiles) <= 10, "EnvironmentFiles", "must be at most 10, got %d", len(k.EnvironmentFiles))
	for i, file := range k.EnvironmentFiles {
		c.That(file != nil, check.Index("EnvironmentFiles", i), "must be a file, got nil")
	}
}

func (k *Container) checkFiles(c *check.List, p *CommonProps) {
	paths := map[string]bool{}
	path := func(field, path string) {
		c.That(check.IsToken(path) || mountPath.MatchString(path) && len(path) < 242, field,
			"must be an absolute path of letters, digits and ._-/, under 242 characters, got %q", path)
		c.That(!paths[path], field, "must be a path of its own, got %q again", path)
		paths[path] = true
	}
	for i, m := range k.Mounts {
		field := check.Index("Mounts", i)
		c.That(slices.ContainsFunc(p.Volumes, func(v Volume) bool { return v.Name == m.Volume }), field+".Volume", "must be the name of one of Volumes, got %q", m.Volume)
		path(field+".Path", m.Path)
	}
	for i, dir := range k.ScratchDirs {
		path(check.Index("ScratchDirs", i), dir)
	}
}

func (k *Container) checkResources(c *check.List) {
	c.That(k.CPU >= 0, "CPU", "must be 0 or more, got %d", k.CPU)
	c.That(k.Memory == 0 || k.Memory >= 6, "Memory", "must be 6 MiB or more, got %d", k.Memory)
	c.That(k.MemoryReservation == 0 || k.MemoryReservation >= 6, "MemoryReservation", "must be 6 MiB or more, got %d", k.MemoryReservation)
	c.That(k.Memory == 0 || k.MemoryReservation <= k.Memory, "MemoryReservation", "must be at most Memory, %d MiB, got %d", k.Memory, k.MemoryReservation)
	check.Range(c, "StopTimeout", k.StopTimeout, 0, 120*time.Second)
	check.WholeSeconds(c, "StopTimeout", k.StopTimeout)
}

func (k *Container) checkHealth(c *check.List) {
	if h := k.Health; h != nil {
		at := c.At("Health")
		at.That(len(h.Command) >= 2 && (h.Command[0] == "CMD" || h.Command[0] == "CMD-SHELL"), "Command", `must be "CMD" or "CMD-SHELL" and what to run, got %q`, h.Command)
		check.Range(at, "Interval", h.Interval, 5*time.Second, 300*time.Second)
		check.Range(at, "Timeout", h.Timeout, 2*time.Second, 60*time.Second)
		at.That(h.Timeout < h.Interval, "Timeout", "must be less than Interval, %v, got %v", h.Interval, h.Timeout)
		check.Range(at, "Retries", h.Retries, 1, 10)
		check.Range(at, "StartPeriod", h.StartPeriod, 0, 300*time.Second)
		check.WholeSeconds(at, "Interval", h.Interval)
		check.WholeSeconds(at, "Timeout", h.Timeout)
		check.WholeSeconds(at, "StartPeriod", h.StartPeriod)
	}
	if r := k.Restart; r != nil {
		at := c.At("Restart")
		check.Range(at, "AttemptPeriod", r.AttemptPeriod, 60*time.Second, 1800*time.Second)
		check.WholeSeconds(at, "AttemptPeriod", r.AttemptPeriod)
		at.That(len(r.IgnoredExitCodes) <= 50, "IgnoredExitCodes", "must be at most 50, got %d", len(r.IgnoredExitCodes))
	}
}

func (k *Container) checkDependencies(c *check.List, p *CommonProps) {
	for i, d := range k.DependsOn {
		at := c.At(check.Index("DependsOn", i))
		check.OneOf(at, "Condition", d.Condition, Started, Healthy, Succeeded, Completed)
		other := p.container(d.Container)
		if other == nil {
			at.Add("Container", "must be the name of one of Containers, got %q", d.Container)
			continue
		}
		at.That(d.Condition != Healthy || other.Health != nil, "Condition", "must not be HEALTHY: %s has no Health", other.Name)
		at.That(d.Condition != Succeeded && d.Condition != Completed || other.NonEssential, "Condition",
			"must not be %s: %s is essential, so the task would end with it", d.Condition, other.Name)
	}
}

func (p *CommonProps) container(name string) *Container {
	for i := range p.Containers {
		if p.Containers[i].Name == name {
			return &p.Containers[i]
		}
	}
	return nil
}

// dependencyCycle gives a circle of containers that wait for each other, or "".
func (p *CommonProps) dependencyCycle() string {
	done := map[string]bool{}
	var visit func(name string, path []string) string
	visit = func(name string, path []string) string {
		if i := slices.Index(path, name); i >= 0 {
			return strings.Join(append(path[i:], name), " -> ")
		}
		k := p.container(name)
		if done[name] || k == nil {
			return ""
		}
		for _, d := range k.DependsOn {
			if cycle := visit(d.Container, append(slices.Clone(path), name)); cycle != "" {
				return cycle
			}
		}
		done[name] = true
		return ""
	}
	for i := range p.Containers {
		if cycle := visit(p.Containers[i].Name, nil); cycle != "" {
			return cycle
		}
	}
	return ""
}
