import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { EMPTY_CONTEXT } from '../../../src/connection/model/context.js';
import { ContextStore } from '../../../src/connection/context-store.js';
import { complaint } from '../../support/complaint.js';
import { temporaryFolder } from '../../support/shut-down.js';

let home: string;
let store: ContextStore;

beforeEach(() => {
  home = temporaryFolder('contexts');
  store = new ContextStore(home);
});

const folder = () => join(home, 'nats', 'context');
const text = (file: string) => readFileSync(join(home, 'nats', file), 'utf8');
const save = (...names: readonly string[]) => {
  for (const name of names) store.write(name, { ...EMPTY_CONTEXT, url: `nats://${name}` });
};

describe('an empty store', () => {
  it('has no contexts, and none is selected', () => {
    expect(store.names()).toEqual([]);
    expect(store.selected()).toBeUndefined();
  });

  it('says that a context is missing, and where the list is', () => {
    expect(complaint(() => store.read('prod'))).toBe(
      'not-found: there is no context "prod" | natsx context ls lists the contexts',
    );
  });
});

describe('writing', () => {
  it('makes files and folders that only their owner can read', () => {
    save('prod');
    expect(statSync(store.path('prod')).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    save('prod');
    expect(statSync(store.path('prod')).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing behind but the file', () => {
    save('prod', 'prod', 'staging');
    expect(readdirSync(folder()).sort()).toEqual(['prod.json', 'staging.json']);
  });

  it('gives back what was written', () => {
    store.write('prod', { url: 'nats://a', extra: { deep: [1] } });
    expect(store.read('prod')).toEqual({ url: 'nats://a', extra: { deep: [1] } });
  });

  it('refuses names that lead out of the folder', () => {
    expect(complaint(() => store.write('../evil', {}))).toMatch(/^usage: "\.\.\/evil" is no/);
  });
});

describe('listing', () => {
  it('sorts by name and passes over what is no context', () => {
    save('b', 'a');
    mkdirSync(join(folder(), 'folder.json'));
    writeFileSync(join(folder(), 'notes.txt'), '');
    writeFileSync(join(folder(), '.json'), '');
    expect(store.names()).toEqual(['a', 'b']);
  });
});

describe('reading', () => {
  it('offers the nearest names', () => {
    save('production', 'staging', 'local');
    expect(complaint(() => store.read('prodution'))).toBe(
      'not-found: there is no context "prodution" | did you mean production?',
    );
  });

  it('takes the path of a file', () => {
    const path = join(home, 'elsewhere.json');
    writeFileSync(path, '{"url":"nats://x"}');
    expect(store.read(path)).toEqual({ url: 'nats://x' });
  });

  it.each([
    ['{"url":', /^usage: the context file ".*broken\.json" is not JSON: /],
    ['[1]', /^usage: the context file ".*broken\.json" is not a JSON object/],
    ['null', /^usage: the context file ".*broken\.json" is not a JSON object/],
    ['', /^usage: the context file ".*broken\.json" is not JSON: /],
  ])('refuses a file with %j', (content, sentence) => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(join(folder(), 'broken.json'), content);
    expect(complaint(() => store.read('broken'))).toMatch(sentence);
  });

  it.skipIf(process.getuid?.() === 0)('says when a file may not be read', () => {
    save('secret');
    chmodSync(store.path('secret'), 0);
    expect(complaint(() => store.read('secret'))).toMatch(
      /^usage: cannot read the context file ".*secret\.json": permission denied \(EACCES\)$/,
    );
  });

  it('tells a file that cannot be read from one that is not there', () => {
    mkdirSync(join(folder(), 'odd.json'), { recursive: true });
    expect(complaint(() => store.read('odd'))).toMatch(/cannot read the context file .*EISDIR/);
  });
});

describe('selecting', () => {
  it('writes the name where the nats CLI looks for it, and the one before', () => {
    save('a', 'b');
    store.select('a');
    expect(text('context.txt')).toBe('a');
    store.select('b');
    expect([text('context.txt'), text('previous-context.txt')]).toEqual(['b', 'a']);
    store.select('b');
    expect(text('previous-context.txt')).toBe('a');
  });

  it('changes nothing when the name is mistyped', () => {
    save('a');
    store.select('a');
    expect(complaint(() => store.select('b'))).toMatch(/^not-found: there is no context "b"/);
    expect(store.selected()).toBe('a');
  });

  it('reads a selection with a line end, and an empty one as none', () => {
    save('a');
    writeFileSync(join(home, 'nats', 'context.txt'), 'a\n');
    expect(store.selected()).toBe('a');
    writeFileSync(join(home, 'nats', 'context.txt'), '\n');
    expect(store.selected()).toBeUndefined();
  });
});

describe('removing', () => {
  it('takes the selection away with the selected context only', () => {
    save('a', 'b');
    store.select('a');
    store.remove('b');
    expect(store.selected()).toBe('a');
    store.remove('a');
    expect(store.selected()).toBeUndefined();
    expect(store.names()).toEqual([]);
  });

  it('fails for a context that is not there', () => {
    expect(complaint(() => store.remove('a'))).toMatch(/^not-found: /);
  });
});
