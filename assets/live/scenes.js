/* A search in two directions: a sentence finds pictures, a picture finds sentences. The network
   turns both into vectors, tools/live/scene_search.py says how; cosines are computed here. */
"use strict";
(() => {
  const SHOWN = 6, EDGE = 0.02, STEP = 0.04;
  const PARTS = ["size", "colour", "shape"];
  const ORDINAL = ["first", "second"];
  const KEYS = "The arrow keys move a shape; the space bar takes the other one.";
  const HTML = `
    <div class="live-half live-ask">
      <p class="live-name">A sentence finds pictures</p>
      <div class="live-slots"></div>
      <label class="live-typed">or typed: <input type="text" maxlength="120" autocomplete="off"
        autocapitalize="off" spellcheck="false"></label>
      <p class="live-chinese" lang="zh"></p>
      <div class="live-buttons"><button type="button" class="live-other">A sentence that is true of one
        of them</button></div>
      <p class="live-status" role="status"></p>
      <ol class="live-pictures" role="list"></ol>
    </div>
    <div class="live-half live-show">
      <p class="live-name">A picture finds sentences</p>
      <svg class="live-pad" viewBox="0 0 1 1" tabindex="0" role="application"
           aria-label="Your picture. ${KEYS}"><g></g><circle></circle></svg>
      <p class="live-hint">Drag a shape, or press where it is to go. ${KEYS}</p>
      <div class="live-slots"></div>
      <div class="live-seen"><canvas role="img" aria-label="Your picture as the network gets it"
        ></canvas><span>What the network gets</span></div>
      <p class="live-status" role="status"></p>
      <ol class="live-sentences" role="list"></ol>
    </div>`;

  const numbers = (text) =>
    new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
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

  function truth(isTrue) {
    if (isTrue === null) return "";
    return `<span class="live-${isTrue}"><span aria-hidden="true">${isTrue ? "✓" : "✗"}</span> ` +
      `${isTrue ? "true" : "false"}</span>`;
  }

  /* What finds: ids and pixels go in, the vectors come out, one run at a time. */
  function searcher({ run, content }) {
    let last = Promise.resolve();
    return (rows, pixels) => {
      const values = new Float32Array(content.shape[0]);
      rows.forEach((ids, i) => values.set(ids, i * content.length));
      const start = content.sentences * content.length;
      pixels?.forEach((level, i) => { values[start + i] = level / 255; });
      const vectors = last.then(() => run(values)).then((output) => {
        const row = (i) => output.slice(i * content.space, (i + 1) * content.space);
        return { said: (i) => row(i), seen: row(content.sentences) };
      });
      last = vectors.catch(() => null);
      return vectors;
    };
  }

  function explore(element, live, network, parts) {
    const { content } = network;
    const run = searcher(network);
    element.innerHTML = HTML;
    const pictures = { vectors: numbers(content.pictures), said: numbers(content.said),
      scenes: content.scenes.map((scene) => scene.map(([shape, colour, size, x, y, radius]) =>
        ({ shape, colour, size, x, y, radius }))) };
    const [ask, show] = element.children;
    const shared = { content, run, parts, pictures, live };
    const picture = picturePart(show, shared, (sentence) => sentences.set(sentence));
    const sentences = sentencePart(ask, shared, (scene) => picture.set(scene));
    sentences.set(content.captions[0]);
    picture.set(pictures.scenes[0]);
    ask.querySelector("select").focus({ preventScroll: true });
  }

  /* The half that takes a sentence; `open` is called with the scene of a picture that is pressed. */
  function sentencePart(half, { content, run, parts, pictures, live }, open) {
    const find = (selector) => half.querySelector(selector);
    const input = find("input"), slots = find(".live-slots");
    const change = () => {
      const [a, b] = [0, 1].map((i) => Object.fromEntries(PARTS.map((part) =>
        [part, slots.querySelectorAll(`[data-part=${part}]`)[i].value])));
      const relation = slots.querySelector("[data-part=relation]").value;
      set(parts.english({ a, relation, b }));
    };
    const noun = (i) => {
      const row = document.createElement("div");
      row.append("a", ...PARTS.map((part) => select(part, ORDINAL[i], content, change)));
      return row;
    };
    slots.append(noun(0), select("relation", "", content, change), noun(1));

    const answer = live.neverTwiceAtOnce(async () => {
      const statement = parts.parsed(input.value, content);
      const words = parts.wordsOf(input.value);
      const known = words.filter((word) => content.words.includes(word));
      find(".live-chinese").textContent = statement ? parts.chinese(statement, content) : "";
      if (statement) reflect(statement);
      if (!known.length) {
        say(words.length ? "The model knows none of these words." : "Choose or type a sentence.");
        find("ol").replaceChildren();
        return;
      }
      const ids = known.slice(0, content.length)
        .map((word) => content.words.indexOf(word) + content.first);
      const found = cosines((await run([ids])).said(0), pictures.vectors);
      const order = ordered(found);
      const truths = statement &&
        order.map((place) => parts.isTrue(statement, pictures.scenes[place]));
      find("ol").replaceChildren(...order.slice(0, SHOWN).map((place, rank) =>
        item(place, found[place], truths && truths[rank])));
      say(verdict(words.filter((word) => !content.words.includes(word)), truths, words.length));
    });

    function verdict(unknown, truths, length) {
      const left = unknown.length ? `Unknown, and left out: ${unknown.join(", ")}. ` : "";
      const cut = length > content.length ? `Only ${content.length} words are read. ` : "";
      const nearest = `The nearest of ${pictures.scenes.length} pictures that it never saw`;
      if (!truths) return `${left}${cut}${nearest}.`;
      const places = truths.flatMap((isTrue, rank) => isTrue ? [rank + 1] : []);
      if (!places.length) return `${left}${cut}${nearest}; of none of them the sentence is true.`;
      const more = places.length > 4 ? `, … (${places.length})` : "";
      return `${left}${cut}${nearest}. Those of which the sentence is true come at: ` +
        `${places.slice(0, 4).join(", ")}${more}.`;
    }

    function item(place, value, isTrue) {
      const element = document.createElement("li");
      element.innerHTML = `<button type="button"><svg viewBox="0 0 1 1" aria-hidden="true">
        ${parts.drawn(pictures.scenes[place], content)}</svg><span class="live-value">
        ${signed(value)}</span> ${truth(isTrue)}</button>`;
      const button = element.firstElementChild;
      button.title = content.captions[place];
      button.addEventListener("click", () => open(pictures.scenes[place]));
      return element;
    }

    function reflect({ a, relation, b }) {
      slots.querySelector("[data-part=relation]").value = relation;
      for (const part of PARTS) {
        const both = slots.querySelectorAll(`[data-part=${part}]`);
        [a, b].forEach((mention, i) => { if (mention[part]) both[i].value = mention[part]; });
      }
    }
    function say(text) {
      find(".live-status").textContent = text;
    }
    function set(sentence) {
      input.value = sentence;
      answer();
    }
    let caption = 0;
    find(".live-other").addEventListener("click", () => {
      caption = (caption + 1) % content.captions.length;
      set(content.captions[caption]);
    });
    input.addEventListener("input", answer);
    return { set };
  }

  /* The half that takes a picture; `open` is called with a sentence that is pressed. */
  function picturePart(half, { content, run, parts, pictures, live }, open) {
    const find = (selector) => half.querySelector(selector);
    const pad = find(".live-pad"), slots = find(".live-slots"), canvas = find("canvas");
    canvas.width = canvas.height = content.side;
    let scene = [], chosen = 0, settled = true;
    const change = () => {
      scene = scene.map((item, i) => {
        const said = Object.fromEntries(PARTS.map((part) =>
          [part, slots.querySelectorAll(`[data-part=${part}]`)[i].value]));
        return { ...item, ...said, radius: content.radii[said.size] };
      });
      scene.forEach((item, i) => move(i, item.x, item.y)); // a larger one may need more room
      draw(true);
    };
    for (const owner of ORDINAL) {
      const row = document.createElement("div");
      row.append(...PARTS.map((part) => select(part, owner, content, change)));
      slots.append(row);
    }

    const answer = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      const [now, pixels] = [scene, parts.pixelsOf(scene, content)];
      paint(canvas, pixels, content.side);
      const permuted = [...parts.permuted(now, content).keys()];
      const ids = permuted.map((sentence) => parts.wordsOf(sentence)
        .map((word) => content.words.indexOf(word) + content.first));
      const vectors = await run(ids, pixels);
      const found = new Map(cosines(vectors.seen, pictures.said).map((value, i) =>
        [content.captions[i], value]));
      permuted.forEach((sentence, i) =>
        found.set(sentence, cosines(vectors.seen, vectors.said(i))[0]));
      list(found, now);
    });

    function list(found, now) {
      const sentences = [...found.keys()], values = [...found.values()];
      const truths = sentences.map((text) => parts.isTrue(parts.parsed(text, content), now));
      const order = ordered(values);
      find("ol").replaceChildren(...order.slice(0, SHOWN).map((i) =>
        item(sentences[i], values[i], truths[i])));
      const places = order.flatMap((i, rank) => truths[i] ? [rank + 1] : []);
      const near = Math.hypot(now[0].x - now[1].x, now[0].y - now[1].y);
      const overlap = near < now[0].radius + now[1].radius
        ? " The shapes are closer than in any picture of its training." : "";
      if (settled) {
        find(".live-status").textContent = `The nearest of ${sentences.length} sentences. The ` +
          `true ones come at: ${places.slice(0, 4).join(", ")}.${overlap}`;
      }
    }

    function item(sentence, value, isTrue) {
      const element = document.createElement("li");
      element.innerHTML = `<button type="button"><span class="live-value">${signed(value)}</span>
        <span>${sentence}</span> ${truth(isTrue)}</button>`;
      element.firstElementChild.addEventListener("click", () => open(sentence));
      return element;
    }

    function draw(isSettled) {
      settled = isSettled;
      find("g").innerHTML = parts.drawn(scene, content);
      const { x, y, radius } = scene[chosen];
      Object.entries({ cx: x, cy: y, r: radius + EDGE / 2 }).forEach(([name, value]) =>
        find("circle").setAttribute(name, value));
      scene.forEach((item, i) => PARTS.forEach((part) => {
        slots.children[i].querySelector(`[data-part=${part}]`).value = item[part];
      }));
      answer();
    }

    function move(i, x, y) {
      const reach = scene[i].radius + EDGE;
      const within = (value) => Math.min(Math.max(value, reach), 1 - reach);
      scene = scene.map((item, k) => k === i ? { ...item, x: within(x), y: within(y) } : item);
    }
    function set(given) {
      scene = given.map((item) => ({ ...item }));
      chosen = 0;
      draw(true);
    }
    const act = {
      at: (x, y) => {
        const hit = scene.findIndex((item) => Math.hypot(item.x - x, item.y - y) <= item.radius);
        chosen = hit < 0 ? chosen : hit;
        return hit < 0 ? [0, 0] : [scene[hit].x - x, scene[hit].y - y];
      },
      to: (x, y, isSettled) => { move(chosen, x, y); draw(isSettled); },
      by: (x, y) => act.to(scene[chosen].x + x, scene[chosen].y + y, true),
      other: () => { chosen = 1 - chosen; draw(true); },
      end: () => draw(true),
    };
    withPointer(pad, act);
    withKeys(pad, act);
    return { set };
  }

  function paint(canvas, pixels, side) {
    const context = canvas.getContext("2d"), shown = context.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      for (let k = 0; k < 3; k++) shown.data[4 * i + k] = pixels[k * side * side + i];
      shown.data[4 * i + 3] = 255;
    }
    context.putImageData(shown, 0, 0);
  }

  function withPointer(pad, act) {
    let pointer = null, offset = [0, 0]; // from where it is pressed to the shape's centre
    const at = (event) => {
      const box = pad.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    const go = (event) => {
      const [x, y] = at(event);
      act.to(x + offset[0], y + offset[1], false);
    };
    pad.addEventListener("pointerdown", (event) => {
      if (pointer !== null || event.button !== 0) return;
      pointer = event.pointerId;
      pad.setPointerCapture(pointer);
      offset = act.at(...at(event));
      go(event);
    });
    pad.addEventListener("pointermove", (event) => event.pointerId === pointer && go(event));
    for (const end of ["pointerup", "pointercancel"]) {
      pad.addEventListener(end, (event) => {
        if (event.pointerId !== pointer) return;
        pointer = null;
        act.end();
      });
    }
  }

  function withKeys(pad, act) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    pad.addEventListener("keydown", (event) => {
      if (event.key === " ") act.other();
      else if (event.key in ways) act.by(...ways[event.key].map((way) => STEP * way));
      else return;
      event.preventDefault(); // or the page would scroll
    });
  }

  /* The still image stays until the reader asks for more: the network has 5 MB with its runtime. */
  function place(element, live) {
    const words = element.querySelector("p:not(:has(img))") ?? element;
    const start = document.createElement("div");
    start.className = "live-buttons live-start";
    start.innerHTML = '<button type="button">Search yourself (loads 5 MB once)</button>' +
      '<p class="live-status" role="status"></p>';
    words.replaceWith(start);
    const [button, status] = start.children;
    button.addEventListener("click", async () => {
      status.textContent = "Loading …";
      try {
        const [network, parts] =
          await Promise.all([live.network(element.dataset.model), live.load("scene-parts")]);
        explore(element, live, network, parts);
      } catch (error) {
        status.textContent = `The network cannot run in this browser: ${error.message}`;
      }
    });
  }

  live.add("scenes", { place });
})();
