import { shellWord } from '../../../core/printable.js';

/** The command that gives a setting of a stream another value. */
export function streamEdit(stream: string, flag: string, value: string): readonly string[] {
  return [`natsx stream edit ${shellWord(stream)} ${flag} ${value} --yes`];
}
