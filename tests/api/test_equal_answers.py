from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.api import Client
from tests.support.builders import a_report, tokens


def test_an_answer_has_the_same_size_whoever_is_listed(client: Client) -> None:
    sizes = set()
    for number in range(3):
        report = a_report("wang", f"A{number}", principal_fen=10**number * 300_00)
        assert client.post("carrier-a", "/v1/records", write(report)).status_code == 201
    for name in ("wang", "nobody"):
        request = InquiryRequest(inquiry_ref="order-1", tokens=tokens(name), service_class=ServiceClass.MOBILE)
        answer = client.post("carrier-b", "/v1/inquiries", write(request))
        headers = sum(len(key) + len(value) for key, value in answer.headers)
        sizes.add(len(answer.data) + headers)
        assert len(answer.data) < 2000
    assert len(sizes) == 1
