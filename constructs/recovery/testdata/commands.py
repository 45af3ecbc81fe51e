"""Checks commands of the AWS CLI, one JSON list of arguments a line, against the models of botocore that the CLI is made from."""

import json
import sys

import botocore.session
import jmespath
from botocore import xform_name
from botocore.validate import ParamValidator

GLOBAL = {"--query", "--output", "--region"}
session = botocore.session.get_session()


def value(shape, words):
    """Reads the words after an option as the CLI does."""
    if shape.type_name == "boolean":
        assert not words, f"{shape.name} takes no value"
        return True
    if shape.type_name == "list":
        return words
    assert len(words) == 1, f"{shape.name} takes one value, got {words}"
    if shape.type_name in ("structure", "map"):
        return json.loads(words[0])
    if shape.type_name in ("integer", "long"):
        return int(words[0])
    enum = getattr(shape, "enum", None)
    assert not enum or words[0] in enum, f"{words[0]} is none of {enum}"
    return words[0]


def check(args):
    service, command, *rest = args
    service = {"s3api": "s3"}.get(service, service)
    model = session.get_service_model(service)
    if command == "wait":
        waiters = session.get_waiter_model(service)
        name = next(n for n in waiters.waiter_names if xform_name(n, "-") == rest[0])
        operation, rest = waiters.get_waiter(name).operation, rest[1:]
    else:
        operation = next((n for n in model.operation_names if xform_name(n, "-") == command), None)
        assert operation, f"{service} has no {command}"
    api = model.operation_model(operation)
    shape = api.input_shape
    members = {"--" + xform_name(n, "-"): (n, s) for n, s in (shape.members if shape else {}).items()}
    options, params = [], {name: "token" for name in api.idempotent_members}  # the CLI fills these in
    for word in rest:
        if word.startswith("--"):
            options.append((word, []))
        else:
            options[-1][1].append(word)
    for option, words in options:
        assert "" not in words, f"{option} is empty"
        if option == "--query":
            jmespath.compile(words[0])
        if option in GLOBAL:
            assert len(words) == 1, f"{option} takes one value"
            continue
        assert option in members, f"{service} {command} has no {option}"
        name, member = members[option]
        params[name] = value(member, words)
    if shape:
        report = ParamValidator().validate(params, shape)
        assert not report.has_errors(), report.generate_report()


failed = False
for line in sys.stdin:
    try:
        check(json.loads(line))
    except Exception as problem:  # noqa: BLE001
        failed = True
        print(line.strip(), "->", type(problem).__name__, problem)
sys.exit(failed)
