"""Files through the gateway to a real S3 protocol: moto's server, a bucket, and photos by Pillow.

    python files.py PROGRAM WORK

Starts the suite with its attachments in the bucket, uploads and downloads over HTTP, and looks into the bucket with
Amazon's own client. Needs moto[s3,server] and pillow. Ends with 1 at the first thing that is not as it should be.
"""

import hashlib
import io
import json
import logging
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
from moto.server import ThreadedMotoServer
from PIL import Image

BUCKET, PREFIX, REGION, KEY, SECRET = "minqing", "cases", "cn-east-1", "tester", "not-a-secret"
GPS = 0x8825


def photo(with_place):
    """A JPEG of 640 by 480 with a camera's name, and the place where it was taken."""
    image = Image.effect_noise((640, 480), 60).convert("RGB")
    exif = image.getexif()
    exif[0x010F], exif[0x0132] = "Camera of Danyang", "2026:03:02 10:00:00"
    if with_place:
        exif.get_ifd(GPS).update({1: "N", 2: (31.0, 59.0, 24.6), 3: "E", 4: (119.0, 34.0, 12.3)})
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif, quality=90)
    return written.getvalue()


class Suite:
    """The suite in one process, with its files in the bucket."""

    def __init__(self, program, work, endpoint):
        s3 = "MINQING_CASES__ATTACHMENTS__S3__"
        settings = {
            f"{s3}BUCKET": BUCKET,
            f"{s3}PREFIX": PREFIX,
            f"{s3}REGION": REGION,
            f"{s3}ENDPOINT": endpoint,
            f"{s3}ACCESS_KEY_ID": KEY,
            f"{s3}SECRET_ACCESS_KEY": SECRET,
        }
        self.output = pathlib.Path(work, "files.out")
        command = [program, "up", "--no-demo", "--data", str(pathlib.Path(work, "files"))]
        command += ["--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=output)

    def __enter__(self):
        for _ in range(300):
            ready = [line for line in self.output.read_text().splitlines() if line.startswith("ready ")]
            if ready:
                self.address = ready[0].split()[1]
                return self
            if self.process.poll() is not None:
                sys.exit("the suite ended before it was ready")
            time.sleep(0.2)
        sys.exit("the suite is not ready after a minute")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(15)

    def ask(self, path, query, body=None, content_type=None):
        """The status, the headers and the body of an answer."""
        url = f"{self.address}{path}?{urllib.parse.urlencode(query)}"
        headers = {"Content-Type": content_type} if content_type else {}
        request = urllib.request.Request(url, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def upload(self, name, body, content_type):
        """The attachment and its token."""
        status, _, answer = self.ask("/v1/attachments:upload", {"file_name": name}, body, content_type)
        assert status == 200, answer
        answer = json.loads(answer)
        return answer["attachment"], answer["uploadToken"]

    def refused(self, name, body, content_type):
        """The status and the reason."""
        status, _, answer = self.ask("/v1/attachments:upload", {"file_name": name}, body, content_type)
        details = json.loads(answer)["details"]
        return status, next(one["reason"] for one in details if one["@type"].endswith("ErrorInfo"))

    def download(self, attachment, token):
        """The headers and the file."""
        status, headers, body = self.ask(f"/v1/{attachment['name']}:download", {"upload_token": token})
        assert status == 200, body
        return headers, body


def walk(suite, bucket):
    """Up, down, and a look into the bucket."""
    def stored():
        return {one.key: one for one in bucket.objects.all()}

    original = photo(with_place=True)
    attachment, token = suite.upload("路灯 1.jpg", original, "image/jpeg")
    headers, kept = suite.download(attachment, token)
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert urllib.parse.quote("路灯 1.jpg") in headers["Content-Disposition"]
    assert hashlib.sha256(kept).hexdigest() == attachment["sha256"]

    before, after = Image.open(io.BytesIO(original)), Image.open(io.BytesIO(kept))
    assert before.getexif().get_ifd(GPS), "the photo had a place"
    assert not after.getexif().get_ifd(GPS) and GPS not in after.getexif(), "and has none any more"
    assert after.getexif()[0x010F] == "Camera of Danyang"
    assert before.tobytes() == after.tobytes(), "the picture is the same"

    (key, one), = stored().items()
    assert key.startswith(f"{PREFIX}/") and one.get()["Body"].read() == kept
    again, other = suite.upload("same.jpg", kept, "image/jpeg")
    assert again["sha256"] == attachment["sha256"] and other != token
    assert len(stored()) == 1, "the same content is there once"
    plain = photo(with_place=False)
    assert suite.download(*suite.upload("plain.jpg", plain, ""))[1] == plain, "without a place nothing is changed"

    # More than one part of an upload to S3, up to the limit.
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + os.urandom((20 << 20) - 24)
    assert suite.download(*suite.upload("film.mp4", film, "video/mp4"))[1] == film
    count = len(stored())
    assert suite.refused("film.mp4", film + b"x", "video/mp4") == (413, "ATTACHMENT_TOO_LARGE")
    assert suite.refused("a.jpg", film, "image/jpeg") == (400, "ATTACHMENT_TYPE_MISMATCH")
    assert suite.refused("a.txt", b"<script>alert(1)</script>", "text/plain") == (400, "ATTACHMENT_TYPE_UNSUPPORTED")
    assert suite.refused("../a.jpg", plain, "image/jpeg") == (400, "INVALID_FILE_NAME")
    assert suite.refused("a.jpg", b"", "image/jpeg") == (400, "ATTACHMENT_EMPTY")
    assert len(stored()) == count, "what is refused is not left in the bucket"
    assert not list(bucket.multipart_uploads.all()), "nor a part of it"
    for wrong in ("", "x", token[1:], other):
        assert suite.ask(f"/v1/{attachment['name']}:download", {"upload_token": wrong})[0] == 404
    return count


def main():
    """Starts both, and walks."""
    program, work = sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client = boto3.resource(
            "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        bucket = client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        with Suite(program, work, endpoint) as suite:
            count = walk(suite, bucket)
        print(f"files: {count} in the bucket, as they should be")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
