"""`clearline ceremony`: deal shares as a trusted dealer, for demonstrations and tests alone."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from cli.demo.folder import claim_for_dealing, is_for_dealing
from cli.options import FOLDER, json_option
from cli.outcome import Failure
from cli.output import say, tell
from crypto.oprf.threshold import deal as deal_shares
from custodian.share import HeldShare, save_share
from protocol.encodings import b64url_encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """The public result of a dealing: the joint public key and each share's, by index."""

    epoch: int
    threshold: int
    joint_public_key: bytes
    public_keys: dict[int, bytes]


@click.group()
def ceremony() -> None:
    """Deal shares of a key that the dealer knows: for demonstrations and tests.

    Custodians make theirs together: clearline custodian ceremony.
    """


@ceremony.command()
@click.option("--out", type=FOLDER, required=True, help="A new or empty folder for share-1.json ...")
@click.option("--threshold", type=click.IntRange(1, 255), default=2, show_default=True, help="Shares that are needed.")
@click.option("--count", type=click.IntRange(1, 255), default=3, show_default=True, help="Shares that are made.")
@click.option("--epoch", type=click.IntRange(1), default=1, show_default=True, help="The number of the key epoch.")
@json_option
def deal(out: Path, threshold: int, count: int, epoch: int, *, as_json: bool) -> None:
    """Deal shares of a new key as a TRUSTED DEALER.

    This process holds the whole key for a moment, so the result protects nobody's data: it is for demonstrations
    and tests. Real custodians make their shares together, so that the key exists nowhere, and do not serve these.

    \b
    Example:
      clearline ceremony deal --out shares --threshold 2 --count 3
    """
    if threshold > count:
        raise Failure("--threshold is larger than --count")
    claim_for_dealing(out)
    dealt = deal_into({index: out / f"share-{index}.json" for index in range(1, count + 1)}, threshold, epoch)
    say("clearline: a trusted dealer made these shares: for demonstrations and tests only")
    tell(
        {
            "epoch": dealt.epoch,
            "threshold": dealt.threshold,
            "joint_public_key": b64url_encode(dealt.joint_public_key),
            "public_keys": {str(index): b64url_encode(key) for index, key in dealt.public_keys.items()},
        },
        as_json=as_json,
    )


def deal_into(paths: dict[int, Path], threshold: int, epoch: int) -> Dealt:
    """Deal a new key into share files, one for each index from 1; returns its public result.

    Raises Failure outside the folders of demonstrations and dealings, before anything is dealt.
    """
    for path in paths.values():
        if not is_for_dealing(path.parent):
            raise Failure(f"{path}: a dealer writes inside a demonstration alone")
    dealing = deal_shares(None, threshold, len(paths), os.urandom)
    for share in dealing.shares:
        held = HeldShare(
            index=share.index, epoch=epoch, sk=share.sk, pk=share.pk, joint_public_key=dealing.joint_public_key
        )
        try:
            save_share(paths[share.index], held)
        except FileExistsError:
            raise Failure(f"{paths[share.index]}: exists already and is not overwritten") from None
    return Dealt(
        epoch=epoch,
        threshold=threshold,
        joint_public_key=dealing.joint_public_key,
        public_keys={share.index: share.pk for share in dealing.shares},
    )
