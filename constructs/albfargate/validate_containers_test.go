package albfargate_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/strata-cdk/strata/cdktest"
	"github.com/strata-cdk/strata/constructs/ecsservice"
)

// sidecar adds a container.
func sidecar(p *props, k ecsservice.Container) {
	k.Image = fakeImage{}
	p.Containers = append(p.Containers, k)
}

func TestServiceProps_Validate_Containers(t *testing.T) {
	const name = "must be 1 to 255 letters, digits, hyphens and underscores, got "
	cdktest.ValidateTable(t, valid, []row{
		{Name: "largest", Edit: func(p *props) {
			files := make([]awsecs.EnvironmentFile, 10)
			for i := range files {
				files[i] = fakeFile{}
			}
			p.Containers[0] = ecsservice.Container{
				Name: letters(255), Image: fakeImage{}, Ports: []ecsservice.Port{{Number: 65535, Name: letters(64), AppProtocol: ecsservice.AppGRPC}},
				ScratchDirs: []string{"/" + letters(240)}, StopTimeout: 2 * time.Minute, EnvironmentFiles: files,
				Health:  &ecsservice.ContainerHealth{Command: []string{"CMD", "a", "b"}, Interval: 5 * time.Minute, Timeout: time.Minute, Retries: 10, StartPeriod: 5 * time.Minute},
				Restart: &ecsservice.Restart{AttemptPeriod: 30 * time.Minute, IgnoredExitCodes: make([]int, 50)},
			}
			for i := range 9 {
				sidecar(p, ecsservice.Container{Name: strconv.Itoa(i)})
			}
		}},
		{Name: "smallest", Edit: func(p *props) {
			p.Containers[0] = ecsservice.Container{
				Name: "a", Image: fakeImage{}, Ports: []ecsservice.Port{{Number: 1, Name: "a", AppProtocol: ecsservice.AppHTTP2}, {Number: 1, UDP: true}, {Number: 2}, {Number: 3}},
				Memory: 6, MemoryReservation: 6, StopTimeout: time.Second, ScratchDirs: []string{"/"},
				Health:  &ecsservice.ContainerHealth{Command: []string{"CMD-SHELL", "a"}, Interval: 5 * time.Second, Timeout: 2 * time.Second, Retries: 1, StartPeriod: time.Second},
				Restart: &ecsservice.Restart{AttemptPeriod: time.Minute},
			}
			sidecar(p, ecsservice.Container{Name: "b", MemoryReservation: 6})
		}},
		{Name: "none", Edit: func(p *props) { p.Containers = nil }, Want: []string{
			"Containers: must be 1 to 10, sidecars included, got 0", "LoadBalancing.Container: needs a container with a port",
		}},
		{Name: "too many", Edit: func(p *props) {
			for i := range 10 {
				sidecar(p, ecsservice.Container{Name: strconv.Itoa(i)})
			}
		}, Want: []string{"Containers: must be 1 to 10, sidecars included, got 11"}},
		{Name: "names", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "app"})
			sidecar(p, ecsservice.Container{})
			sidecar(p, ecsservice.Container{Name: "a.b"})
			sidecar(p, ecsservice.Container{Name: letters(256)})
		}, Want: []string{
			`Containers[1].Name: must differ from the others, got "app" again`, `Containers[2].Name: ` + name + `""`, `Containers[3].Name: ` + name + `"a.b"`,
			`Containers[4].Name: ` + name + `"` + letters(256) + `"`,
		}},
		{Name: "no image", Edit: func(p *props) { p.Containers[0].Image = nil }, Want: []string{"Containers[0].Image: must be given"}},
		{Name: "nothing essential", Edit: func(p *props) { p.Containers[0].NonEssential = true }, Want: []string{
			"Containers: must have one that is not NonEssential", "LoadBalancing.Container: must be essential, got app",
		}},
		{Name: "ports", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "b", Ports: []ecsservice.Port{{Number: 8080, Name: "web"}, {Number: 0}, {Number: 65536}}})
		}, Want: []string{
			"Containers[1].Ports[0].Number: must be used once in a task, got 8080/TCP again", `Containers[1].Ports[0].Name: must differ from the others, got "web" again`,
			"Containers[1].Ports[1].Number: must be between 1 and 65535, got 0", "Containers[1].Ports[2].Number: must be between 1 and 65535, got 65536",
		}},
		{Name: "port of the host", Edit: func(p *props) {
			p.Containers[0].Ports = []ecsservice.Port{{Number: 8080, HostPort: 8080}, {Number: 1, HostPort: 80}, {Number: 2, HostPort: 65536}, {Number: 3, HostPort: -1}}
		}, Want: []string{
			"Containers[0].Ports[2].HostPort: must be between 0 and 65535, got 65536", "Containers[0].Ports[3].HostPort: must be between 0 and 65535, got -1",
			"Containers[0].Ports[1].HostPort: must be left out, or 1: each task has a network interface of its own; got 80",
			"Containers[0].Ports[2].HostPort: must be left out, or 2: each task has a network interface of its own; got 65536",
			"Containers[0].Ports[3].HostPort: must be left out, or 3: each task has a network interface of its own; got -1",
		}},
		{Name: "UDP port again", Edit: func(p *props) {
			p.Containers[0].Ports = append(p.Containers[0].Ports, ecsservice.Port{Number: 53, UDP: true}, ecsservice.Port{Number: 53, UDP: true})
		}, Want: []string{"Containers[0].Ports[2].Number: must be used once in a task, got 53/UDP again"}},
		{Name: "names of ports", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "b", Ports: []ecsservice.Port{{Number: 1, Name: "Web"}, {Number: 2, Name: letters(65)}, {Number: 3, Name: "-"}}})
		}, Want: []string{
			`Containers[1].Ports[0].Name: must be 1 to 64 lower-case letters, digits, hyphens and underscores, got "Web"`,
			`Containers[1].Ports[1].Name: must be 1 to 64 lower-case letters, digits, hyphens and underscores, got "` + letters(65) + `"`,
			`Containers[1].Ports[2].Name: must be 1 to 64 lower-case letters, digits, hyphens and underscores, got "-"`,
		}},
		{Name: "protocols of ports", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "b", Ports: []ecsservice.Port{
				{Number: 1, Name: "a", AppProtocol: "ftp"}, {Number: 2, Name: "b", AppProtocol: ecsservice.AppHTTP, UDP: true}, {Number: 3, AppProtocol: ecsservice.AppHTTP},
			}})
		}, Want: []string{
			"Containers[1].Ports[0].AppProtocol: must be one of http, http2, grpc, got ftp", "Containers[1].Ports[1].AppProtocol: must be left out with UDP",
			"Containers[1].Ports[2].AppProtocol: needs a Name: it is for Service Connect",
		}},
		{Name: "variables", Edit: func(p *props) {
			p.Containers[0].Environment = map[string]string{"A": "1", "": "2", "B=C": "3"}
			p.Containers[0].Parameters = map[string]awsssm.IParameter{"P": nil, "Q": fakeParameter{}}
			p.Containers[0].Secrets = map[string]ecsservice.Secret{"A": {}, "Q": {Secret: fakeSecret{}}}
		}, Want: []string{
			`Containers[0].Environment[""]: must have a name without =`, `Containers[0].Environment["B=C"]: must have a name without =`,
			`Containers[0].Secrets["A"]: must not be in Environment too`, `Containers[0].Secrets["Q"]: must not be in Parameters too`,
			`Containers[0].Parameters["P"]: must be a parameter, got nil`, `Containers[0].Secrets["A"].Secret: must be given`,
		}},
		{Name: "files with variables", Edit: func(p *props) {
			p.Containers[0].EnvironmentFiles = make([]awsecs.EnvironmentFile, 11)
			for i := range 10 {
				p.Containers[0].EnvironmentFiles[i] = fakeFile{}
			}
		}, Want: []string{"Containers[0].EnvironmentFiles: must be at most 10, got 11", "Containers[0].EnvironmentFiles[10]: must be a file, got nil"}},
		{Name: "mounts", Edit: func(p *props) {
			p.Containers[0].Mounts, p.Containers[0].ScratchDirs = []ecsservice.Mount{{Volume: "x", Path: "data"}}, []string{"/tmp", "/tmp", "/" + letters(241), "/a b"}
		}, Want: []string{
			`Containers[0].Mounts[0].Volume: must be the name of one of Volumes, got "x"`,
			`Containers[0].Mounts[0].Path: must be an absolute path of letters, digits and ._-/, under 242 characters, got "data"`,
			`Containers[0].ScratchDirs[1]: must be a path of its own, got "/tmp" again`,
			`Containers[0].ScratchDirs[2]: must be an absolute path of letters, digits and ._-/, under 242 characters, got "/` + letters(241) + `"`,
			`Containers[0].ScratchDirs[3]: must be an absolute path of letters, digits and ._-/, under 242 characters, got "/a b"`,
		}},
		{Name: "scratch on a mount", Edit: func(p *props) {
			p.Volumes = []ecsservice.Volume{{Name: "x"}}
			p.Containers[0].Mounts, p.Containers[0].ScratchDirs = []ecsservice.Mount{{Volume: "x", Path: "/x"}}, []string{"/x"}
		}, Want: []string{`Containers[0].ScratchDirs[0]: must be a path of its own, got "/x" again`}},
		{Name: "CPU and memory", Edit: func(p *props) {
			k := &p.Containers[0]
			k.CPU, k.Memory, k.MemoryReservation, k.StopTimeout = -1, 5, 5, 1500*time.Millisecond
		}, Want: []string{
			"Containers[0].CPU: must be 0 or more, got -1", "Containers[0].Memory: must be 6 MiB or more, got 5", "Containers[0].MemoryReservation: must be 6 MiB or more, got 5",
			"Containers[0].StopTimeout: must be whole seconds, got 1.5s",
		}},
		{Name: "memory of a container", Edit: func(p *props) { p.Containers[0].Memory = 1024 }, Want: []string{
			"Containers[0].Memory: must be at most the task's Memory, 512 MiB, got 1024",
		}},
		{Name: "reservation over the limit", Edit: func(p *props) { p.Containers[0].Memory, p.Containers[0].MemoryReservation = 256, 300 }, Want: []string{
			"Containers[0].MemoryReservation: must be at most Memory, 256 MiB, got 300",
		}},
		{Name: "together", Edit: func(p *props) {
			p.Containers[0].CPU, p.Containers[0].MemoryReservation = 200, 300
			sidecar(p, ecsservice.Container{Name: "b", CPU: 57, MemoryReservation: 213})
		}, Want: []string{
			"CPU: must be at least what the containers ask for together, 257, got 256", "Memory: must be at least what the containers reserve together, 513 MiB, got 512",
		}},
		{Name: "stop timeout", Edit: func(p *props) { p.Containers[0].StopTimeout = 121 * time.Second }, Want: []string{
			"Containers[0].StopTimeout: must be between 0s and 2m0s, got 2m1s",
		}},
		{Name: "health too short", Edit: func(p *props) {
			p.Containers[0].Health = &ecsservice.ContainerHealth{Command: []string{"/ok", "now"}, Interval: 4 * time.Second, Timeout: time.Second, Retries: -1, StartPeriod: -time.Second}
		}, Want: []string{
			`Containers[0].Health.Command: must be "CMD" or "CMD-SHELL" and what to run, got ["/ok" "now"]`, "Containers[0].Health.Interval: must be between 5s and 5m0s, got 4s",
			"Containers[0].Health.Timeout: must be between 2s and 1m0s, got 1s", "Containers[0].Health.Retries: must be between 1 and 10, got -1",
			"Containers[0].Health.StartPeriod: must be between 0s and 5m0s, got -1s",
		}},
		{Name: "health too long", Edit: func(p *props) {
			p.Containers[0].Health = &ecsservice.ContainerHealth{Command: []string{"CMD"}, Interval: 60 * time.Second, Timeout: 61 * time.Second, Retries: 11, StartPeriod: 301 * time.Second}
		}, Want: []string{
			`Containers[0].Health.Command: must be "CMD" or "CMD-SHELL" and what to run, got ["CMD"]`, "Containers[0].Health.Timeout: must be between 2s and 1m0s, got 1m1s",
			"Containers[0].Health.Timeout: must be less than Interval, 1m0s, got 1m1s", "Containers[0].Health.Retries: must be between 1 and 10, got 11",
			"Containers[0].Health.StartPeriod: must be between 0s and 5m0s, got 5m1s",
		}},
		{Name: "health in parts of seconds", Edit: func(p *props) {
			p.Containers[0].Health = &ecsservice.ContainerHealth{
				Command: []string{"CMD", "/ok"}, Interval: 5500 * time.Millisecond, Timeout: 5500 * time.Millisecond, StartPeriod: 500 * time.Millisecond,
			}
		}, Want: []string{
			"Containers[0].Health.Timeout: must be less than Interval, 5.5s, got 5.5s", "Containers[0].Health.Interval: must be whole seconds, got 5.5s",
			"Containers[0].Health.Timeout: must be whole seconds, got 5.5s", "Containers[0].Health.StartPeriod: must be whole seconds, got 500ms",
		}},
		{Name: "restart", Edit: func(p *props) {
			p.Containers[0].Restart = &ecsservice.Restart{AttemptPeriod: 59500 * time.Millisecond, IgnoredExitCodes: make([]int, 51)}
		}, Want: []string{
			"Containers[0].Restart.AttemptPeriod: must be between 1m0s and 30m0s, got 59.5s", "Containers[0].Restart.AttemptPeriod: must be whole seconds, got 59.5s",
			"Containers[0].Restart.IgnoredExitCodes: must be at most 50, got 51",
		}},
		{Name: "dependencies", Edit: func(p *props) {
			p.Containers[0].DependsOn = []ecsservice.Dependency{
				{Container: "c"}, {Container: "b", Condition: ecsservice.Healthy}, {Container: "b", Condition: ecsservice.Succeeded},
				{Container: "b", Condition: ecsservice.Completed}, {Container: "b", Condition: "LATER"},
			}
			sidecar(p, ecsservice.Container{Name: "b"})
		}, Want: []string{
			`Containers[0].DependsOn[0].Container: must be the name of one of Containers, got "c"`, "Containers[0].DependsOn[1].Condition: must not be HEALTHY: b has no Health",
			"Containers[0].DependsOn[2].Condition: must not be SUCCESS: b is essential, so the task would end with it",
			"Containers[0].DependsOn[3].Condition: must not be COMPLETE: b is essential, so the task would end with it",
			"Containers[0].DependsOn[4].Condition: must be one of START, HEALTHY, SUCCESS, COMPLETE, got LATER",
		}},
		{Name: "valid dependencies", Edit: func(p *props) {
			p.Containers[0].DependsOn = []ecsservice.Dependency{
				{Container: "b", Condition: ecsservice.Healthy}, {Container: "b", Condition: ecsservice.Succeeded}, {Container: "c", Condition: ecsservice.Completed},
			}
			sidecar(p, ecsservice.Container{Name: "b", NonEssential: true, Health: &ecsservice.ContainerHealth{Command: []string{"CMD", "/ok"}}, DependsOn: []ecsservice.Dependency{{Container: "c"}}})
			sidecar(p, ecsservice.Container{Name: "c", NonEssential: true})
		}},
		{Name: "circle of two", Edit: func(p *props) {
			p.Containers[0].DependsOn = []ecsservice.Dependency{{Container: "b"}}
			sidecar(p, ecsservice.Container{Name: "b", DependsOn: []ecsservice.Dependency{{Container: "app"}}})
		}, Want: []string{"Containers: must not wait for each other in a circle, got app -> b -> app"}},
		{Name: "circle beside the first", Edit: func(p *props) {
			sidecar(p, ecsservice.Container{Name: "b", DependsOn: []ecsservice.Dependency{{Container: "c"}}})
			sidecar(p, ecsservice.Container{Name: "c", DependsOn: []ecsservice.Dependency{{Container: "b"}}})
		}, Want: []string{"Containers: must not wait for each other in a circle, got b -> c -> b"}},
		{Name: "many paths", Edit: func(p *props) { // 2 to the power of 39: each container must be looked at once
			for i := range 39 {
				k := ecsservice.Container{Name: strconv.Itoa(i), DependsOn: []ecsservice.Dependency{{Container: "app"}}}
				for j := range i {
					k.DependsOn = append(k.DependsOn, ecsservice.Dependency{Container: strconv.Itoa(j)})
				}
				p.Containers = slices.Insert(p.Containers, 0, k)
				p.Containers[0].Image = fakeImage{}
			}
		}, Want: []string{"Containers: must be 1 to 10, sidecars included, got 40"}},
		{Name: "circle behind another", Edit: func(p *props) {
			p.Containers[0].DependsOn = []ecsservice.Dependency{{Container: "b"}}
			sidecar(p, ecsservice.Container{Name: "b", DependsOn: []ecsservice.Dependency{{Container: "b"}}})
		}, Want: []string{"Containers: must not wait for each other in a circle, got b -> b"}},
	})
}

