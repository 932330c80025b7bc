"""The real data sets of the book: what each is, whose it is, and how to get it."""

from mmbook.datasets.real.addresses import SOURCES
from mmbook.datasets.real.base import RealSet

MNIST = RealSet(
    name="mnist",
    splits=("train", "test"),
    title="MNIST",
    what="70 000 handwritten digits, grey, 28 × 28 pixels. Official split: 60 000 train, 10 000 "
    "test, by different writers.",
    teaches="image recognition, and the images of the digits at full size",
    size="12 MB to download, 55 MB unpacked",
    licence="CC BY-SA 3.0",
    homepage="http://yann.lecun.com/exdb/mnist/",
    citations=("lecun1998gradient",),
    figures=(
        "mean 0.1307 and standard deviation 0.3081 of the training pixels, measured by the tests",
    ),
    folder="MNIST/raw",
    layout="four files such as train-images-idx3-ubyte, plain or .gz",
    sources=SOURCES.get("mnist", ()),
)
FASHION_MNIST = RealSet(
    name="fashion-mnist",
    splits=("train", "test"),
    title="Fashion-MNIST",
    what="70 000 images of clothes in ten classes, grey, 28 × 28 pixels. Official split: 60 000 "
    "train, 10 000 test.",
    teaches="a harder drop-in for MNIST",
    size="31 MB to download, 55 MB unpacked",
    licence="MIT",
    homepage="https://github.com/zalandoresearch/fashion-mnist",
    citations=("xiao2017fashion",),
    figures=(
        "mean 0.2860 and standard deviation 0.3530 of the training pixels, measured by the tests",
        "test accuracy of two convolutions 91.6 %, ResNet-18 94.9 %, crowd workers 83.5 %, as the "
        "publishers list them {cite:p}`xiao2017fashion`",
    ),
    folder="FashionMNIST/raw",
    layout="four files such as train-images-idx3-ubyte, plain or .gz",
    sources=SOURCES.get("fashion-mnist", ()),
)
FSDD = RealSet(
    name="fsdd",
    splits=("train", "test"),
    title="Free Spoken Digit Dataset",
    what="3000 spoken English digits, 6 speakers, 50 takes of each, 8 kHz. Official split: takes "
    "5-49 train (2700), 0-4 test (300), by the same speakers; `held_out` splits by speaker.",
    teaches="speech recognition, and why a split by speaker is another question",
    size="16 MB to download, 21 MB unpacked",
    licence="CC BY-SA 4.0",
    homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
    citations=("jackson2018free",),
    folder="free-spoken-digit-dataset/recordings",
    layout="files {digit}_{speaker}_{take}.wav",
    sources=SOURCES.get("fsdd", ()),
)
ESC_10 = RealSet(
    name="esc-10",
    splits=("train", "test"),
    title="ESC-10",
    what="Environmental sounds of 5 s in ten classes, 80 clips a fold. Clips of one recording are "
    "in one fold; `fold` chooses the test set.",
    teaches="sounds that are not speech, and noise to hear speech through",
    size="41 MB as published (44.1 kHz), 9 MB at 16 kHz",
    licence="CC BY 3.0, single clips CC0; a credit each in the publisher's README",
    homepage="https://github.com/karolpiczak/ESC-10",
    citations=("piczak2015esc",),
    figures=("people recognise 95.7 % of the clips {cite:p}`piczak2015esc`",),
    folder="ESC-10",
    layout="folders of classes with files {fold}-{recording}-{take}.ogg",
    sources=SOURCES.get("esc-10", ()),
)
EMOJI = RealSet(
    name="emoji",
    splits=("train", "validation", "test", "all"),
    title="Noto emoji with CLDR names",
    what="1655 emoji, 72 × 72 pixels, with a name and keywords in English, Chinese, German, "
    "French, Japanese and Spanish. Split by families of images, about 80, 10 and 10 of 100.",
    teaches="images and words in one space, in six languages, under a free licence",
    size="5 MB",
    licence="Apache 2.0 and SIL OFL 1.1 (images), Unicode License V3 (names)",
    homepage="https://github.com/googlefonts/noto-emoji",
    citations=("noto2025emoji", "unicode2025cldr"),
    folder="emoji",
    layout="png72/emoji_u*.png; annotations.tsv or CLDR's two folders of annotations",
    sources=SOURCES.get("emoji", ()),
    by_hand="Take png/72 of https://github.com/googlefonts/noto-emoji as emoji/png72, and put "
    "cldr-annotations-full and cldr-annotations-derived-full of "
    "https://github.com/unicode-org/cldr-json into emoji.",
)
AUDIO_CMN = RealSet(
    name="audio-cmn",
    splits=("train", "validation", "test", "all"),
    title="audio-cmn",
    what="1308 Mandarin words said by one speaker, with the emoji whose Chinese name (277) or "
    "keyword (3439 links) they are. Split by word, about 80, 10 and 10 of 100.",
    teaches="speech and images in one space, without written words",
    size="6 MB",
    licence="CC BY-SA, version not stated",
    homepage="https://github.com/hugolpz/audio-cmn",
    citations=("hugolpz2021audio",),
    folder="audio-cmn",
    layout="words/*.mp3 or the publisher's 24k-abr/hsk/cmn-*.mp3; the set emoji beside it",
    sources=SOURCES.get("audio-cmn", ()),
    by_hand="git clone --depth 1 https://github.com/hugolpz/audio-cmn (its links to emoji come "
    "from the set emoji)",
)
EASY_VQA = RealSet(
    name="easy-vqa",
    splits=("train", "test"),
    title="easy-VQA",
    what="5000 images of one coloured shape, 64 × 64 pixels, 48 248 questions, 13 answers. "
    "Official split: 4000 images train (38 575 questions), 1000 test (9673).",
    teaches="answering questions about images, and how far the question alone leads",
    size="5 MB",
    licence="MIT",
    homepage="https://github.com/vzhou842/easy-VQA",
    citations=("zhou2019easy",),
    folder="easy-vqa",
    layout="data/answers.txt, data/train and data/test with questions.json and images/*.png",
    sources=SOURCES.get("easy-vqa", ()),
)
COCO_CC = RealSet(
    name="coco-cc",
    splits=("train", "validation", "all"),
    title="COCO, images under CC BY and CC BY-SA",
    what="111 photographs of everyday scenes with five English captions, a licence and a source "
    "each. COCO's split of 2017: 26 train, 85 validation.",
    teaches="photographs that may be shown, cut and printed",
    size="3 MB",
    licence="CC BY 2.0 (69), CC BY-SA 2.0 (42); captions CC BY 4.0",
    homepage="https://cocodataset.org",
    citations=("lin2014microsoft", "chen2015microsoft"),
    folder="coco-cc",
    layout="captions.json and images/*.jpg, or COCO's annotations, train2017 and val2017",
    sources=SOURCES.get("coco-cc", ()),
    by_hand="Take the captions and images of 2017 from https://cocodataset.org/#download and put "
    "annotations, train2017 and val2017 into coco-cc; what may not be shown is left out.",
)
FLICKR8K = RealSet(
    name="flickr8k",
    splits=("train", "validation", "test"),
    title="Flickr8k and Flickr8k-CN",
    what="8091 photographs with five captions in English and five by native speakers in Chinese. "
    "Official split: 6000 train, 1000 validation, 1000 test, which has translations too.",
    teaches="captions and retrieval in two languages",
    size="1 GB as published, 35 MB at 112 × 112 pixels",
    licence="research and teaching only; the photographs belong to Flickr users",
    homepage="https://github.com/li-xirong/flickr8kcn",
    citations=("hodosh2013framing", "li2016adding"),
    folder="flickr8k",
    layout="images/*.jpg, flickr8k{train,val,test}.txt, flickr8k{enc,zhc}.caption.txt",
    sources=SOURCES.get("flickr8k", ()),
    by_hand="Ask for the photographs at https://hockenmaier.cs.illinois.edu/8k-pictures.html and "
    "put them into flickr8k/images.",
    research_only=True,
)
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
    sources=SOURCES.get("multi30k", ()),
    research_only=True,
)
TATOEBA = RealSet(
    name="tatoeba",
    splits=("train", "validation", "test", "all"),
    title="Tatoeba, English and Chinese",
    what="29 155 everyday sentences and their translations, simplified and traditional. Split by "
    "groups that share no sentence, about 90, 5 and 5 of 100.",
    teaches="translation between languages that share no letters, from sentences of every length",
    size="4 MB",
    licence="CC BY 2.0 FR, with the authors' names on every line",
    homepage="https://www.manythings.org/anki/",
    citations=("tatoeba",),
    folder="tatoeba",
    layout="cmn.txt: English, Chinese, credit, split by tabs",
    sources=SOURCES.get("tatoeba", ()),
)
NLTK_DATA = RealSet(
    name="nltk",
    splits=(),
    title="NLTK data",
    what="Stop words in 29 languages, and Punkt's parameters for six, which find the ends of "
    "sentences.",
    teaches="text preprocessing as others do it",
    size="4 MB to download",
    licence="as NLTK redistributes them",
    homepage="https://www.nltk.org/nltk_data/",
    citations=("bird2009natural", "kiss2006unsupervised"),
    folder="nltk_data",
    layout="corpora/stopwords/*, tokenizers/punkt_tab/*/",
    sources=SOURCES.get("nltk", ()),
)
