# One image for every role; the command chooses: registry, custodian, gateway. A role's settings, keys and files are in /data.
# PYTHON_IMAGE may name a mirror or a digest; it must be a Debian slim image of Python 3.11 or newer.
ARG PYTHON_IMAGE=python:3.13-slim-trixie

# ---- build: our wheel and the locked packages, installed into /opt/clearline --------------------------------------
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /src
RUN python -m venv /opt/clearline
# The packages come before the source, so that a change of source does not install them again.
COPY requirements/runtime.lock requirements/
# A lock is a closure: nothing is resolved, and the check below says so.
RUN /opt/clearline/bin/pip install --no-deps --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY protocol protocol
COPY crypto crypto
COPY serving serving
COPY registry registry
COPY api api
COPY ceremony ceremony
COPY custodian custodian
COPY client client
COPY auditlog auditlog
COPY gateway gateway
COPY analysis analysis
COPY cli cli
COPY migrations migrations
# What only builds a wheel does not go on into the final stage, and neither does pip.
RUN /opt/clearline/bin/pip install --no-deps --no-build-isolation . \
 && /opt/clearline/bin/pip check \
 && /opt/clearline/bin/pip uninstall --yes hatchling editables trove-classifiers pathspec pluggy tomlkit pip

# ---- final: Python, libsodium, our environment and a user without rights ------------------------------------------
FROM ${PYTHON_IMAGE} AS final
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libsodium23 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 clearline \
 && useradd --uid 10001 --gid clearline --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin clearline \
 && install -d -o clearline -g clearline -m 0700 /data /log-heads \
# The demonstration's parties leave their public keys here for each other; a volume takes over its folder's owner.
 && install -d -o clearline -g clearline -m 0755 /public
COPY --from=build /opt/clearline /opt/clearline
COPY deploy/healthcheck.py deploy/party.sh deploy/ceremony.sh deploy/admit.sh /opt/clearline/
ENV PATH=/opt/clearline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /data
STOPSIGNAL SIGTERM
# The registry's port; compose.yaml gives each other role its own address.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "/opt/clearline/healthcheck.py", "http://127.0.0.1:9100/healthz"]
ENTRYPOINT ["clearline"]
CMD ["--help"]
