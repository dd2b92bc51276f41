"""The price of a training on computers, against sums made by hand from data sheets and tables of operations."""

from dataclasses import replace

import pytest

from insitu.ledger import costset
from insitu.ledger.digital import batched, digital_energy
from insitu.ledger.statement import choose, statement
from insitu.ledger.usage import Accounts, Work

#: one example after the other: 390 products and 195 changes of weights each, 5 launches
ALONE = Work(images=2560, macs=998_400, changes=499_200, loads=998_400, launches=12_800, batch=1)
#: 128 of them share weights moved and changed, and launches
SHARED = {"macs": 1_497_600, "changes": 3_900, "loads": 7_800, "launches": 100, "batch": 128}

PICO = 1e-12


def test_a_batch_shares_weights_and_launches():
    assert batched(ALONE, 128) == replace(ALONE, **SHARED)


def test_examples_that_share_an_update_as_trained_keep_their_products():
    trained = replace(ALONE, batch=32)
    wider = batched(trained, 128)
    assert (wider.macs, wider.changes, wider.loads, wider.launches) == (998_400, 124_800, 249_600, 3_200)
    assert batched(trained, 32) is trained
    assert batched(trained, 1) is trained


def test_int8_by_hand():
    """Horowitz 2014, 45 nm: multiply 0.2 pJ, add 0.03 pJ; 64 bits of SRAM 20 pJ; a weight is a byte."""
    spent = digital_energy(batched(ALONE, 128), costset.load("asic-int8-45nm"))
    assert spent["arithmetic"].value == pytest.approx((1_497_600 + 3_900) * (0.2 + 0.03) * PICO)
    assert spent["memory"].value == pytest.approx((7_800 + 2 * 3_900) * 20 / 8 * PICO)
    assert spent["launches"].value == 0
    alone = digital_energy(ALONE, costset.load("asic-int8-45nm"))
    assert alone["memory"].value == pytest.approx((998_400 + 2 * 499_200) * 20 / 8 * PICO)


@pytest.mark.parametrize(("name", "watts", "peak"), [("gpu-a100", 400, 156e12), ("gpu-h100", 700, 494.5e12)])
def test_tensor_cores_by_hand(name, watts, peak):
    """Data sheets: watts over dense TF32, at 40 % of its peak; all else is the card without tensor cores."""
    tensor, plain = (digital_energy(batched(ALONE, 128), costset.load(one)) for one in (f"{name}-tf32", name))
    arithmetic = 2 * (1_497_600 + 3_900) * watts / peak
    assert tensor["arithmetic"].value == pytest.approx(arithmetic / 0.4, rel=2e-3)
    assert tensor["arithmetic"].low == pytest.approx(arithmetic, rel=5e-3)
    assert tensor["arithmetic"].high == pytest.approx(arithmetic / 0.3, rel=2e-3)
    assert tensor["memory"] == plain["memory"]
    assert tensor["launches"] == plain["launches"]


def test_a_statement_prices_every_computer_one_by_one_and_in_batches():
    found = statement(Accounts((), (), {"network": ALONE}), choose([]))
    assert [*found.computers] == [
        name + how
        for name in ("gpu-a100", "gpu-a100-tf32", "cpu-xeon", "asic-int8-45nm")
        for how in ("", ", batches of 128")
    ]
    by_hand = 1_501_500 * 0.23 * PICO + 15_600 * 2.5 * PICO
    assert found.computer_energy("asic-int8-45nm, batches of 128").value == pytest.approx(by_hand)
