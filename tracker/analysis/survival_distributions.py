"""Tail probabilities that exact intervals and tests need, by textbook series and continued fractions."""

import math

TINY = 1e-300
ENOUGH = 1e-16


def chi2_tail(x: float, df: int) -> float:
    """P(chi-square with whole `df` degrees of freedom > x): a finite sum of positive terms. 1 for x <= 0."""
    if df < 1:
        raise ValueError(f"degrees of freedom start at 1, not {df}")
    if x <= 0:
        return 1.0
    half = x / 2
    tail, shape = (math.erfc(math.sqrt(half)), 0.5) if df % 2 else (math.exp(-half), 1.0)
    while shape < df / 2:
        tail += math.exp(shape * math.log(half) - half - math.lgamma(shape + 1))
        shape += 1
    return min(tail, 1.0)


def gamma_share(shape: float, x: float) -> float:
    """P(Gamma(shape, 1) <= x), the regularised lower incomplete gamma function."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        step = shape
        while term > total * ENOUGH:
            step += 1
            term *= x / step
            total += term
        return front * total
    return 1 - front * _upper_fraction(shape, x)


def _upper_fraction(shape: float, x: float) -> float:
    """Legendre's continued fraction of the upper incomplete gamma function, evaluated forwards (Lentz)."""
    b = x + 1 - shape
    c, d = 1 / TINY, 1 / b
    value, step = d, 0
    while True:
        step += 1
        a = -step * (step - shape)
        b += 2
        d = 1 / _away_from_zero(a * d + b)
        c = _away_from_zero(b + a / c)
        value *= c * d
        if abs(c * d - 1) < 2 * ENOUGH or step > 100_000:
            return value


def beta_share(a: float, b: float, x: float) -> float:
    """P(Beta(a, b) <= x), the regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, evaluated forwards (Lentz)."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value, step = d, 0
    while True:
        step += 1
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 2 * ENOUGH or step > 100_000:
            return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
