import type { publishAcknowledged } from '../run/publish/publish-acknowledged.js';
import type { JetStreamPublishPlan } from './jetstream-publish-plan.js';

/** The way of publishing that a plan needs; the others are not loaded. */
export async function publisherOf({
  publish,
}: Pick<JetStreamPublishPlan, 'publish'>): Promise<typeof publishAcknowledged> {
  switch (publish) {
    case 'single':
      return (await import('../run/publish/publish-acknowledged.js')).publishAcknowledged;
    case 'atomic':
      return (await import('../run/publish/publish-atomic.js')).publishAtomic;
    case 'fast':
      return (await import('../run/publish/publish-fast.js')).publishFast;
  }
}
