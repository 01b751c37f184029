"""Walks city, towns, villages, grids and contacts over gRPC, and the volunteer corps, knowing the services by their
reflection only."""

import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

PACKAGE = "minqing.registry.v1"
VOLUNTEERS = "minqing.volunteers.v1"


class Service:
    """A service of the suite, by its short name."""

    def __init__(self, channel, pool, name, package=PACKAGE):
        self.channel = channel
        self.descriptor = pool.FindServiceByName(f"{package}.{name}")

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


def refused(status, reason, service, method, /, **fields):
    """The call is refused with this status, for this reason."""
    try:
        service.call(method, None, **fields)
    except grpc.RpcError as refusal:
        assert refusal.code() == status, refusal
        details = dict(refusal.trailing_metadata()).get("grpc-status-details-bin", b"")
        assert reason.encode() in details, (reason, details)
    else:
        raise AssertionError(f"{method} was not refused: {fields}")


def corps(channel, pool):
    """Posts, teams and figures, which are public; and what is not."""
    posts, teams, volunteers, needs, hours, certificates, figures = (
        Service(channel, pool, f"{name}Service", VOLUNTEERS)
        for name in ("Post", "Team", "Volunteer", "Need", "Hour", "Certificate", "VolunteerFigure")
    )
    kinds = posts.call("ListPosts", page_size=1000).posts
    assert len(kinds) == 32 and len({kind.category for kind in kinds}) == 5, len(kinds)
    found = teams.call("ListTeams", division_code="321181", post="posts/elder-companion").teams
    assert len(found) == 12 and not any(team.leader for team in found), found
    refused(grpc.StatusCode.INVALID_ARGUMENT, "from_day", figures, "GetVolunteerFigures")
    days = {"from_day": "2026-01-01", "to_day": "2026-02-01"}
    assert not figures.call("GetVolunteerFigures", division_code="321181", **days).groups
    assert hours.call("GetHourChainHead").seq == 0
    refused(grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_NEEDED", volunteers, "ListVolunteers", division_code="321181")
    refused(grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_NEEDED", needs, "ListNeeds")
    refused(grpc.StatusCode.INVALID_ARGUMENT, "name", certificates, "VerifyCertificate", name="certificates/1", code="1")
    print(f"grpc: {len(kinds)} posts, {len(found)} teams of one of them, {found[0].display_name}")


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
        corps(channel, pool)


if __name__ == "__main__":
    main(sys.argv[1])
