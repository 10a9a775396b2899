import { redact } from '../../core/redact.js';
import { isSecretName } from '../../core/secret-names.js';
import { splitMark } from '../../streams/model/secret-mark.js';

const HIDDEN = '[redacted]';

/** Words that say that what follows is a secret. */
const WORDS = 'passwords?|passwd|passphrase|pwd|tokens?|secrets?|creds|seed';
const NAMES = `${WORDS}|pass|credentials?|seeds|key|authorization`;
/** The name of a setting, its closing quote, and what separates it from the value. */
const SETTING = `((?:${NAMES})["']?\\s*[:=]\\s*)`;

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g, HIDDEN],
  // A password may have a slash.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, `$1${HIDDEN}@`],
  [/\b(bearer|basic)\s+[\w.~+/=:-]+/gi, `$1 ${HIDDEN}`],
  [new RegExp(`${SETTING}"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1"${HIDDEN}"`],
  [new RegExp(`${SETTING}'[^']*'`, 'gi'), `$1'${HIDDEN}'`],
  [new RegExp(`${SETTING}[^\\s"',;&}]+`, 'gi'), `$1${HIDDEN}`],
  // Prose: `password hunter2`, `the token is …`.
  [new RegExp(`((?:${WORDS})\\s+(?:(?:is|was)\\s+)?["']?)[^\\s"',;]+`, 'gi'), `$1${HIDDEN}`],
];

/** Forms that are secrets wherever they are, in names as well. */
const EXACT: readonly RegExp[] = [
  // Seeds of NKEYs, and of curve keys.
  /S[UAOCNX][A-Z2-7]{56}(?![A-Z2-7])/g,
  // JWTs.
  /eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
];

/** A shorter one could be a part of any other word, or of a name. */
const SHORTEST_IN_TEXTS = 6;
const SHORTEST_IN_NAMES = 12;

/** Takes secrets out of texts. */
export class Redaction {
  readonly #known = new Set<string>();

  /** A text that is a secret, wherever it is found. */
  add(secret: string | undefined): void {
    if (secret !== undefined && secret.length >= SHORTEST_IN_TEXTS) this.#known.add(secret);
  }

  /** Free text. */
  text(text: string): string {
    let shown = this.#without(text, SHORTEST_IN_TEXTS);
    for (const [pattern, replacement] of SECRETS) shown = shown.replace(pattern, replacement);
    return redact(shown);
  }

  /** A name or a subject: only what cannot be anything but a secret. */
  name(text: string): string {
    return this.#without(text, SHORTEST_IN_NAMES);
  }

  /** The value of a setting with that name. A secret that was taken out before keeps its mark. */
  value(key: string, text: string): string {
    const [shown, mark] = splitMark(text);
    if (shown === '') return mark;
    const isHidden = isSecretName(key) || key === 'description';
    return (isHidden ? HIDDEN : this.text(shown)) + mark;
  }

  #without(text: string, shortest: number): string {
    let shown = text;
    for (const pattern of EXACT) shown = shown.replace(pattern, HIDDEN);
    for (const secret of this.#known) {
      if (secret.length >= shortest && shown.includes(secret)) {
        shown = shown.replaceAll(secret, HIDDEN);
      }
    }
    return shown;
  }
}
