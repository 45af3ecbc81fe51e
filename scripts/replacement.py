"""Writes internal/stackchange/replacement.txt from the resource schemas of CloudFormation that cfn-lint ships.

    .venv/bin/python scripts/replacement.py > internal/stackchange/replacement.txt
"""
import importlib.metadata
import json
import pathlib

import cfnlint

data = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas"


def names(schema, key):
    return ",".join(sorted({p.removeprefix("/properties/") for p in schema.get(key, [])}))


types = {}
for file in (data / "resources").glob("*.json"):
    schema = json.loads(file.read_text())
    types[schema["typeName"]] = schema
print(f"# Resource types of us-east-1 in cfn-lint {importlib.metadata.version('cfn-lint')}, by scripts/replacement.py:")
print("# TYPE|properties whose change replaces|may replace|identifier")
for name in sorted(types):
    keys = ("createOnlyProperties", "conditionalCreateOnlyProperties", "primaryIdentifier")
    print("|".join([name] + [names(types[name], k) for k in keys]))
