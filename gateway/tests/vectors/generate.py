"""Writes google_api_core.jsonl: requests as Google's own Python clients would send them.

google.api_core.path_template.transcode turns a message into method, URI, query and body by the rules of google.api.http;
it shares nothing with this project, so what it makes must come back as the message it was made from. Run again only when
tests/proto/kitchen.proto changes:

    pip install google-api-core requests grpcio-tools
    python tests/vectors/generate.py
"""

import json
import os
import pathlib
import random
import tempfile

import grpc_tools
import requests
from google.api_core import path_template, rest_helpers
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_tools import protoc

HERE = pathlib.Path(__file__).resolve().parent
VECTORS_PER_BINDING = 24
# What has no form in a query, in Google's clients as in the gateway.
ONLY_IN_BODY = ['messages', 'by_text', 'by_number', 'by_bool', 'anything', 'value']
WORDS = ['a', 'duck', '鸭', 'two words', 'a+b', 'x&y=z', '1', 'true', 'naïve', 'quote"', "it's", 'tab\there', 'a.b-c_d~e', '🦆']
IN_PATH = ['1', 'duck', '鸭', 'two words', 'a+b', 'x=y', 'a.b-c_d~e', 'naïve', '(x)', 'a:b']

BINDINGS = [
    ('GetDish', 'get', '/v1/{name=kitchens/*/dishes/*}', None),
    ('GetDish', 'get', '/v1/dishes/{name}', None),
    ('ListDishes', 'get', '/v1/{parent=kitchens/*}/dishes', None),
    ('CreateDish', 'post', '/v1/{parent=kitchens/*}/dishes', 'dish'),
    ('UpdateDish', 'patch', '/v1/{dish.name=kitchens/*/dishes/*}', 'dish'),
    ('CookDish', 'post', '/v1/{name=kitchens/*/dishes/*}:cook', '*'),
    ('ReadFile', 'get', '/v1/{name=files/**}', None),
    ('Mix', 'post', '/v1/everything', '*'),
    ('Mix', 'get', '/v1/everything', None),
    ('Mix', 'put', '/v1/everything/{int32_value}/{inner.text=parts/*/**}:mix', 'messages'),
]


def pool():
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'set')
        well_known = pathlib.Path(grpc_tools.__file__).parent / '_proto'
        includes = [HERE.parent / 'proto', HERE.parents[2] / 'proto' / 'proto', well_known]
        arguments = [f'-I{include}' for include in includes]
        if protoc.main(['protoc', *arguments, '--include_imports', f'--descriptor_set_out={out}', 'kitchen.proto']):
            raise SystemExit('kitchen.proto does not compile')
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out).read_bytes())
    made = descriptor_pool.DescriptorPool()
    for file in files.file:
        made.Add(file)
    return made


def scalar(field, dice):
    kinds = type(field)
    match field.cpp_type:
        case kinds.CPPTYPE_STRING:
            return dice.randbytes(dice.randrange(6)) if field.type == kinds.TYPE_BYTES else dice.choice(WORDS)
        case kinds.CPPTYPE_BOOL:
            return dice.random() < 0.5
        case kinds.CPPTYPE_ENUM:
            return dice.choice(field.enum_type.values).number
        case kinds.CPPTYPE_DOUBLE | kinds.CPPTYPE_FLOAT:
            return dice.choice([0.5, -2.25, 1e10, float('inf'), 3.0])
        case kinds.CPPTYPE_UINT32 | kinds.CPPTYPE_UINT64:
            return dice.choice([1, 2**32 - 1] + ([2**64 - 1] if field.cpp_type == kinds.CPPTYPE_UINT64 else []))
        case _:
            return dice.choice([1, -1, 2**31 - 1] + ([-(2**63), 2**53 + 1] if field.cpp_type == kinds.CPPTYPE_INT64 else []))


def is_repeated(field):
    return field.is_repeated if hasattr(field, 'is_repeated') else field.label == field.LABEL_REPEATED


