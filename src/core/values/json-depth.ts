/**
 * Levels of JSON that natsx works with. JavaScript reads any number of them, but fails to write some thousands, and
 * where that is depends on what else is on the stack. Deeper JSON is text; other readers of JSON have their limits as well.
 */
const DEEPEST_JSON = 500;

/** Whether JSON has more levels than are surely written again. */
export function isTooDeep(json: string): boolean {
  // Each level has two brackets: most JSON is too short.
  if (json.length <= 2 * DEEPEST_JSON) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === BRACE || code === BRACKET) {
      if (++depth > DEEPEST_JSON) return true;
    } else if (code === BRACE_END || code === BRACKET_END) depth--;
  }
  return false;
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 123;
const BRACE_END = 125;
const BRACKET = 91;
const BRACKET_END = 93;
