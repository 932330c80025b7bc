/* Sound in a page: plays it, records it as it is, and brings it to another rate as Python does. */
"use strict";
(() => {
  const CROSSINGS = 10, BETA = 5; // of the filter: see mmbook/preprocessing/audio/resampling.py
  const SETTLING = 0.3; // seconds in which microphones wake up
  const TAP = `registerProcessor("tap", class extends AudioWorkletProcessor {
    process([[left]]) {
      if (left) this.port.postMessage(left.slice());
      return true;
    }
  });`;
  const WHY = {
    NotAllowedError: "The browser does not let this page use the microphone.",
    NotFoundError: "There is no microphone.",
    NotReadableError: "The microphone is in use elsewhere.",
  };

  /* A waveform at half of what the loudspeaker can do, however loud its noise is. */
  function play(waveform, rate) {
    const context = new AudioContext();
    const buffer = context.createBuffer(1, waveform.length, rate);
    const peak = waveform.reduce((high, value) => Math.max(high, Math.abs(value)), 1e-6);
    buffer.copyToChannel(waveform.map((value) => value / (2 * peak)), 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.onended = () => context.close();
    source.connect(context.destination);
    source.start();
  }

  /* So many seconds from the microphone, a promise of { samples, rate }; `heard` gets what there is
     so far. Nothing may make it prettier: not compressed, no noise or echo taken out, no level
     changed. Raises an Error that says to a reader why it cannot be. */
  async function record(seconds, heard = () => {}) {
    if (!navigator.mediaDevices) throw new Error("Only pages from https may use the microphone.");
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false,
      autoGainControl: false };
    let stream, context;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio });
      context = new AudioContext();
      await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(TAP)}`);
      await context.resume(); // where it waits for a reader's action
      const samples = await tapped(context, stream, seconds, heard);
      return { samples, rate: context.sampleRate };
    } catch (error) {
      throw new Error(WHY[error.name] ?? error.message);
    } finally {
      stream?.getTracks().forEach((track) => track.stop());
      context?.close();
    }
  }

  function tapped(context, stream, seconds, heard) {
    const rate = context.sampleRate, samples = new Float32Array(Math.ceil(seconds * rate));
    const tap = new AudioWorkletNode(context, "tap", { channelCount: 1,
      channelCountMode: "explicit" });
    let place = -Math.round(SETTLING * rate);
    context.createMediaStreamSource(stream).connect(tap).connect(context.destination); // silent
    return new Promise((resolve, reject) => {
      stream.getTracks()[0].onended = () => reject(new Error("The microphone was taken away."));
      tap.port.onmessage = ({ data }) => {
        const kept = data.slice(Math.max(0, -place), Math.max(0, samples.length - place));
        samples.set(kept, Math.max(0, place));
        place += data.length;
        heard(samples.subarray(0, Math.max(0, place)), rate);
        if (place < samples.length) return;
        tap.port.onmessage = null;
        resolve(samples);
      };
    });
  }

  /* Samples at another rate, as `resample` in Python. */
  function resample(samples, rate, newRate) {
    const common = divisor(rate, newRate), up = newRate / common, down = rate / common;
    const weights = phaseWeights(up, down), reach = (weights[0].length - 1) / 2;
    return Float32Array.from({ length: Math.ceil(samples.length * up / down) }, (_, m) => {
      const first = Math.floor(m * down / up) - reach, row = weights[m * down % up];
      return row.reduce((sum, weight, j) => sum + weight * (samples[first + j] ?? 0), 0);
    });
  }

  const divisor = (a, b) => b ? divisor(b, a % b) : a;

  /* As `phase_weights`: a sinc in Kaiser's window for each position between two samples. */
  function phaseWeights(up, down) {
    const half = CROSSINGS * Math.max(up, down), reach = Math.floor(half / up) + 1;
    const rows = Array.from({ length: up }, (_, r) =>
      Float64Array.from({ length: 2 * reach + 1 }, (_, j) => {
        const place = (r + up * (reach - j)) / half, turn = Math.PI * CROSSINGS * place;
        if (Math.abs(place) > 1) return 0;
        return (turn ? Math.sin(turn) / turn : 1) * bessel(BETA * Math.sqrt(1 - place ** 2));
      }));
    const sum = rows.reduce((all, row) => row.reduce((a, b) => a + b, all), 0);
    return rows.map((row) => row.map((weight) => weight * up / sum));
  }

  /* I₀(x), the modified Bessel function: Σ ((x / 2)ᵏ / k!)². */
  function bessel(x) {
    let sum = 1, term = 1;
    for (let k = 1; term > 1e-17 * sum; k++) sum += term *= (x / 2 / k) ** 2;
    return sum;
  }

  live.add("sound", { play, record, resample });
})();
