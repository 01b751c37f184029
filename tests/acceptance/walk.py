"""Walks city, towns, villages, grids and contacts over gRPC, knowing the service by its reflection only."""

import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

PACKAGE = "minqing.registry.v1"


class Service:
    """A service of the suite, by its short name."""

    def __init__(self, channel, pool, name):
        self.channel = channel
        self.descriptor = pool.FindServiceByName(f"{PACKAGE}.{name}")

    def call(self, method, token=None, /, **fields):
        descriptor = self.descriptor.FindMethodByName(method)
        request = message_factory.GetMessageClass(descriptor.input_type)(**fields)
        answer = message_factory.GetMessageClass(descriptor.output_type)
        call = self.channel.unary_unary(
            f"/{self.descriptor.full_name}/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        metadata = [("authorization", f"Bearer {token}")] if token else None
        return call(request, timeout=10, metadata=metadata)


def main(address):
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        services = set(database.get_services())
        pool = descriptor_pool.DescriptorPool(database)
        for name in ("DivisionService", "GridService", "OrganizationService", "PersonService", "HouseholdService"):
            assert f"{PACKAGE}.{name}" in services, services
        divisions, grids, contacts = (
            Service(channel, pool, name) for name in ("DivisionService", "GridService", "ContactService")
        )
        towns = divisions.call("ListDivisions", parent="divisions/321181").divisions
        assert len(towns) == 12, len(towns)
        villages = [
            village
            for town in towns
            for village in divisions.call("ListDivisions", parent=town.name, page_size=1000).divisions
        ]
        assert len(villages) == 229, len(villages)
        grid = grids.call("ListGrids", division=villages[0].name).grids[0]
        levels = contacts.call("ResolveContacts", grid=grid.name).levels
        assert [bool(level.persons) for level in levels] == [True] * 4, levels
        print(f"grpc: {len(towns)} towns, {len(villages)} villages, {grid.name}, {levels[0].persons[0].display_name}")
        try:
            divisions.call("GetDivision", name="divisions/321189")
        except grpc.RpcError as refusal:
            assert refusal.code() == grpc.StatusCode.NOT_FOUND, refusal
        else:
            raise AssertionError("a division that does not exist was found")


if __name__ == "__main__":
    main(sys.argv[1])
