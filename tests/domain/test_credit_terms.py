"""A carrier's terms for low grades: those of the tariff before those of the service, the latest first."""

import datetime as dt
import uuid

from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.grades import GradeUse
from registry.domain.grades import DEFAULT_TARIFF, CreditTerms, terms_for, terms_on
from tests.support.builders import NOW, TODAY

MOBILE, IPTV = ServiceClass.MOBILE, ServiceClass.IPTV


def terms(number: int, days: int = 0, tariff: str = DEFAULT_TARIFF, service: ServiceClass = MOBILE) -> CreditTerms:
    return CreditTerms(
        participant_id="carrier-a",
        terms_id=uuid.UUID(int=number),
        service_class=service,
        tariff=tariff,
        average_bill_fen=59_00,
        deposit_permille_of_bill=2_000,
        prepaid=True,
        use=GradeUse.BINDING,
        asks=AlternativeKind.DEPOSIT,
        effective_from=TODAY + dt.timedelta(days=days),
        set_at=NOW + dt.timedelta(minutes=number),
        log_entry_id=uuid.UUID(int=number),
    )


def test_a_tariffs_own_terms_come_before_those_of_its_service() -> None:
    own, default, of_another = terms(1, tariff="5G-129"), terms(2), terms(3, service=IPTV)
    every = (of_another, default, own)
    assert terms_for(every, MOBILE, "5G-129", TODAY) is own
    assert terms_for(every, MOBILE, "5G-59", TODAY) is default
    assert terms_for(every, MOBILE, None, TODAY) is default
    assert terms_for(every, IPTV, "5G-129", TODAY) is of_another
    assert terms_for(every, ServiceClass.BROADBAND, "5G-129", TODAY) is None
    assert terms_for((own,), MOBILE, None, TODAY) is None


def test_the_terms_of_a_day_are_the_latest_that_have_begun() -> None:
    first, second, corrected, own = terms(1), terms(2, 10), terms(3, 10), terms(4, 5, "5G-129")
    every = (corrected, second, own, first)
    assert terms_on(every, TODAY - dt.timedelta(days=1)) == ()
    assert terms_on(every, TODAY) == (first,)
    assert terms_on(every, TODAY + dt.timedelta(days=9)) == (first, own)
    assert terms_on(every, TODAY + dt.timedelta(days=10)) == (corrected, own)
    # Own terms that have not begun leave the tariff to those of its service.
    assert terms_for(every, MOBILE, "5G-129", TODAY + dt.timedelta(days=4)) is first
