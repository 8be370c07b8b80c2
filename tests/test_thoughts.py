"""Thoughts: runs of sentences between switches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.text.cues import load_lexicon
from analysis.text.sentences import split_sentences
from analysis.text.thoughts import split_thoughts, switch_sentences, thoughts_hash

SWITCHES = [
    "Alternatively, use vectors.",
    "Hmm, or alternatively, use vectors.",
    "Wait, another approach: count the complement.",
    "Another way is to use symmetry.",
    "Let me try a different approach.",
    "Let's try something else.",
    "Okay, let me think differently.",
    "On second thought, 5 is not allowed.",
    "Let me start over.",
    "I need a completely different strategy.",
    "Maybe there's a better way to do it.",
    "Let’s look at this from another angle.",
    "**Alternative approach:** use induction.",
    "Strategy 2: send the two fast ones first.",
    "Back to the drawing board.",
    "Scratch that.",
    "Instead, let's fix x.",
    "Or maybe we can use modular arithmetic.",
    "换个思路，我们用向量。",
    "另一种方法是用对称性。",
    "或者，我们可以先算补集。",
    "不过，换一种方法试试。",
    "或許換個角度看。",
    "別の方法を試してみよう。",
    "しかし、別のアプローチで考えよう。",
    "あるいは、補集合を数える。",
    "最初から考え直そう。",
    "Alternativ kann man zählen.",
    "Otra forma es contar.",
]
NO_SWITCHES = [
    "Wait, that is not right.",
    "Wait.",
    "But wait, is 5 allowed?",
    "Hmm, let me see.",
    "Actually, it is 7.",
    "Let me check this in another way.",
    "Another way to verify it is to substitute.",
    "Let me use a different method to check the result.",
    "There is no other way.",
    "We don't need another approach.",
    "The two lines meet at another point.",
    "He took another route home.",
    "Take the goat back to the start.",
    "Plan B costs 6 dollars.",
    "Option B: 15",
    "People forget that zero is even.",
    "Use `another approach` as the name.",
    "等等，不对。",
    "或者说，它是偶数。",
    "用另一种方法验证一下。",
    "待って、違う。",
    "別の方法で確認する。",
    "ダウンロードを最初からやり直すことになった。",
    "",
]


@pytest.mark.parametrize("text", SWITCHES)
def test_switches(text: str) -> None:
    text = "We start here.\n\n" + text
    assert switch_sentences(text, split_sentences(text))[:1] == [1]


@pytest.mark.parametrize("text", NO_SWITCHES)
def test_no_switches(text: str) -> None:
    assert switch_sentences(text, split_sentences(text)) == []


def test_thoughts_by_hand() -> None:
    text = "Let x be 2. So 4.\n\nAlternatively, y. Good.\n\nWait. Another idea: z. Done."
    sentences = split_sentences(text)
    thoughts = split_thoughts(text, sentences)
    assert [text[t.start : t.end] for t in thoughts] == [
        "Let x be 2. So 4.\n\n",
        "Alternatively, y. Good.\n\nWait. ",
        "Another idea: z. Done.",
    ]
    assert [(t.index, t.first_sentence, t.last_sentence) for t in thoughts] == [
        (0, 0, 1),
        (1, 2, 4),
        (2, 5, 6),
    ]


def test_a_switch_at_the_very_start_opens_one_thought() -> None:
    text = "Alternatively, y. Good."
    assert len(split_thoughts(text, split_sentences(text))) == 1


def test_no_text_has_no_thoughts() -> None:
    assert split_thoughts("", ()) == ()


PARTS = st.lists(
    st.sampled_from([*SWITCHES, *NO_SWITCHES, "Just so.", "x = 1\n", "\n\n"]), max_size=20
)


@given(PARTS)
@settings(deadline=None)
def test_thoughts_tile_the_sentences(parts: list[str]) -> None:
    text = " ".join(parts)
    sentences = split_sentences(text)
    thoughts = split_thoughts(text, sentences)
    assert "".join(text[t.start : t.end] for t in thoughts) == text
    covered = [i for t in thoughts for i in range(t.first_sentence, t.last_sentence + 1)]
    assert covered == list(range(len(sentences)))
    assert [t.index for t in thoughts] == list(range(len(thoughts)))
    assert all(t.start == sentences[t.first_sentence].start for t in thoughts)
    assert all(t.end == sentences[t.last_sentence].end for t in thoughts)
    switches = set(switch_sentences(text, sentences))
    assert {t.first_sentence for t in thoughts[1:]} == switches - {0}


def test_the_hash_names_version_and_lexicon() -> None:
    version, _, lexicon_hash = thoughts_hash().partition(":")
    assert version == "1"
    assert lexicon_hash == load_lexicon("switches").hash


def test_every_cue_of_the_lexicon_says_its_language() -> None:
    lexicon = load_lexicon("switches")
    assert lexicon.labels == {"switch"}
    assert {"en", "zh", "ja"} <= {cue.language for cue in lexicon.data.cues}
    assert all(cue.id.startswith(cue.language + ".") for cue in lexicon.data.cues)


@pytest.mark.shared
def test_alternatively_opens_thoughts_in_real_traces(shared: Path) -> None:
    """Sentences that begin so are switches, and hesitation alone never is."""
    seen = 0
    with (shared / "data/behaviours/reasoningflow_v0_humanD.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["reasoning"]
            sentences = split_sentences(text)
            switches = set(switch_sentences(text, sentences))
            for sentence in sentences:
                words = text[sentence.start : sentence.end].split()
                if words[:1] == ["Alternatively,"]:
                    seen += 1
                    assert sentence.index in switches
                if words in (["Wait."], ["Hmm."], ["Wait,"]):
                    assert sentence.index not in switches
    assert seen > 5
