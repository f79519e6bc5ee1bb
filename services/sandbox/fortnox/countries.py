"""Countries: codes on customers, names on documents."""

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import words

NAMES = dict(
    pair.split("=")
    for pair in words(
        """
    AT=Österrike AX=Åland BE=Belgien BG=Bulgarien CH=Schweiz CY=Cypern CZ=Tjeckien DE=Tyskland
    DK=Danmark EE=Estland ES=Spanien FI=Finland FO=Färöarna FR=Frankrike GB=Storbritannien GR=Grekland
    HR=Kroatien HU=Ungern IE=Irland IS=Island IT=Italien LI=Liechtenstein LT=Litauen LU=Luxemburg
    LV=Lettland MC=Monaco MT=Malta NL=Nederländerna NO=Norge PL=Polen PT=Portugal RO=Rumänien SE=Sverige
    SI=Slovenien SK=Slovakien US=USA
    """
    )
)

CODES = words(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """
)


def name_of(code: str) -> str:
    """The Swedish name as Fortnox shows it; the code itself where we do not know the name."""
    if code not in CODES:
        raise Refusal(refusals.NOT_ONE_OF, f"{code} är inte en giltig landskod.")
    return NAMES.get(code, code)


def must_be_a_name(value: str, field: str) -> None:
    """Documents take names; a code is refused."""
    if value.upper() in CODES and len(value) == 2:
        raise Refusal(refusals.COUNTRY_IS_A_CODE, f"{field} ska vara ett landnamn, inte koden {value}.")
