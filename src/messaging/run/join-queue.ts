import type { MessageSink } from '../../core/message/reading.js';
import type { WorkTime } from '../../core/values/work-time.js';
import type { Interest, SubscribeRequest } from './subscribe.js';
import { QueueWorkers } from './queue-workers.js';

export interface QueueRequest extends Pick<SubscribeRequest, 'limits' | 'accepts'> {
  readonly pattern: string;
  readonly queue: string;
  /** Names of the members; at least one. */
  readonly members: readonly string[];
  /** Each member on a connection of its own. */
  readonly ownConnections: boolean;
  /** How long each message keeps its member busy; no time at all when absent. */
  readonly work?: WorkTime | undefined;
  /** Ask the server to wait when the members cannot keep up, before anything is dropped. */
  readonly holdBack: boolean;
}

/** The request to read a subject as members of a queue group. */
export function queueSubscription(request: QueueRequest, sink: MessageSink): SubscribeRequest {
  const { pattern, queue, members, limits, accepts, work, holdBack } = request;
  const interests = members.map((member): Interest => ({ pattern, queue, member }));
  return {
    connections: request.ownConnections ? interests.map((interest) => [interest]) : [interests],
    limits,
    accepts,
    handling: work === undefined ? undefined : new QueueWorkers(sink, { work, holdBack }),
  };
}
