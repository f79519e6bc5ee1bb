"""What says who somebody is does not stay in the audit trail; what bookkeeping needs does."""

import json

from shared.domain.masking import masked_text


def test_people_are_masked_and_amounts_numbers_and_references_stay() -> None:
    body = {
        "Invoice": {
            "CustomerName": "Tilda Testsson",
            "Address1": "Provgatan 1",
            "ExternalInvoiceReference1": "S9300101-D1",
            "Total": 547.00,
            "InvoiceRows": [{"Description": "Mugg", "Price": 249}],
        },
        "NationalId": "190001019999",
        "refresh_token": "abc",
    }

    kept = json.loads(masked_text(json.dumps(body)))

    assert kept["Invoice"]["CustomerName"] == kept["Invoice"]["Address1"] == "***"
    assert kept["NationalId"] == kept["refresh_token"] == "***"
    assert kept["Invoice"]["ExternalInvoiceReference1"] == "S9300101-D1"
    assert kept["Invoice"]["InvoiceRows"] == [{"Description": "Mugg", "Price": 249}]


def test_a_text_that_is_not_json_is_not_kept_at_all() -> None:
    assert masked_text("<html>Tilda</html>") == "(18 characters that are not JSON)"


def test_the_names_of_things_and_empty_fields_are_no_secret() -> None:
    kept = json.loads(masked_text('{"Email": "", "Phone1": null, "Code": 2000359}'))

    assert kept == {"Email": "", "Phone1": None, "Code": 2000359}
