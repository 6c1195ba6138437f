"""The plateau: medians over neighbours, worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np

from oracle.backtesting.sweep.plateau import plateau

NAN = float("nan")


def on_grid(scores: list[list[float]]) -> list[list[float]]:
    grid = np.array(scores)
    codes = np.array(list(itertools.product(*map(range, grid.shape))))
    return plateau(codes, grid.ravel(), grid.shape).reshape(grid.shape).tolist()


def test_a_spike_is_worth_what_is_around_it() -> None:
    # Around the middle: 1 eight times and 9. In a corner: 1, 1, 1, 9. On an edge: 1 five times and 9.
    assert on_grid([[1, 1, 1], [1, 9, 1], [1, 1, 1]]) == [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
    # A shelf of 5 keeps its worth at its inner edge: 5, 5, 5, 5, 5, 5 against 1, 1, 1.
    assert on_grid([[1, 5, 5], [1, 5, 5], [1, 5, 5]])[1] == [3, 5, 5]


def test_what_did_not_run_is_no_neighbour() -> None:
    # Left: 2 and its one neighbour 4. The gap has no plateau, and 6 has no neighbour that ran.
    found = on_grid([[2, 4, NAN, NAN, 6]])
    assert found[0][:2] == [3, 3]
    assert np.isnan(found[0][2:]).all()


def test_places_may_be_any_part_of_the_lattice_in_any_order() -> None:
    codes = np.array([[2, 2], [0, 0], [2, 1]])
    found = plateau(codes, np.array([1.0, 7.0, 3.0]), (3, 3))
    assert found[0] == found[2] == 2
    assert np.isnan(found[1])


def test_with_many_params_neighbours_differ_in_one_alone() -> None:
    shape = (2,) * 6
    codes = np.array(list(itertools.product((0, 1), repeat=6)))
    scores = codes.sum(axis=1).astype(float)
    # Of the origin: 0 itself and six neighbours with 1.
    assert plateau(codes, scores, shape)[0] == 1
    # A param with one value has no neighbours of its own.
    assert plateau(np.array([[0, 0], [0, 1]]), np.array([1.0, 2.0]), (1, 2)).tolist() == [1.5, 1.5]
