// The page's own API, below api/.

export class Refusal extends Error {
  constructor(answer) {
    super(answer.error);
    this.field = answer.field;
    this.chat = answer.chat;
  }
}

async function read(response) {
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: text.trim() || `The fake responded ${response.status}.` };
  }
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

const unreachable = () => {
  throw new Refusal({ error: "The fake does not respond. Is it still running?" });
};

export async function get(path, query = {}) {
  return read(await fetch(`api/${path}?${new URLSearchParams(query)}`).catch(unreachable));
}

export async function post(path, form = {}) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(form) };
  return read(await fetch(`api/${path}`, request).catch(unreachable));
}

// calmly wraps a request so that it can be called at any rate: one request is in flight at a time, and calls in the meantime cause a single one
// afterwards, after a pause that is longer when the fake takes long.
export function calmly(ask, pause = 200) {
  let busy = false;
  let again = false;
  return async function run() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const began = performance.now();
    try {
      await ask();
    } catch (error) {
      console.warn(error.message);
    }
    setTimeout(() => {
      busy = false;
      if (again) {
        again = false;
        run();
      }
    }, Math.max(pause, performance.now() - began));
  };
}
