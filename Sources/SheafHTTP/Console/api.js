// Asks the API. A token is kept for as long as the tab is open.

const key = "sheaf-token";
let onUnauthorized = () => {};
let skew = 0;

export class APIFailure extends Error {
  constructor(status, code, message, field = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** Calls `handler` whenever the API wants a token, or another one. */
export function whenUnauthorized(handler) { onUnauthorized = handler; }

export function useToken(token) { sessionStorage.setItem(key, token); }
export const hasToken = () => sessionStorage.getItem(key) !== null;

/** A request whose answer is handed out as it is, unless it is a failure. */
export async function open(path, options = {}) {
  const headers = new Headers(options.headers);
  const token = sessionStorage.getItem(key);
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new APIFailure(0, "unreachable", "Sheaf cannot be reached.");
  }
  noteClock(response);
  if (response.ok) return response;
  const failure = await response.json().then((body) => body.error, () => null);
  if (response.status === 401) onUnauthorized();
  throw new APIFailure(
    response.status, failure?.code ?? "unknown", failure?.message ?? `HTTP ${response.status}`, failure?.field);
}

/** The server's clock may be another than this device's. Its header is to the second, so small differences are none. */
function noteClock(response) {
  const difference = Date.parse(response.headers.get("Date")) - Date.now();
  if (!Number.isNaN(difference)) skew = Math.abs(difference) > 2000 ? difference : 0;
}

/** Now, by the server's clock. */
export const now = () => Date.now() + skew;

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** Reads JSON. A whole number that a Number would round is read as the text of its digits. */
export const parse = (text) => JSON.parse(text.replaceAll(tokens, (token) => (
  /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token)));

export const get = async (path) => parse(await (await open(path)).text());
export const post = (path) => open(path, { method: "POST" });

/** Reads something again and again, one reading after another. */
export class Reading {
  #read;
  #last = Promise.resolve();
  #waiting = 0;

  /** `read` fails for nothing. */
  constructor(read) { this.#read = read; }

  /** Ends once what is shown is newer than the call. */
  load() {
    this.#waiting += 1;
    this.#last = this.#last.then(this.#read).finally(() => { this.#waiting -= 1; });
    return this.#last;
  }

  /** Does nothing while something is being read. */
  refresh() { if (this.#waiting === 0) this.load(); }
}

/** A part of a path, escaped. */
export const part = (text) => encodeURIComponent(text);

/** A failure in a sentence. */
export function explain(error) {
  if (error.status === 401) return "This needs a token.";
  if (error.status === 403 && hasToken()) return "The token's scope does not allow this.";
  return error.message;
}
