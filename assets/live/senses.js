/* Sliders that spoil a picture and a voice, and what three fusions make of them. The network takes
   five numbers and returns all that is shown here: see tools/live/senses.py. */
"use strict";
(() => {
  const SIDE = 28, FRAMES = 32, MELS = 40;
  const FUSIONS = ["early", "late", "attention"];
  const DIGITS = [...Array(10).keys()];
  const SIGMA = 'min="0" max="3" step="0.1"';
  const NOISE_DB = 'min="-30" max="20" step="1"'; // to the right is more noise, as above

  const sense = (name, title, canvas, range, alt) => `
    <div class="live-sense live-${name}">
      <label><span>${title}</span>
        <select>${DIGITS.map((digit) => `<option>${digit}</option>`).join("")}</select></label>
      <canvas ${canvas} role="img" aria-label="${alt}"></canvas>
      <label><span class="live-noise"></span>
        <input type="range" ${range} aria-label="Noise on the ${name}"></label>
    </div>`;
  const HTML = `
    <div class="live-senses">
      ${sense("picture", "Picture of", `width="${SIDE}" height="${SIDE}"`, SIGMA,
        "The picture as the eye gets it")}
      ${sense("voice", "Voice says", `width="${FRAMES}" height="${MELS}"`, NOISE_DB,
        "The log-mel spectrogram as the ear gets it: time to the right, frequency upwards")}
      <div class="live-side">
        <div class="live-buttons">
          <button type="button" class="live-listen">Listen</button>
          <button type="button" class="live-other">Another example</button>
        </div>
        <p class="live-status" role="status"></p>
      </div>
    </div>
    <div class="live-fusions">${FUSIONS.map((name) => `
      <div class="live-fusion"><p class="live-name">${name}</p></div>`).join("")}
    </div>`;

  /* Values between low and high as shades of grey; `place` says which value a pixel shows. */
  function paint(canvas, values, low, high, place) {
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < canvas.width * canvas.height; i++) {
      const value = values[place(i % canvas.width, Math.floor(i / canvas.width))];
      pixels.data.fill(255 * (value - low) / (high - low), 4 * i, 4 * i + 3);
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  function captioned(text, bars) {
    const caption = document.createElement("p");
    caption.className = "live-caption";
    caption.textContent = text;
    bars.element.classList.add("live-leans");
    return [caption, bars.element];
  }

  function explore(element, live, { run, content }, { play }) {
    element.innerHTML = HTML;
    element.classList.add("live-open");
    const find = (selector) => element.querySelector(selector);
    const [picture, voice] = [find(".live-picture"), find(".live-voice")];
    const [seen, heard] = element.querySelectorAll("select");
    const [sigma, noise] = element.querySelectorAll("input");
    const columns = [...element.querySelectorAll(".live-fusion")].map((column) => {
      const answer = live.bars(DIGITS.map(String));
      const leans = live.bars(["picture", "voice"]);
      column.append(answer.element, ...captioned("leans on", leans));
      return { column, answer, leans };
    });
    const weights = live.bars(["picture", "voice"]);
    columns.at(-1).column.append(...captioned("attention weights", weights));
    let settled = true, shown = null;
    let [seenFirst, heardFirst, example, sigmaFirst, snrFirst] = content.start;
    seen.value = seenFirst;
    heard.value = heardFirst;
    sigma.value = sigmaFirst;
    noise.value = -snrFirst;

    const answer = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      const controls = [seen.value, heard.value, example, sigma.value, -noise.value];
      shown = partsOf(await run(new Float32Array(controls.map(Number))), content.parts);
      paint(picture.querySelector("canvas"), shown.picture, 0, 1, (x, y) => SIDE * y + x);
      paint(voice.querySelector("canvas"), shown.log_mel, -3, 4,
        (x, y) => MELS * x + MELS - 1 - y);
      columns.forEach(({ answer, leans }, i) => {
        answer.show(shown.answers.slice(10 * i, 10 * i + 10));
        leans.show(shown.leans.slice(2 * i, 2 * i + 2));
        [...answer.element.children].forEach((row, digit) => {
          row.classList.toggle("live-seen-digit", digit === Number(seen.value));
          row.classList.toggle("live-heard-digit", digit === Number(heard.value));
        });
      });
      weights.show(shown.weights);
      if (settled) find(".live-status").textContent = verdict(shown.answers);
    });

    function verdict(answers) {
      const said = FUSIONS.map((name, i) => {
        const row = [...answers.slice(10 * i, 10 * i + 10)];
        const best = Math.max(...row);
        return `${name} ${row.indexOf(best)} (${best.toFixed(3)})`;
      });
      return `The picture shows ${seen.value}, the voice says ${heard.value}. ` +
        `Answers: ${said.join(", ")}.`;
    }

    /* What is seen follows the slider; the words, which a screen reader speaks, wait. */
    function changed(isSettled) {
      settled = isSettled;
      const decibels = `${-noise.value} dB`.replace("-", "−");
      picture.querySelector(".live-noise").textContent = `Noise: σ ${Number(sigma.value).toFixed(1)}`;
      voice.querySelector(".live-noise").textContent = `Noise: SNR ${decibels}`;
      noise.setAttribute("aria-valuetext", `signal to noise ${decibels}`);
      answer();
    }
    element.addEventListener("input", () => changed(false));
    element.addEventListener("change", () => changed(true));
    find(".live-other").addEventListener("click", () => {
      example = (example + 1) % content.examples;
      changed(true);
    });
    find(".live-listen").addEventListener("click", () => shown && play(shown.speech, content.rate));
    changed(true);
    seen.focus({ preventScroll: true });
  }

  const partsOf = (output, parts) => Object.fromEntries(
    Object.entries(parts).map(([name, [begin, end]]) => [name, output.slice(begin, end)]));

  /* The still image stays until the reader asks for more: the network has 4 MB with its runtime. */
  function place(element, live) {
    live.placeStart(element, "Move the sliders (loads 4 MB once)", async () => {
      const loaded = [live.network(element.dataset.model), live.load("sound")];
      explore(element, live, ...await Promise.all(loaded));
    });
  }

  live.add("senses", { place });
})();
