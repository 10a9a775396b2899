import type { NamePattern } from '../../streams/model/name-pattern.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';

/** What is to be read for a backlog report. */
export interface BacklogRequest {
  /** Absent: the whole account. */
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
  /** Only streams with such a subject. */
  readonly subject?: string | undefined;
  /** Keeps streams, and consumers, by their names. */
  readonly streams?: NamePattern | undefined;
  readonly consumers?: NamePattern | undefined;
  /** Keeps a stream or a consumer by its name. */
  readonly matches?: ((stream: string, consumer: string) => boolean) | undefined;
  readonly windowMs: number;
  readonly taps: boolean;
  /** Listens to the pulls of the named consumer, a few of them, to name its clients. */
  readonly namesClients?: boolean | undefined;
  /** Consumers are to be judged: without JetStream there is no answer. */
  readonly judgesConsumers?: boolean | undefined;
  /** Connections only. */
  readonly coreOnly: boolean;
  readonly maxPerSecond?: number | undefined;
  readonly scope: JetStreamScope;
}
