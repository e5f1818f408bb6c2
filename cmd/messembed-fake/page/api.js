// The page's own API, below api/.

export class Refusal extends Error {
  constructor(answer) {
    super(answer.error);
    this.field = answer.field;
  }
}

async function read(response) {
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: text.trim() || `The fake answers ${response.status}.` };
  }
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

const unreachable = () => {
  throw new Refusal({ error: "The fake does not answer. Is it still running?" });
};

export async function get(path, query = {}) {
  return read(await fetch(`api/${path}?${new URLSearchParams(query)}`).catch(unreachable));
}

export async function post(path, form = {}) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(form) };
  return read(await fetch(`api/${path}`, request).catch(unreachable));
}

// calmly makes a function that asks for something and can be called at any rate: one question is on its way at a time, and what comes meanwhile is
// asked for once, a moment later.
export function calmly(ask, pause = 200) {
  let busy = false;
  let again = false;
  return async function run() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
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
    }, pause);
  };
}
