/* Draws the scene that a sentence asks for, in steps, from noise that is made here. A run of the
   network says where the picture flows: see tools/live/scene_drawing.py. */
"use strict";
(() => {
  const PARTS = ["size", "colour", "shape", "place"], ORDINAL = ["first", "second"];
  const STEPS = [1, 2, 3, 5, 10, 20], GUIDANCE = [0, 1, 1.5, 2, 3, 5];
  const SIDES = { "left of": ["top left", "top right"], "right of": ["top right", "top left"],
    above: ["top left", "bottom left"], below: ["bottom left", "top left"] };
  const START = {
    en: "a large yellow star at the top left and a small blue ring at the bottom right",
    zh: "左上方有一个黄色的大五角星，右下方有一个蓝色的小圆环",
  };
  const WORDS = { // of an object
    en: (o) => ["a", o.size, o.colour, o.shape, "at", "the", ...o.place.split(" ")],
    zh: (o) => [o.place, "有", "一个", o.colour, "的", o.size, o.shape],
  };
  const BETWEEN = { en: "and", zh: "，" }, BLANK = { en: " ", zh: "" };
  const HTML = `
    <div class="live-half live-ask">
      <p class="live-name">A sentence asks for a picture</p>
      <div class="live-slots"></div>
      <div class="live-buttons"><button type="button" class="live-second"></button></div>
      <label class="live-typed">or typed: <input type="text" maxlength="120" autocomplete="off"
        autocapitalize="off" spellcheck="false"></label>
      <div class="live-slots live-way"><label>Steps <select class="live-steps"></select></label>
        <label>Guidance <select class="live-guidance"></select></label></div>
      <div class="live-buttons">
        <button type="button" class="live-other">Draw another, from new noise</button>
      </div>
      <p class="live-status" role="status"></p>
    </div>
    <div class="live-half live-show">
      <p class="live-name">What the network draws</p>
      <canvas class="live-drawn" role="img"></canvas>
      <p class="live-caption">From noise to the picture, step by step:</p>
      <div class="live-strip"></div>
    </div>`;

  /* Normal numbers (Box and Muller 1958). */
  function normal(count) {
    return Float32Array.from({ length: count }, () =>
      Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
  }

  /* What noise becomes, as `SceneDrawing.follow`; `shown(k, x)` gets the picture after k steps and
     may promise false to end. */
  async function followed({ run, content }, ids, noise, steps, guidance, shown = async () => true) {
    const values = new Float32Array(content.shape[0]), x = Float32Array.from(noise);
    values.set(ids);
    for (let k = 0; await shown(k, x) && k < steps; k++) {
      values.set([k / steps, guidance], content.length);
      values.set(x, content.length + 2);
      (await run(values)).forEach((velocity, i) => { x[i] += velocity / steps; });
    }
    return x;
  }

  const english = (said, table) => Object.keys(table).find((word) => table[word] === said);

  /* The objects that a sentence names, { size, colour, shape, place } in English; raises an Error
     that says to a reader what is wrong. */
  function parsed(text, { said, words, language }) {
    const isEnglish = language === "en";
    let rest = text.trim().toLowerCase().replace(/[.。\s]+$/u, "");
    rest = isEnglish ? rest.replace(/\s+/g, " ") : rest.replace(/\s/g, "").replaceAll(",", "，");
    if (!rest) throw new Error("Choose or type a sentence.");
    check(rest, { said, words, isEnglish });
    const one = (part) => `(?<${part}>${Object.values(said[part]).join("|")})`;
    const [size, colour, shape, place, relation] = [...PARTS, "relation"].map(one);
    const form = RegExp(isEnglish ? `^an? ${size} ${colour} ${shape}(?: at the ${place})?$`
      : `^(?:${place}有)?一个${colour}的${size}${shape}$`);
    const related = rest.match(isEnglish ? RegExp(`^(?<a>.+) ${relation} (?<b>.+)$`)
      : RegExp(`^(?<b>.+)的${relation}有(?<a>.+)$`))?.groups;
    const parts = related ? [related.a, related.b]
      : rest.split(isEnglish ? / and |, / : "，");
    const places = related ? SIDES[english(related.relation, said.relation)] : [];
    if (parts.length > 2) throw new Error("One or two shapes can be drawn.");
    return parts.map((part, i) => {
      const found = part.match(form)?.groups;
      const place = english(found?.place, said.place) ?? places[i];
      if (!place) throw new Error(`Say size, colour, shape and place, as in “${START[language]}”.`);
      return { ...Object.fromEntries(PARTS.slice(0, 3).map((name) =>
        [name, english(found[name], said[name])])), place };
    });
  }

  function check(text, { said, words, isEnglish }) {
    const known = [...words, ...Object.values(said.relation).flatMap((word) => word.split(" "))];
    const longest = [...known].sort((a, b) => b.length - a.length).join("|");
    const unknown = isEnglish ? text.split(/[\s,]+/).filter((word) => word && !known.includes(word))
      : text.split(RegExp(longest)).filter(Boolean);
    if (unknown.length) {
      throw new Error(`The network does not know ${unknown.join(", ")}. It knows the words of the ` +
        `menus, and ${Object.values(said.relation).join(", ")}.`);
    }
  }

  /* The words of the sentence that the network learned for objects: from the top left on. */
  function composed(objects, { said, language }) {
    const late = ({ place }) => 2 * place.startsWith("bottom") + place.endsWith("right");
    return [...objects].sort((a, b) => late(a) - late(b)).flatMap((item, i) => [
      ...(i ? [BETWEEN[language]] : []),
      ...WORDS[language](Object.fromEntries(PARTS.map((part) => [part, said[part][item[part]]]))),
    ]);
  }

  function explore(element, live, network) {
    element.innerHTML = HTML;
    const { content } = network, { said, language, size } = content;
    const find = (selector) => element.querySelector(selector);
    const input = find("input"), slots = find(".live-slots"), large = find(".live-drawn");
    const fresh = () => normal(3 * size ** 2);
    let objects = [], noise = fresh(), asked = 0;
    input.lang = slots.lang = language;
    large.width = large.height = size;

    const draw = live.neverTwiceAtOnce(async () => {
      const now = asked, words = composed(objects, content);
      const ids = words.map((word) => content.words.indexOf(word) + content.first);
      const [steps, guidance] = [".live-steps", ".live-guidance"].map((s) => Number(find(s).value));
      const strip = Array.from({ length: steps + 1 }, (_, k) =>
        canvas(size, k ? `After step ${k}` : "The noise"));
      find(".live-strip").replaceChildren(...strip);
      const x = await followed(network, ids, noise, steps, guidance, async (k, x) => {
        [large, strip[k]].forEach((each) => paint(each, x));
        await new Promise(requestAnimationFrame); // so that each step is seen
        return now === asked; // or the sentence is another one, and this runs again
      });
      if (now !== asked) return;
      const sentence = words.join(BLANK[language]);
      large.setAttribute("aria-label", `Drawing of: ${sentence}`);
      large.dataset.done = asked;
      say(`“${sentence}”, in ${steps === 1 ? "one step" : `${steps} steps`}.${unseen()}`);
    });
    /* What training never showed: a pair of shape and colour. */
    function unseen() {
      const pairs = objects.filter(({ shape, colour }) =>
        content.unseen.some((pair) => pair[0] === shape && pair[1] === colour));
      return pairs.map(({ shape, colour }) =>
        ` No picture of its training had this: ${said.colour[colour]} ${said.shape[shape]}.`).join("");
    }
    function again() {
      asked += 1;
      say("Drawing …");
      draw().catch((error) => say(`The network cannot run in this browser: ${error.message}`));
    }
    function say(text) {
      find(".live-status").textContent = text;
    }
    /* Shows objects in the menus and draws them. */
    function set(given) {
      objects = given;
      [...slots.children].forEach((row, i) => {
        row.hidden = i >= objects.length;
        PARTS.forEach((part) => {
          if (objects[i]) row.querySelector(`[data-part=${part}]`).value = objects[i][part];
        });
      });
      find(".live-second").textContent = objects.length > 1 ? "One shape only" : "A second shape";
      again();
    }
    function choose(given) {
      input.value = composed(given, content).join(BLANK[language]);
      set(given);
    }
    const chosen = (row) => Object.fromEntries(PARTS.map((part) =>
      [part, row.querySelector(`[data-part=${part}]`).value]));
    slots.append(...ORDINAL.map((owner) => {
      const row = document.createElement("div");
      row.append(...PARTS.map((part) => menu(part, owner, said[part])));
      row.addEventListener("change", () =>
        choose(objects.map((_, i) => chosen(slots.children[i]))));
      return row;
    }));
    options(find(".live-steps"), STEPS, content.steps);
    options(find(".live-guidance"), GUIDANCE, content.guidance);
    find(".live-way").addEventListener("change", again);
    find(".live-second").addEventListener("click", () =>
      choose([...slots.children].slice(0, 3 - objects.length).map(chosen)));
    input.addEventListener("input", () => {
      try {
        set(parsed(input.value, content));
      } catch (error) {
        asked += 1; // what is being drawn is no longer asked for
        say(error.message);
      }
    });
    find(".live-other").addEventListener("click", () => {
      noise = fresh();
      again();
    });
    choose(parsed(START[language], content));
    slots.querySelector("select").focus({ preventScroll: true });
  }

  function menu(part, owner, table) {
    const element = document.createElement("select");
    element.dataset.part = part;
    element.setAttribute("aria-label", `${part} of the ${owner} shape`);
    element.append(...Object.entries(table).map(([word, shown]) => new Option(shown, word)));
    return element;
  }

  function options(select, numbers, chosen) {
    const all = [...new Set([...numbers, chosen])].sort((a, b) => a - b);
    select.append(...all.map((number) => new Option(number, number)));
    select.value = chosen;
  }

  function canvas(size, label) {
    const element = document.createElement("canvas");
    element.width = element.height = size;
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", label);
    return element;
  }

  /* Red, green and blue of each pixel, -1 to 1. */
  function paint(canvas, x) {
    const context = canvas.getContext("2d"), area = canvas.width ** 2;
    const shown = context.createImageData(canvas.width, canvas.width);
    for (let i = 0; i < area; i++) {
      for (let k = 0; k < 3; k++) shown.data[4 * i + k] = Math.round(255 * (x[k * area + i] + 1) / 2);
      shown.data[4 * i + 3] = 255;
    }
    context.putImageData(shown, 0, 0);
  }

  /* The still image stays until the reader asks for more: the network has 6 MB with its runtime. */
  function place(element, live) {
    live.placeStart(element, "Draw scenes yourself (loads 6 MB once)", async () =>
      explore(element, live, await live.network(element.dataset.model)));
  }

  live.add("sentences", { place, followed, parsed, composed });
})();
