"""The mapping as a table, and what its lines may not say together."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.vat.territories import EU
from shared.domain.vat.treatment import ACCOUNT_COLUMNS
from shared.settings.mapping import DEFAULT_SALES, SalesLine
from shared.settings.mapping_csv import COLUMNS, LineFlaw, MappingFlaws, from_csv, to_csv
from shared.settings.mapping_rules import contradictions

HEADINGS = "treatment,country,rate,goods,freight,vat_code\n"
DE19 = SalesLine(
    treatment="oss",
    country="DE",
    rate=Decimal(19),
    goods=3161,
    freight=3161,
    vat_code="DE19",
    vat_account=2671,
)


def told(text: str) -> list[tuple[int, str]]:
    """Lines and columns of what is wrong."""
    with pytest.raises(MappingFlaws) as found:
        from_csv(text, home="SE")
    return [(flaw.line, flaw.column) for flaw in found.value.flaws]


def test_what_is_written_is_read_back() -> None:
    lines = (*DEFAULT_SALES, DE19)

    assert from_csv(to_csv(lines), home="SE") == lines


def test_the_table_is_plain() -> None:
    assert to_csv([DE19]) == f"{','.join(COLUMNS)}\r\noss,DE,19,3161,,3161,,DE19,2671\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "treatment,country,rate,goods\noss,FI,25.5,3162\n",
        "treatment;country;rate;goods\noss;FI;25,5;3162\n",
        "\ufeffTreatment;Country;Rate;Goods;;\r\n\r\noss;fi;25,50 %;3162;;\r\n;;;;;\r\n",
        "treatment\tcountry\trate\tgoods\noss\tFI\t25.5\t3162",
        'goods,"rate",treatment,country\n"3162","25.5",oss,FI\n',
    ],
)
def test_spreadsheets_of_both_kinds_are_read(text: str) -> None:
    (line,) = from_csv(text, home="SE")

    assert (line.country, line.rate, line.goods) == ("FI", Decimal("25.5"), 3162)


def test_everything_that_is_wrong_is_told_at_once_with_its_line() -> None:
    text = (
        HEADINGS
        + "oss,DE,19,3161,3161,DE19\n"
        + "\n"
        + "oss,,19,3161,,\n"
        + "reverse,DE,0,3108,,\n"
        + "oss,FI,many,3162,,\n"
        + "oss,FR,20,31620,,FR20\n"
        + "oss,DE,19,3165,,DE19B\n"
    )

    with pytest.raises(MappingFlaws) as found:
        from_csv(text, home="SE")

    flaws = found.value.flaws
    assert [(flaw.line, flaw.column) for flaw in flaws] == [
        (4, ""),
        (5, "treatment"),
        (6, "rate"),
        (7, "goods"),
        (8, "rate"),
    ]
    assert str(flaws[-1]) == "line 8, rate: oss DE 19 % is in line 2 already"
    assert flaws[0].detail == "country is needed for oss"


def test_a_cell_that_spans_lines_does_not_shift_the_count() -> None:
    text = 'treatment,country,rate,goods,vat_code\noss,DE,19,3161,"DE\n19"\noss,XX,1,3161,\n'

    assert told(text) == [(4, "country")]


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        ("", [(1, "")]),
        ("\n\n", [(1, "")]),
        ("rate,goods\n1,2\n", [(1, "treatment")]),
        ("treatment,rate,goods,colour\n", [(1, "colour")]),
        ("treatment,rate,goods,goods\n", [(1, "goods")]),
        ("treatment,rate,goods\noss,1,3001,3002\n", [(2, "")]),
        ('treatment,rate,goods\ndomestic,25,"3001\n', [(2, "")]),
        ("treatment,rate,goods\ndomestic,NaN,3001\n", [(2, "rate")]),
        ("treatment,rate,goods\ndomestic,Infinity,3001\n", [(2, "rate")]),
        ("treatment,rate,goods\ndomestic,-25,3001\n", [(2, "rate")]),
        ("treatment,rate,goods\ndomestic,100,3001\n", [(2, "rate")]),
        ("treatment,rate,goods\ndomestic,1e999999,3001\n", [(2, "rate")]),
        ("treatment,rate,goods\ndomestic,1e-999999,3001\n", [(2, "rate")]),
        ("treatment,country,rate,goods\noss,Tyskland,19,3001\n", [(2, "country")]),
    ],
)
def test_tables_that_are_none(text: str, flaws: list[tuple[int, str]]) -> None:
    assert told(text) == flaws


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        ("oss,SE,25,3001,,X", LineFlaw(2, "country", "SE is the home country: its sales are domestic")),
        (
            "oss,NO,25,3105,,NO25",
            LineFlaw(2, "country", "NO is no country of the EU, so OSS does not cover it"),
        ),
        (
            "voec,DE,19,3105,,DE19",
            LineFlaw(2, "country", "DE is a country of the EU; its VAT is declared by OSS"),
        ),
        ("domestic,DE,19,3001,,", LineFlaw(2, "country", "domestic is SE, and not DE")),
        (
            "oss,DK,25,3163,,MP1",
            LineFlaw(2, "vat_code", "MP1 is a Swedish code: the VAT would be in the Swedish return"),
        ),
        (
            "oss,DK,25,3163,,",
            LineFlaw(2, "vat_code", "25 % is a Swedish rate too: without a code the VAT would be Swedish"),
        ),
        (
            "domestic,,25,3001,,MP2",
            LineFlaw(2, "vat_code", "MP2 is the code of 12 %, and the line is for 25 %"),
        ),
        ("eu_business,,19,3108,,", LineFlaw(2, "rate", "eu_business is without VAT, so the rate is 0")),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(line: str, flaw: LineFlaw) -> None:
    with pytest.raises(MappingFlaws) as found:
        from_csv(HEADINGS + line, home="SE")

    assert found.value.flaws == (flaw,)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("oss,DE,7,3164,,DE19", "line 3, vat_code: DE19 is the code of 19 % in line 2"),
        ("oss,CY,19,3165,,DE19", "line 3, vat_code: DE19 is the code of DE in line 2"),
        ("oss,DE,19.0,3165,,D", "line 3, rate: oss DE 19.0 % is in line 2 already"),
    ],
)
def test_lines_that_contradict_each_other_name_each_other(second: str, said: str) -> None:
    with pytest.raises(MappingFlaws) as found:
        from_csv(f"{HEADINGS}oss,DE,19,3161,,DE19\n{second}\n", home="SE")

    assert [str(flaw) for flaw in found.value.flaws] == [said]


def test_the_line_of_a_stopped_sale_has_the_columns_of_the_table() -> None:
    assert COLUMNS[3:] == ACCOUNT_COLUMNS


def test_the_defaults_contradict_nothing() -> None:
    assert contradictions(DEFAULT_SALES, "SE") == ()


@given(st.one_of(st.text(), st.text('oss,;"\n\t\r\x00DE19=3161.-').map(lambda text: HEADINGS + text)))
def test_any_text_is_a_table_or_refused_by_line(text: str) -> None:
    refused: Sequence[LineFlaw] = ()
    lines: tuple[SalesLine, ...] = ()
    try:
        lines = from_csv(text, home="SE")
    except MappingFlaws as found:
        refused = found.flaws

    assert all(flaw.line >= 1 and flaw.detail for flaw in refused)
    assert bool(lines) <= (not refused)
    if lines:
        assert from_csv(to_csv(lines), home="SE") == lines


ACCOUNTS = st.one_of(st.none(), st.integers(1000, 9999))


@given(
    st.lists(
        st.builds(
            SalesLine,
            treatment=st.just("oss"),
            country=st.sampled_from(sorted(EU - {"SE"})),
            rate=st.decimals("0.1", "27", places=1),
            goods=st.integers(1000, 9999),
            services=ACCOUNTS,
            freight=ACCOUNTS,
            fee=ACCOUNTS,
        ),
        unique_by=lambda line: (line.country, line.rate),
        max_size=20,
    ).map(
        lambda lines: [
            line.model_copy(update={"vat_code": f"{line.country}{place}"}) for place, line in enumerate(lines)
        ]
    )
)
def test_any_mapping_survives_the_spreadsheet(lines: list[SalesLine]) -> None:
    text = to_csv(lines)
    swedish = text.replace(".", "§").replace(",", ";").replace("§", ",")

    assert from_csv(text, home="SE") == tuple(lines)
    assert from_csv(swedish, home="SE") == tuple(lines)
