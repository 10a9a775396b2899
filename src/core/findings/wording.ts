/** Numbers and names as a sentence wants them. */

/** `1,204`; thousands separated, never abbreviated, because people compare them. */
export function count(value: number): string {
  const rounded = Math.round(value);
  return String(rounded).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 message`, `12 messages`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;
}

/** `1 message waits`, `40 messages wait`. */
export function messagesWait(value: number): string {
  return `${plural(value, 'message')} ${value === 1 ? 'waits' : 'wait'}`;
}

/** The first few names and how many more there are: `a, b and 3 more`. */
export function someNames(names: readonly string[], most: number): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${String(more)} more`;
}

/** Two significant figures below 10, whole numbers above: `0.25/s`, `3.4/s`, `1,204/s`. */
export function rate(perSecond: number): string {
  const size = Math.abs(perSecond);
  if (size === 0 || size >= 10) return `${count(perSecond)}/s`;
  return `${String(Number(perSecond.toPrecision(2)))}/s`;
}

/** Two units at most: `340 ms`, `4.2 s`, `3 min 5 s`, `3 h 10 min`, `5 d 2 h`. */
export function span(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${String(Number(seconds.toFixed(1)))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400)
    return pair(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return pair(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

/** `12%`, `0.4%`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${String(value < 1 && value > 0 ? Number(value.toPrecision(1)) : Math.round(value))}%`;
}

/** A flag's duration in natsx's and nats's spelling: `90s`, `45m`, `2h`. Rounded up. */
export function flagDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds % 3600 === 0) return `${String(seconds / 3600)}h`;
  if (seconds % 60 === 0) return `${String(seconds / 60)}m`;
  return `${String(seconds)}s`;
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  const head = `${String(big)} ${bigUnit}`;
  return small === 0 ? head : `${head} ${String(small)} ${smallUnit}`;
}
