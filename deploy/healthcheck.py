"""Exit 0 if the address in the argument answers 200 within two seconds; for the container's HEALTHCHECK."""

import http.client
import sys
from urllib.parse import urlsplit

PATIENCE_SECONDS = 2.0


def main(address: str) -> int:
    """Ask once and print the answer's status."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", parts.path)
        status = connection.getresponse().status
    except OSError as trouble:
        print(f"no answer: {trouble.strerror or trouble}", file=sys.stderr)
        return 1
    print(status)
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
