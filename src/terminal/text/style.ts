import { Chalk } from 'chalk';

/** Turns a text into the same text in a colour, or leaves it as it is. */
export type Paint = (text: string) => string;

/** What colours mean in natsx; never by colour alone. */
export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly dim: Paint;
  readonly heading: Paint;
  readonly subject: Paint;
  readonly key: Paint;
}

/** @param colour whether the stream that the text goes to shows colours */
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
