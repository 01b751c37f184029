"""A report with a place and a photo, from the first word to the last answer: as a citizen, the centre and a department
would, over HTTP alone; the departments' part by the two examples, over gRPC."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

PROGRAM, HTTP, GRPC, WORK = sys.argv[1:5]
# The least that begins and ends as a JPEG does.
PHOTO = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64
    + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009ffc4001410010000000000000000000000000000"
    "0000ffda0008010100003f0054ffd9"
)


def token(role, organization=None):
    """A token of the built-in issuer, as the command line prints it."""
    command = [PROGRAM, "token", "--role", role, "--data", f"{WORK}/data", "--division", "321181"]
    if organization:
        command += ["--organization", organization]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def call(method, path, body=None, bearer=None, content_type="application/json"):
    """An answer, or the reason for which there is none."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"content-type": content_type} if data is not None else {}
    if bearer:
        headers["authorization"] = f"Bearer {bearer}"
    request = urllib.request.Request(HTTP + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if "json" in answer.headers["content-type"] else text
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        reasons = [detail.get("reason") for detail in json.loads(text).get("details", [])]
        raise RuntimeError(f"{method} {path}: {error.code} {reasons} {text}") from None


def refused(reason, *arguments, **options):
    """The call is refused for this reason."""
    try:
        call(*arguments, **options)
    except RuntimeError as error:
        assert reason in str(error), error
    else:
        raise AssertionError(f"was not refused: {arguments}")


def department(program, organization, resolved=1):
    """A department's own system, until it has resolved so many."""
    environment = os.environ | {"MINQING_TOKEN": token("system_account", organization)}
    cursor = f"{WORK}/{organization}.cursor"
    address = GRPC.removeprefix("grpc://")
    if program.suffix == ".py":
        command = [sys.executable, str(program), address, cursor, str(resolved)]
    else:
        command = [str(program), f"http://{address}", cursor, str(resolved)]
    subprocess.run(command, env=environment, check=True, timeout=60, stdout=subprocess.DEVNULL)


def main():
    dispatcher = token("dispatcher", "supervision-centre")
    grid = call("GET", "/v1/grids/321181001001001")
    ring = grid["boundary"]["coordinates"][0]
    longitude, latitude = ring[0]

    photo = call("POST", "/v1/attachments:upload?file_name=lamp.jpg", PHOTO, content_type="image/jpeg")
    case = {
        "type": "CASE_TYPE_HELP", "door": "DOOR_WEB", "title": "小区门口路灯不亮",
        "content": "第三盏路灯坏了，晚上看不见路。", "latitude": latitude, "longitude": longitude,
        "datum": "DATUM_WGS_84", "reporter": {"displayName": "王小明", "phone": "13800000001"},
    }
    claim = {"attachment": photo["attachment"]["name"], "token": photo["uploadToken"]}
    raised = call("POST", "/v1/cases:submit", {"case": case, "attachments": [claim]})
    name, secret = raised["case"]["name"], raised["secret"]
    key = {"name": name, "secret": secret}

    call("POST", f"/v1/{name}:accept", {}, dispatcher)
    call("POST", f"/v1/{name}:dispatch", {"units": [{"organization": "organizations/urban-management"}]}, dispatcher)
    department(pathlib.Path("examples/department.py"), "urban-management")
    tracked = call("POST", "/v1/cases:track", key)
    assert tracked["status"] == "CASE_STATUS_RESOLVED" and "已处理完毕" in tracked["replies"][0]["text"], tracked
    refused("CALLBACK_MISSING", "POST", f"/v1/{name}:close", {}, dispatcher)
    call("POST", "/v1/cases:rate", key | {"solved": True, "satisfaction": "SATISFACTION_SATISFIED"})
    call("POST", f"/v1/{name}:close", {}, dispatcher)
    found = call("GET", "/v1/cases:search?query=" + urllib.parse.quote("路灯"), bearer=dispatcher)
    assert name in json.dumps(found), found
    whole = call("GET", f"/v1/{name}", bearer=dispatcher)
    assert call("GET", f"/v1/{whole['attachments'][0]}:download", bearer=dispatcher)[:3] == PHOTO[:3]
    print(f"{name}: raised with a photo, handled by a department in Python, rated, closed, found")

    raised = call("POST", "/v1/cases:submit", {"case": case | {"type": "CASE_TYPE_COMPLAINT", "against": ["organizations/housing"]}})
    name = raised["case"]["name"]
    call("POST", f"/v1/{name}:accept", {}, dispatcher)
    units = lambda unit: {"units": [{"organization": f"organizations/{unit}"}]}
    refused("DISPATCH_TO_COMPLAINED_OF", "POST", f"/v1/{name}:dispatch", units("housing"), dispatcher)
    call("POST", f"/v1/{name}:dispatch", units("water"), dispatcher)
    refused("NOT_FOUND", "GET", f"/v1/{name}", bearer=token("cadre", "housing"))
    back = {"reason": "RETURN_REASON_NOT_OURS", "note": "不属本局职责"}
    call("POST", f"/v1/{name}/assignments/1:return", back, token("window_clerk", "water"))
    call("POST", f"/v1/{name}:dispatch", units("justice"), dispatcher)
    department(pathlib.Path(PROGRAM).parent / "examples/department", "justice")
    call("POST", "/v1/cases:rate", {"name": name, "secret": raised["secret"], "solved": False})
    again = call("GET", f"/v1/{name}", bearer=dispatcher)
    assert (again["status"], again["round"]) == ("CASE_STATUS_ACCEPTED", 2), again
    print(f"{name}: a complaint kept from whom it is against, returned, handled by a department in Rust, reopened")


if __name__ == "__main__":
    main()
