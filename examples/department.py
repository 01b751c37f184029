"""A department's own system, in a hundred lines: it follows what is dispatched to the department, signs for it, works on
it, and tells the outcome.

    pip install grpcio grpcio-tools
    export MINQING_TOKEN=$(minqing token --role system_account --organization water --division 321181)
    python examples/department.py 127.0.0.1:9090 water.cursor

It can be killed at any moment. The place in the stream is kept in a file after each change, so a change is seen again
at most; and every step asks first where the assignment stands, so seeing it again does nothing twice.
"""

import os
import pathlib
import sys
import time

import grpc

# The protos of this repository are compiled as they are imported; a real system would keep the generated files.
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "proto" / "proto"))
messages, services = grpc.protos_and_services("minqing/cases/v1/assignments.proto")


class Department:
    """What a department does about its assignments."""

    def __init__(self, channel, token, cursor_file):
        self.stub = services.AssignmentServiceStub(channel)
        self.metadata = [("authorization", f"Bearer {token}")]
        self.cursor_file = pathlib.Path(cursor_file)
        self.resolved = 0

    def call(self, method, request):
        return method(request, metadata=self.metadata, timeout=10)

    def follow(self, resolved_max):
        """Follows the stream until it ends, or enough is done."""
        cursor = self.cursor_file.read_text() if self.cursor_file.exists() else ""
        request = messages.WatchAssignmentsRequest(cursor=cursor)
        changes = self.stub.WatchAssignments(request, metadata=self.metadata)
        for change in changes:
            if change.HasField("assignment"):
                self.work_on(change.assignment)
            self.cursor_file.write_text(change.cursor)
            if self.resolved >= resolved_max:
                changes.cancel()
                return

    def work_on(self, assignment):
        """Takes an assignment one step further."""
        if assignment.status == messages.ASSIGNMENT_STATUS_PENDING:
            self.call(self.stub.SignAssignment, messages.SignAssignmentRequest(name=assignment.name))
            print(f"signed for {assignment.name}: {assignment.case.title}", flush=True)
        elif assignment.status == messages.ASSIGNMENT_STATUS_SIGNED:
            request = messages.ResolveAssignmentRequest(name=assignment.name, text=self.answer(assignment))
            self.call(self.stub.ResolveAssignment, request)
            self.resolved += 1
            print(f"resolved {assignment.name}", flush=True)
        # Paused until somebody answers, or over: the next change is told when it comes.

    def answer(self, assignment):
        """Here a department's real work goes in."""
        return f"您反映的“{assignment.case.title}”已处理完毕，感谢您的来信。"


def main(address, cursor_file, resolved_max=sys.maxsize):
    with grpc.insecure_channel(address) as channel:
        department = Department(channel, os.environ["MINQING_TOKEN"], cursor_file)
        while department.resolved < int(resolved_max):
            try:
                department.follow(int(resolved_max))
            except grpc.RpcError as error:
                # Streams end: the service is upgraded, a network fails. Then it goes on from the place it kept.
                print(f"the stream ended ({error.code().name}); going on in a second", flush=True)
                time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
