import { usageError } from '../../core/errors.js';
import type { NatsxError } from '../../core/errors.js';
import { quoted } from '../../core/printable.js';
import { parseByteSize } from '../../core/values/byte-size.js';
import { LONGEST_TIMER_MS, parseDurationMs } from '../../core/values/duration.js';
import type { InjectedFault } from './fault-plan.js';

const FORMS: Readonly<Record<InjectedFault['kind'], string>> = {
  cut: 'cut DURATION [every PERIOD]',
  blackhole: 'blackhole DURATION [every PERIOD]',
  delay: 'delay DURATION[±JITTER]',
  rate: 'rate SIZE/s',
  reset: 'reset after SIZE',
  'slow-reader': 'slow-reader',
};

const HINT = `separate faults by commas: ${Object.values(FORMS).join(', ')}`;

/**
 * Reads a list of faults such as `cut 2s every 10s, delay 20ms±10ms, rate 1MiB/s, reset after 1MiB, slow-reader`.
 *
 * @returns at least one fault, in the order of the text
 * @throws {NatsxError} usage — names the word that cannot be read
 */
export function parseFaults(text: string): readonly InjectedFault[] {
  const faults = text.split(',').map((part) => parseFault(part.trim(), text));
  for (const [at, { kind }] of faults.entries()) {
    const again = faults.findIndex((other) => other.kind === kind) < at;
    if (again && kind !== 'cut' && kind !== 'blackhole') {
      throw invalid(quoted(kind), 'is there twice', `write ${kind} once`);
    }
  }
  return faults;
}

function parseFault(text: string, whole: string): InjectedFault {
  if (text === '') {
    throw whole.trim() === ''
      ? usageError('--faults is empty', HINT)
      : invalid(quoted(whole), 'has an empty place between two commas', HINT);
  }
  // An explicit + is also a separator: `20ms +-10ms`.
  const [word = '', ...rest] = text.split(/\s+/);
  switch (word) {
    case 'cut':
    case 'blackhole':
      return timed(word, rest);
    case 'delay':
      return delay(rest.join(''));
    case 'rate':
      return { kind: 'rate', bytesPerS: perSecond(rest.join('')) };
    case 'reset':
      return { kind: 'reset', afterBytes: afterBytes(rest) };
    case 'slow-reader':
      if (rest[0] !== undefined) throw unexpected('slow-reader', rest[0]);
      return { kind: 'slow-reader' };
    default:
      throw invalid(quoted(word), 'is not a fault', HINT);
  }
}

function timed(kind: 'cut' | 'blackhole', words: readonly string[]): InjectedFault {
  const [duration, every, period, extra] = words;
  if (duration === undefined) throw incomplete(kind, 'a duration');
  const durationMs = durationOf(kind, duration);
  if (every === undefined) return { kind, durationMs, everyMs: undefined };
  if (every !== 'every') throw unexpected(kind, every);
  if (period === undefined) throw incomplete(kind, 'a period after "every"');
  if (extra !== undefined) throw unexpected(kind, extra);
  const everyMs = durationOf(kind, period);
  if (durationMs >= everyMs) {
    throw invalid(
      quoted(`${kind} ${duration} every ${period}`),
      `would never end: ${duration} is not shorter than ${period}`,
      'give a period that is longer than the fault',
    );
  }
  return { kind, durationMs, everyMs };
}

function delay(text: string): InjectedFault {
  if (text === '') throw incomplete('delay', 'a duration');
  const [first = '', jitter, extra] = text.split(/±|\+\/?-/);
  if (extra !== undefined) throw unexpected('delay', `±${extra}`);
  const delayMs = durationOf('delay', first);
  const jitterMs = jitter === undefined ? 0 : durationOf('delay', jitter);
  if (jitterMs > delayMs) {
    throw invalid(
      quoted(`delay ${text}`),
      `would be negative: ${jitter ?? ''} is longer than ${first}`,
      'give a jitter that is not longer than the delay',
    );
  }
  return { kind: 'delay', delayMs, jitterMs };
}

function perSecond(text: string): number {
  if (text === '') throw incomplete('rate', 'a size per second');
  const match = /^(.*)\/(?:s|sec)$/u.exec(text);
  if (match?.[1] === undefined) {
    throw invalid(quoted(`rate ${text}`), 'is not a size per second', 'write for example 1MiB/s');
  }
  return sizeOf('rate', match[1]);
}

function afterBytes(words: readonly string[]): number {
  const [after, ...size] = words;
  if (after === undefined) throw incomplete('reset', '"after" and a size');
  if (after !== 'after') throw unexpected('reset', after);
  if (size.length === 0) throw incomplete('reset', 'a size after "after"');
  return sizeOf('reset', size.join(''));
}

function durationOf(kind: InjectedFault['kind'], text: string): number {
  const durationMs = read(kind, () => parseDurationMs(text));
  if (durationMs === 0) throw zero(kind, text);
  if (durationMs > LONGEST_TIMER_MS) {
    throw invalid(quoted(`${kind} ${text}`), 'is too long', 'the limit is 24 days');
  }
  return durationMs;
}

function sizeOf(kind: InjectedFault['kind'], text: string): number {
  const bytes = read(kind, () => parseByteSize(text));
  if (bytes === 0) throw zero(kind, text);
  return bytes;
}

/** Errors of a value name the fault that it belongs to. */
function read(kind: InjectedFault['kind'], parse: () => number): number {
  try {
    return parse();
  } catch (error) {
    const { message, hint } = error as NatsxError;
    throw usageError(`invalid --faults: "${kind}": ${message}`, hint);
  }
}

function zero(kind: InjectedFault['kind'], text: string): NatsxError {
  return invalid(quoted(`${kind} ${text}`), 'has a zero, which injects nothing', formOf(kind));
}

function unexpected(kind: InjectedFault['kind'], word: string): NatsxError {
  return invalid(quoted(word), `does not belong to "${kind}"`, formOf(kind));
}

function incomplete(kind: InjectedFault['kind'], what: string): NatsxError {
  return invalid(`"${kind}"`, `lacks ${what}`, formOf(kind));
}

function formOf(kind: InjectedFault['kind']): string {
  return `write ${FORMS[kind]}`;
}

function invalid(word: string, fault: string, hint: string): NatsxError {
  return usageError(`invalid --faults: ${word} ${fault}`, hint);
}
