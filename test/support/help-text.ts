import { Config } from '@oclif/core/config';
import { vi } from 'vitest';

import { root } from '../../scripts/ready.mjs';
import NatsxHelp from '../../src/terminal/help.js';

const config = await Config.load({ root });

/** The help of a command, without starting the program. @param flag `-h` or `--help` */
export async function helpText(words: string, flag: string): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await new NatsxHelp(config).showHelp([words.replaceAll(' ', ':'), flag, '--no-color']);
  } finally {
    write.mockRestore();
  }
  return text;
}
