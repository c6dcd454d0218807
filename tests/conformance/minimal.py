"""The smallest request of an operation that botocore's own model allows."""

import botocore.loaders
import botocore.model

MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("batch", "service-2"), "batch")
VALUES = {"string": "x", "integer": 1, "long": 1, "boolean": True, "map": {}, "double": 1.0, "float": 1.0}


def request_of(name):
    shape = MODEL.operation_model(name).input_shape
    request = _value(shape) if shape else {}
    if "resourceArn" in request:
        request["resourceArn"] = "arn:aws:batch:us-east-1:000000000000:job-queue/default"
    return request


def _value(shape):
    if shape.type_name == "structure":
        return {name: _value(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [_value(shape.member)]
    enum = getattr(shape, "enum", None)
    return enum[0] if enum else VALUES[shape.type_name]
