"""The generated world agrees with itself, and its questions need their hops."""

from __future__ import annotations

from itertools import combinations

import pytest

from step_gym.envs.hotpotqa.encyclopaedia import Entity, encyclopaedia
from step_gym.envs.hotpotqa.questions import SPLITS, questions
from step_gym.envs.hotpotqa.relations import BIRTH_YEAR, COMPARISONS, RELATIONS
from step_gym.envs.hotpotqa.tasks import generated_tasks
from step_gym.envs.hotpotqa.wiki import sentences

WORLD = encyclopaedia(0)


def test_thousands_of_pages_with_shared_names_and_redirects() -> None:
    pages = WORLD.corpus.pages
    assert len(WORLD.entities) > 3000 and len({page.title for page in pages}) == len(pages)
    shared = [page for page in pages if page.is_disambiguation]
    assert len(shared) > 150
    for page in shared:
        titles = [line.rpartition(", ")[0] for line in page.text.split("\n")[1:]]
        assert len(titles) > 1
        for title in titles:
            found = WORLD.corpus.find(title)
            assert found is not None and not found.is_disambiguation
    aliases = [entity for entity in WORLD.entities if entity.alias]
    assert len(aliases) > 50
    for entity in aliases:
        found = WORLD.corpus.find(entity.alias)
        assert found is not None and found.title == entity.title


def test_every_page_has_several_sentences_and_says_its_facts_where_the_article_claims() -> None:
    for entity in WORLD.entities:
        article = WORLD.articles[entity.title]
        shown = sentences(article.page)
        assert 4 <= len(shown) <= 12, entity.title
        for fact, position in article.positions.items():
            value = entity.facts[fact]
            texts = {value} if isinstance(value, str) else {value.name, value.alias or value.name}
            assert any(text in shown[position] for text in texts), (entity.title, fact)


def test_facts_agree() -> None:
    for entity in WORLD.entities:
        facts = entity.facts
        if entity.kind == "person":
            assert int(str(facts[BIRTH_YEAR])) < int(str(facts["death"]).split()[-1])
            spouse = facts.get("spouse")
            assert spouse is None or (isinstance(spouse, Entity) and spouse.facts["spouse"] is entity)
            place = facts["birthplace"]
            assert isinstance(place, Entity) and facts["country"] is place.facts["country"]
        if entity.kind == "region" and "capital" in facts:
            capital = facts["capital"]
            assert isinstance(capital, Entity) and capital.facts["region"] is entity
        for fact in ("director", "author", "architect"):
            if fact in facts and entity.kind != "person":
                maker = facts[fact]
                assert isinstance(maker, Entity)
                age = int(str(facts["year"])) - int(str(maker.facts[BIRTH_YEAR]))
                assert 20 <= age <= 45


def test_keywords_stand_in_every_wording() -> None:
    for relation in RELATIONS:
        texts = [*relation.sentences, *filter(None, (relation.question, relation.phrase))]
        assert all(relation.keyword in text.lower() or relation.value == "prize" for text in texts), (
            relation.name
        )


def test_splits_share_no_question_and_no_subject() -> None:
    chosen = questions(0)
    assert {split: len(asked) for split, asked in chosen.items()} == {
        split: bridges + comparisons for split, (_, bridges, comparisons) in SPLITS.items()
    }
    for first, second in combinations(chosen.values(), 2):
        assert not {q.text for q in first} & {q.text for q in second}
        assert not {q.hops[-2][0] for q in first} & {q.hops[-2][0] for q in second}
    assert all(len({q.text for q in asked}) == len(asked) for asked in chosen.values())


def test_neither_question_nor_first_page_holds_the_answer_of_a_bridge_question() -> None:
    for asked in questions(0).values():
        for question in asked:
            first, (last, fact) = question.hops[0][0], question.hops[-1]
            if question.type == "bridge":
                assert question.answer not in question.text
                assert question.answer not in WORLD.articles[first].page.text
                assert (
                    question.answer
                    in sentences(WORLD.articles[last].page)[WORLD.articles[last].positions[fact]]
                )
            # The described page does not name the page that describes it.
            assert question.hops[-2][0].partition(" (")[0] not in WORLD.articles[last].page.text


def test_comparisons_are_balanced_and_close() -> None:
    for asked in questions(0).values():
        answers = [question.answer for question in asked if question.type == "comparison"]
        yes, no = answers.count("yes"), answers.count("no")
        assert abs(yes - no) <= 1 and 0.3 < (yes + no) / len(answers) < 0.8
        chosen = [q for q in asked if q.type == "comparison" and q.answer not in ("yes", "no")]
        named = sum(question.answer in question.text for question in chosen)
        assert abs(2 * named - len(chosen)) <= 1, "the named subject is the answer in half of the cases"
    starts = {comparison.question.partition("{")[0] for comparison in COMPARISONS}
    assert all(any(q.text.startswith(s) for q in questions(0)["train"]) for s in starts)


@pytest.mark.parametrize(("interface", "low", "high"), [("react", 3, 5), ("search", 3, 4)])
def test_difficulty_is_within_the_budget(interface: str, low: int, high: int) -> None:
    tasks = generated_tasks(interface, 7)
    found = {tasks[number].difficulty for number in range(300)}
    assert min(found) == low and max(found) >= high
    task = tasks.by_id("test-499")
    assert task.split == "test" and task.params["type"] in ("bridge", "comparison")
    assert len(tasks) == 9000


def test_the_same_seed_gives_the_same_world() -> None:
    encyclopaedia.cache_clear()
    again = encyclopaedia(0)
    assert again is not WORLD and again.corpus.pages == WORLD.corpus.pages
