"""Our declarations of google.api against the published ones.

The files below proto/google/api are our words for a published interface. Whatever they declare must be in the
PyPI package googleapis-common-protos under the same name, number, type and label; they may declare less.

    python published_google_api.py

Needs googleapis-common-protos and grpcio-tools, whose compiler reads both sides. Ends with 1 and a line for each
difference.
"""

import pathlib
import sys
import tempfile

import google.api
import grpc_tools
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

PACKAGE = "google.api"
FOLDER = pathlib.Path("google/api")

# Below these, the files of ours, the published ones, and those that both import.
OURS = pathlib.Path(__file__).parent.parent / "proto"
PUBLISHED = pathlib.Path(next(iter(google.api.__path__))).parent.parent
WELL_KNOWN = pathlib.Path(grpc_tools.__file__).parent / "_proto"

# What makes a field the same for those who read it, in JSON and in generated code.
FIELD_FACTS = ("number", "type", "label", "type_name", "extendee", "json_name", "proto3_optional")


def facts_of_field(field, oneofs):
    """The facts of one field or extension."""
    facts = {name: getattr(field, name) for name in FIELD_FACTS}
    # Not compared: `packed`. Every parser reads both encodings, and published versions differ in it.
    facts["oneof"] = oneofs[field.oneof_index].name if field.HasField("oneof_index") else None
    return facts


def declared(files):
    """Every declaration in the package, by full name, with its facts."""
    found = {}

    def message(scope, described):
        name = f"{scope}.{described.name}"
        found[name] = {"kind": "message"}
        for field in described.field:
            found[f"{name}.{field.name}"] = facts_of_field(field, described.oneof_decl)
        for inner in described.nested_type:
            message(name, inner)
        enums_and_extensions(name, described)

    def enums_and_extensions(scope, described):
        for enum in described.enum_type:
            found[f"{scope}.{enum.name}"] = {"kind": "enum"}
            for value in enum.value:
                found[f"{scope}.{enum.name}.{value.name}"] = {"number": value.number}
        for extension in described.extension:
            found[f"{scope}.{extension.name}"] = facts_of_field(extension, [])

    for file in files:
        if file.package != PACKAGE:
            continue
        found[file.name] = {"syntax": file.syntax}
        for top in file.message_type:
            message(PACKAGE, top)
        enums_and_extensions(PACKAGE, file)
    return found


def compiled(root, names):
    """The descriptors of files below a root."""
    with tempfile.NamedTemporaryFile() as output:
        arguments = ["protoc", f"-I{root}", f"-I{WELL_KNOWN}", f"--descriptor_set_out={output.name}", *names]
        if protoc.main(arguments) != 0:
            sys.exit(f"the files below {root} do not compile")
        return descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(output.name).read_bytes()).file


def main():
    """Compares; each difference is a line."""
    names = sorted(str(FOLDER / path.name) for path in (OURS / FOLDER).glob("*.proto"))
    unpublished = [name for name in names if not (PUBLISHED / name).is_file()]
    if unpublished or not names:
        sys.exit(f"not published: {unpublished}" if names else f"nothing below {OURS / FOLDER}")
    ours, theirs = declared(compiled(OURS, names)), declared(compiled(PUBLISHED, names))
    differences = []
    for name, facts in ours.items():
        if name not in theirs:
            differences.append(f"{name}: not published")
            continue
        for fact in sorted(facts.keys() | theirs[name].keys()):
            if facts.get(fact) != theirs[name].get(fact):
                differences.append(f"{name}: {fact} is {facts.get(fact)!r}, published {theirs[name].get(fact)!r}")
    for line in differences:
        print(line)
    if differences:
        sys.exit(1)
    print(f"{len(ours)} declarations of {PACKAGE} are as published ({len(theirs)} there)")


if __name__ == "__main__":
    main()
