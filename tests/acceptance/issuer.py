"""A real OpenID Connect provider as the issuer: its tokens are accepted, over HTTP and gRPC, for what its subjects were
appointed to, and refused where they must be; and it replaces its keys.

    python tests/acceptance/issuer.py PROGRAM FOLDER
"""

import base64
import hashlib
import http.cookiejar
import json
import os
import re
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import grpc
from google.protobuf import descriptor_pool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from walk import Service

AUDIENCE = "https://minqing.example"
START_S = 60

# The configuration that docs/OPERATIONS.md shows. PS256 is left out to see it refused; the leeway, to see tokens expire.
SETTINGS = """
[identity]
leeway_s = 0

[[identity.issuers]]
issuer = "{issuer}"
audience = "{audience}"
algorithms = ["RS256", "ES256", "EdDSA"]
"""


class Process:
    """A process that says `ready …`. What it says goes to a file, and is shown when something failed."""

    def __init__(self, command, output, **environment):
        self.output = output
        with open(output, "wb") as file:
            self.process = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env=os.environ | environment
            )
        deadline = time.monotonic() + START_S
        while not (ready := re.search("^ready (.*)$", self.text(), re.MULTILINE)):
            assert self.process.poll() is None and time.monotonic() < deadline, f"not ready: {self.text()}"
            time.sleep(0.05)
        self.ready = ready[1].split()

    def text(self):
        with open(self.output, encoding="utf-8") as file:
            return file.read()

    def end(self):
        self.process.terminate()
        return self.process.wait(timeout=15)


class Web:
    """HTTP as a browser has it, cookies and all, to this machine only: no proxy. Redirects are left to the caller."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    def __init__(self, certificate):
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=certificate))
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), self.Stay, tls, cookies)

    def __call__(self, url, data=None, **headers):
        request = urllib.request.Request(url, data, {name.replace("_", "-"): text for name, text in headers.items()})
        try:
            answer = self.opener.open(request, timeout=10)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return answer.status, answer.headers, answer.read().decode()


class Provider(Process):
    """The provider, with what a client of it does."""

    def __init__(self, folder, port=0, generation=1, issuer=()):
        self.certificate = f"{folder}/certificate.pem"
        command = ["node", "tests/acceptance/provider.mjs", f"{folder}/tls.pem", str(port), str(generation), *issuer]
        super().__init__(command, f"{folder}/provider-{time.monotonic_ns()}")
        self.issuer, _, self.url = self.ready
        self.port = urllib.parse.urlsplit(self.url).port

    def ask(self, grant, **headers):
        data = urllib.parse.urlencode(grant).encode()
        status, _, body = Web(self.certificate)(f"{self.url}/token", data, **headers)
        assert status == 200, body
        return json.loads(body)["access_token"]

    def token(self, algorithm="RS256", audience=AUDIENCE, seconds=300):
        """The token of the department's system, for itself (client credentials)."""
        secret = base64.b64encode(b"bureau:secret-of-the-bureau").decode()
        grant = {"grant_type": "client_credentials"}
        if audience:
            grant["resource"] = f"{audience}/{algorithm}/{seconds}"
        return self.ask(grant, Authorization=f"Basic {secret}")

    def token_of_person(self, name):
        """The token of a person who signs in at the provider and consents (authorization code with PKCE)."""
        web, verifier = Web(self.certificate), "v" * 43
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "client_id": "console",
            "response_type": "code",
            "redirect_uri": "https://console.example/back",
            "scope": "openid",
            "resource": f"{AUDIENCE}/ES256/300",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url, data = f"{self.url}/auth?{urllib.parse.urlencode(query)}", None
        while not url.startswith(query["redirect_uri"]):
            status, headers, page = web(url, data)
            assert status in (200, 303), page
            data = None
            if status == 303:
                url = urllib.parse.urljoin(url, headers["Location"])
            else:
                # The form on the page: first to sign in, then to consent.
                prompt = re.search('name="prompt" value="(login|consent)"', page)[1]
                data = urllib.parse.urlencode({"prompt": prompt, "login": name, "password": "any"}).encode()
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["code"]
        grant = {"grant_type": "authorization_code", "client_id": "console", "code": code}
        return self.ask(grant | {"redirect_uri": query["redirect_uri"], "code_verifier": verifier})

    def keys_asked(self):
        return self.text().count("GET /jwks")


