"""Validates results of headgate-loadtest against loadtest/report/results.schema.json.

    problems(document): what of it the schema does not allow, as sentences.

The part of JSON Schema 2020-12 that the schema uses, and no more: a keyword that is not known here is an error, so that nothing
goes unchecked.
"""

import json
import pathlib

PATH = pathlib.Path(__file__).resolve().parents[2] / "loadtest" / "report" / "results.schema.json"
SCHEMA = json.loads(PATH.read_text(encoding="utf-8"))
ANNOTATIONS = {"$schema", "$defs", "title", "description"}
KNOWN = ANNOTATIONS | {"$ref", "type", "const", "enum", "minimum", "properties", "required", "additionalProperties", "items",
                       "prefixItems", "minItems"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def resolved(schema):
    """What a $ref points to."""
    if "$ref" not in schema:
        return schema
    node = SCHEMA
    for name in schema["$ref"].removeprefix("#/").split("/"):
        node = node[name]
    return node


def is_of_type(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def problems(value, schema=SCHEMA, where="results", seen=None):
    """`seen` collects where in the schema there was a member: (identity of its members, name)."""
    schema = resolved(schema)
    if unknown := set(schema) - KNOWN:
        yield f"the schema uses {sorted(unknown)}, which this test does not know"
    if not is_of_type(value, schema["type"]):
        yield f"{where}: {value!r} is no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{where}: {value!r} is not {schema['const']!r}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{where}: {value!r} is below {schema['minimum']}"
    if isinstance(value, list):
        yield from problems_of_items(value, schema, where, seen)
    if isinstance(value, dict):
        yield from problems_of_members(value, schema, where, seen)


def problems_of_items(value, schema, where, seen):
    first = schema.get("prefixItems", [])
    if len(value) < schema.get("minItems", 0):
        yield f"{where}: has {len(value)} items only"
    for number, item in enumerate(value):
        wanted = first[number] if number < len(first) else schema["items"]
        if wanted is False:
            yield f"{where}: has {len(value)} items"
            return
        yield from problems(item, wanted, f"{where}[{number}]", seen)


def problems_of_members(value, schema, where, seen):
    members, others = schema.get("properties", {}), schema["additionalProperties"]
    for name in schema.get("required", []):
        if name not in value:
            yield f"{where}: has no {name}"
    for name, item in value.items():
        if name not in members and others is False:
            yield f"{where}: {name} is not in the schema"
            continue
        if seen is not None and name in members:
            seen.add((id(members), name))
        yield from problems(item, members.get(name, others), f"{where}.{name}", seen)


def described(schema=SCHEMA, path="results", found=None):
    """Every member that the schema describes: (identity of its members, name) -> (path, its schema)."""
    found = {} if found is None else found
    schema = resolved(schema)
    if isinstance(schema.get("items"), dict):
        described(schema["items"], f"{path}[]", found)
    for name, member in schema.get("properties", {}).items():
        found[(id(schema["properties"]), name)] = (f"{path}.{name}", member)
        described(member, f"{path}.{name}", found)
    return found
