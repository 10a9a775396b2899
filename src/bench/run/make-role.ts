import type { NatsxError } from '../../core/errors.js';
import { Caller } from './roles/caller.js';
import { Consumer } from './roles/consumer.js';
import { Publisher } from './roles/publisher.js';
import { Responder } from './roles/responder.js';
import { Subscriber } from './roles/subscriber.js';
import type { LaneContext, LaneRole } from './role.js';

/** The part that a client plays. */
export function makeRole(context: LaneContext, onFailure: (error: NatsxError) => void): LaneRole {
  switch (context.task.role) {
    case 'publisher':
      return new Publisher(context);
    case 'subscriber':
      return new Subscriber(context);
    case 'requester':
      return new Caller(context, 'request', onFailure);
    case 'responder':
      return new Responder(context);
    case 'js-publisher':
      return new Caller(context, 'js-pub', onFailure);
    case 'js-consumer':
      return new Consumer(context);
    case 'js-getter':
      return new Caller(context, 'js-get', onFailure);
  }
}
