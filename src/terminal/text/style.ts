import { Chalk } from 'chalk';

/** Colours a text, or returns it unchanged. */
export type Paint = (text: string) => string;

/** The colours of natsx by meaning, which is always in the words as well. */
export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly dim: Paint;
  readonly heading: Paint;
  readonly subject: Paint;
  readonly key: Paint;
}

/** @param colour whether to use colours on the stream */
export function createStyle(colour: boolean): Style {
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  return {
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    dim: chalk.dim,
    heading: chalk.bold,
    subject: chalk.cyan,
    key: chalk.blue,
  };
}
