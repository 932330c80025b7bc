"""Where the real sets can be fetched: their publishers' addresses, sizes and digests.

Digests are the publishers' own where they published any; otherwise those of TensorFlow Datasets
(MNIST, Fashion-MNIST), or taken of the files of the commit that the address names. GitHub makes
archives of a commit anew, so what is recorded of those is what they hold. Nothing is recorded of a
set that its publisher offers in no form that the loaders read.
"""

from mmbook.datasets.fetching.sources import Contents, Source

# In each table: name, bytes, sha256; then, where the file is packed, the same of its content.
_MNIST = """
train-images-idx3-ubyte 9912422 440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609
  47040016 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
train-labels-idx1-ubyte 28881 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c
  60008 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
t10k-images-idx3-ubyte 1648877 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6
  7840016 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
t10k-labels-idx1-ubyte 4542 f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6
  10008 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
"""
_FASHION_MNIST = """
train-images-idx3-ubyte 26421880 3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84
  47040016 c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888
train-labels-idx1-ubyte 29515 a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845
  60008 bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9
t10k-images-idx3-ubyte 4422102 346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073
  7840016 5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b
t10k-labels-idx1-ubyte 5148 67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5
  10008 0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34
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
_MULTI30K_IMAGES = """
train 427810 97ee57e160a46c7d0e75298ebf57967e1245698a6f8806436ff07e61d1a41221
val 14966 db26f03eaf833ec47bfaea129ed053b68cbcfc5d1f9a09c4cdf7c88fbfea7108
test_2016_flickr 14756 871e8ecafc66fb13e044ecccf669d04a865b4c58553227df86b933f0337a1563
test_2017_flickr 26996 7bef9b1eb747593c23a8597e830ac804d28180d1226c1d6e5bc3f08ccc561e85
test_2018_flickr 28905 8922c98be3e2b6866cd27d90e855214c2d9437fb9ebe406cdcde0edb786b4b95
test_2017_mscoco 17505 8f976b3c0beed9d96c918fb41e36178f1af11f0ff61d964592b80f932cb5c6d8
"""
_FLICKR8K = """
flickr8ktrain.txt 130678 4c01163d47c7b9054bb6352fc6e09c6c9fc37fadb959c58533f3f753b41c1fd4
flickr8kval.txt 21801 cc46ffbc02da82394994fa0750b5e6084b33c332204b30281e6fb95f1072aaf5
flickr8ktest.txt 21775 0c4b7315648cb1f874be5edd6a251525808f30a18b0a75ac1548278162ebc228
flickr8kenc.caption.txt 3557077 7a883a523b3784e70d05f5678f89b1c4b6edb80cbb47f174d4a7f9351335b18d
flickr8kzhc.caption.txt 2420330 298918f03fb332911df3cda128a7a56f1f47c0513531c4f22eeecbea7d780bbb
flickr8kzhmtest.captions.txt 437729 705301a736afb507d59f9245c342649493061331567d82db5785a07eb97470c3
"""


def _raw(repository: str, commit: str) -> str:
    """The address of a repository's files at a commit."""
    return f"https://raw.githubusercontent.com/{repository}/{commit}"


def _archive(repository: str, commit: str) -> tuple[str, ...]:
    """The address of a zip archive of a repository at a commit."""
    return (f"https://github.com/{repository}/archive/{commit}.zip",)


def _packed(table: str, folder: str, *bases: str) -> tuple[Source, ...]:
    """Files that are published as .gz below each of the bases."""
    cells = iter(table.split())
    return tuple(
        Source(
            urls=tuple(f"{base}/{name}.gz" for base in bases),
            file=f"{folder}/{name}.gz",
            size=int(size),
            sha256=sha256,
            contents=Contents(f"{folder}/{name}", int(plain_size), plain_sha256),
        )
        for name, size, sha256, plain_size, plain_sha256 in zip(*[cells] * 5, strict=True)
    )


def _plain(table: str, base: str, file: str) -> tuple[Source, ...]:
    """Files as they are; `base` and `file` have a {} for the name."""
    cells = iter(table.split())
    return tuple(
        Source((base.format(name),), file.format(name), int(size), sha256)
        for name, size, sha256 in zip(*[cells] * 3, strict=True)
    )


