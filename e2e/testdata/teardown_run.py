"""Calls the handler of constructs/ecsec2/teardown.py as Lambda would, with botocore for boto3, and prints the calls to AWS.

Its arguments: the folder of the handler, the event, and the container instances of the cluster, which the emulator has not.
"""

import json
import sys
import types
import urllib.request

import botocore.session


class Cluster:
    """What ECS answers about a cluster with container instances."""

    def __init__(self, instances):
        self.instances = instances

    def get_paginator(self, operation):
        assert operation == "list_container_instances", operation
        return self

    def paginate(self, cluster):
        yield {"containerInstanceArns": []}
        yield {"containerInstanceArns": [f"{cluster}/{i}" for i in self.instances]}

    def describe_container_instances(self, cluster, containerInstances):
        return {"containerInstances": [{"containerInstanceArn": arn, "ec2InstanceId": arn.split("/")[1]} for arn in containerInstances]}

    def deregister_container_instance(self, **call):
        print(json.dumps({"operation": "DeregisterContainerInstance", **call}))


def client(service):
    if service == "ecs":
        return Cluster(json.loads(sys.argv[3]))
    made = botocore.session.get_session().create_client(service)
    made.meta.events.register("provide-client-params.*.*", lambda params, model, **_: print(json.dumps({"operation": model.name, **params})))
    return made


sys.path.insert(0, sys.argv[1])
sys.modules["boto3"] = types.SimpleNamespace(client=client)
import teardown  # noqa: E402

remaining = iter([600000, 600000, 1000])
teardown.time.sleep = lambda seconds: None
teardown.handler(json.loads(sys.argv[2]), types.SimpleNamespace(get_remaining_time_in_millis=lambda: next(remaining)))
