"""Deletes an Auto Scaling group with all its instances when its stack, or the group alone, is deleted."""

import json
import time
import urllib.request

import boto3


def handler(event, context):
    properties = event["ResourceProperties"]
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": properties["Group"]}
    try:
        if event["RequestType"] == "Delete":
            answer["PhysicalResourceId"] = event["PhysicalResourceId"]
            delete(properties["Group"], properties["Cluster"], lambda: context.get_remaining_time_in_millis() > 30000)
    except Exception as error:
        answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT")
    urllib.request.urlopen(request, timeout=10).close()


def delete(name, cluster, in_time):
    autoscaling, ecs = boto3.client("autoscaling"), boto3.client("ecs")

    def groups():
        return autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]

    found = groups()
    instances = {instance["InstanceId"] for group in found for instance in group["Instances"]}
    if any("Status" not in group for group in found):  # else it is on its way already
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    while groups():
        if not in_time():
            raise TimeoutError(f"{name} is still being deleted")
        time.sleep(5)
    # ECS learns late of instances that are gone, and a cluster that has some is not deleted.
    for page in ecs.get_paginator("list_container_instances").paginate(cluster=cluster):
        if arns := page["containerInstanceArns"]:
            for known in ecs.describe_container_instances(cluster=cluster, containerInstances=arns)["containerInstances"]:
                if known["ec2InstanceId"] in instances:
                    ecs.deregister_container_instance(cluster=cluster, containerInstance=known["containerInstanceArn"], force=True)
