"""What the cards of the models that ship say, beside what their records measured."""

from mmbook.evaluation.card import CardText, Shown


def _image_card(name: str, title: str, what: str, data: str, limits: str, licence: str) -> CardText:
    shipped, on = "residual, half precision", {"images": name}
    measured = [
        Shown("this network, accuracy", shipped, "accuracy", on),
        Shown("this network, calibration error", shipped, "expected_calibration_error", on),
        Shown("four plain convolutions, accuracy", "convolutional", "accuracy", on),
        Shown("one dense layer of 256 units, accuracy", "dense", "accuracy", on),
    ]
    return CardText(
        title=title,
        summary=what,
        data=data,
        limits=limits,
        licence=licence,
        example="from mmbook.models import load_pretrained\n\n"
        f'load_pretrained("{name.lower()}").predict("image.png").label',
        measured=measured,
    )


_HEARD = {"voices": "recorded"}
_NETWORK = "network", "accuracy"
_SPOKEN = [
    Shown("recorded voices", *_NETWORK, _HEARD),
    *(
        Shown(f"recorded voices, noise at {snr:g} dB", *_NETWORK, {**_HEARD, "snr_db": snr})
        for snr in (20.0, 10.0, 0.0)
    ),
    Shown("recorded voices, linear classifier", "linear classifier", "accuracy", _HEARD),
    Shown("recorded voices, always the same digit", "majority", "accuracy", _HEARD),
    Shown("synthetic voices", *_NETWORK, {"voices": "synthetic"}),
    *(
        Shown(f"synthetic voices, {name}", *_NETWORK, {"voices": "synthetic", "language": name})
        for name in ("English", "Chinese")
    ),
]
_SHIPPED, _HELD_OUT = "InfoNCE, hard negatives", {"pairs": "held out"}
_FOUND = [
    *(
        Shown(
            f"{direction}, {pairs} pairs of shape and colour, recall@1",
            _SHIPPED,
            "recall_at_1",
            {"direction": direction, "pairs": pairs},
        )
        for pairs in ("held out", "seen")
        for direction in ("picture to sentence", "sentence to picture")
    ),
    Shown(
        "sentence without sizes to picture, held out pairs, recall@1",
        _SHIPPED,
        "recall_at_1",
        {"sentence_is": "without sizes", **_HELD_OUT},
    ),
    *(
        Shown(
            f"held-out pairs, {name} told apart",
            _SHIPPED,
            "accuracy",
            {"told_apart": name, **_HELD_OUT},
        )
        for name in ("order", "relation", "binding", "word")
    ),
]
_SENTENCES = {"text": "tatoeba", "sentences": 30_000}

