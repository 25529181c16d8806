// What is asked of the server. What it refuses is thrown, as it tells it: a message, carets under a place, the place.

export async function ask(path, method = "GET", said = undefined) {
  const body = said === undefined || said instanceof Blob ? said : JSON.stringify(said);
  let answer;
  try {
    answer = await fetch(path, { method, body, cache: "no-store" });
  } catch {
    throw { message: "the playground has ended: begin it again with `tildemc play`", caret: "", place: null };
  }
  const text = await answer.text();
  let found;
  try { found = JSON.parse(text); } catch { throw { message: text, caret: "", place: null }; }
  if (found.error) throw found.error;
  return found;
}

// Calls one after the other: what is asked while one is under way is asked once more after it, not each time.
export function latest(call, wait) {
  let timer = 0, running = false, again = false;
  async function run() {
    if (running) { again = true; return; }
    running = true;
    try { await call(); } finally { running = false; }
    if (again) { again = false; run(); }
  }
  return (at_once = false) => { clearTimeout(timer); timer = setTimeout(run, at_once ? 0 : wait); };
}
