/* A field to draw in, for networks that read MNIST's images: pointer, keyboard or an example. */
"use strict";
(() => {
  /* From strokes to the image. The same as in tools/live/drawing.py, where it is explained: as
     MNIST's images were made (LeCun et al. 1998), the bounding box of the ink is scaled to
     20 x 20 pixels, keeping its shape, with soft edges, and the centre of mass of the ink is put
     into the middle of 28 x 28. Ink is 1 and paper 0; the network wants no other normalisation.
     One thing differs: the pen is as wide after scaling whatever the size of the drawing. */
  const FIELD = 28, BOX = 20, PEN = 1.25, SMALLEST = 0.1;

  /* The straight lines [x0, y0, x1, y1] of strokes [[x, y], ...]; a single point is one, too. */
  const segments = (strokes) => strokes.flatMap((points) => points.length === 1
    ? [[...points[0], ...points[0]]]
    : points.slice(1).map((point, i) => [...points[i], ...point]));

  function ink(lines) {
    const image = new Float64Array(FIELD * FIELD);
    for (let pixel = 0; pixel < image.length; pixel++) {
      const x = pixel % FIELD + 0.5, y = Math.floor(pixel / FIELD) + 0.5;
      let nearest = Infinity;
      for (const [x0, y0, x1, y1] of lines) {
        const dx = x1 - x0, dy = y1 - y0;
        const squared = Math.max(dx * dx + dy * dy, 1e-12);
        const share = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / squared, 0), 1);
        const ax = x - x0 - share * dx, ay = y - y0 - share * dy;
        nearest = Math.min(nearest, ax * ax + ay * ay);
      }
      image[pixel] = Math.min(Math.max(PEN + 0.5 - Math.sqrt(nearest), 0), 1);
    }
    return image;
  }

  const moved = (lines, scale, x, y) => lines.map(([x0, y0, x1, y1]) =>
    [x0 * scale + x, y0 * scale + y, x1 * scale + x, y1 * scale + y]);

  function imageOf(strokes) {
    let lines = segments(strokes);
    const [left, right, top, bottom] = [[0, 2], [1, 3]].flatMap(([a, b]) => [
      lines.reduce((low, line) => Math.min(low, line[a], line[b]), Infinity),
      lines.reduce((high, line) => Math.max(high, line[a], line[b]), -Infinity)]);
    const scale = (BOX - 2 * PEN) / Math.max(right - left, bottom - top, SMALLEST);
    lines = moved(lines, scale,
      FIELD / 2 - scale * (left + right) / 2, FIELD / 2 - scale * (top + bottom) / 2);
    let mass = 0, x = 0, y = 0;
    ink(lines).forEach((value, pixel) => {
      mass += value;
      x += value * (pixel % FIELD + 0.5);
      y += value * (Math.floor(pixel / FIELD) + 0.5);
    });
    return new Float32Array(ink(moved(lines, 1, FIELD / 2 - x / mass, FIELD / 2 - y / mass)));
  }

  /* What the reader sees. */
  const KEYS = "The arrow keys move the pen, two at once move it aslant; " +
    "the space bar puts it down and lifts it.";
  const HTML = `
    <div class="live-field">
      <svg class="live-pad" viewBox="0 0 1 1" tabindex="0" role="application"
           aria-label="Field to draw in. ${KEYS}">
        <g></g><text x="0.5" y="0.52" aria-hidden="true">draw here</text>
        <circle r="0.03"></circle>
      </svg>
      <div class="live-hint" aria-hidden="true">${KEYS}</div>
      <div class="live-buttons">
        <button type="button" class="live-example">Show an example</button>
        <button type="button" class="live-clear">Clear</button>
      </div>
    </div>
    <div class="live-answer">
      <p class="live-status" role="status">Draw a digit, 0 to 9.</p>
      <div class="live-seen">
        <canvas width="${FIELD}" height="${FIELD}" role="img"
                aria-label="Your drawing as the network gets it"></canvas>
        <span>What the network gets: ${FIELD} × ${FIELD} pixels</span>
      </div>
    </div>`;

  function place(element, live) {
    element.innerHTML = HTML;
    const find = (selector) => element.querySelector(selector);
    const labels = element.dataset.labels.split(",");
    const bars = live.bars(labels);
    const pad = find(".live-pad"), status = find(".live-status");
    const context = find("canvas").getContext("2d");
    find(".live-answer").insertBefore(bars.element, find(".live-seen"));
    let strokes = [], drawing = false; // `drawing`: is the pen down?

    /* The network's answer to what is drawn so far. Bars and image follow the pen; the words,
       which a screen reader speaks, wait until it is lifted. */
    const answer = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      try {
        const ready = live.network(element.dataset.model);
        const slow = setTimeout(() => say("Loading the network, 4 MB, once …"), 200);
        const { run } = await ready.finally(() => clearTimeout(slow));
        const given = strokes.length ? imageOf(strokes) : null;
        const probabilities = given && await run(given);
        if (given && !strokes.length) return; // cleared meanwhile, and so asked again
        show(given);
        bars.show(probabilities);
        if (!drawing) say(probabilities ? verdict(probabilities) : "Draw a digit, 0 to 9.");
      } catch (error) {
        say(`The network cannot run in this browser: ${error.message}`);
      }
    });

    function say(text) {
      if (status.textContent !== text) status.textContent = text;
    }

    function verdict(probabilities) {
      const order = labels.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
      const [first, second] = order.map((i) => `${labels[i]} (${probabilities[i].toFixed(3)})`);
      return `The network reads ${first}; next comes ${second}.`;
    }

    function show(image) {
      const pixels = context.createImageData(FIELD, FIELD);
      for (let i = 0; i < FIELD * FIELD; i++) {
        pixels.data.fill(255 * (image?.[i] ?? 0), 4 * i, 4 * i + 3);
        pixels.data[4 * i + 3] = 255;
      }
      context.putImageData(pixels, 0, 0);
    }

    function changed() {
      const lines = strokes.map((points) => {
        const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
        line.setAttribute("points", [points[0], ...points].join(" ")); // a single point shows, too
        return line;
      });
      find(".live-pad g").replaceChildren(...lines);
      answer();
    }

    function penDown(point) {
      drawing = true;
      strokes.push([point]);
      changed();
    }
    function penMove(point) {
      strokes.at(-1).push(point);
      changed();
    }
    function penUp() {
      if (!drawing) return;
      drawing = false;
      answer();
    }
    function replace(drawn) {
      drawing = false;
      strokes = drawn;
      changed();
    }

    drawWithPointer(pad, () => drawing, penDown, penMove, penUp);
    drawWithKeys(pad, find("circle"), () => drawing, penDown, penMove, penUp);
    let example = 0;
    find(".live-example").addEventListener("click", async () => {
      const number = example++;
      replace([]);
      const network = await live.network(element.dataset.model).catch(() => null);
      if (!network || strokes.length) return; // `answer` says why; the reader draws already
      const { examples } = network.content;
      replace([...examples[number % examples.length]]);
    });
    find(".live-clear").addEventListener("click", () => replace([]));
    show(null);
  }

  function drawWithPointer(pad, isDown, penDown, penMove, penUp) {
    const point = (event) => {
      const box = pad.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    let pointer = null; // the one that draws; a second finger does not
    pad.addEventListener("pointerdown", (event) => {
      if (pointer !== null || event.button !== 0) return;
      pointer = event.pointerId;
      pad.setPointerCapture(pointer);
      penUp();
      penDown(point(event));
    });
    pad.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pointer || !isDown()) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) penMove(point(each));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, (event) => {
        if (event.pointerId !== pointer) return;
        pointer = null;
        penUp();
      });
    }
  }

  function drawWithKeys(pad, pen, isDown, penDown, penMove, penUp) {
    const STEP = 0.04, EDGE = 0.06;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const held = new Set();
    let at = [0.4, 0.2];
    const mark = () => {
      pen.setAttribute("cx", at[0]);
      pen.setAttribute("cy", at[1]);
      pen.classList.toggle("live-down", isDown());
    };
    pad.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        if (!event.repeat) isDown() ? penUp() : penDown(at);
      } else if (event.key in ways) {
        held.add(event.key);
        const within = (value) => Math.min(Math.max(value, EDGE), 1 - EDGE);
        at = at.map((value, axis) =>
          within(value + STEP * [...held].reduce((sum, key) => sum + ways[key][axis], 0)));
        if (isDown()) penMove(at);
      } else {
        return;
      }
      event.preventDefault(); // or the page would scroll
      mark();
    });
    pad.addEventListener("keyup", (event) => held.delete(event.key));
    pad.addEventListener("blur", () => {
      held.clear();
      penUp();
      mark();
    });
    mark();
  }

  live.add("drawing", { place, imageOf });
})();
