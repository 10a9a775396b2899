import type { ScanWindow } from '../../../src/backlog/model/series.js';
import type { Look } from '../../../src/bundle/model/look.js';
import { windowAt } from '../history/support.js';

/** A look with a text at every place where somebody else's text can be. */
export function lookWith(texts: {
  /** Free text, and names of clients. */
  readonly text: string;
  /** The value of a setting with a name such as `token`. */
  readonly key: string;
  readonly secret: string;
  /** Words that servers have chosen. */
  readonly words?: string;
}): Look {
  const { text, key, secret, words = text } = texts;
  const window = windowAt(5);
  const metadata = { [key]: secret, note: text };
  const others = { description: text, 'placement.tags': text, [`auth.${key}`]: secret };
  const missing = {
    kind: 'servers',
    what: text,
    why: 'error',
    detail: text,
    hint: text,
  } as const;
  const hostile: ScanWindow = {
    ...window,
    streams: window.streams.map((series) => ({
      ...series,
      unavailable: { ...missing, kind: 'consumers', stream: series.name },
      samples: series.samples.map((sample) => ({
        ...sample,
        config: { ...sample.config, metadata, others },
        upstreams: [{ kind: 'source', name: 'UP', lag: 0, error: text, external: '$JS.hub.API' }],
      })),
      consumers: series.consumers.map((consumer) => ({
        ...consumer,
        samples: consumer.samples.map((sample) => ({
          ...sample,
          config: { ...sample.config, metadata, others },
          priorityGroups: [{ group: 'g', pinnedClientId: words }],
        })),
      })),
    })),
    core: {
      ...window.core,
      open: window.core.open?.map((list) => list.map((one) => ({ ...one, name: text }))),
      closed: window.core.closed?.map((one) => ({ ...one, name: text, reason: words })),
      servers: [
        [{ server: 'n1', atMs: window.atMs, slowConsumers: 0, problems: [{ error: text }] }],
      ],
    },
    missing: [missing],
  };
  return {
    window: hostile,
    audit: {
      connection: {
        server: 'n1',
        version: '2.15.3',
        address: '10.1.2.3:4222',
        cluster: undefined,
        authRequired: true,
        certificateRequired: false,
        encrypted: true,
        identified: true,
        guessable: undefined,
        maxPayloadBytes: 1_048_576,
        rttMs: 1,
        user: {
          name: text,
          account: 'APP',
          publish: { allow: ['orders.>'], deny: [] },
          subscribe: { allow: undefined, deny: [] },
          expiresInMs: undefined,
        },
      },
      jetStream: { state: 'unknown', reason: text },
      servers: [{ name: 'n1', version: '2.15.3', cluster: undefined, jetstream: true }],
      settings: undefined,
      subjects: new Map([['ORDERS', [{ subject: 'ORDERS.1', messages: 3 }]]]),
      sizes: new Map([
        ['JOBS', { looked: 3, largest: { seq: 1, subject: 'JOBS.1', sizeBytes: 10 } }],
      ]),
      wholeAccount: true,
      inboxPrefix: '_INBOX',
      missing: [{ ...missing, rules: [] }],
    },
  };
}
