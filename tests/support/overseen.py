"""One of everything that an office may read about others, and what it says of a reading."""

import datetime as dt
import json
import uuid

from protocol.codes import EvidenceDocument, RedListGround, Role
from protocol.messages.evidence import NewDemand
from protocol.messages.red_list import RedListProposal
from protocol.readings import Agent, Reading, ReadingPurpose
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.evidence.demand import demand_evidence
from registry.usecases.red_list.propose import propose_red_list
from tests.support import money, transfers
from tests.support.builders import TODAY, a_manifest, a_report, account, tokens
from tests.support.counters import collects, quote_for
from tests.support.disassociations import rebuts
from tests.support.disputes import adds, disputed
from tests.support.endings import cleared
from tests.support.evidence import NOTICE, shows
from tests.support.log_rounds import YEAR
from tests.support.stories import lists, settles
from tests.support.world import World

REFERENCE = bytes(range(16))
READING = Reading(purpose=ReadingPurpose.COMPLAINT, agent=Agent(reference=REFERENCE, salt=bytes(16)))


def archived(world: World) -> uuid.UUID:
    record_id = cleared(world, "li", "Z1")
    world.clock.forward(days=200)
    seal_records(world.registry)
    return record_id


def red_listed(world: World) -> str:
    proposal = RedListProposal(
        tokens=tokens("hospital"),
        organisation=True,
        ground=RedListGround.HOSPITAL,
        expires_on=world.clock().date() + dt.timedelta(days=100),
    )
    outcome = propose_red_list(world.registry, world.actor("carrier-a"), world.call(), proposal)
    return str(json.loads(outcome.body)["entry_id"])


def demanded(world: World, *, shown: bool = True) -> str:
    record_id = lists(world, "carrier-a", a_report("zhao", "E1", evidence=a_manifest())).record_id
    assert record_id is not None
    auditor = world.actor("auditor", Role.AUDITOR)
    outcome = demand_evidence(
        world.registry, auditor, world.call(), record_id=record_id, new=NewDemand(document=EvidenceDocument.NOTICE)
    )
    demand = json.loads(outcome.body)
    if shown:
        assert shows(world, demand, NOTICE) == "MATCHES"
    return str(demand["demand_id"])


def owed_and_paid(world: World) -> dict[str, str]:
    """A settlement with its reversal proposed, a payment at another counter, a plan, and a proposed transfer."""
    today = world.clock().date()
    old = {"due_date": today - dt.timedelta(days=200), "notice_date": today - dt.timedelta(days=150)}
    lists(world, "carrier-a", a_report("jiang", "J1", **old))
    owed_fen = quote_for(world, "carrier-b", tokens("jiang")).total_fen
    receipt = settles(world, "carrier-a", tokens("jiang"), account("J1"), amount_fen=owed_fen)
    reversal = money.proposes(world, receipt.settlement_id)
    lists(world, "carrier-a", a_report("qian", "Q1", **old))
    (taken,) = collects(world, "carrier-b", quote_for(world, "carrier-b", tokens("qian")))["collections"]
    planned = lists(world, "carrier-a", a_report("wu", "W1", **old)).record_id
    agreed_fen = quote_for(world, "carrier-b", tokens("wu")).total_fen
    plan = money.arranges(world, planned, ((today - TODAY).days + 20, agreed_fen))
    transfer = transfers.proposes(world, lists(world, "carrier-a", a_report("zhou", "T1", **old)).record_id)
    return {
        "listSettlements": "/v1/settlements",
        "readSettlement": f"/v1/settlements/{receipt.settlement_id}",
        "readReversal": f"/v1/reversals/{reversal}",
        "readCollection": f"/v1/collections/{taken['collection_id']}",
        "readNetStatement": f"/v1/net-statements/{today.year}-{today.month:02}/carrier-a?between=carrier-b",
        "listPlans": "/v1/plans",
        "readPlan": f"/v1/plans/{plan['plan_id']}",
        "listTransfers": "/v1/transfers",
        "readTransfer": f"/v1/transfers/{transfer['transfer_id']}",
    }


def places(world: World) -> dict[str, str]:
    """Where there is something to read, by operation."""
    archive, red_list, demand = archived(world), red_listed(world), demanded(world)
    record = lists(world, "carrier-a", a_report("sun", "R1")).record_id
    case = disputed(world)
    paper = adds(world, case)
    yesterday = world.clock().date() - dt.timedelta(days=1)
    return owed_and_paid(world) | {
        "listRedList": "/v1/red-list",
        "listRebuttals": "/v1/rebuttals",
        "readRecord": f"/v1/records/{record}",
        "overseeRecords": "/v1/oversight/records",
        "readArchive": f"/v1/archive/{archive}",
        "readRedListEntry": f"/v1/red-list/{red_list}",
        "listEvidenceDemands": "/v1/evidence-demands",
        "readEvidenceDemand": f"/v1/evidence-demands/{demand}",
        "readEvidenceDocument": f"/v1/evidence-demands/{demand}/document",
        "listDisputes": "/v1/disputes",
        "readDispute": f"/v1/disputes/{case}",
        "listDisputeDocuments": f"/v1/disputes/{case}/documents",
        "readDisputeDocument": f"/v1/disputes/{case}/documents/{paper}",
        "readRebuttal": f"/v1/rebuttals/{rebuts(world)['rebuttal_id']}",
        "readEvaluationTallies": f"/v1/evaluation-tallies?day={yesterday}",
        "readOpenings": f"/log/{YEAR}/openings?from=0&limit=10",
    }