func TestServiceProps_Validate_Volumes(t *testing.T) {
	// volumes gives the service volumes and mounts each.
	volumes := func(p *props, all ...ecsservice.Volume) {
		p.Volumes = all
		for i, v := range all {
			p.Containers[0].Mounts = append(p.Containers[0].Mounts, ecsservice.Mount{Volume: v.Name, Path: fmt.Sprintf("/%d", i)})
		}
	}
	efs := func(name string, e ecsservice.EFS) ecsservice.Volume { return ecsservice.Volume{Name: name, EFS: &e} }
	ebs := func(e ecsservice.EBS) func(*props) {
		return func(p *props) { volumes(p, ecsservice.Volume{Name: "x", EBS: &e}) }
	}
	const (
		name = "must be 1 to 255 letters, digits, hyphens and underscores, got "
		path = "must be 1 to 4 directories such as /data, 100 characters at most, got "
		gp3  = awsec2.EbsDeviceVolumeType_GP3
		io1  = awsec2.EbsDeviceVolumeType_IO1
		io2  = awsec2.EbsDeviceVolumeType_IO2
		st1  = awsec2.EbsDeviceVolumeType_ST1
		sc1  = awsec2.EbsDeviceVolumeType_SC1
	)
	cdktest.ValidateTable(t, valid, []row{
		{Name: "largest", Edit: func(p *props) {
			volumes(p, efs(letters(255), ecsservice.EFS{UID: 4294967295, GID: 4294967295, Path: "/a/b/c/" + letters(93)}),
				ecsservice.Volume{Name: "x", EBS: &ecsservice.EBS{SizeGiB: 16384, IOPS: 16000, ThroughputMiB: 1000}})
		}},
		{Name: "smallest", Edit: func(p *props) {
			volumes(p, efs("a", ecsservice.EFS{UID: 1, GID: 1, Path: "/a"}), ecsservice.Volume{Name: "x", EBS: &ecsservice.EBS{SizeGiB: 1, IOPS: 3000, ThroughputMiB: 125}}, ecsservice.Volume{Name: "b"})
		}},
		{Name: "default path", Edit: func(p *props) { volumes(p, efs("data", ecsservice.EFS{})) }},
		{Name: "existing file systems", Edit: func(p *props) {
			fs := fakeFileSystem{}
			volumes(p, efs("a", ecsservice.EFS{FileSystem: fs}), efs("b", ecsservice.EFS{FileSystem: fs, RootDirectory: "/a"}),
				efs("c", ecsservice.EFS{FileSystem: fs, AccessPoint: fakeAccessPoint{}}), efs("d", ecsservice.EFS{FileSystem: fs, AccessPoint: fakeAccessPoint{}, RootDirectory: "/"}))
		}},
		{Name: "names", Edit: func(p *props) {
			volumes(p, ecsservice.Volume{Name: "x"}, ecsservice.Volume{Name: "x"}, ecsservice.Volume{}, ecsservice.Volume{Name: letters(256)})
			p.Containers[0].Mounts = append(p.Containers[0].Mounts[:1], p.Containers[0].Mounts[2:]...)
		}, Want: []string{
			`Volumes[1].Name: must differ from the others, got "x" again`, `Volumes[2].Name: ` + name + `""`, `Volumes[3].Name: ` + name + `"` + letters(256) + `"`,
		}},
		{Name: "unmounted", Edit: func(p *props) {
			volumes(p, ecsservice.Volume{Name: "y"})
			p.Volumes = append(p.Volumes, ecsservice.Volume{Name: "x"})
		}, Want: []string{
			`Volumes[1].Name: must be mounted by a container, got "x", which none mounts`,
		}},
		{Name: "EFS and EBS", Edit: func(p *props) {
			volumes(p, ecsservice.Volume{Name: "x", EFS: &ecsservice.EFS{}, EBS: &ecsservice.EBS{SizeGiB: 1}})
		}, Want: []string{"Volumes[0].EBS: must be left out with EFS"}},
		{Name: "two EBS volumes", Edit: func(p *props) {
			volumes(p, ecsservice.Volume{Name: "x", EBS: &ecsservice.EBS{SizeGiB: 1}}, ecsservice.Volume{Name: "y", EBS: &ecsservice.EBS{}})
		}, Want: []string{"Volumes[1].EBS: must be given once in a service: ECS attaches one volume to a task", "Volumes[1].EBS.SizeGiB: must be between 1 and 16384 with GP3, got 0"}},
		{Name: "new file system", Edit: func(p *props) {
			volumes(p, efs("x", ecsservice.EFS{AccessPoint: fakeAccessPoint{}, RootDirectory: "/", UID: -1, GID: 4294967296, Path: "data"}),
				efs("y", ecsservice.EFS{Path: "/a/b/c/d/e"}), efs("z", ecsservice.EFS{Path: "/" + letters(100)}))
		}, Want: []string{
			"Volumes[0].EFS.AccessPoint: needs its FileSystem", "Volumes[0].EFS.RootDirectory: must be left out with a new file system: its access point decides, see Path",
			"Volumes[0].EFS.UID: must be between 1 and 4294967295, got -1", "Volumes[0].EFS.GID: must be between 1 and 4294967295, got 4294967296",
			`Volumes[0].EFS.Path: ` + path + `"data"`, `Volumes[1].EFS.Path: ` + path + `"/a/b/c/d/e"`, `Volumes[2].EFS.Path: ` + path + `"/` + letters(100) + `"`,
		}},
		{Name: "settings of an existing file system", Edit: func(p *props) {
			volumes(p, efs("x", ecsservice.EFS{FileSystem: fakeFileSystem{}, UID: 1, GID: 1, Path: "/x", DisableBackups: true}))
		}, Want: []string{
			"Volumes[0].EFS.UID: must be left out with an existing file system", "Volumes[0].EFS.GID: must be left out with an existing file system",
			"Volumes[0].EFS.Path: must be left out with an existing file system", "Volumes[0].EFS.DisableBackups: must be left out with an existing file system",
		}},
		{Name: "root directory", Edit: func(p *props) {
			volumes(p, efs("x", ecsservice.EFS{FileSystem: fakeFileSystem{}, AccessPoint: fakeAccessPoint{}, RootDirectory: "/a"}), efs("y", ecsservice.EFS{FileSystem: fakeFileSystem{}, RootDirectory: "a"}))
		}, Want: []string{
			`Volumes[0].EFS.RootDirectory: must be "" or "/" with an access point, which has a root of its own, got "/a"`, `Volumes[1].EFS.RootDirectory: must be an absolute path, got "a"`,
		}},
		{Name: "EBS type", Edit: ebs(ecsservice.EBS{SizeGiB: 1, Type: "tape"}), Want: []string{"Volumes[0].EBS.Type: must be one of GP2, GP3, IO1, IO2, SC1, ST1, got tape"}},
		{Name: "EBS too large", Edit: ebs(ecsservice.EBS{SizeGiB: 16385}), Want: []string{"Volumes[0].EBS.SizeGiB: must be between 1 and 16384 with GP3, got 16385"}},
		{Name: "EBS too small", Edit: ebs(ecsservice.EBS{SizeGiB: -1, SnapshotID: "snap-1"}), Want: []string{"Volumes[0].EBS.SizeGiB: must be between 1 and 16384 with GP3, got -1"}},
		{Name: "EBS of a snapshot", Edit: ebs(ecsservice.EBS{SnapshotID: "snap-1"})},
		{Name: "smallest st1", Edit: ebs(ecsservice.EBS{Type: st1, SizeGiB: 125})},
		{Name: "st1", Edit: ebs(ecsservice.EBS{Type: st1, SizeGiB: 124, IOPS: 3000, ThroughputMiB: 125}), Want: []string{
			"Volumes[0].EBS.SizeGiB: must be between 125 and 16384 with ST1, got 124", "Volumes[0].EBS.IOPS: must be left out with ST1",
			"Volumes[0].EBS.ThroughputMiB: must be left out with ST1",
		}},
		{Name: "sc1", Edit: ebs(ecsservice.EBS{Type: sc1, SizeGiB: 124}), Want: []string{"Volumes[0].EBS.SizeGiB: must be between 125 and 16384 with SC1, got 124"}},
		{Name: "gp3", Edit: ebs(ecsservice.EBS{Type: gp3, SizeGiB: 1, IOPS: 2999, ThroughputMiB: 1001}), Want: []string{
			"Volumes[0].EBS.IOPS: must be between 3000 and 16000 with GP3, got 2999", "Volumes[0].EBS.ThroughputMiB: must be between 125 and 1000, got 1001",
		}},
		{Name: "io1 without IOPS", Edit: ebs(ecsservice.EBS{Type: io1, SizeGiB: 3}), Want: []string{
			"Volumes[0].EBS.IOPS: must be given with IO1", "Volumes[0].EBS.SizeGiB: must be between 4 and 16384 with IO1, got 3",
		}},
		{Name: "io1", Edit: ebs(ecsservice.EBS{Type: io1, SizeGiB: 4, IOPS: 64001}), Want: []string{"Volumes[0].EBS.IOPS: must be between 100 and 64000 with IO1, got 64001"}},
		{Name: "largest io1", Edit: ebs(ecsservice.EBS{Type: io1, SizeGiB: 4, IOPS: 64000})},
		{Name: "io2", Edit: ebs(ecsservice.EBS{Type: io2, SizeGiB: 4, IOPS: 256001}), Want: []string{"Volumes[0].EBS.IOPS: must be between 100 and 256000 with IO2, got 256001"}},
		{Name: "smallest io2", Edit: ebs(ecsservice.EBS{Type: io2, SizeGiB: 4, IOPS: 100})},
	})
}
