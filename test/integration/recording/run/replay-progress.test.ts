import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ReplayProgressFile } from '../../../../src/recording/run/replay-progress.js';
import { temporaryFolder } from '../../../support/shut-down.js';

it('is saved at once when the first messages have arrived', () => {
  const path = join(temporaryFolder('progress'), 'recording.jsonl');
  const file = new ReplayProgressFile(path);
  const at = (messages: number) => () => ({ line: messages + 1, messages, id: '', plan: 'x' });
  file.save(at(0), true);
  expect(new ReplayProgressFile(path).read()).toMatchObject({ messages: 0, line: 1 });
  file.save(at(3), false);
  expect(new ReplayProgressFile(path).read()).toMatchObject({ messages: 3, line: 4 });
});

it('is not remembered where nothing can be written', () => {
  const file = new ReplayProgressFile(join(temporaryFolder('progress'), 'none/recording.jsonl'));
  file.save(() => ({ line: 1, messages: 0, id: '', plan: 'x' }), true);
  expect(file.read()).toBeUndefined();
});