MNIST = _image_card(
    "MNIST",
    "Handwritten digits",
    "A residual network that reads one handwritten digit, 0 to 9: dark on light or light "
    "on dark, of any size and colours, on a plain background.",
    "MNIST's training file, 60 000 images by about 250 writers. No image is in this folder.",
    "It knows nothing but digits and names one for any image. The probabilities are too "
    "low on average: it was trained with smoothed labels. Shadows, lines of a form and "
    "several digits are not what it was made for.",
    "[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), that of MNIST, "
    "published by Yann LeCun, Corinna Cortes and Christopher Burges.",
)
FASHION_MNIST = _image_card(
    "Fashion-MNIST",
    "Clothes",
    "A residual network that names one of ten kinds of clothes in an image on a plain background.",
    "Fashion-MNIST's training file, 60 000 images of a shop's articles. No image is in "
    "this folder.",
    "It names one of its ten kinds for any image. Photographs of people who wear the "
    "clothes are not what it was made for.",
    '[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), "The MMBook '
    'authors". Fashion-MNIST is published by Zalando SE under the MIT licence.',
)
SPOKEN_DIGITS = CardText(
    title="Spoken digits",
    summary="A convolutional network that names one spoken digit, 0 to 9, English or "
    "Chinese, in a sound of any rate and length.",
    data="Recordings of four speakers of the Free Spoken Digit Dataset, English, and the "
    "book's own spoken digits, English and Chinese, of 16 synthetic voices (see "
    "[data/spoken-digits](../../spoken-digits/README.md)), varied in speed and noise. No "
    "recording of a person is in this folder.",
    limits="Four people are few: strangers are misheard far more often than the voices of "
    "training. All Chinese words are those of one speech synthesiser, so the result for "
    "them says nothing about people. It names a digit for any sound.",
    licence="[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/), that of the "
    "Free Spoken Digit Dataset, by Zohar Jackson and its other contributors.",
    example="from mmbook.models import load_pretrained\n\n"
    'load_pretrained("spoken-digits").predict("three.wav").label',
    measured=_SPOKEN,
)
LANGUAGE_MODEL = CardText(
    title="Everyday English",
    summary="A recurrent language model, a GRU of width 128 with tied weights, that says "
    "which word may come next in an everyday English sentence.",
    data="The English sentences of the training split of "
    "`mmbook.datasets.real.tatoeba`, without case and punctuation. The words of the "
    "vocabulary are in config.json, the sentences are not here.",
    limits="Single everyday sentences in the words of its vocabulary. What it writes is "
    "grammatical now and then, and means nothing.",
    licence="[CC BY 2.0 FR](https://creativecommons.org/licenses/by/2.0/fr/), that of the "
    "sentences, which are by the contributors of [Tatoeba](https://tatoeba.org).",
    example="from mmbook.models import load_pretrained\n\n"
    'load_pretrained("language-model").predict("How are").label',
    measured=[
        Shown(f"{system}, perplexity", system, "perplexity", _SENTENCES)
        for system in ("GRU", "Kneser-Ney 4", "mixture", "uniform")
    ],
)
SCENE_SEARCH = CardText(
    title="Search for scenes",
    summary="A shared space of small pictures and English sentences, of which the sentence "
    "is the nearest that is true of the picture: a convolutional network and a GRU.",
    data="The book's own generated scenes of two coloured shapes on a plain background, "
    "each with one sentence that says how they lie, and with two sentences that are nearly "
    "right and false.",
    limits="It knows eight shapes in eight colours and two sizes, two at a time, and four "
    "relations; no photographs, no other things, no counting, and no word but those in "
    "config.json. Sentences that leave the sizes out find less. It gives every picture a "
    "number for every sentence, also where none fits.",
    licence="MIT, as the book's code: no data of others is in it.",
    example="from mmbook.models import load_pretrained\n\n"
    'search = load_pretrained("scene-search")\n'
    'search.predict("a large red star above a small blue ring", ["a.png", "b.png"])',
    measured=_FOUND,
)
_CAPTIONER = "objects first, masked history"


def _captioner_card(language: str, system: str, name: str, nearest: bool) -> CardText:
    """nearest: whether the record has that baseline in the language."""
    complete = [
        Shown(f"{pairs} pairs of shape and colour, complete and true", system, "complete", where)
        for pairs in ("held out", "seen")
        for where in ({"pairs": pairs},)
    ]
    others = [
        Shown(
            f"{pairs} pairs, caption of the nearest training picture",
            "nearest picture",
            "complete",
            {"pairs": pairs},
        )
        for pairs in ("held out", "seen")
    ]
    return CardText(
        title=f"Captions of scenes, {language}",
        summary=f"Says in {language} what a picture of coloured shapes shows: a convolutional "
        "network, and a transformer decoder that looks at its 64 cells and does not read the "
        "colours and shapes that it has written.",
        data="The book's own generated scenes of one to four coloured shapes on a plain "
        "background, first of one shape each. 16 of 64 pairs of shape and colour were neither "
        "drawn nor named.",
        limits="It knows eight shapes in eight colours and two sizes, and four places. It writes "
        "such a sentence about any picture, also about a photograph, and is then wrong.",
        licence="MIT, as the book's code: no data of others is in it.",
        example="from mmbook.models import load_pretrained\n\n"
        f'load_pretrained("{name}").predict("scene.png")',
        measured=complete + (others if nearest else []),
    )


SCENE_CAPTIONER = _captioner_card("English", _CAPTIONER, "scene-captioner", True)
SCENE_CAPTIONER_ZH = _captioner_card(
    "Chinese", f"{_CAPTIONER}, Chinese", "scene-captioner-zh", False
)
_DRAWN = "full recipe"
DIGIT_DRAWING = CardText(
    title="Digits from words",
    summary="Draws a handwritten digit that an English or Chinese word asks for: a generator "
    "trained against a discriminator, its weights averaged.",
    data="MNIST's training file, 60 000 images by about 250 writers, each with a word for its "
    "digit. No image is in this folder.",
    limits="It knows the ten words of each language and draws no other. Some drawings are no digit "
    "or another one.",
    licence="[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/), that of MNIST, "
    "published by Yann LeCun, Corinna Cortes and Christopher Burges.",
    example="from mmbook.models import load_pretrained\n\n"
    'load_pretrained("digit-drawing").predict("seven")',
    measured=[
        Shown("drawn as asked, says a network that reads digits", _DRAWN, "accuracy"),
        Shown("the same, the worst of ten digits", _DRAWN, "worst_class_accuracy"),
        Shown("what that network says of real test images", "judge", "accuracy"),
        Shown("how various they are, real ones being 1", _DRAWN, "diversity"),
        Shown(
            "Fréchet distance, as a multiple of that of real images",
            _DRAWN,
            "frechet_distance_over_floor",
        ),
        Shown("share of real images that are reached", _DRAWN, "recall"),
        Shown("the same, by real training images", "training images", "recall"),
    ],
)


