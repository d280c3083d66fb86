"""`clearline gateway serve`: run the local service."""

from pathlib import Path

import click

from cli.options import config_option
from gateway import settings
from gateway.local import serve as server


@click.command()
@click.option("--allow-remote", is_flag=True, help="Listen beyond loopback, under TLS: identities cross a network.")
@config_option("gateway.toml")
def serve(config: Path, *, allow_remote: bool) -> None:
    """Serve a carrier's own systems on loopback.

    Each caller has a token, whose scopes open /check, /recheck, /activations and /quotes, /dispute, /statement and
    /rebut, or /settlements and /collect. Beyond loopback the settings have to name a certificate
    (service.tls_certificate and service.tls_key).

    \b
    Example:
      clearline gateway token activation --scope check --out activation.token
      clearline gateway serve --config gateway.toml
      sed 's/^/Authorization: Bearer /' activation.token | curl -s -H @- \\
        -H 'Content-Type: application/json' -d @applicant.json http://127.0.0.1:9201/check
    """
    server.main(settings.load(config), allow_remote=allow_remote)
