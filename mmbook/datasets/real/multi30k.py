"""Multi30k: descriptions of photographs in English, and their translations."""

from collections.abc import Sequence

from mmbook.datasets.collections import ParallelSentences
from mmbook.datasets.entries import DataDamagedError, RealSet
from mmbook.datasets.fetching.published import packed, plain, raw
from mmbook.datasets.real.files import read_text
from mmbook.datasets.splits import check_split

_MULTI30K_TEXT = raw("multi30k/dataset", "a3d2e0d26b56f3846f66a952536ffed4e401d05a")
_MULTI30K_IMAGES = """
train 427810 97ee57e160a46c7d0e75298ebf57967e1245698a6f8806436ff07e61d1a41221
val 14966 db26f03eaf833ec47bfaea129ed053b68cbcfc5d1f9a09c4cdf7c88fbfea7108
test_2016_flickr 14756 871e8ecafc66fb13e044ecccf669d04a865b4c58553227df86b933f0337a1563
test_2017_flickr 26996 7bef9b1eb747593c23a8597e830ac804d28180d1226c1d6e5bc3f08ccc561e85
test_2018_flickr 28905 8922c98be3e2b6866cd27d90e855214c2d9437fb9ebe406cdcde0edb786b4b95
test_2017_mscoco 17505 8f976b3c0beed9d96c918fb41e36178f1af11f0ff61d964592b80f932cb5c6d8
"""
_MULTI30K = """
train.en 568929 d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f
  1801238 460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6
train.de 637044 726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6
  2110398 2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72
train.fr 604242 622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c
  2111303 5925a3c18f1587b6b54b87743106e6e8ab93618edb6f65d19eac0621f853a10d
train.cs 593827 a65adb8b32e3bc664f21ecba7a6e7f6950fd1f405e135f7c312faabdb6255077
  1755283 2be68b38c8d586ff4f54eb13cc6e1baaaa053695b3f070d3038303a47f2268da
val.en 21650 14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28
  63297 1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227
val.de 24681 f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a
  75981 660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660
val.fr 23001 ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9
  73924 5304e444d842e962b2dda4d816b70b22a1765b15401642b7ca37a67477e708dc
val.cs 22096 b63226e05c4bd5dd6a42897d74b86a1b9d2c31498252c572b1ea7f7996927fcc
  60213 d53827e469b0a1ca8d57e9e26b2b64c4bc4b33f5479c7b03ae87ae5c882c3e33
test_2016_flickr.en 21077 611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9
  62076 399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182
test_2016_flickr.de 22890 9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8
  70649 4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16
test_2016_flickr.fr 22310 6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90
  72261 cb3160d69b002bb638e66cc7612fcd56cb0af82eadc9c142dedc438afb885ef6
test_2016_flickr.cs 22572 200a4a74cc9560f051924abb9803be008d1908d77f747e9141aeb86dfd2797f1
  62364 45adb85f688de8407fddcbe1b36dca15d12aab868149b337e2576f2d6d2ff8d8
test_2017_flickr.en 19138 76a444ee25172e72695cddb13ae4a3bda59430617be88e0bb46b60504f054074
  55242 ce1450ddc5ab0834502579d77a170849952e15a2938b34cc503bdc25ebb4fb98
test_2017_flickr.de 21471 a2c89666db00c495cd8513b9d708d5a3acc205d7de312ef2bf5fb7ebc1540aee
  64059 c3078bc3b36808bf9d20eb2347ed6137016179ef59ec0d2b9b8ecc3fb2880081
test_2017_flickr.fr 20434 3ba671ceb2299f3304ffafefea7a833d08632fbaf0ba18546f8a2ec2391af496
  65691 6f3764e31dac41e9455e612958bcfd4e877c5e15cd66df2c2b2be6d9bd83e5b6
test_2018_flickr.en 23514 ef4f4844037d4c5dea75c9a8ed5fd78905967a26f67c255e230cc9780032654d
  70603 4e585c2dd525911a6ea7730e9d0b516239af3f1b1ffae6a2130223cfb639f25e
test_2018_flickr.de 26461 ddd0130c7d97482dc5197a02141dae8dd79f20f03586c480d675c09a32daf608
  80893 39fcc8b3331d76fb42d648d019c6898b0d5e58baac87bc2a0bb93f44ec8db207
test_2018_flickr.fr 25321 fb2b83fcceb937a4f7e3e93c1c51c22aba92f1e342391e6b5ba392b16a920501
  84076 234b4a887da0da4801a3e2c6f21336231ff7dd46daeb80cfa1b551c8bbb78239
test_2018_flickr.cs 25181 7d0a9db904f94c554a8c58049a9f3a5357c27f46cc3d710d70cb0b4a2585b8c2
  69775 1db59fe6980c9b3f9bade65122a985e71150214837d76f4768a5a8384c0b2dc7
test_2017_mscoco.en 8844 aab300bfb4427697987e02cd0aacd44bfe8aa50456231b6474c08038bbed2b58
  24949 43051fdfa86fd5395182e718a94ca67b1b227b9f7c79596ff0f6b813216981d2
test_2017_mscoco.de 10230 799e4854c25d601cb6cb6be29eabe5667734c61ace2f495e03e429031a0bc338
  29906 58277df3c75f92f7145a11b910b553d1cf82c439249d4dc237c899609eafac22
test_2017_mscoco.fr 9751 754f3072ba9f124569ba5258b32730fc1d214bbf8e0c6dfb2b74401676220db0
  29982 39cde3f43f32b0a6bf29ce4917a46329ff32e53070c2fac87506695a740ae0a0
"""
MULTI30K = RealSet(
    name="multi30k",
    splits=("train", "validation", "test", "test-2017", "test-2018", "test-coco"),
    title="Multi30k",
    what="English descriptions of photographs with translations into German, French and Czech. "
    "Official split: 29 000 train, 1014 validation, 1000 test (2016), and three later tests.",
    teaches="machine translation, with or without the image",
    size="9 MB",
    licence="research and teaching only (no licence in the repository)",
    homepage="https://github.com/multi30k/dataset",
    citations=("elliott2016multi30k", "elliott2017findings", "barrault2018findings"),
    figures=(
        "Multimodal Transformer, English to German, 2016: BLEU 38.7 {cite:p}`yao2020multimodal`",
    ),
    folder="multi30k",
    layout="{train,val,test_2016_flickr,...}.{en,de,fr,cs,images.txt}, one line a sentence",
    sources=(
        *packed(_MULTI30K, "multi30k", f"{_MULTI30K_TEXT}/data/task1/raw"),
        *plain(
            _MULTI30K_IMAGES,
            _MULTI30K_TEXT + "/data/task1/image_splits/{}.txt",
            "multi30k/{}.images.txt",
        ),
    ),
    research_only=True,
)

