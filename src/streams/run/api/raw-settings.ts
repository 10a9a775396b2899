import { createHmac, randomBytes } from 'node:crypto';

import { redact } from '../../../core/redact.js';
import { isSecretName } from '../../../core/secret-names.js';
import { markSecret } from '../../model/secret-mark.js';
import type { OtherSettings } from '../../model/snapshot.js';

type Scalar = OtherSettings[string];

const NO_OTHERS: OtherSettings = {};

/** Secrets of one run are compared with each other, and cannot be guessed from what is stored. */
const salt = randomBytes(32);
const run = randomBytes(3).toString('hex');

/**
 * The settings that are not known by name, as the server reports them: `placement.cluster`, `description`. What is off, 0
 * or without limit is left out, and secrets are replaced by a mark that shows whether they changed.
 */
export function rawSettings(
  raw: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): OtherSettings {
  let found: Record<string, Scalar> | undefined;
  const add = (name: string, value: unknown): void => {
    const scalar = scalarOf(name, value);
    if (scalar === undefined) return;
    found ??= {};
    found[name] = scalar;
  };
  for (const key of Object.keys(raw)) {
    if (known.has(key)) continue;
    const value = raw[key];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) add(key, value);
    else for (const [part, own] of Object.entries(value)) add(`${key}.${part}`, own);
  }
  return found ?? NO_OTHERS;
}

/** Without secrets: values under names of secrets, and what looks like one. */
export function publicText(name: string, value: string): string {
  const shown = isSecretName(name) ? '' : redact(value);
  if (shown === value) return value;
  return markSecret(shown, run, createHmac('sha256', salt).update(value).digest('hex').slice(0, 8));
}

function scalarOf(name: string, value: unknown): Scalar | undefined {
  switch (typeof value) {
    case 'string':
      // Go's zero time is never.
      return value === '' || value.startsWith('0001-') ? undefined : publicText(name, value);
    case 'number':
      return value > 0 ? value : undefined;
    case 'boolean':
      return value || undefined;
    case 'object':
      return value === null || isEmpty(value) ? undefined : publicText(name, textOf(value));
    default:
      return undefined;
  }
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function textOf(value: object): string {
  const isPlain = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  return isPlain ? value.join(', ') : JSON.stringify(value);
}
