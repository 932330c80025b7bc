import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from mmbook.preprocessing.images.principal_components import PrincipalComponents

IMAGES = torch.randn(60, 1, 3, 4, generator=torch.Generator().manual_seed(0)) * torch.arange(1, 5)


def test_components_are_those_of_scikit_learn() -> None:
    found, flat = PrincipalComponents.of(IMAGES), IMAGES.flatten(1).double().numpy()
    reference = PCA().fit(flat)
    np.testing.assert_allclose(found.mean, reference.mean_, atol=1e-12)
    np.testing.assert_allclose(found.variances, reference.explained_variance_ * 59 / 60, atol=1e-9)
    same = np.abs((found.directions.T.numpy() * reference.components_).sum(axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-9)


@pytest.mark.parametrize("share", [0.01, 0.25, 0.6, 0.999])
def test_exactly_the_share_is_left(share: float) -> None:
    components = PrincipalComponents.of(IMAGES)
    kept = components.keep(IMAGES.double(), share).flatten(1) - components.mean
    energy = (IMAGES.flatten(1).double() - components.mean).square().sum(1).mean()
    assert kept.square().sum(1).mean() == pytest.approx(share * energy.item(), rel=1e-9)
    gains = components.gains(share)
    assert ((gains > 0) & (gains < 1)).sum() <= 1
    assert (gains.diff() <= 0).all()


def test_all_energy_is_the_image() -> None:
    components = PrincipalComponents.of(IMAGES)
    kept = components.keep(IMAGES, 1.0)
    assert kept.dtype == torch.float32 and kept.shape == IMAGES.shape
    torch.testing.assert_close(kept, IMAGES)


def test_what_cannot_be_fitted_or_kept_is_said() -> None:
    with pytest.raises(ValueError, match="two images or more, not 1"):
        PrincipalComponents.of(IMAGES[:1])
    with pytest.raises(ValueError, match="the same"):
        PrincipalComponents.of(torch.ones(5, 1, 2, 2))
    components = PrincipalComponents.of(IMAGES)
    with pytest.raises(ValueError, match="12 values, not 9"):
        components.keep(torch.zeros(2, 1, 3, 3), 0.5)
    for share in (0.0, 1.1):
        with pytest.raises(ValueError, match="at most 1"):
            components.gains(share)
