/* A recording, spoilt by sliders, and what an inspector says of it: which faults, where, and how it
   sounds. The network takes samples and returns all that is shown: see tools/live/inspection.py. */
"use strict";
(() => {
  const NONE = 41; // dB: where the slider of noise stands for none; to the right is more
  const OWN = "Your recording", COLUMNS = 64; // samples of a column of the waveform
  const HTML = `
    <div class="live-spoil">
      <label>Recording <select></select></label>
      <div class="live-buttons">
        <button type="button" class="live-record"></button>
        <button type="button" class="live-listen">Listen</button>
      </div>
      <label><span></span><input type="range" class="live-noise" min="${-NONE}" max="5" step="1"
        value="${-NONE}" aria-label="White noise"></label>
      <label><span></span><input type="range" class="live-clip" min="0" max="10" step="0.5"
        value="0" aria-label="Clipping"></label>
    </div>
    <p class="live-scores"></p>
    <p class="live-status" role="status"></p>
    <div class="live-lanes"></div>
    <p class="live-caption">Traces say where a fault is, bars how probable it is that there is one;
      it counts from the dashed line on, and from the tick.</p>`;

  /* What the network says of a recording with noise at so many decibels, none for null, and a share
     of its samples cut off; as `Report` in Python. */
  async function inspected({ run, content }, waveform, snr, share) {
    const values = new Float32Array(content.shape[0]);
    values.set(waveform);
    values.set([snr === null ? 0 : 10 ** (-snr / 20), share], waveform.length);
    const output = await run(values), said = {};
    for (const [name, [first, end]] of Object.entries(content.parts)) {
      said[name] = end - first > 1 ? output.slice(first, end) : output[first];
    }
    const found = content.faults.filter((_, i) => said.faults[i] >= content.thresholds[i]);
    const steady = said.change < content.steady, speech = said.sounds && !steady;
    const added = found.some((fault) => content.added.includes(fault));
    const notes = [
      said.offset && `A constant offset of ${said.offset.toFixed(2)} of full scale was taken out.`,
      !said.sounds ? "Silence: there is nothing to judge."
        : steady && "Its level hardly changes, so it is no speech, and quality is not judged.",
    ].filter(Boolean);
    return { ...said, found, notes, spans: content.faults.map((fault, i) =>
      found.includes(fault) ? spansOf(said.trace, i, content) : []),
    pesq: speech ? said.pesq : null, stoi: speech ? said.stoi : null,
    snr: speech && added ? said.snr : null };
  }

  /* Where a fault is, [start, end] in seconds, as `spans_of`. */
  function spansOf(trace, fault, { faults, frame_thresholds, release, step, seconds }) {
    const values = trace.filter((_, i) => i % faults.length === fault);
    const threshold = frame_thresholds[fault], spans = [];
    let first = 0;
    for (let k = 0; k <= values.length; k++) {
      if (k < values.length && values[k] >= release * threshold) continue;
      if (Math.max(...values.slice(first, k)) >= threshold) {
        spans.push([Math.max((first - 0.5) * step, 0), Math.min((k - 0.5) * step, seconds)]);
      }
      first = k + 1;
    }
    return spans;
  }

  /* The rows that time runs through: waveform, spectrogram, and each fault's trace. */
  function lanes(element, content) {
    const { seconds, step, rate, faults, thresholds, frame_thresholds } = content;
    const wide = seconds / step, [first, end] = content.parts.spectrogram;
    const frames = Math.floor(wide) + 1, mels = (end - first) / frames;
    const lane = (inside, from = 0, high = 1) => `<svg viewBox="0 ${from} ${wide} ${high}"
      preserveAspectRatio="none" aria-hidden="true">${inside}</svg>`;
    const mark = (threshold) => `<span style="left: ${100 * threshold}%"></span>`;
    element.innerHTML = `
      <span>waveform</span>${lane("<path></path>", -1, 2)}
      <span>spectrogram</span><canvas width="${frames}" height="${mels}" role="img"
        aria-label="The log-mel spectrogram: time to the right, frequency upwards"></canvas>
      <p><span>0 s</span><span>${seconds} s</span></p>
      <ul role="list">${faults.map((fault, i) => `<li>
        <span class="live-label">${fault}</span>${lane(`<g></g><path></path>
          <line x2="${wide}" y1="${1 - frame_thresholds[i]}" y2="${1 - frame_thresholds[i]}"/>`)}
        <span class="live-bar"><span></span>${mark(thresholds[i])}</span>
        <span class="live-value"></span></li>`).join("")}</ul>`;
    const rows = [...element.querySelectorAll("li")], canvas = element.querySelector("canvas");
    const path = element.querySelector("path");

    /* A waveform from its beginning on, its peak as high as the lane, if it is no whisper. */
    function draw(waveform, rate) {
      const size = COLUMNS * rate / content.rate, tops = [], bottoms = [];
      const peak = waveform.reduce((high, value) => Math.max(high, Math.abs(value)), 0.1);
      for (let i = 0; i < waveform.length; i += size) {
        const column = waveform.subarray(Math.floor(i), Math.ceil(i + size));
        const x = i / rate / step;
        tops.push(`${x.toFixed(2)} ${(-Math.max(...column) / peak).toFixed(3)}`);
        bottoms.unshift(`${x.toFixed(2)} ${(-Math.min(...column) / peak).toFixed(3)}`);
      }
      path.setAttribute("d", tops.length ? `M${[...tops, ...bottoms].join("L")}Z` : "");
    }
    function show({ waveform, spectrogram, trace, faults: chances, found, spans }) {
      draw(waveform, rate);
      paint(canvas, spectrogram, (x, y) => mels * x + mels - 1 - y);
      rows.forEach((row, i) => {
        const line = Array.from({ length: frames }, (_, k) =>
          `${k} ${(1 - trace[k * rows.length + i]).toFixed(4)}`);
        row.querySelector("path").setAttribute("d", `M0 1L${line.join("L")}V1Z`);
        row.querySelector("g").innerHTML = spans[i].map(([start, end]) =>
          `<rect x="${start / step}" width="${(end - start) / step}" height="1"/>`).join("");
        row.classList.toggle("live-found", found.includes(faults[i]));
        row.querySelector(".live-bar > span").style.width = `${100 * chances[i]}%`;
        row.querySelector(".live-value").textContent = chances[i].toFixed(3);
      });
    }
    return { draw, show };
  }

  /* Values of a log-mel spectrogram as shades of grey; `place` says which one a pixel shows. */
  function paint(canvas, values, place) {
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(canvas.width, canvas.height);
    for (let i = 0; i < canvas.width * canvas.height; i++) {
      const value = values[place(i % canvas.width, Math.floor(i / canvas.width))];
      pixels.data.fill(255 * (value + 2) / 4, 4 * i, 4 * i + 3);
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  /* What `int16` wrote. */
  function samplesOf(text) {
    const bytes = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    return Float32Array.from({ length: bytes.byteLength / 2 }, (_, i) =>
      bytes.getInt16(2 * i, true) / 2 ** 15);
  }

  function explore(element, live, network, { play, record, resample }) {
    element.innerHTML = HTML;
    const { content } = network, find = (selector) => element.querySelector(selector);
    const [select, button] = [find("select"), find(".live-record")];
    const [noise, clip] = [find(".live-noise"), find(".live-clip")];
    const sounds = new Map(Object.entries(content.recordings));
    const shown = lanes(find(".live-lanes"), content);
    let settled = true, recording = false, verdict = null;
    let drawn = -1; // tenths of a second of a recording that is being made
    select.append(...[...sounds.keys()].map((name) => new Option(name)));
    button.textContent = `Record ${content.seconds} seconds`;

    const snr = () => Number(noise.value) === -NONE ? null : -noise.value;
    const answer = live.neverTwiceAtOnce(async () => {
      await new Promise(requestAnimationFrame);
      const chosen = sounds.get(select.value), asked = [select, noise, clip].map((x) => x.value);
      const waveform = typeof chosen === "string" ? samplesOf(chosen) : chosen;
      verdict = await inspected(network, waveform, snr(), clip.value / 100);
      if (recording) return;
      shown.show(verdict);
      find(".live-lanes").dataset.shown = asked;
      find(".live-scores").textContent = scores(verdict);
      if (settled) say(words(verdict));
    });
    function say(text) {
      find(".live-status").textContent = text;
    }
    function scores({ pesq, stoi, snr }) {
      if (pesq === null) return "Quality: not judged";
      const quality = content.qualities.find(([most]) => most === null || pesq < most)[1];
      return `Quality: ${quality} · PESQ ${pesq.toFixed(2)} · STOI ${stoi.toFixed(2)} · ` +
        (snr === null ? "nothing added, so no SNR" : `SNR ${decibels(snr.toFixed(1))}`);
    }
    function words({ faults, found, spans, notes }) {
      const said = found.map((fault) => {
        const place = content.faults.indexOf(fault);
        const [first, ...more] = spans[place].map((span) =>
          `${span.map((time) => time.toFixed(1)).join("–")} s`);
        const where = first ? `, ${first}${more.length ? ` and ${more.length} more` : ""}` : "";
        return `${fault} (${faults[place].toFixed(3)}${where})`;
      });
      return [`Found: ${said.join(", ") || "no fault"}.`, ...notes].join(" ");
    }
    /* What is seen follows the sliders; the words, which a screen reader speaks, wait. */
    function changed(isSettled) {
      settled = isSettled;
      label(noise, "White noise", snr() === null ? "none" : `SNR ${decibels(snr())}`);
      label(clip, "Clipping", Number(clip.value) ? `${clip.value} % of samples` : "none");
      answer().catch((error) => say(`The network cannot run in this browser: ${error.message}`));
    }
    function isRecording(now) {
      recording = now;
      element.classList.toggle("live-recording", now);
    }
    async function recorded() {
      if (recording) return;
      isRecording(true);
      drawn = -1;
      say("Waiting for the microphone …");
      try {
        const { samples, rate } = await record(content.seconds, heard);
        if (!sounds.has(OWN)) select.append(new Option(OWN));
        sounds.set(OWN, resample(samples, rate, content.rate));
        select.value = OWN;
        isRecording(false);
        changed(true);
      } catch (error) {
        isRecording(false);
        changed(false);
        say(error.message);
      }
    }
    function heard(samples, rate) {
      const tenths = Math.floor(10 * samples.length / rate);
      if (tenths === drawn) return;
      if (drawn < 0) say("Speak now. The sound does not leave your machine.");
      drawn = tenths;
      shown.draw(samples, rate);
    }
    element.addEventListener("input", () => changed(false));
    element.addEventListener("change", () => changed(true));
    button.addEventListener("click", recorded);
    find(".live-listen").addEventListener("click", () =>
      verdict && play(verdict.waveform, content.rate));
    changed(true);
    select.focus({ preventScroll: true });
  }

  function label(input, name, amount) {
    input.previousElementSibling.textContent = `${name}: ${amount}`;
    input.setAttribute("aria-valuetext", amount);
  }

  const decibels = (number) => `${number} dB`.replace("-", "−");

  /* The still image stays until the reader asks for more: the network has 5 MB with its runtime. */
  function place(element, live) {
    live.placeStart(element, "Inspect recordings yourself (loads 5 MB once)", async () => {
      const loaded = [live.network(element.dataset.model), live.load("sound")];
      explore(element, live, ...await Promise.all(loaded));
    });
  }

  live.add("inspector", { place, inspected });
})();
