import type { NatsxError } from '../../core/errors.js';
import { CallerRole } from './roles/caller.js';
import { ConsumerRole } from './roles/consumer.js';
import { PublisherRole } from './roles/publisher.js';
import { ResponderRole } from './roles/responder.js';
import { SubscriberRole } from './roles/subscriber.js';
import type { LaneContext, LaneRole } from './role.js';

/** The part that a client plays. */
export function makeRole(context: LaneContext, onFailure: (error: NatsxError) => void): LaneRole {
  switch (context.task.role) {
    case 'publisher':
      return new PublisherRole(context);
    case 'subscriber':
      return new SubscriberRole(context);
    case 'requester':
      return new CallerRole(context, 'request', onFailure);
    case 'responder':
      return new ResponderRole(context);
    case 'js-publisher':
      return new CallerRole(context, 'js-pub', onFailure);
    case 'js-consumer':
      return new ConsumerRole(context);
    case 'js-getter':
      return new CallerRole(context, 'js-get', onFailure);
  }
}
