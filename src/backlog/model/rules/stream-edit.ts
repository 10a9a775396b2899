import { shellWord } from '../../../core/shell-word.js';

/** The commands that give a setting of a stream another value: natsx's own, and the nats CLI's. */
export function streamEdit(stream: string, flag: string, value: string): readonly string[] {
  const name = shellWord(stream);
  return [
    `natsx stream edit ${name} ${flag} ${value} --yes`,
    `nats stream edit ${name} ${flag}=${value}`,
  ];
}
