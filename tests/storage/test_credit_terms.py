"""Carriers' terms for low grades come back as they were stored, on both databases."""

import datetime as dt
from dataclasses import replace

from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.grades import GradeUse
from registry.domain.grades import DEFAULT_TARIFF, CreditTerms
from registry.store.credit_terms import OF_TARIFFS
from registry.store.repository import values_of
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.storage.values import LATER
from tests.support.builders import TODAY

FIRST = CreditTerms(
    participant_id="carrier-a",
    terms_id=v.an_id(1),
    service_class=ServiceClass.MOBILE,
    tariff=DEFAULT_TARIFF,
    average_bill_fen=59_00,
    deposit_permille_of_bill=2_000,
    prepaid=True,
    use=GradeUse.BINDING,
    asks=AlternativeKind.DEPOSIT,
    effective_from=TODAY,
    set_at=LATER,
    log_entry_id=v.an_id(1),
)


def later(number: int, days: int = 0, tariff: str = DEFAULT_TARIFF, carrier: str = "carrier-a") -> CreditTerms:
    return replace(
        FIRST,
        terms_id=v.an_id(number),
        log_entry_id=v.an_id(number),
        participant_id=carrier,
        tariff=tariff,
        effective_from=TODAY + dt.timedelta(days=days),
        prepaid=False,
        use=GradeUse.OFF,
    )


def test_the_terms_of_a_carrier_come_back_by_date_all_or_those_of_some_tariffs(store: Store) -> None:
    v.founded(store)
    own, other, changed, of_another = (
        later(2, 3, "5G-129"),
        later(3, 4, "5G-59"),
        later(4, 9),
        later(1, carrier="carrier-b"),
    )
    for each in (changed, of_another, other, own, FIRST):
        store.write(lambda tx, each=each: tx.credit_terms.add(each))
    assert store.read(lambda tx: tx.credit_terms.of_participant("carrier-a")) == (FIRST, own, other, changed)
    assert store.read(lambda tx: tx.credit_terms.of_participant("carrier-c")) == ()

    def of_tariffs(tx: Transaction) -> list[CreditTerms]:
        rows = OF_TARIFFS.rows(tx.connection, ("carrier-a",), (DEFAULT_TARIFF, "5G-129"))
        return list(values_of(CreditTerms, OF_TARIFFS, rows))

    assert store.read(of_tariffs) == [FIRST, own, changed]
