import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startExampleWorld, type ExampleWorld } from '../support/example-world.js';
import { exampleLines, manifestCommands } from '../support/manifest.js';

/** Commands that run until somebody ends them, and what they say when they stand; all others must end by themselves. */
const endless: Readonly<Record<string, RegExp>> = {
  sub: /subscribed to/,
  'queue-sub': /subscribed to/,
  reply: /listening on/,
};

let world: ExampleWorld;
beforeAll(async () => {
  world = await startExampleWorld();
});
afterAll(() => world.close());

describe.each(manifestCommands())('natsx %s', (words, command) => {
  it.each(exampleLines(command).map((line) => [line] as const))('%s', async (line) => {
    // With a --count the traffic ends it.
    const interruptWhen = line.includes('--count') ? undefined : endless[words];
    const { code, output } = await world.run(line, interruptWhen);
    // Ctrl-C before the end of a --duration is an interruption; without a goal it is the end.
    const expected = interruptWhen !== undefined && line.includes('--duration') ? 130 : 0;
    expect({ code, output }).toEqual({ code: expected, output });
  });
});
