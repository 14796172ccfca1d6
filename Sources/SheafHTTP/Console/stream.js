// Reads server-sent events. EventSource cannot send a token, so the stream is read by fetch.

import { open, parse } from "./api.js";

const silence = 5000;
const waits = [1, 2, 4, 8, 10];

/** Splits a stream's text into events. */
export class EventParser {
  #rest = "";

  /** The events that `text` completes, as `{ event, data }`. */
  add(text) {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(EventParser.#read).filter((found) => found.data !== "");
  }

  static #read(block) {
    const found = { event: "message", data: "" };
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) found.event = line.slice(7);
      if (line.startsWith("data: ")) found.data += line.slice(6);
    }
    return found;
  }
}

/** Keeps a stream open, and opens it anew where it breaks. */
export class Stream {
  #handlers;
  #failures = 0;
  #abort = null;
  #timer = null;
  #isPaused = false;

  /**
   * `handlers`: `event(name, document)`, and `state(name, seconds, reason)`, where a broken stream is tried again in so
   * many seconds, and the reason is what the API said, if it did.
   */
  constructor(handlers) { this.#handlers = handlers; }

  start() {
    clearInterval(this.#timer);
    this.#isPaused = false;
    this.#failures = 0;
    this.#connect();
  }

  /** Waits for `start`, as while a token is asked for. */
  pause() {
    this.#isPaused = true;
    clearInterval(this.#timer);
    this.#abort?.abort();
  }

  async #connect() {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    let watch = setTimeout(() => abort.abort(), silence);
    let reason = null;
    try {
      const response = await open("/v1/stream?recent=30", { signal: abort.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(watch);
        watch = setTimeout(() => abort.abort(), silence);
        this.#failures = 0;
        this.#handlers.state("live");
        for (const found of parser.add(value)) this.#handlers.event(found.event, parse(found.data));
      }
    } catch (error) {
      if (error.status === 401 || error.status === 403) this.#isPaused = true;
      if (error.status === 403) this.#handlers.state("forbidden");
      if (error.status > 0) reason = error.message;
    } finally {
      clearTimeout(watch);
    }
    if (abort === this.#abort && !this.#isPaused) this.#retry(reason);
  }

  #retry(reason) {
    let left = waits[Math.min(this.#failures, waits.length - 1)];
    this.#failures += 1;
    this.#handlers.state("broken", left, reason);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      left -= 1;
      if (left > 0) return this.#handlers.state("broken", left, reason);
      clearInterval(this.#timer);
      this.#handlers.state("broken", 0, reason);
      this.#connect();
    }, 1000);
  }
}
