/* Scenes for scenes.js and captions.js: how they are drawn, and those of two shapes said, read and
   checked. What a function takes as `content` is what tools/live/scene_parts.py makes. */
"use strict";
(() => {
  const FINER = 8; // so many lines of a finer grid make a pixel, as in the package's rendering
  const PARTS = ["size", "colour", "shape"], ORDINAL = ["first", "second"];
  const ACROSS = { "left of": -1, "right of": 1 }, DOWN = { above: -1, below: 1 };
  const rgb = (levels) => `rgb(${levels.join(" ")})`;

  /* The outlines of an object as points: [[[x, y], ...], ...] in parts of the image's side. */
  const contours = (item, content) => content.outlines[item.shape].map((points) =>
    points.map(([x, y]) => [item.x + item.radius * x, item.y + item.radius * y]));

  /* A scene as SVG, in a square of side 1. */
  function drawn(scene, content) {
    const paths = scene.map((item) => {
      const d = contours(item, content).map((points) =>
        `M${points.map((point) => point.map((v) => v.toFixed(4)).join()).join(" ")}Z`).join("");
      return `<path d="${d}" fill="${rgb(content.rgb[item.colour])}" fill-rule="evenodd"/>`;
    });
    return `<rect width="1" height="1" fill="${rgb(content.background)}"/>${paths.join("")}`;
  }

  /* Where a horizontal line crosses the outlines, from the left. */
  function crossings(lines, y) {
    const found = [];
    for (const points of lines) {
      points.forEach(([x1, y1], i) => {
        const [x0, y0] = points.at(i - 1);
        if (y0 <= y !== y1 <= y) found.push(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
      });
    }
    return found.sort((a, b) => a - b);
  }

  /* The scenes that a network comes with. */
  const scenesOf = (content) => content.scenes.map((scene) =>
    scene.map(([shape, colour, size, x, y, radius]) => ({ shape, colour, size, x, y, radius })));

  /* The part of each pixel that an object covers. */
  function coverage(item, content) {
    const side = content.side, fine = side * FINER;
    const covered = new Float64Array(side * side);
    const lines = contours(item, content).map((points) =>
      points.map(([x, y]) => [x * fine, y * fine]));
    for (let row = 0; row < fine; row++) {
      const ends = crossings(lines, row + 0.5);
      for (let i = 0; i + 1 < ends.length; i += 2) {
        const last = Math.min(fine, Math.ceil(ends[i + 1] - 0.5));
        for (let x = Math.max(0, Math.ceil(ends[i] - 0.5)); x < last; x++) {
          covered[side * Math.floor(row / FINER) + Math.floor(x / FINER)] += FINER ** -2;
        }
      }
    }
    return covered;
  }

  /* The picture as the network gets it: red, green and blue of each pixel, 0 to 255. */
  function pixelsOf(scene, content) {
    const area = content.side ** 2;
    const pixels = new Float32Array(3 * area);
    content.background.forEach((level, i) => pixels.fill(level, i * area, (i + 1) * area));
    for (const item of scene) {
      const covered = coverage(item, content);
      content.rgb[item.colour].forEach((level, i) => covered.forEach((part, place) => {
        const at = i * area + place;
        pixels[at] = Math.round(pixels[at] + part * (level - pixels[at]));
      }));
    }
    return pixels;
  }

  /* Shows such a picture in a square canvas. */
  function paint(canvas, pixels) {
    const context = canvas.getContext("2d"), area = canvas.width ** 2;
    const shown = context.createImageData(canvas.width, canvas.width);
    for (let i = 0; i < area; i++) {
      for (let k = 0; k < 3; k++) shown.data[4 * i + k] = pixels[k * area + i];
      shown.data[4 * i + 3] = 255;
    }
    context.putImageData(shown, 0, 0);
  }

  const filled = (words) => words.filter(Boolean).join(" ");
  const article = (phrase) => `${/^[aeiou]/.test(phrase) ? "an" : "a"} ${phrase}`;
  const english = ({ a, relation, b }) => {
    const [first, second] = [a, b].map((o) => article(filled([o.size, o.colour, o.shape])));
    return `${first} ${relation} ${second}`;
  };

  function chinese({ a, relation, b }, { chinese: words }) {
    const [first, second] = [a, b].map(({ size, colour, shape }) => "一个" +
      (colour ? `${words.colour[colour]}的` : "") + (words.size[size] ?? "") + words.shape[shape]);
    return `${second}的${words.relation[relation]}有${first}`;
  }

  /* What a sentence says of two objects, or null where it is built in another way. */
  function parsed(sentence, { chinese: words }) {
    const one = (kind) => Object.keys(words[kind]).join("|");
    const noun = (n) => `an? (?:(?<size${n}>${one("size")}) )?` +
      `(?:(?<colour${n}>${one("colour")}) )?(?<shape${n}>${one("shape")})`;
    const form = RegExp(`^${noun("A")} (?<relation>${one("relation")}) ${noun("B")}$`);
    const found = wordsOf(sentence).join(" ").match(form)?.groups;
    if (!found) return null;
    const mention = (n) => ({ size: found[`size${n}`] ?? "", colour: found[`colour${n}`] ?? "",
      shape: found[`shape${n}`] });
    return { a: mention("A"), relation: found.relation, b: mention("B") };
  }

  /* Words without case and punctuation, as the model's tokenizer has them. */
  const wordsOf = (text) =>
    text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];

  /* Whether a statement is true of a scene: "left of" and its like compare one coordinate. */
  function isTrue({ a, relation, b }, scene) {
    const fits = (mention, item) => PARTS.every((part) =>
      !mention[part] || mention[part] === item[part]);
    const lies = (one, other) => relation in ACROSS
      ? ACROSS[relation] * (one.x - other.x) > 0 : DOWN[relation] * (one.y - other.y) > 0;
    return scene.some((one) => fits(a, one) && scene.some((other) =>
      other !== one && fits(b, other) && lies(one, other)));
  }

  /* Every sentence that relates two objects with the sizes, colours and shapes of a scene. */
  function permuted([one, other], { chinese: words }) {
    const said = new Map();
    for (let bits = 0; bits < 8; bits++) {
      const [a, b] = [{}, {}];
      PARTS.forEach((part, i) => {
        const exchanged = bits >> i & 1;
        a[part] = (exchanged ? other : one)[part];
        b[part] = (exchanged ? one : other)[part];
      });
      for (const relation of Object.keys(words.relation)) {
        const statement = { a, relation, b };
        said.set(english(statement), statement);
      }
    }
    return said;
  }

  /* What both halves of the page need. */
  const signed = (value) => value.toFixed(3).replace("-", "−");

  /* The cosines of a unit vector with rows of unit vectors. */
  function cosines(vector, rows) {
    const found = new Float32Array(rows.length / vector.length);
    rows.forEach((value, i) => {
      found[Math.floor(i / vector.length)] += value * vector[i % vector.length];
    });
    return [...found];
  }
  const ordered = (values) =>
    values.map((_, i) => i).sort((i, j) => values[j] - values[i] || i - j);

  function select(kind, owner, content, change) {
    const element = document.createElement("select");
    element.dataset.part = kind;
    element.setAttribute("aria-label", owner ? `${kind} of the ${owner} shape` : kind);
    element.append(...Object.keys(content.chinese[kind]).map((word) => new Option(word, word)));
    element.addEventListener("change", change);
    return element;
  }

  /* The words that a row of selects for size, colour and shape shows, and the way back. */
  const slot = (row, part) => row.querySelector(`[data-part=${part}]`);
  const chosenWords = (row) =>
    Object.fromEntries(PARTS.map((part) => [part, slot(row, part).value]));
  const reflect = (row, item) => PARTS.forEach((part) => { slot(row, part).value = item[part]; });

  function truth(isTrue) {
    if (isTrue === null) return "";
    const mark = isTrue ? "✓" : "✗";
    return `<span class="live-${isTrue}"><span aria-hidden="true">${mark}</span> ${isTrue}</span>`;
  }

  live.add("scene-parts", { PARTS, ORDINAL, scenesOf, drawn, pixelsOf, paint, english, chinese,
    parsed, wordsOf, isTrue, permuted, signed, cosines, ordered, select, chosenWords, reflect, truth });
})();
