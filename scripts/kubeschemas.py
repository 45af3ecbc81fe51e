#!/usr/bin/env python3
"""Writes internal/kubeschema/schemas/MINOR.json.gz: the schemas that Kubernetes publishes, made strict and without descriptions.

They are read from module k8s.io/kubernetes, which `go mod download k8s.io/kubernetes@v1.MINOR.0` gets.
"""
import gzip
import json
import pathlib
import subprocess

TARGET = pathlib.Path(__file__).parent.parent / "internal/kubeschema/schemas"
MINORS = range(30, 37)
KEPT = ("$ref", "type", "format", "properties", "required", "items", "additionalProperties", "enum")


def schema(node):
    """What of a schema of Swagger 2 is one of JSON Schema; objects take no fields but those that they name."""
    if node.get("format") == "int-or-string":
        return {"type": ["integer", "string"]}
    if node.get("x-kubernetes-preserve-unknown-fields"):
        return {}
    kept = {k: node[k] for k in KEPT if k in node}
    if "properties" in kept:
        kept["properties"] = {k: schema(v) for k, v in kept["properties"].items()}
        kept.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = schema(kept[key])
    return kept


def main():
    for minor in MINORS:
        module = f"k8s.io/kubernetes@v1.{minor}.0"
        downloaded = json.loads(subprocess.run(["go", "mod", "download", "-json", module], check=True, capture_output=True).stdout)
        swagger = json.loads((pathlib.Path(downloaded["Dir"]) / "api/openapi-spec/swagger.json").read_text())
        kinds = {}
        for name, node in swagger["definitions"].items():
            for k in node.get("x-kubernetes-group-version-kind", []):
                if not name.startswith("io.k8s.apimachinery"):
                    kinds["/".join(filter(None, (k["group"], k["version"], k["kind"])))] = name
        text = json.dumps({
            "kinds": kinds, "definitions": {name: schema(node) for name, node in swagger["definitions"].items()},
        }, sort_keys=True, separators=(",", ":"))
        TARGET.mkdir(exist_ok=True)
        (TARGET / f"{minor}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