_FSDD_COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
_ESC_10_COMMIT = "553c8f1743b9dba6b282e1323c3ca8fa76923448"
_EASY_VQA_COMMIT = "3b553bb7ff42a868d5f4cbe8c88255d7333c3c31"
_FASHION = _raw("zalandoresearch/fashion-mnist", "b2617bb6d3ffa2e429640350f613e3291e10b141")
_MULTI30K_TEXT = _raw("multi30k/dataset", "a3d2e0d26b56f3846f66a952536ffed4e401d05a")
_FLICKR8K_CN = _raw("li-xirong/flickr8kcn", "a19b9aa4a7ad2a42741460d9f47385637ae270cd")
_TATOEBA = _raw(
    "13luoyu/Transformer-machine-translation", "aa43963320ccfacebd1d3542deae559bbca58d03"
)
_STOP_WORDS = _raw("nltk/nltk_data", "5db857e6f7df11eabb5e5665836db9ec8df07e28")
_PUNKT = _raw("nltk/nltk_data", "4f15a3d89eefe9748ec1c05be495d91289197155")

SOURCES: dict[str, tuple[Source, ...]] = {
    "mnist": _packed(
        _MNIST,
        "MNIST/raw",
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ),
    "fashion-mnist": _packed(
        _FASHION_MNIST,
        "FashionMNIST/raw",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        f"{_FASHION}/data/fashion",
    ),
    "fsdd": (
        Source(
            _archive("Jakobovski/free-spoken-digit-dataset", _FSDD_COMMIT),
            "free-spoken-digit-dataset.zip",
            contents=Contents(
                "free-spoken-digit-dataset/recordings",
                size=21_128_848,
                sha256="1801eae019c063377d98f831d3f93574f259475df7332bb0e3d1b080fb5e6959",
                files=3000,
                inside=f"free-spoken-digit-dataset-{_FSDD_COMMIT}/recordings",
            ),
        ),
    ),
    "esc-10": (
        Source(
            _archive("karolpiczak/ESC-10", _ESC_10_COMMIT),
            "ESC-10.zip",
            contents=Contents(
                "ESC-10",
                size=41_493_576,
                files=400,
                inside=f"ESC-10-{_ESC_10_COMMIT}",
                pattern="*.ogg",
            ),
        ),
    ),
    "easy-vqa": (
        Source(
            _archive("vzhou842/easy-VQA", _EASY_VQA_COMMIT),
            "easy-VQA.zip",
            contents=Contents(
                "easy-vqa/data",
                size=4_522_613,
                sha256="9b5abf4e70713058370254dbb3ca3f2974f48a3d9eef96488dcf112647cd8fc7",
                files=5004,
                inside=f"easy-VQA-{_EASY_VQA_COMMIT}/easy_vqa/data",
            ),
        ),
    ),
    "flickr8k": _plain(_FLICKR8K, _FLICKR8K_CN + "/data/{}", "flickr8k/{}"),
    "multi30k": (
        *_packed(_MULTI30K, "multi30k", f"{_MULTI30K_TEXT}/data/task1/raw"),
        *_plain(
            _MULTI30K_IMAGES,
            _MULTI30K_TEXT + "/data/task1/image_splits/{}.txt",
            "multi30k/{}.images.txt",
        ),
    ),
    "tatoeba": (
        Source(
            (f"{_TATOEBA}/cmn.txt",),
            "tatoeba/cmn.txt",
            size=4_151_383,
            sha256="aa264a2447b26ab7c9d413f8321f9e2a779fd134b5118306b6e26a3499b3926e",
        ),
    ),
    "nltk": (
        Source(
            (f"{_STOP_WORDS}/packages/corpora/stopwords.zip",),
            "nltk_data/corpora/stopwords.zip",
            size=34_276,
            sha256="15c94179887425ca1bedc265608cab9f27d650211f709bb929e320990a4b01d1",
            contents=Contents(
                "nltk_data/corpora/stopwords",
                size=81_407,
                sha256="a67c51807c9dd8c8f422dfed7afab688588759a3c487ad993c81a865686654bf",
                files=30,
                inside="stopwords",
            ),
        ),
        Source(
            (f"{_PUNKT}/packages/tokenizers/punkt_tab.zip",),
            "nltk_data/tokenizers/punkt_tab.zip",
            size=4_319_076,
            sha256="e57f64187974277726a3417ca6f181ec5403676c717672eef6a748a7b20e0106",
            contents=Contents("nltk_data/tokenizers/punkt_tab", inside="punkt_tab"),
        ),
    ),
}
