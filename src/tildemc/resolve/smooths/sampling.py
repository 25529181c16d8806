"""R's `set.seed(1); sample(n, size)`, by which mgcv chooses knots among many points."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Integers

__all__ = ["sample"]


def sample(n: int, size: int, seed: int = 1) -> Integers:
    """`size` of the numbers 0 … n - 1, without putting back: R's Mersenne Twister with rejection (R ≥ 3.6)."""
    random = _uniform(seed)
    left, found = np.arange(n), np.empty(size, np.int64)
    for i in range(size):
        j = _index(random, n)
        found[i] = left[j]
        n -= 1
        left[j] = left[n]
    return found


def _uniform(seed: int) -> np.random.MT19937:
    """R's generator: its seed scrambled, then a linear congruence for the whole state."""
    state = np.empty(625, np.uint32)
    for _ in range(50):
        seed = (69069 * seed + 1) % 2**32
    for i in range(625):
        seed = (69069 * seed + 1) % 2**32
        state[i] = seed
    generator = np.random.MT19937()
    generator.state = {"bit_generator": "MT19937", "state": {"key": state[1:], "pos": 624}}
    return generator


def _index(random: np.random.MT19937, n: int) -> int:
    """A number below n: as many bits as it has, until they are below it."""
    bits = int(np.ceil(np.log2(n)))
    while True:
        value = 0
        for _ in range(0, bits + 1, 16):
            value = 65536 * value + int(random.random_raw() * 2.3283064365386963e-10 * 65536)
        value &= (1 << bits) - 1
        if value < n:
            return value
