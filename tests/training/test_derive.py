"""Units from relations and parses."""

from attribution import Article, Claim
from attribution.training.corpora import PolnearArticle, Relation, Sentence
from attribution.training.derive import derive

TEXT = (
    "Wall falls\nThe wall fell on Monday, but the mayor said nobody was hurt. Ida Holm, a historian, fears a second collapse. She is sad."
)
PARSES = (
    (
        "(ROOT (S (S (NP (DT The) (NN wall)) (VP (VBD fell) (PP (IN on) (NP (NNP Monday))))) (, ,) (CC but) (S (NP (DT the) (NN mayor)) "
        "(VP (VBD said) (SBAR (S (NP (NN nobody)) (VP (VBD was) (VP (VBN hurt))))))) (. .)))"
    ),
    (
        "(ROOT (S (NP (NP (NNP Ida) (NNP Holm)) (, ,) (NP (DT a) (NN historian)) (, ,)) "
        "(VP (VBZ fears) (NP (DT a) (JJ second) (NN collapse))) (. .)))"
    ),
    "(ROOT (S (NP (PRP She)) (VP (VBZ is) (ADJP (JJ sad))) (. .)))",
)


def span(part: str) -> tuple[int, int]:
    return TEXT.index(part), TEXT.index(part) + len(part)


def example() -> PolnearArticle:
    sentences: list[Sentence] = []
    at = TEXT.index("The wall")
    for parse in PARSES:
        words = [piece.rstrip(")") for piece in parse.split() if not piece.startswith("(")]
        starts, first = [], at
        for word in words:
            at = TEXT.index(word, at)
            starts.append(at)
            at += len(word)
        sentences.append(Sentence(first if not sentences else starts[0], at, parse, tuple(starts)))
    relations = (
        Relation((span("the mayor"),), (span("said"),), (span("nobody was hurt"),)),
        Relation((span("Ida Holm, a historian,"),), (span("fears"),), (span("a second collapse"),)),
    )
    return PolnearArticle(Article(TEXT, id="polnear-a"), relations, tuple(sentences), ((span("Ida Holm"), span("She")),))


def test_coordinated_clauses_split_and_take_the_label_of_their_relation() -> None:
    heading, *claims = derive(example())
    assert heading.kind == "heading"
    assert [(claim.text, claim.label) for claim in claims if isinstance(claim, Claim)] == [
        ("The wall fell on Monday,", "unattributed"),
        ("but the mayor said nobody was hurt.", "attributed"),
        ("Ida Holm, a historian, fears a second collapse.", "analyst_opinion"),
        ("She is sad.", "unattributed"),
    ]


def test_sources_are_named_or_described() -> None:
    claims = [unit for unit in derive(example()) if isinstance(unit, Claim)]
    assert [claim.source and (claim.source.text, claim.source.kind) for claim in claims] == [
        None,
        ("the mayor", "unnamed"),
        ("Ida Holm, a historian,", "named"),
        None,
    ]