def fill(message, dice, depth):
    name = message.DESCRIPTOR.full_name
    if name == 'google.protobuf.Timestamp':
        message.FromSeconds(dice.randrange(2**31))
    elif name == 'google.protobuf.Duration':
        message.FromMilliseconds(dice.randrange(10**6))
    elif name == 'google.protobuf.FieldMask':
        message.paths.extend(dice.sample(['heat', 'display_name', 'cook.full_name'], 2))
    elif name == 'google.protobuf.Struct':
        message.update({'a': [1.5, None, {'b': 'c'}]})
    elif name == 'google.protobuf.Value':
        message.bool_value = True
    else:
        fill_fields(message, dice, depth)
    return message


def fill_fields(message, dice, depth):
    for field in message.DESCRIPTOR.fields:
        is_message = field.cpp_type == field.CPPTYPE_MESSAGE
        if dice.random() < 0.6 or (is_message and depth == 0):
            continue
        if field.containing_oneof and message.WhichOneof(field.containing_oneof.name):
            continue
        if is_message and field.message_type.GetOptions().map_entry:
            fill_map(getattr(message, field.name), field.message_type, dice, depth)
        elif is_repeated(field):
            for _ in range(dice.randrange(1, 3)):
                values = getattr(message, field.name)
                if is_message:
                    fill(values.add(), dice, depth - 1)
                else:
                    values.append(scalar(field, dice))
        elif is_message:
            inner = getattr(message, field.name)
            fill(inner, dice, depth - 1)
            # A message that is there and empty has no form in a query.
            if not inner.ByteSize() and not field.message_type.full_name.startswith('google.protobuf'):
                message.ClearField(field.name)
        else:
            setattr(message, field.name, scalar(field, dice))


def fill_map(values, entry, dice, depth):
    key, value = scalar(entry.fields_by_name['key'], dice), entry.fields_by_name['value']
    if value.cpp_type == value.CPPTYPE_MESSAGE:
        fill(values[key], dice, depth - 1)
    else:
        values[key] = scalar(value, dice)


def path_value(template, dice):
    """A value for a variable's pattern."""
    words = [dice.choice(IN_PATH) if part == '*' else part for part in template.split('/')]
    if words[-1] == '**':
        words[-1:] = [dice.choice(IN_PATH) for _ in range(dice.randrange(1, 3))]
    return '/'.join(words)


def bind_path(message, path, dice):
    for variable in [part.split('}')[0] for part in path.split('{')[1:]]:
        name, _, pattern = variable.partition('=')
        *parents, last = name.split('.')
        holder = message
        for parent in parents:
            holder.ClearField(parent) if parent == 'inner' else None
            holder = getattr(holder, parent)
        number = holder.DESCRIPTOR.fields_by_name[last].cpp_type == 1
        setattr(holder, last, dice.randrange(-99, 99) or 1 if number else path_value(pattern or '*', dice))


def vector(method, binding, make, dice):
    rpc, verb, path, body = binding
    message = fill(make(method.input_type)(), dice, 3)
    if rpc == 'Mix' and body != '*':
        for name in ONLY_IN_BODY:
            if name != body:
                message.ClearField(name)
    if body == 'dish':
        # The clients send `{}` for a body that is absent, which cannot be told from one that is empty.
        message.dish.SetInParent()
    bind_path(message, path, dice)
    option = {'method': verb, 'uri': path, **({'body': body} if body else {})}
    copy = make(method.input_type)()
    copy.CopyFrom(message)
    sent = path_template.transcode([option], message=copy)
    as_json = lambda part: json_format.MessageToDict(part)
    query = rest_helpers.flatten_query_params(as_json(sent['query_params']), strict=True) if sent['query_params'] else []
    url = requests.Request('GET', 'http://host' + sent['uri'], params=query).prepare().url
    content = ''
    if body == 'messages':
        content = json.dumps([as_json(one) for one in sent['body']])
    elif body:
        content = json.dumps(as_json(sent['body']))
    uri = url.removeprefix('http://host')
    return {'rpc': rpc, 'method': verb.upper(), 'uri': uri, 'body': content, 'message': as_json(message)}


def main():
    dice = random.Random(321181)
    types = pool()
    make = message_factory.GetMessageClass
    service = types.FindServiceByName('kitchen.v1.Kitchen')
    lines = []
    for binding in BINDINGS:
        for _ in range(VECTORS_PER_BINDING):
            lines.append(json.dumps(vector(service.methods_by_name[binding[0]], binding, make, dice), ensure_ascii=False))
    (HERE / 'google_api_core.jsonl').write_text('\n'.join(lines) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
