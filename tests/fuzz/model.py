"""The services' models (`model/*.json`) as the fuzzer reads them: operations, shapes, and whether an answer has its shape."""

import json
from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).parent.parent.parent / "model"
JSON_TYPES = {
    "string": str, "boolean": bool, "integer": int, "long": int, "float": (int, float), "double": (int, float),
    "structure": dict, "map": dict, "list": list, "timestamp": int,
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One operation of one service."""

    service: str
    name: str
    method: str
    uri: str
    input: str | None
    output: str | None


class Model:
    """One service: its operations and shapes."""

    def __init__(self, service):
        document = json.loads((MODELS / f"{service}.json").read_text())
        self.service = service
        self.target_prefix = document.get("target_prefix")
        self.shapes = document["shapes"]
        self.operations = [
            Operation(service, name, each["method"], each["uri"], each["input"], each["output"])
            for name, each in document["operations"].items()
        ]

    def members(self, name):
        """The members of a structure: {name: shape name}."""
        return {member: each["shape"] for member, each in self.shapes[name].get("members", {}).items()}

    def faults(self, value, name, path="answer"):
        """What is wrong with a value that should have this shape; nothing if all is well."""
        shape = self.shapes[name]
        kind = shape["type"]
        expected = JSON_TYPES[kind]
        if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
            return [f"{path} is {value!r:.60}, not a {kind}"]
        if kind == "structure":
            return self._structure_faults(value, name, path)
        if kind == "list":
            return [fault for i, each in enumerate(value) for fault in self.faults(each, shape["member"], f"{path}[{i}]")]
        if kind == "map":
            return [fault for key, each in value.items() for fault in self.faults(each, shape["value"], f"{path}.{key}")]
        if "enum" in shape and value not in shape["enum"]:
            return [f"{path} is {value!r:.60}, not one of {shape['enum']}"]
        return []

    def _structure_faults(self, value, name, path):
        members = self.members(name)
        faults = [f"{path}.{member} is not in the model" for member in value if member not in members]
        for member, each in value.items():
            if member in members:
                faults += self.faults(each, members[member], f"{path}.{member}")
        return faults