class Suite(Process):
    """The suite, empty, with an issuer configured."""

    def __init__(self, program, folder, issuer):
        settings = f"{folder}/issuer.toml"
        with open(settings, "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(issuer=issuer, audience=AUDIENCE))
        self.web = Web(f"{folder}/certificate.pem")
        place = ["--data", f"{folder}/issuer-data"]
        free = ["--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]
        command = [program, "up", "--no-demo", "--config", settings, *place, *free]
        # The provider's certificate is from no authority that the machine knows.
        super().__init__(command, f"{folder}/suite", SSL_CERT_FILE=f"{folder}/certificate.pem")
        self.http, self.grpc = self.ready
        administrator = subprocess.run(
            [program, "token", "--role", "administrator", *place], stdout=subprocess.PIPE, check=True, text=True
        )
        self.administrator = administrator.stdout.strip()

    def call(self, path, body=None, token=None):
        """Gives the HTTP status and the JSON."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        status, _, text = self.web(f"{self.http}/v1/{path}", data, Content_Type="application/json", **headers)
        return status, json.loads(text)

    def administer(self, path, body):
        status, answer = self.call(path, body, self.administrator)
        assert status == 200, answer
        return answer

    def links(self, token, code="321181"):
        """The HTTP status of what departments see of their area, with the reason of a refusal."""
        status, answer = self.call(f"divisions/{code}/contactLinks", token=token)
        reasons = [detail["reason"] for detail in answer.get("details", []) if "reason" in detail]
        return (status, *reasons)


def found_city(suite, issuer):
    """The city, and two people with accounts at the issuer: a department's system with an area, and a citizen."""
    since = {"effectiveFrom": "2020-01-01"}
    for code, name in (("32", "江苏省"), ("3211", "镇江市"), ("321181", "丹阳市")):
        suite.administer("divisions", since | {"code": code, "displayName": name})
    for person, role in (("bureau", "ROLE_SYSTEM_ACCOUNT"), ("zhang", None)):
        record = since | {"displayName": person, "divisionCode": "321181"}
        record["subjects"] = [{"issuer": issuer, "subject": person}]
        offices = [since | {"role": role, "divisionCode": "321181"}] if role else []
        suite.administer("people", {"person": record, "personId": person, "appointments": offices})


def eventually(holds, within_s):
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.2)


def accepted(suite, provider):
    """Tokens are accepted, and give what the registry says of their subject."""
    token = provider.token()
    assert suite.links(token) == (403, "NOT_PERMITTED"), suite.links(token)
    found_city(suite, provider.issuer)
    # The account was asked for before it was linked: what was believed of it is forgotten at once.
    assert suite.links(token) == (200,), suite.links(token)
    assert suite.links(token, "3211") == (403, "NOT_PERMITTED"), "its area ends there"
    for algorithm in ("ES256", "EdDSA", "Ed25519"):
        assert suite.links(provider.token(algorithm)) == (200,), algorithm
    person = provider.token_of_person("zhang")
    assert suite.links(person) == (403, "NOT_PERMITTED")
    status, record = suite.call("people/zhang", token=person)
    assert (status, record.get("subjects")) == (200, [{"issuer": provider.issuer, "subject": "zhang"}]), record
    assert suite.call("people/zhang")[0] == 401
    assert suite.call("people/zhang", token=provider.token_of_person("wang"))[0] in (403, 404)


def refused(suite, provider, impostor):
    """Gives the tokens that must be refused, with the reasons."""
    fleeting = provider.token(seconds=2)
    assert suite.links(fleeting) == (200,)
    time.sleep(2.1)
    return [
        (fleeting, "TOKEN_EXPIRED"),
        (provider.token(audience="https://elsewhere.example"), "TOKEN_AUDIENCE"),
        (provider.token("PS256"), "TOKEN_ALGORITHM"),
        (provider.token(audience=None), "TOKEN_MALFORMED"),
        (impostor.token(), "TOKEN_SIGNATURE"),
    ]


def over_grpc(suite, good, bad):
    """The same over gRPC."""
    with grpc.insecure_channel(suite.grpc.removeprefix("grpc://")) as channel:
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        contacts = Service(channel, pool, "ContactService")
        contacts.call("ListContactLinks", good, scope="divisions/321181")
        for token, reason in bad:
            try:
                contacts.call("ListContactLinks", token, scope="divisions/321181")
            except grpc.RpcError as refusal:
                details = dict(refusal.trailing_metadata())["grpc-status-details-bin"]
                assert refusal.code() == grpc.StatusCode.UNAUTHENTICATED and reason.encode() in details, refusal
            else:
                raise AssertionError(f"{reason} expected")


def replaced_keys(suite, provider, folder):
    """The provider goes away, and comes back with other keys. Gives the new one and how long it took, in seconds."""
    old = provider.token(seconds=600)
    assert suite.links(old) == (200,)
    provider.end()
    assert suite.links(old) == (200,), "the last keys serve while the issuer is down"
    replaced = Provider(folder, provider.port, generation=2)
    try:
        began, new = time.monotonic(), replaced.token()
        # The keys were read a moment ago, and are read again half a minute after that at the earliest.
        eventually(lambda: suite.links(new) == (200,), within_s=40)
        took_s = time.monotonic() - began
        for _ in range(20):
            assert suite.links(old) == (401, "TOKEN_KEY_UNKNOWN"), suite.links(old)
        assert replaced.keys_asked() == 1, "unknown keys make nobody ask again and again"
    except BaseException:
        replaced.end()
        raise
    return replaced, took_s


def dismissed(suite, provider):
    """The system's appointment ends, and the token that was good is good for nothing."""
    token = provider.token()
    assert suite.links(token) == (200,)
    _, held = suite.call("people/bureau/appointments", token=suite.administrator)
    suite.administer(f"{held['appointments'][0]['name']}:end", {})
    assert suite.links(token) == (403, "NOT_PERMITTED")


def main(program, folder):
    # One file of key and certificate for the provider; the certificate alone for those who trust it.
    tls, certificate = f"{folder}/tls.pem", f"{folder}/certificate.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=provider", "-addext", "subjectAltName=IP:127.0.0.1"]
    leaf = ["-addext", "basicConstraints=critical,CA:FALSE"]
    files = ["-keyout", tls, "-out", certificate]
    subprocess.run(["openssl", "req", *kind, *names, *leaf, *files], check=True, stderr=subprocess.DEVNULL)
    with open(certificate, "rb") as source, open(tls, "ab") as target:
        target.write(source.read())

    running = [Provider(folder)]
    try:
        provider = running[0]
        running.append(impostor := Provider(folder, issuer=[provider.issuer]))
        running.append(suite := Suite(program, folder, provider.issuer))
        accepted(suite, provider)
        bad = refused(suite, provider, impostor)
        for token, reason in bad:
            assert suite.links(token) == (401, reason), (suite.links(token), reason)
        over_grpc(suite, provider.token("ES256"), bad)
        assert provider.keys_asked() == 1, provider.keys_asked()
        running[0], took_s = replaced_keys(suite, provider, folder)
        dismissed(suite, running[0])
        assert suite.end() == 0
        print(f"issuer: {provider.issuer}, {len(bad)} kinds of bad tokens refused, new keys taken after {took_s:.0f} s")
    except BaseException:
        for process in running:
            print(process.text(), file=sys.stderr)
        raise
    finally:
        for process in running:
            if process.process.poll() is None:
                process.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
