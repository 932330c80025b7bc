"""The drawings of the chapter on tools: three libraries side by side, and the way out of Python."""

from matplotlib.axes import Axes

from mmbook.plotting.boxes import draw_arrow, draw_box
from mmbook.plotting.style import BLACK, BLUE, GREEN, RED, book_style, figure

# For each library its steps, what each does unless it is told otherwise, and the shape behind it.
LANES = {
    "OpenCV": (
        ("imdecode", "blue first", "400 × 600 × 3, uint8"),
        ("resize", "2 pixels an axis", "64 × 96 × 3, uint8"),
        ("a slice", "", "64 × 64 × 3, uint8"),
        ("astype, / 255, transpose", "", "3 × 64 × 64, float32"),
    ),
    "Pillow": (
        ("Image.open", "red first", "400 × 600 × 3, uint8"),
        ("resize", "cubic, all pixels", "64 × 96 × 3, uint8"),
        ("crop", "", "64 × 64 × 3, uint8"),
        ("asarray, / 255, transpose", "", "3 × 64 × 64, float32"),
    ),
    "torchvision": (
        ("decode_image", "red first", "3 × 400 × 600, uint8"),
        ("resize", "linear, all pixels", "3 × 64 × 96, uint8"),
        ("center_crop", "", "3 × 64 × 64, uint8"),
        ("to_dtype", "", "3 × 64 × 64, float32"),
    ),
}
STEPS = ("read", "resize", "crop", "normalise")
# The way of a network out of Python: its boxes, and what goes along the arrows.
EXAMPLE, INPUT, OUTPUT = "2 × 1 × 28 × 28", "B × 1 × 28 × 28", "B × 10"


@book_style()
def draw_libraries() -> Axes:
    """From above to below: one file through three libraries, with the shape behind each step."""
    _, (axes,) = figure(5.6)
    axes.set(xlim=(0, 10.6), ylim=(-0.7, 9.6))
    axes.axis("off")
    for row, step in enumerate(STEPS):
        axes.text(0.0, 7.4 - 2.1 * row, step, va="center", fontsize=9.5)
    axes.text(6.0, 9.35, "the bytes of one JPEG", ha="center", va="center", fontsize=10)
    colours = (BLUE, RED, GREEN)
    for column, ((library, steps), colour) in enumerate(zip(LANES.items(), colours, strict=True)):
        x = 2.9 + 3.05 * column
        axes.text(x - 0.15, 8.5, library, ha="right", va="center", fontsize=10, color=colour)
        draw_arrow(axes, (x, 9.0), (x, 7.93))
        for row, (name, default, shape) in enumerate(steps):
            y = 7.4 - 2.1 * row
            words = f"{name}\n({default})" if default else name
            draw_box(axes, (x, y), words, 2.8, colour, height=1.0, fontsize=8.5)
            draw_arrow(axes, (x, y - 0.53), (x, y - 1.57))
            axes.text(x + 0.12, y - 1.0, shape, va="center", fontsize=7)
    return axes


@book_style()
def draw_export() -> Axes:
    """Left to right: a module is traced with an example, becomes a file, and a runtime runs it."""
    _, (axes,) = figure(3.1)
    axes.set(xlim=(0, 10), ylim=(0, 4.6))
    axes.axis("off")
    draw_box(axes, (1.3, 2.9), "module\n(Python, weights)", 2.4, BLUE, height=1.0)
    draw_box(axes, (5.1, 2.9), "file .onnx\n(operators, weights)", 2.5, BLACK, height=1.0)
    draw_box(axes, (8.7, 2.9), "runtime\n(no Python code)", 2.4, RED, height=1.0)
    draw_arrow(axes, (2.55, 2.9), (3.8, 2.9), "export")
    draw_arrow(axes, (6.4, 2.9), (7.45, 2.9), "load")
    for x in (1.35, 8.65):
        axes.text(x, 4.35, f"pictures: {INPUT}", ha="center", va="center", fontsize=9)
        draw_arrow(axes, (x, 4.12), (x, 3.43))
    axes.text(4.75, 4.35, f"example: {EXAMPLE}", ha="center", va="center", fontsize=9)
    draw_arrow(axes, (3.6, 4.12), (3.2, 3.4))
    draw_box(axes, (5.0, 0.8), "equal within\na tolerance?", 2.0, BLACK, height=1.0)
    for x, side in ((1.3, 3.95), (8.7, 6.05)):
        axes.plot((x, x), (2.38, 0.8), color=BLACK, lw=1.6)
        draw_arrow(axes, (x, 0.8), (side, 0.8), f"scores: {OUTPUT}")
    return axes
