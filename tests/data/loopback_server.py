"""A web server for the download tests: loopback_server.py FOLDER

Prints its process id and port, then serves FOLDER/NAME on 127.0.0.1 in several ways and appends one line per
request, "PATH RANGE", to FOLDER/requests.log:
  /ranged/NAME  the file; honours "Range: bytes=N-"
  /plain/NAME   the file; ignores ranges
  /broken/NAME  as /ranged, but closes the connection after half of what it announced
  /to-http/NAME sends on to /plain/NAME, by plain http
  /to-file/NAME sends on to the file itself, as file://
  /endless/NAME never stops sending and does not say how much it is
anything else   404
"""
import http.server
import os
import re
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range")
        with open("requests.log", "a") as log:
            log.write(f"{self.path} {wanted or '-'}\n")
        _, way, name = (self.path.split("/") + ["", ""])[:3]
        if way in ("to-http", "to-file"):
            self.send_on(f"http://127.0.0.1:{self.server.server_port}/plain/{name}" if way == "to-http"
                         else f"file://{os.getcwd()}/{name}")
            return
        if way == "endless":
            self.send_without_end()
            return
        if way not in ("ranged", "plain", "broken") or not os.path.isfile(name):
            self.send_error(404)
            return
        with open(name, "rb") as file:
            body = file.read()
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted).group(1)) if wanted and way != "plain" else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        body = body[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if way == "broken" else body)

    def send_on(self, address):
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_without_end(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass  # the other side has had enough

    def log_message(self, *args):
        pass


os.chdir(sys.argv[1])
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(os.getpid(), server.server_port, flush=True)
server.serve_forever()
