/* A search in two directions: a sentence finds pictures, a picture finds sentences. The network
   turns both into vectors, tools/live/scene_search.py says how; cosines are computed here. */
"use strict";
(() => {
  const SHOWN = 6;
  const KEYS = "The arrow keys move a shape; the space bar takes the other one.";
  const HTML = `
    <div class="live-half live-ask">
      <p class="live-name">A sentence finds pictures</p>
      <div class="live-slots"></div>
      <label class="live-typed">or typed: <input type="text" maxlength="120" autocomplete="off"
        autocapitalize="off" spellcheck="false"></label>
      <p class="live-chinese" lang="zh"></p>
      <div class="live-buttons">
        <button type="button" class="live-other">A sentence that is true of a picture</button>
      </div>
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

  function explore(element, live, network, parts, editing, picturePart) {
    const { content } = network;
    const run = searcher(network);
    element.innerHTML = HTML;
    const pictures = { vectors: numbers(content.pictures), said: numbers(content.said),
      scenes: parts.scenesOf(content) };
    const [ask, show] = element.children;
    const shared = { content, run, parts, editing, pictures, live };
    const picture = picturePart.place(show, shared, (sentence) => sentences.set(sentence));
    const sentences = sentencePart(ask, shared, (scene) => picture.set(scene));
    sentences.set(content.captions[0]);
    picture.set(pictures.scenes[0]);
    ask.querySelector("select").focus({ preventScroll: true });
  }

  /* The half that takes a sentence; `open` gets the scene of a picture that is pressed. */
  function sentencePart(half, { content, run, parts, pictures, live }, open) {
    const { PARTS, ORDINAL, cosines, ordered, select, signed, truth } = parts;
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
      return `${left}${cut}${nearest}. Those of which the sentence is true stand at place ` +
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

  /* The still image stays until the reader asks for more: the network has 5 MB with its runtime. */
  function place(element, live) {
    live.placeStart(element, "Search yourself (loads 5 MB once)", async () => explore(element, live,
      ...await Promise.all([live.network(element.dataset.model), live.load("scene-parts"),
        live.load("scene-editor"), live.load("scene-picture")])));
  }

  live.add("scenes", { place });
})();
