"""The base matrix of the code: our own design, 52 checks of 62 columns.

It is raptor-like, after Chen, Vakilinia, Divsalar and Wesel, "Protograph-Based Raptor-Like LDPC
Codes" (IEEE Transactions on Communications, 2015): 10 columns of information, of which the first
two are never sent; 4 of parity, with two diagonals, so that encoding is a few sums; and 48 more
checks, each with a parity column of its own, which lower the rate as far as places are left.

The first four checks are the best of 1,500 drawn at random, by the noise that 35 iterations of
density evolution under the Gaussian approximation correct; each later check is the best of 100.
Only two columns besides the first of information may have fewer than three entries in the first
four checks, as many columns of two make words of little weight.

Shifts were chosen one by one for the fewest short cycles, first at the smallest lifting and then
bit by bit at each doubling: no lifting has a cycle of four.
"""

from __future__ import annotations

from typing import NamedTuple

INFORMATION = 10
"""Columns of information."""
UNSENT = 2
"""Leading columns that are never sent."""
CORE = 4
"""Checks whose parity columns have two diagonals; each later check has a column of its own."""
LIFTINGS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
"""Sizes of the circulants."""


class Entry(NamedTuple):
    """A circulant of the base matrix.

    Attributes:
        check: Its row.
        column: Its column.
        shifts: By how much it shifts, modulo the lifting: where that is a power of two, and where
            it is three times one.
    """

    check: int
    column: int
    shifts: tuple[int, int]


# By check, column:shift:shift for each entry but the own parity column of a later check.
_CHECKS = (
    "0:917:573 4:665:309 6:224:229 7:313:677 8:367:176 10:1:1 11:0:0",
    "0:175:385 1:852:79 2:137:320 4:191:104 5:321:345 6:778:299 8:203:286 9:146:44 11:0:0 12:0:0",
    "0:138:219 1:420:666 2:928:74 3:768:124 4:320:714 5:679:399 6:94:736 7:290:364 8:23:49 "
    "9:558:308 10:0:0 12:0:0 13:0:0",
    "0:621:305 1:1005:384 2:308:541 3:620:314 5:875:720 9:628:360 10:1:1 13:0:0",
    "0:709:157 1:371:533 3:861:278",
    "0:795:21 1:200:17 5:874:479 7:88:503",
    "0:20:136 1:312:389 3:889:173 5:793:47 11:669:578",
    "0:245:527 4:775:623 5:221:297 6:583:446 7:646:287",
    "0:318:424 1:624:67 3:105:500 9:848:28",
    "0:796:734 3:305:657 6:10:129 7:664:220 9:300:238",
    "1:636:349 2:57:119 5:226:622",
    "0:258:361 5:603:595 7:554:214 10:299:147",
    "0:331:131 1:894:272 8:386:218",
    "0:347:747 3:478:309 4:398:520 11:22:509",
    "0:295:491 3:948:190 4:856:288 7:833:448",
    "0:156:22 1:541:188 5:115:482 13:469:393",
    "0:352:68 5:316:744 9:591:468",
    "0:54:192 3:829:148 7:677:36 12:96:581",
    "0:97:746 3:415:325 6:779:140",
    "1:746:223 7:522:634 10:234:239",
    "0:989:545 1:840:130 12:343:716",
    "0:138:1 1:474:591 8:952:353",
    "0:553:649 7:66:303 13:760:678",
    "1:164:702 2:233:420 5:364:421",
    "1:259:4 9:139:223 10:614:385",
    "0:872:321 1:683:87 11:189:623",
    "0:566:674 8:497:313 10:212:200",
    "0:901:383 5:26:88 13:790:576",
    "0:199:676 1:745:91 12:978:61",
    "0:993:128 1:1005:305 11:615:182 13:810:240",
    "0:580:199 6:752:535",
    "0:25:232 11:154:452 13:21:264",
    "0:848:490 6:151:274 9:849:696",
    "0:41:265 1:993:565 12:846:407",
    "1:432:30 3:736:29 4:186:643",
    "0:807:228 11:426:654 12:653:197",
    "0:352:51 1:679:611 8:473:647",
    "1:91:425 2:355:606",
    "0:410:729 3:564:127 7:912:365 9:525:187",
    "0:575:566 5:511:644 6:871:257 10:805:589",
    "0:149:228 4:117:679",
    "0:108:525 10:397:578",
    "0:262:643 2:322:525 11:66:375",
    "0:360:422 6:458:563 7:95:734 8:615:165",
    "0:561:175 13:820:278",
    "0:999:256 8:505:581 12:431:116 13:36:281",
    "1:277:574 4:279:540",
    "0:894:547 11:333:522 12:190:682",
    "0:500:259 1:867:702 2:294:318 11:705:763",
    "0:1022:347 2:919:47",
    "0:455:644 2:357:327 5:762:755",
    "1:788:511 3:6:745 12:248:150",
)

CHECKS = len(_CHECKS)
COLUMNS = INFORMATION + CHECKS


def entries() -> list[Entry]:
    """All circulants, check by check, in the order of columns."""
    found = []
    for check, text in enumerate(_CHECKS):
        for entry in text.split():
            column, *shifts = map(int, entry.split(":"))
            found.append(Entry(check, column, (shifts[0], shifts[1])))
        if check >= CORE:
            found.append(Entry(check, INFORMATION + check, (0, 0)))
    return found


def shift_of(entry: Entry, lifting: int) -> int:
    """By how much a circulant shifts at a lifting: row i has its one in column (i + shift)."""
    return entry.shifts[lifting % 3 == 0] % lifting