def _scene_drawing_card(language: str, system: str, name: str, example: str) -> CardText:
    groups = {
        "sentences of the training": "known",
        "new sentences": "new",
        "held-out pairs of shape and colour": "held out",
    }
    shown = {
        "this network, all right": (system, "complete"),
        "this network, objects of which all is right": (system, "every"),
        "real pictures, all right": ("real pictures", "complete"),
        "training picture of the nearest sentence": ("nearest sentence", "complete"),
    }
    return CardText(
        title=f"Scenes from sentences, {language}",
        summary="Draws a picture of 32 × 32 pixels of one or two coloured shapes that a "
        f"{language} sentence asks for, in ten steps from noise: a GRU that reads, and a small "
        "U-Net with a transformer in its middle, taught by flow matching.",
        data="The book's own generated scenes of one or two coloured shapes on a plain background, "
        "each with the sentence that names size, colour, shape and place of all. 16 of 64 pairs of "
        "shape and colour were neither drawn nor named.",
        limits="It knows eight shapes in eight colours and two sizes, and four places, and no "
        "word but those in config.json; sentences that are built otherwise, or name more shapes, "
        "are drawn as something. What is measured is what a captioner reads in the drawings, which "
        "says nothing of how various they are.",
        licence="MIT, as the book's code: no data of others is in it.",
        example="from mmbook.models import load_pretrained\n\n"
        f'load_pretrained("{name}").predict(\n    "{example}"\n)  # (3, 32, 32) in [0, 1]',
        measured=[
            Shown(f"{said}: {label}", *what, {"sentences": group})
            for said, group in groups.items()
            for label, what in shown.items()
        ],
    )


SCENE_DRAWING = _scene_drawing_card(
    "English",
    "flow matching",
    "scene-drawing",
    "a large red star at the top left and a small blue square at the bottom right",
)


_INSPECTOR = "two streams, CNN and RNN"
_HEARD_UP_TO = {"noise": "up to 20 dB", "crosstalk": "up to 10 dB"}
_OTHERS = ("hum", "clicks", "clipping", "dropouts", "band", "reverberation", "level")
SPEECH_QUALITY = CardText(
    title="Inspector of speech",
    summary="Says which of nine faults a recording of speech has, when, how loud noise is, and how "
    "good it sounds: a log-mel spectrogram and statistics of the samples, convolutions, and a "
    "recurrent network.",
    data="Mixtures of clean speech with faults of known strength: two speakers of the Free Spoken "
    "Digit Dataset, the speaker of audio-cmn and the book's own synthetic voices, with noise that "
    "is generated or from ESC-10. No recording of a person is in this folder.",
    limits="Digits and single words, up to 4 kHz, by few voices. Faults were made by a program and "
    "no listener was asked: PESQ and STOI are what these measures would say, not people. It says "
    "something of music, too, which may mean nothing.",
    licence="[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/), that of the Free "
    "Spoken Digit Dataset, by Zohar Jackson and its other contributors; audio-cmn by Hugo Lopez "
    "and others is CC BY-SA, ESC-10 by Karol Piczak CC BY.",
    example="import soundfile\n\nfrom mmbook.models import load_pretrained\n\n"
    'load_pretrained("speech-quality").predict(*soundfile.read("call.wav"))',
    measured=[
        Shown("area under the curve, mean of nine faults", _INSPECTOR, "macro_auroc"),
        Shown("the same, linear models of statistics", "linear models", "macro_auroc"),
        *(
            Shown(f"{fault}, {heard}", _INSPECTOR, "auroc", {"fault": fault, "severity": heard})
            for fault, heard in _HEARD_UP_TO.items()
        ),
        *(Shown(fault, _INSPECTOR, "auroc", {"fault": fault}) for fault in _OTHERS),
        Shown("error of the SNR, noise alone, dB", _INSPECTOR, "snr_error", {"snr": "0 to 20 dB"}),
        Shown("PESQ, correlation", _INSPECTOR, "pesq_pearson"),
        Shown("STOI, correlation", _INSPECTOR, "stoi_pearson"),
        Shown("clicks within 32 ms, F1", _INSPECTOR, "event_f1", {"fault": "clicks"}),
        Shown("dropouts within 32 ms, F1", _INSPECTOR, "event_f1", {"fault": "dropouts"}),
    ],
)
