"""The compose file keeps the trust domains apart, and starts only commands that the command line has."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.main import command_line
from tests.support.root import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = sorted(name for name, service in COMPOSE["services"].items() if service["image"] == "clearline:local")
COMMANDS = [name for name in OURS if "command" in COMPOSE["services"][name]]
VOLUMES = {
    name: {each.partition(":")[0] for each in service.get("volumes", []) if not each.startswith(".")}
    for name, service in COMPOSE["services"].items()
}
SCRIPTS = [name for name in OURS if "entrypoint" in COMPOSE["services"][name]]


def services_of(domain: str) -> list[str]:
    return [name for name in COMPOSE["services"] if name.startswith(domain)]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def shared_networks(one: str, other: str) -> set[str]:
    networks = [set(COMPOSE["services"][name].get("networks", [])) for name in (one, other)]
    return networks[0] & networks[1]


def unknown_words(arguments: list[str]) -> list[str]:
    """The parts of a command line that are no command and no option of ours."""
    command: click.Command = command_line
    unknown = []
    for word in arguments:
        if word.startswith("--"):
            options = {name for parameter in command.params for name in parameter.opts}
            unknown += [] if word in options else [word]
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            unknown += [word] if found is None else []
            command = command if found is None else found
    return unknown


def called_by(script: str) -> list[list[str]]:
    """The command lines of ours in a shell script, continued lines joined, cut at a pipe or a redirection."""
    lines = script.replace("\\\n", " ")
    return [
        re.split(r"[|>)]", each)[0].split() for each in re.findall(r"^[^#\n]*\bclearline (.*)", lines, re.MULTILINE)
    ]


@pytest.mark.parametrize("service", COMMANDS)
def test_a_service_starts_a_command_that_exists(service: str) -> None:
    assert unknown_words(COMPOSE["services"][service]["command"]) == []


@pytest.mark.parametrize("service", SCRIPTS)
def test_a_script_is_in_the_image_and_calls_commands_that_exist(service: str) -> None:
    shell, inside, *_ = COMPOSE["services"][service]["entrypoint"]
    script = f"deploy/{Path(inside).name}"
    assert shell == "sh"
    assert script in (ROOT / "Dockerfile").read_text()
    assert f"!{script}\n" in (ROOT / ".dockerignore").read_text()
    calls = called_by((ROOT / script).read_text())
    assert calls
    assert [unknown_words(each) for each in calls if unknown_words(each)] == []


def test_every_service_of_ours_is_checked_one_way_or_the_other() -> None:
    assert sorted([*COMMANDS, *SCRIPTS]) == OURS


def test_a_command_that_does_not_exist_is_found() -> None:
    assert unknown_words(["registry", "dance", "--slowly"]) == ["dance", "--slowly"]


def test_a_custodian_and_the_registry_have_no_network_in_common() -> None:
    inside = ["registry", "found", "worker", "admit", "postgres", "front", "party-registry"]
    custodians = [*services_of("custodian-"), *services_of("ceremony-")]
    assert [pair for pair in product(custodians, inside) if shared_networks(*pair)] == []


def test_no_container_has_the_private_volumes_of_two_parties() -> None:
    """The database and the log's published heads are the registry's too, and lie apart from its keys."""
    registrys = {"postgres", "log-heads"}
    private = set(COMPOSE["volumes"]) - {"public"} - registrys
    assert len(private) == 8
    assert {name: volumes for name, volumes in VOLUMES.items() if len(volumes & private) > 1} == {}
    assert {name for name, volumes in VOLUMES.items() if volumes & registrys} == {"postgres", "worker"}
    assert VOLUMES["worker"] & private == {"registry"}


def test_only_steps_that_end_have_the_public_folder_and_they_reach_no_further_than_they_have_to() -> None:
    having = {name for name, volumes in VOLUMES.items() if "public" in volumes}
    assert having == {*services_of("party-"), *services_of("ceremony-")}
    assert {COMPOSE["services"][name]["restart"] for name in having} == {"no"}
    assert {COMPOSE["services"][name].get("network_mode") for name in services_of("party-")} == {"none"}
    assert [COMPOSE["services"][name]["networks"] for name in services_of("ceremony-")] == [["to-custodians"]] * 3


def test_each_custodian_takes_its_own_part_in_the_ceremony_and_the_registry_is_founded_after_all_of_them() -> None:
    parts = [(COMPOSE["services"][name]["entrypoint"][2:], VOLUMES[name]) for name in services_of("ceremony-")]
    names = [f"custodian-{index}" for index in (1, 2, 3)]
    assert parts == [([name, "/data", "/public"], {name, "public"}) for name in names]
    assert set(COMPOSE["services"]["found"]["depends_on"]) >= set(services_of("ceremony-"))
    dealt = [name for name in OURS if "deal" in str(COMPOSE["services"][name])]
    assert dealt == [] == re.findall(r"ceremony deal", "".join(map(read, (ROOT / "deploy").glob("*.sh"))))


def test_only_the_registry_reaches_its_database() -> None:
    neighbours = {name for name in COMPOSE["services"] if shared_networks(name, "postgres")} - {"postgres"}
    assert neighbours == {"registry", "found", "worker"}


def test_each_carrier_has_a_network_and_a_volume_of_its_own() -> None:
    gateways = services_of("gateway-")
    private = {name: COMPOSE["services"][name]["networks"][0] for name in gateways}
    volumes = {name: COMPOSE["services"][name]["volumes"][0].partition(":")[0] for name in gateways}
    assert private == volumes == {f"gateway-{each}": f"carrier-{each}" for each in "abc"}


def test_the_published_heads_lie_apart_from_the_database_and_with_the_integrator_alone() -> None:
    def holders(volume: str) -> set[str]:
        mounted = {name: service.get("volumes", []) for name, service in COMPOSE["services"].items()}
        return {name for name, volumes in mounted.items() if any(each.startswith(f"{volume}:") for each in volumes)}

    heads = COMPOSE["services"]["worker"]["environment"]["CLEARLINE_REGISTRY_LOG_HEADS"]
    assert f"log-heads:{heads}" in COMPOSE["services"]["worker"]["volumes"]
    assert (holders("log-heads"), holders("postgres")) == ({"worker"}, {"postgres"})
    assert f"/data {heads} " in (ROOT / "Dockerfile").read_text()


def test_a_witness_sees_its_carriers_folder_and_no_custodian() -> None:
    witnesses = services_of("witness-")
    assert [COMPOSE["services"][name]["volumes"] for name in witnesses] == [[f"carrier-{each}:/data"] for each in "abc"]
    assert [pair for pair in product(services_of("custodian-"), witnesses) if shared_networks(*pair)] == []


def test_the_front_keeps_tiles_and_never_a_head() -> None:
    config = (ROOT / "deploy" / "nginx.conf").read_text()
    cached = re.findall(r"location (?:~ )?(\S+) \{[^}]*proxy_cache tiles;[^}]*\}", config)
    assert len(cached) == config.count("proxy_cache tiles;") == 1
    assert re.match(cached[0], "/log/2026/tile/0/000")
    assert re.match(cached[0], "/log/2026/tile/entries/x001/234.p/5")
    for path in ("checkpoint", "witnessed-checkpoint", "candidate-checkpoint", "receipts/x", "openings", "policy"):
        assert not re.match(cached[0], f"/log/2026/{path}")
    assert "proxy_cache_valid" not in config, "the registry's Cache-Control decides, and a refusal has none"


def test_no_network_leads_out_and_no_port_is_published() -> None:
    assert all(network["internal"] for network in COMPOSE["networks"].values())
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == []


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_a_container_cannot_change_its_image_or_gain_rights(service: str) -> None:
    settings = COMPOSE["services"][service]
    assert settings["read_only"] is True
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in settings


def test_the_image_runs_without_root_and_installs_by_hash() -> None:
    final = (ROOT / "Dockerfile").read_text().split(" AS final")[1]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "pip" not in re.sub(r"#.*", "", final)
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()


def test_the_image_takes_every_unit_that_the_wheel_takes() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text()
    wheel = re.search(r"packages = \[(.*)\]", (ROOT / "pyproject.toml").read_text())
    units = re.findall(r'"(\w+)"', wheel.group(1) if wheel else "")
    assert units
    assert [unit for unit in units if f"COPY {unit} {unit}" not in dockerfile or f"!{unit}\n" not in ignored] == []


def test_a_database_is_healthy_when_it_answers_over_the_network_that_others_use() -> None:
    asked = COMPOSE["services"]["postgres"]["healthcheck"]["test"]
    assert asked[asked.index("--host") + 1] == "127.0.0.1"


def test_the_front_asks_again_where_the_registry_is() -> None:
    config = re.sub(r"#.*", "", (ROOT / "deploy" / "nginx.conf").read_text())
    assert set(re.findall(r"proxy_pass (\S+);", config)) == {"http://$registry"}
    assert re.search(r"set \$registry registry:9100;", config)
    assert re.search(r"resolver 127\.0\.0\.11 valid=\d+s", config)
    assert not re.search(r"^\s*upstream ", config, re.MULTILINE), "a name in such a block is resolved once"


def test_what_the_compose_file_tells_to_type_works_without_a_terminal() -> None:
    told = re.findall(
        r"^#\s+(docker compose exec.*?[^\\])$", (ROOT / "compose.yaml").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(told) == 5
    assert [each for each in told if not each.startswith("docker compose exec -T gateway-a ")] == []
    commands = [re.sub(r"\\\n#", "", each).partition(" clearline ")[2] for each in told]
    ours = [re.split(r"[<>]", each)[0].split() for each in commands if each]
    assert len(ours) == 2
    assert [unknown_words(each) for each in ours if unknown_words(each[:2])] == []


def test_the_image_makes_its_user_without_a_warning() -> None:
    """Debian's useradd warns of a system user whose number is above those of system users."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"(?:useradd|groupadd) (.*)--[ug]id 10001", dockerfile) == ["", ""]