_FILES = {
    "train": "train",
    "validation": "val",
    "test": "test_2016_flickr",
    "test-2017": "test_2017_flickr",
    "test-2018": "test_2018_flickr",
    "test-coco": "test_2017_mscoco",
}
LANGUAGES = ("en", "de", "fr", "cs")
_WITHOUT_CZECH = ("test-2017", "test-coco")


def load_multi30k(split: str, *, languages: Sequence[str] = ("en", "de")) -> ParallelSentences:
    """Translated descriptions; `origins` are the files of the photographs they describe.

    split: "train" (29 000), "validation" (1014), "test" (of 2016, 1000), "test-2017" (1000),
    "test-2018" (1071) or "test-coco" (461, of 2017, with ambiguous verbs).
    languages: of LANGUAGES; there is no Czech in test-2017 and test-coco.
    """
    check_split(split, tuple(_FILES))
    there = [name for name in LANGUAGES if name != "cs" or split not in _WITHOUT_CZECH]
    if not languages or set(languages) - set(there):
        raise ValueError(f"{split} has sentences in {there}, not in all of {list(languages)}")
    sentences = {language: _lines(f"{_FILES[split]}.{language}") for language in languages}
    origins = _lines(f"{_FILES[split]}.images.txt")
    counts = {"images.txt": len(origins)} | {name: len(s) for name, s in sentences.items()}
    if len(set(counts.values())) > 1:
        raise DataDamagedError(
            f"the files {_FILES[split]}.* in {MULTI30K.locate()} must have one line a sentence, "
            f"but have {counts}"
        )
    return ParallelSentences(sentences, origins)


def _lines(name: str) -> tuple[str, ...]:
    """The lines of a file. Raises DataDamagedError naming one that is empty."""
    path = MULTI30K.part(name)
    lines = tuple(line.strip() for line in read_text(path))
    if "" in lines:
        raise DataDamagedError(f"{path}, line {lines.index('') + 1}: is empty")
    return lines
