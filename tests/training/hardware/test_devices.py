import pytest
import torch

from mmbook.training import mixed_precision, pick_device, pick_precision

GPU = torch.cuda.is_available()
needs_gpu = pytest.mark.skipif(not GPU, reason="this machine has no CUDA GPU")


def test_auto_takes_the_gpu_if_there_is_one() -> None:
    assert pick_device().type == ("cuda" if GPU else "cpu")
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.skipif(GPU, reason="this machine has a CUDA GPU")
def test_a_missing_gpu_is_refused() -> None:
    for name in ("cuda", "cuda:3"):
        with pytest.raises(ValueError, match="not on this machine"):
            pick_device(name)


@pytest.mark.parametrize(
    "name", ["mps", "mps:0", "xpu", "xpu:7", "hpu", "mtia", "meta", "cpu:1", "cuda:99"]
)
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    there = torch.accelerator.current_accelerator(check_available=True)
    if there is not None and name.startswith(there.type) and name != "cuda:99":
        pytest.skip(f"this machine has {there}")
    with pytest.raises(ValueError, match="not on this machine"):
        pick_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "CPU", "cuda0", "cuda:x", "cuda:-1", "cpu ", None, 0])
def test_what_is_no_device_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"device must be 'auto', 'cpu', 'cuda'"):
        pick_device(name)


def test_an_accelerator_of_another_kind_is_taken_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        torch.accelerator, "current_accelerator", lambda check_available: torch.device("mps")
    )
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 1)
    assert pick_device("mps") == torch.device("mps")
    with pytest.raises(ValueError, match="has 1 devices"):
        pick_device("mps:1")
    with pytest.raises(ValueError, match="has 0 devices"):
        pick_device("xpu")


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match=r"precision must be auto or one of float32.*'half'"):
        pick_precision("half", torch.device("cpu"))


def test_one_named_gpu_is_refused_for_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="2 processes"):
        pick_device("cuda:0")


def test_auto_precision_is_float32_on_the_cpu() -> None:
    cpu = torch.device("cpu")
    assert pick_precision("auto", cpu) == torch.float32
    assert pick_precision("bfloat16", cpu) == torch.bfloat16
    autocast, scaler = mixed_precision("auto", cpu)
    with autocast:
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    assert not scaler.is_enabled()
    assert mixed_precision("float16", cpu)[1].is_enabled()


@pytest.mark.parametrize(
    ("capability", "dtype"), [((7, 5), torch.float16), ((8, 0), torch.bfloat16)]
)
def test_auto_precision_on_a_gpu_follows_its_hardware(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    assert pick_precision("auto", torch.device("cuda:0")) == dtype
