from __future__ import annotations

import threading

from butler.domain.stems import content_stems, stem, stems, words


def test_forms_of_one_word_share_a_stem_in_both_languages() -> None:
    assert len(set(stems("собака собаку собаке Собаки"))) == 1
    assert len(set(stems("walk walks walked Walking"))) == 1


def test_yo_is_ye_and_numbers_are_kept() -> None:
    assert words("Ёлка №5, 2026-03-04") == ["елка", "5", "2026", "03", "04"]
    assert stems("ёлка") == stems("елка")
    assert stem("a1b2") == "a1b2"


def test_other_languages_stay_as_they_are() -> None:
    assert stems("Zürich 東京") == ["zurich", "東京"]


def test_function_words_and_single_letters_carry_no_meaning() -> None:
    assert content_stems("the cat and я x в 7") == [stem("cat"), "7"]


def test_stemming_is_safe_from_many_threads() -> None:
    source = [f"говорящая{n} собака walking{n} dogs" for n in range(300)]
    results: list[list[list[str]]] = []

    def work() -> None:
        results.append([[stem.__wrapped__(word) for word in words(text)] for text in source])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)
