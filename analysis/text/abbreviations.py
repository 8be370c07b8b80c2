"""Words whose full stop does not end a sentence, and words that often begin one.

Kept apart from ``sentences`` because these lists grow; all lower case, without the last stop.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_ENDS = _words(
    # Something always follows: a name, an example, the other side of a comparison.
    "e.g i.e eg ie cf vs viz messrs w.r.t wrt w.l.o.g c.f n.b q.v approx ca resp incl excl esp "
    "bzw bspw vgl inkl sog ggf evtl z.b d.h u.a p.ex p.ej ej т.е напр см"
)
"""``e.g. X``: the sentence goes on whatever follows."""

TITLES = _words("Mr Mrs Ms Dr Prof Hon Rev Gen Col Lt Capt Sgt St Mme Mlle Sra Srta Dra")
"""Titles, as they are written: ``Ms. Lee``, but 5 ``ms.``"""

BEFORE_NUMBER = _words(
    "no nos nr art eq eqs eqn eqns fig figs tab sec secs sect ch chap vol vols p pp pg ex exs "
    "prob prop props thm thms lem cor def defn rem alg app ref refs obs par op "
    "núm núms рис табл стр abb abs kap"
)
"""``Eq. (3)``, ``No. 5``: goes on before a number, a formula or an opening bracket."""

MAY_END = _words(
    # These end a sentence only when a capital letter follows.
    "etc al a.m p.m a.k.a u.s u.k u.s.a e.u ph.d m.d b.c a.d s.t i.i.d a.s a.e r.v w.p q.e.d "
    "max avg temp coeff const "
    "eq eqs eqn eqns fig figs prob thm defn sect ref refs col gen rev "
    "est num denom diff dist vel freq prev orig jan feb mar apr jun jul aug sep sept oct nov "
    "dec mon tue tues wed thu thurs fri sat sun dept univ inst assoc corp inc ltd co bros jr sr "
    "misc spec calc eval opt ed eds trans vec usw stk jh uds ud pág págs др пр т.д т.п т.к"
)
"""``etc. and so on`` goes on; ``etc. The next`` does not."""

UNITS = _words(
    "min mins sec secs hr hrs sq cu ft in yd mi lb lbs oz pt qt gal deg std mio mrd "
    "руб коп кг км см мм гр тыс млн"
)
"""``5 ft. long`` goes on; ``2 min. 3 people`` does not, ``min. 3 people`` does."""

ABBREVIATED = NEVER_ENDS | BEFORE_NUMBER | MAY_END | UNITS
"""Any other word of small letters ends a sentence where a full stop stands behind it."""

SPACED = _words("eg ie zB dh ua wr rt am pm те тк тд тп")
"""Pairs of letters, for ``e. g.``, German ``z. B.``, Spanish ``p. m.``, Russian ``т. е.``"""
SPACED_MAY_END = _words("ua am pm тд тп")

STARTERS = _words(
    "the a an this that these those then so but and or now since if because when while where "
    "what which who why how let let's lets i i'm i'll i've it it's its we we're we'll we've you "
    "he she they there therefore thus hence here however for from to in on at by with as is are "
    "was were do does did can could should would will may might must not no yes yeah yep okay ok "
    "wait hmm hm alternatively also another again actually maybe perhaps after before first "
    "second next finally similarly suppose assume consider given using note notice recall "
    "remember looking going moving all any each every both either neither only just still "
    "instead otherwise moreover furthermore meanwhile though although even once until unless "
    "right well oh ah alright great good correct my our your their his her its same one "
    "two three some many most more less none nothing something everything plugging solving "
    "substituting triangle point line segment angle circle option choice statement "
    "case step answer question problem"
)
"""A capitalised one of these after ``C.`` begins a sentence; any other may be a surname."""

GIVEN_NAMES = _words(
    "james john robert michael william david richard charles joseph thomas daniel paul mark "
    "donald george kenneth steven edward brian ronald anthony kevin jason matthew gary timothy "
    "larry jeffrey frank scott eric stephen andrew raymond gregory joshua jerry dennis walter "
    "patrick peter harold douglas henry carl arthur ryan roger albert samuel ralph roy benjamin "
    "bruce adam harry fred wayne louis howard philip franklin ulysses dwight lyndon herbert "
    "martin alan alfred norman isaac max niels kurt leonard murray edwin francis ernest lewis "
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa betty "
    "margaret sandra ashley dorothy kimberly emily donna michelle carol amanda ursula helen "
    "samantha katherine christine rachel ruth anna marie"
)
"""``George W. Bush`` has an initial; ``rope B. Light it`` has none."""

EPITHETS = _words(
    "coli elegans cerevisiae aureus pylori melanogaster pneumoniae tuberculosis subtilis pombe "
    "sapiens musculus thaliana rerio norvegicus falciparum vivax albicans cholerae difficile typhi "
    "typhimurium botulinum tetani anthracis pyogenes epidermidis faecalis gondii vulgaris laevis "
    "aeruginosa influenzae gambiae aegypti japonica sativa mays erectus neanderthalensis rex"
)
"""``E. coli`` is a species."""

BEFORE_CHOICE = _words("answer option choice is be answer: option: choice:")
"""``the answer is B. 2500``: a choice with its text."""

MONTHS = _words(
    "januar februar märz april mai juni juli august september oktober november dezember"
)
"""German writes ``3. Oktober``."""

LABEL_WORDS = (
    "step|case|part|option|choice|round|example|problem|question|method|approach|claim|lemma|"
    "theorem|corollary|proposition|definition|remark|scenario|strategy|stage|phase|solution|"
    "attempt|exercise|task|figure|table|section|chapter|appendix|trial|test|scene|rule|fact|"
    "property|condition|statement|hypothesis|version|idea|schritt|fall|étape|cas|paso|caso|"
    "passo|шаг|случай"
)
"""``Step 3.`` at the start of a sentence stays with what it numbers."""