@pytest.mark.parametrize("name", ["scripts/setup", "Dockerfile"])
def test_a_lock_is_installed_without_resolving_it_and_checked_afterwards(name: str) -> None:
    script = re.sub(r"#.*", "", (ROOT / name).read_text()).replace("\\\n", " ")
    installs = [line for line in script.splitlines() if re.search(r"install\b.*\.lock", line)]
    assert installs
    assert [line for line in installs if "--no-deps" not in line or "--require-hashes" not in line] == []
    assert re.search(r"pip check", script[script.rindex(installs[-1]) :])


def test_the_image_checks_its_packages_when_all_of_them_are_there_and_before_any_is_removed() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    places = [
        dockerfile.index(each) for each in ("-r requirements/runtime.lock", "install --no-deps --no-build-isolation .")
    ]
    places += [dockerfile.index(each) for each in ("pip check", "pip uninstall")]
    assert places == sorted(places)


def test_no_recipe_installs_a_lock_in_any_other_way() -> None:
    scripts = (path for path in (ROOT / "scripts").rglob("*") if path.is_file() and path.suffix != ".pyc")
    recipes = [*scripts, ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "Dockerfile"]
    installing = {str(path.relative_to(ROOT)) for path in recipes if re.search(r"install.*\.lock", path.read_text())}
    assert installing == {"scripts/setup", "Dockerfile"}
