"""The part of OpenAPI 3.0 schemas that admin/openapi.yaml uses, and no more: a word that is not known here is an error, so that
nothing in the document goes unchecked."""

KNOWN = {"$ref", "type", "properties", "required", "items", "enum", "additionalProperties", "minimum", "maximum", "nullable",
         "description", "example", "default"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


def resolved(document, node):
    while "$ref" in node:
        path = node["$ref"].removeprefix("#/").split("/")
        node = document
        for name in path:
            node = node[name]
    return node


def problems(document, schema, value, where="answer", seen=None):
    """What of the value the schema does not allow, as sentences. `seen` collects which members of which schema there were."""
    schema = resolved(document, schema)
    if unknown := set(schema) - KNOWN:
        yield f"{where}: the document uses {sorted(unknown)}, which this test does not know"
    if value is None and schema.get("nullable"):
        return
    wanted = TYPES[schema["type"]]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        yield f"{where}: {value!r} is no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if wanted is int and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where}: {value} is out of range"
    if wanted is list:
        for number, item in enumerate(value):
            yield from problems(document, schema["items"], item, f"{where}[{number}]", seen)
    if wanted is dict:
        yield from problems_of_members(document, schema, value, where, seen)


def problems_of_members(document, schema, value, where, seen):
    members = schema["properties"]
    if schema.get("additionalProperties", True) is not False:
        yield f"{where}: the document lets any member stand there"
    for name in schema.get("required", []):
        if name not in members:
            yield f"{where}: the document requires {name} and does not describe it"
        if name not in value:
            yield f"{where}: has no {name}"
    for name, item in value.items():
        if name not in members:
            yield f"{where}: {name} is not in the document"
            continue
        if seen is not None:
            seen.add((id(members), name))
        yield from problems(document, members[name], item, f"{where}.{name}", seen)


def described(document, schema, path, found=None):
    """Every member that a schema describes, at any depth: (identity, name) -> where."""
    found = {} if found is None else found
    schema = resolved(document, schema)
    if schema["type"] == "array":
        described(document, schema["items"], f"{path}[]", found)
    for name, member in schema.get("properties", {}).items():
        found[(id(schema["properties"]), name)] = f"{path}.{name}"
        described(document, member, f"{path}.{name}", found)
    return found
