import type { NamePattern } from '../../streams/model/name-pattern.js';
import type { JetStreamScope } from '../../connection/model/api-scope.js';

/** What to read for a backlog report. */
export interface BacklogRequest {
  /** Absent: the whole account. */
  readonly stream?: string | undefined;
  readonly consumer?: string | undefined;
  /** Only streams with a subject that matches. */
  readonly subject?: string | undefined;
  /** Select streams and consumers by name. */
  readonly streams?: NamePattern | undefined;
  readonly consumers?: NamePattern | undefined;
  /** Selects a stream or a consumer by name. */
  readonly matches?: ((stream: string, consumer: string) => boolean) | undefined;
  readonly windowMs: number;
  readonly taps: boolean;
  /** Observes a few pull requests of the named consumer to identify its clients. */
  readonly namesClients?: boolean | undefined;
  /** The result depends on consumers, so it is an error if JetStream is off. */
  readonly judgesConsumers?: boolean | undefined;
  /** Connections only. */
  readonly coreOnly: boolean;
  readonly maxPerSecond?: number | undefined;
  readonly scope: JetStreamScope;
}
